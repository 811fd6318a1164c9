"""PageRank (Brin and Page 1998) by power iteration, of arrays or, where NumPy is not installed, of lists."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank import kernels
from backlink_crawler.rank.libraries import np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from backlink_crawler.rank.graph import Graph

DAMPING = 0.85
TOLERANCE = 1e-9  # L1 distance of two iterations in a row


@dataclass(frozen=True, slots=True)
class Ranked:
    """values: a share of the whole of each node; their sum is 1. floor: what a node that is jumped to has by that alone,
    so that a value is never below it where all are jumped to.
    """

    values: Any
    floor: float
    iterations: int


def pagerank(
    graph: Graph,
    jump_to: Collection[int] | None = None,
    *,
    damping: float = DAMPING,
    tolerance: float = TOLERANCE,
    tell: Callable[[int], None] | None = None,
) -> Ranked:
    """jump_to: the nodes at which the surfer goes on who follows no link, or finds none; None: all, each as likely.

    tell: is told the number of each iteration.
    """
    if graph.nodes == 0:
        return Ranked([] if np is None else np.zeros(0), 0.0, 0)
    assert jump_to is None or jump_to
    power = _of_lists if np is None else _of_arrays
    return power(graph, jump_to, damping, tolerance, tell)


def _of_arrays(
    graph: Graph,
    jump_to: Collection[int] | None,
    damping: float,
    tolerance: float,
    tell: Callable[[int], None] | None,
) -> Ranked:
    chance = 1 / (len(jump_to) if jump_to else graph.nodes)
    jumps = np.zeros(graph.nodes, dtype=np.uint8)
    jumps[slice(None) if jump_to is None else np.fromiter(jump_to, dtype=np.int64)] = 1
    degrees = kernels.out_degrees(graph)
    values = chance * jumps
    lost = float(values[degrees == 0].sum())
    shares, after = np.zeros(graph.nodes), np.zeros(graph.nodes)
    np.divide(damping * values, degrees, out=shares, where=degrees > 0)
    iterations, distance, floor = 0, 1.0, 0.0
    while distance > tolerance:
        floor = chance * (1 - damping + damping * lost)
        distance, lost = kernels.step(graph, values, shares, after, degrees, damping, jumps, floor)
        shares, after = after, shares
        iterations += 1
        if tell:
            tell(iterations)
    return Ranked(values, floor, iterations)


def _of_lists(
    graph: Graph,
    jump_to: Collection[int] | None,
    damping: float,
    tolerance: float,
    tell: Callable[[int], None] | None,
) -> Ranked:
    jumped = range(graph.nodes) if jump_to is None else jump_to
    chance = 1 / len(jumped)
    degrees = [0] * graph.nodes
    for source in graph.sources:
        degrees[source] += 1
    into = [graph.sources[graph.starts[node] : graph.starts[node + 1]] for node in range(graph.nodes)]
    values = [0.0] * graph.nodes
    for node in jumped:
        values[node] = chance
    iterations, distance, floor = 0, 1.0, 0.0
    while distance > tolerance:
        shares = [damping * value / degree if degree else 0.0 for value, degree in zip(values, degrees, strict=True)]
        lost = fsum(value for value, degree in zip(values, degrees, strict=True) if not degree)
        floor = chance * (1 - damping + damping * lost)
        sums = [sum(map(shares.__getitem__, sources)) for sources in into]
        for node in jumped:
            sums[node] += floor
        distance = fsum(abs(new - old) for new, old in zip(sums, values, strict=True))
        values = sums
        iterations += 1
        if tell:
            tell(iterations)
    return Ranked(values, floor, iterations)
