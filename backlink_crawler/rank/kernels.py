"""The two loops over all edges, by Numba or NumPy: a step of PageRank, and one of HyperBall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.rank.graph import BLOCK
from backlink_crawler.rank.libraries import compiled, np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.rank.graph import Graph


def out_degrees(graph: Graph) -> Any:
    """Of each node, the edges that leave it."""
    degrees = np.zeros(graph.nodes, dtype=np.int64)
    for first in range(0, graph.edges, BLOCK):
        degrees += np.bincount(graph.sources[first : first + BLOCK], minlength=graph.nodes)
    return degrees.astype(np.int32)


def _step(
    starts: Any,
    sources: Any,
    values: Any,
    shares: Any,
    after: Any,
    degrees: Any,
    damping: float,
    jumps: Any,
    floor: float,
) -> tuple[float, float]:
    """One loop for all of it: what is read from memory is most of the time. Unsigned places: none counts from the end."""
    distance = lost = 0.0
    for node in range(np.uint64(len(values))):
        total = floor * jumps[node]
        for edge in range(starts[node], starts[node + np.uint64(1)]):
            total += shares[sources[edge]]
        distance += abs(total - values[node])
        values[node] = total
        if degrees[node] > 0:
            after[node] = damping * total / degrees[node]
        else:
            lost += total
    return distance, lost


def _spread(starts: Any, sources: Any, old: Any, new: Any, has_changed: Any, changes: Any) -> None:
    registers = np.uint64(old.shape[1])
    for node in range(np.uint64(len(old))):
        before, now = old[node], new[node]
        for register in range(registers):
            now[register] = before[register]
        is_reached = False
        for edge in range(starts[node], starts[node + np.uint64(1)]):
            source = sources[edge]
            if has_changed[source]:
                is_reached = True
                other = old[source]
                for register in range(registers):
                    now[register] = max(now[register], other[register])
        is_new = False
        if is_reached:
            for register in range(registers):
                is_new |= now[register] != before[register]
        changes[node] = is_new


_STEP, _SPREAD = compiled(_step), compiled(_spread)


def step(
    graph: Graph, values: Any, shares: Any, after: Any, degrees: Any, damping: float, jumps: Any, floor: float
) -> tuple[float, float]:
    """values[v] = floor × jumps[v] + Σ shares[u] over the sources u of v, and after[v] = damping × values[v] ÷ degrees[v],
    which are the next shares.

    Returns by how much the values have changed (L1), and the values of the nodes without edges that leave them.
    """
    if _STEP:
        starts, sources = graph.starts.view(np.uint64), graph.sources.view(np.uint32)
        distance, lost = _STEP(starts, sources, values, shares, after, degrees, damping, jumps, floor)
        return distance, lost
    sums = floor * jumps
    for nodes, edges, starts in _blocks(graph, BLOCK):
        sums[nodes] += np.add.reduceat(shares[graph.sources[edges]], starts)
    distance = float(np.abs(sums - values).sum())
    values[:] = sums
    is_dangling = degrees == 0
    np.divide(damping * sums, degrees, out=after, where=~is_dangling)
    return distance, float(sums[is_dangling].sum())


def spread(graph: Graph, old: Any, new: Any, has_changed: Any, changes: Any) -> None:
    """new[v] = the largest of old[v] and old[u] of the sources u of v, register by register; changes[v]: it differs.

    has_changed: the nodes whose registers changed last time; the others' are in their targets already.
    """
    if _SPREAD:
        starts, sources = graph.starts.view(np.uint64), graph.sources.view(np.uint32)
        _SPREAD(starts, sources, old, new, has_changed, changes)
        return
    new[:] = old
    for nodes, edges, starts in _blocks(graph, max(1, BLOCK * 8 // old.shape[1])):
        reached = np.maximum.reduceat(old[graph.sources[edges]], starts, axis=0)
        new[nodes] = np.maximum(old[nodes], reached)
    changes[:] = (new != old).any(axis=1)


def _blocks(graph: Graph, size: int) -> Iterator[tuple[Any, slice, Any]]:
    """(nodes with edges, their edges, where those of each begin), about `size` edges at a time, and whole nodes."""
    nodes = np.flatnonzero(np.diff(graph.starts))
    begins = graph.starts[nodes]
    first = 0
    while first < len(nodes):
        last = max(first + 1, int(np.searchsorted(begins, begins[first] + size)))
        edges = slice(int(begins[first]), int(graph.starts[nodes[last - 1] + 1]))
        yield nodes[first:last], edges, begins[first:last] - begins[first]
        first = last
