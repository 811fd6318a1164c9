"""Scores of real graphs beside those that others have computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from backlink_crawler.rank import harmonic, kernels
from backlink_crawler.rank.graph import Graph, graph_of
from backlink_crawler.rank.pagerank import pagerank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    DataFile = Callable[[str], Path]


def correlation_of_ranks(some: np.ndarray, others: np.ndarray) -> float:
    """Spearman's."""
    ranks = [np.searchsorted(np.sort(np.round(each, 9)), np.round(each, 9)) for each in (some, others)]
    return float(np.corrcoef(*ranks)[0, 1])


@pytest.mark.parametrize("without_numba", [False, True])
def test_pagerank_of_cnr_2000(data_file: DataFile, without_numba: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if without_numba:
        monkeypatch.setattr(kernels, "_STEP", None)
    given = np.load(data_file("graphs/cnr-2000.npz"))
    truth = np.load(data_file("graphs/cnr-2000-pagerank.npz"))["pagerank"]
    starts, targets = given["indptr"].astype(np.int64), given["indices"]
    sources = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    order = np.argsort(targets, kind="stable")
    into = np.zeros(len(starts), dtype=np.int64)
    np.cumsum(np.bincount(targets, minlength=len(starts) - 1), out=into[1:])
    ranked = pagerank(Graph(np.arange(len(starts) - 1, dtype=np.int32), into, sources[order]))
    assert np.abs(ranked.values - truth).sum() <= 1e-8


def test_pagerank_and_harmonic_centrality_of_political_blogs(data_file: DataFile) -> None:
    given = np.load(data_file("graphs/polblogs.npz"))
    graph = graph_of(map(tuple, given["edges"].tolist()), others=[(0, node) for node in range(1, int(given["n"]))])
    assert graph.nodes == 1490
    assert np.abs(pagerank(graph).values - given["pagerank"]).sum() <= 1e-8
    assert np.abs(np.array(harmonic.exact(graph)) - given["harmonic_in"]).max() <= 1e-9
    assert correlation_of_ranks(harmonic.hyperball(graph, 7), given["harmonic_in"]) >= 0.995
