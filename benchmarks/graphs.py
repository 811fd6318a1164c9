"""Graphs to rank: real ones of the conformance data, and generated ones of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from backlink_crawler.rank.graph import Edges, Graph
from benchmarks.environment import data_file

if TYPE_CHECKING:
    from collections.abc import Iterator


def data(name: str) -> Any:
    """Of the conformance data. Raises Skipped."""
    return np.load(data_file(f"graphs/{name}.npz"))


def cnr_2000() -> sparse.csr_matrix:
    """A crawl of one institution: who links to whom, a row a source."""
    given = data("cnr-2000")
    nodes = len(given["indptr"]) - 1
    return sparse.csr_matrix((np.ones(len(given["indices"])), given["indices"], given["indptr"]), shape=(nodes, nodes))


def polblogs() -> sparse.csr_matrix:
    given = data("polblogs")
    edges, nodes = given["edges"], int(given["n"])
    return sparse.csr_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(nodes, nodes))


def graph_of_matrix(matrix: sparse.csr_matrix) -> Graph:
    by_target = matrix.tocsc()
    by_target.sort_indices()
    return Graph(
        np.arange(matrix.shape[0], dtype=np.int32),
        by_target.indptr.astype(np.int64),
        by_target.indices.astype(np.int32),
    )


def generated(edges: int, *, seed: int = 1) -> Graph:
    """A domain graph of about so many edges and a tenth as many domains, added target by target, as PostgreSQL gives them."""
    made = Edges()
    for target, sources in by_target(edges, seed=seed):
        made.add(target, sources.astype(">i4").tobytes())
    return made.graph()


def by_target(edges: int, *, seed: int = 1) -> Iterator[tuple[int, Any]]:
    """(target, its sources): the numbers of sources are Zipf's (exponent 2.1), some domains link to far more than others."""
    chance, domains = np.random.default_rng(seed), edges // 10
    for first in range(0, domains, 10_000):
        degrees = np.minimum(1.93 * (chance.pareto(1.1, 10_000) + 0.2), domains / 20).astype(np.int64)
        drawn = (domains * chance.random(degrees.sum()) ** 2).astype(np.int32)
        for place, sources in enumerate(np.split(drawn, np.cumsum(degrees)[:-1])):
            once = np.unique(sources)
            once = once[once != first + place]
            if len(once):
                yield first + place, once
