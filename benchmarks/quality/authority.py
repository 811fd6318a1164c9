"""Authority: PageRank and harmonic centrality beside igraph's values and SciPy's time, trust on planted halves."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.stats import rankdata, spearmanr

from backlink_crawler.rank import harmonic, kernels
from backlink_crawler.rank.pagerank import DAMPING, TOLERANCE, pagerank
from backlink_crawler.rank.trust import trust, trustrank
from benchmarks.graphs import cnr_2000, data, graph_of_matrix, polblogs

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS = 7
HALF = 5_000  # domains
SEEDS = 50


def report() -> Iterator[str]:
    yield from _pagerank_of_cnr()
    yield from _polblogs()
    yield from _planted()


def _pagerank_of_cnr() -> Iterator[str]:
    matrix, truth = cnr_2000(), data("cnr-2000-pagerank")["pagerank"]
    graph = graph_of_matrix(matrix)
    transposed, degrees = _transition(matrix)
    pagerank(graph)  # compiled
    ratios, seconds, ours = [], [], None
    for _ in range(PAIRS):
        began = time.process_time()
        ours = pagerank(graph)
        between = time.process_time()
        iterations = _scipy_power(transposed, degrees)
        ended = time.process_time()
        ratios.append((between - began) / (ended - between))
        seconds.append(between - began)
    assert ours
    distance = float(np.abs(ours.values - truth).sum())
    yield f"cnr-2000, {graph.nodes:,} nodes, {graph.edges:,} edges: L1 from igraph's PageRank {distance:.1e} (≤ 1e-8)"
    yield (
        f"  ÷ SciPy's power iteration, CPU time, {PAIRS} pairs: median {median(ratios):.2f}, {min(ratios):.2f} to "
        f"{max(ratios):.2f} (≤ 1.0); {median(seconds):.2f} s, {ours.iterations} iterations (SciPy {iterations})"
    )
    step, kernels._STEP = kernels._STEP, None  # noqa: SLF001  as without Numba
    began = time.process_time()
    plain = pagerank(graph)
    kernels._STEP = step  # noqa: SLF001
    yield (
        f"  without Numba: {time.process_time() - began:.2f} s, L1 from the other way "
        f"{np.abs(plain.values - ours.values).sum():.0e}"
    )


def _transition(matrix: sparse.csr_matrix) -> tuple[sparse.csr_matrix, Any]:
    degrees = np.asarray(matrix.sum(axis=1)).ravel()
    return (sparse.diags(1 / np.maximum(degrees, 1)) @ matrix).T.tocsr(), degrees


def _scipy_power(transposed: sparse.csr_matrix, degrees: Any) -> int:
    """The plain form. Returns its iterations."""
    nodes, dangling = len(degrees), degrees == 0
    values, distance, iterations = np.full(nodes, 1 / nodes), 1.0, 0
    while distance > TOLERANCE:
        after = DAMPING * (transposed @ values) + (1 - DAMPING + DAMPING * values[dangling].sum()) / nodes
        distance = np.abs(after - values).sum()
        values = after
        iterations += 1
    return iterations


def _polblogs() -> Iterator[str]:
    graph, truth = graph_of_matrix(polblogs()), data("polblogs")
    distance = float(np.abs(pagerank(graph).values - truth["pagerank"]).sum())
    exact = np.array(harmonic.exact(graph))
    yield f"polblogs, {graph.nodes:,} nodes, {graph.edges:,} edges: L1 from igraph's PageRank {distance:.1e}"
    yield (
        f"  harmonic centrality, exact: largest difference from igraph's {np.abs(exact - truth['harmonic_in']).max():.0e}, "
        f"Spearman {_spearman(exact, truth['harmonic_in']):.4f} (≥ .995)"
    )
    for log_registers in (5, 6, 7):
        values = harmonic.hyperball(graph, log_registers)
        yield f"  HyperBall, {1 << log_registers} registers: Spearman {_spearman(values, truth['harmonic_in']):.4f}"


def _spearman(some: Any, others: Any) -> float:
    return float(spearmanr(np.round(some, 9), np.round(others, 9)).statistic)


def _planted() -> Iterator[str]:
    """Half of the domains are reliable. Those link to each other, rarely to the others; the others link to all, and farms
    among them make some of them large.
    """
    yield f"trust, {2 * HALF:,} domains, half of them planted as unreliable, {SEEDS} seeds of the others: AUC"
    for stray in (0.02, 0.1, 0.2):
        scores = np.mean([_aucs(stray, seed) for seed in range(5)], axis=0)
        yield (
            f"  {stray:.0%} of the reliable half's links go to the other: trust {scores[0]:.3f}, PageRank {scores[1]:.3f}, "
            f"in-degree {scores[2]:.3f}"
        )


def _aucs(stray: float, seed: int) -> list[float]:
    chance = np.random.default_rng(seed)
    edges = []
    for is_other in (False, True):
        number = HALF * 12
        sources = chance.integers(HALF, size=number) + HALF * is_other
        crosses = chance.random(number) < (0.5 if is_other else stray)
        targets = (HALF * chance.random(number) ** 2).astype(np.int64) + HALF * (crosses ^ is_other)
        edges.append(np.column_stack([sources, targets]))
    farm = chance.integers(HALF, 2 * HALF, size=(HALF * 6, 2))
    farm[:, 1] = HALF + farm[:, 1] % (HALF // 20)
    pairs = np.unique(np.concatenate([*edges, farm]), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    matrix = sparse.csr_matrix((np.ones(len(pairs)), pairs.T), shape=(2 * HALF, 2 * HALF))
    graph = graph_of_matrix(matrix)
    seeds = chance.choice(HALF, SEEDS, replace=False)
    ranked, trusted = pagerank(graph), trustrank(graph, seeds.tolist())
    assert trusted
    kept = np.setdiff1d(np.arange(2 * HALF), seeds)
    each = (trust(trusted, ranked), ranked.values, np.diff(graph.starts))
    return [_auc(values[kept], kept < HALF) for values in each]


def _auc(values: Any, is_good: Any) -> float:
    """The chance that a good one is above another (Mann and Whitney), ties counted half."""
    good = int(is_good.sum())
    return float((rankdata(values)[is_good].sum() - good * (good + 1) / 2) / (good * (len(values) - good)))
