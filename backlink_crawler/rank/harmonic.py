"""Harmonic centrality: Σ 1 ÷ distance over all nodes from which a node is reached (Boldi and Vigna 2014).

Exact where there is room for the set of nodes that reach each node; else by HyperBall (Boldi and Vigna 2013), whose sets
are HyperLogLog counters (Flajolet and others 2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.rank import kernels
from backlink_crawler.rank.libraries import np

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.rank.graph import Graph

EXACT_NODES = 20_000  # 50 MB of sets
_REGISTERS = 1 << 28  # bytes of counters, twice
_FEWEST, _MOST = 5, 7  # binary logarithms of the registers of a counter: its error is 1.04 ÷ √registers, 18 and 9 %
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def precision(graph: Graph) -> int | None:
    """Binary logarithm of the registers of a counter; None: it is small enough for sets."""
    if graph.nodes <= EXACT_NODES:
        return None
    return max(_FEWEST, min(_MOST, (_REGISTERS // graph.nodes).bit_length() - 1))


def exact(graph: Graph) -> list[float]:
    """By one set a node, as the bits of a whole number."""
    sets = [1 << node for node in range(graph.nodes)]
    into = [graph.sources[graph.starts[node] : graph.starts[node + 1]].tolist() for node in range(graph.nodes)]
    values, sizes = [0.0] * graph.nodes, [1] * graph.nodes
    active, distance = set(range(graph.nodes)), 0
    while active:
        distance += 1
        wider, grown = list(sets), set()
        for node, sources in enumerate(into):
            reached = sets[node]
            for source in sources:
                if source in active:
                    reached |= sets[source]
            if reached != sets[node]:
                wider[node] = reached
                size = reached.bit_count()
                values[node] += (size - sizes[node]) / distance
                sizes[node] = size
                grown.add(node)
        sets, active = wider, grown
    return values


def hyperball(graph: Graph, log_registers: int, *, tell: Callable[[int], None] | None = None) -> Any:
    """An estimate for each node. tell: is told each distance. A domain's counter depends on its key alone, so that the
    same web has the same values the next night.
    """
    registers = 1 << log_registers
    old = _counters(graph.domains, log_registers)
    new, changed = np.empty_like(old), np.ones(graph.nodes, dtype=bool)
    changes = np.empty(graph.nodes, dtype=bool)
    values, sizes = np.zeros(graph.nodes), np.ones(graph.nodes)
    distance = 0
    while changed.any():
        distance += 1
        kernels.spread(graph, old, new, changed, changes)
        old, new, changed, changes = new, old, changes, changed
        for nodes in np.array_split(np.flatnonzero(changed), max(1, graph.nodes * registers >> 21)):
            now = np.maximum(_estimate(old[nodes]), sizes[nodes])
            values[nodes] += (now - sizes[nodes]) / distance
            sizes[nodes] = now
        if tell:
            tell(distance)
    return values


def _counters(domains: Any, log_registers: int) -> Any:
    """Each has counted its own node: (nodes, registers) of bytes."""
    hashed = domains.astype(np.uint64) + np.uint64(1)
    hashed *= np.uint64(0x9E3779B97F4A7C15)  # SplitMix64
    for shift, factor in _MIX:
        hashed = (hashed ^ (hashed >> np.uint64(shift))) * np.uint64(factor)
    hashed ^= hashed >> np.uint64(31)
    register = (hashed >> np.uint64(64 - log_registers)).astype(np.int64)
    rest = (hashed << np.uint64(log_registers)) >> np.uint64(11)  # 53 bits, exact as a double
    _, exponents = np.frexp(rest.astype(np.float64))
    counters = np.zeros((len(domains), 1 << log_registers), dtype=np.uint8)
    counters[np.arange(len(domains)), register] = np.where(rest == 0, 54, 54 - exponents)
    return counters


def _estimate(counters: Any) -> Any:
    """Flajolet's estimate, and linear counting where it is small."""
    registers = counters.shape[1]
    alpha = {32: 0.697, 64: 0.709}.get(registers, 0.7213 / (1 + 1.079 / registers))
    powers = 2.0 ** -np.arange(64)
    raw = alpha * registers**2 / powers[counters].sum(axis=1)
    empty = registers - np.count_nonzero(counters, axis=1)
    is_small = (raw <= 2.5 * registers) & (empty > 0)
    return np.where(is_small, registers * np.log(registers / np.maximum(empty, 1)), raw)
