"""Domains that link to each other, as arrays: edges ordered by target, so that nothing is ever transposed."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank.libraries import np

if TYPE_CHECKING:
    from collections.abc import Iterable

BLOCK = 4_000_000  # edges that are looked at together: bounds what is held beside them


@dataclass(frozen=True, slots=True)
class Graph:
    """domains: their keys, rising; a domain's place in it is its node. Node v is linked to by
    sources[starts[v]:starts[v + 1]], each once.

    Arrays of NumPy, or of `array` where that is not installed.
    """

    domains: Any
    starts: Any
    sources: Any

    @property
    def nodes(self) -> int:
        return len(self.domains)

    @property
    def edges(self) -> int:
        return len(self.sources)


class Edges:
    """Takes edges ordered by target, and makes a graph of them: 4 bytes an edge, and 12 a domain."""

    def __init__(self) -> None:
        self._targets, self._counts = array("i"), array("q")
        self._sources, self._others = array("i"), array("i")

    def add(self, target: int, sources: bytes, others: bytes = b"") -> None:
        """Who links to this domain; targets come in rising order.

        sources: keys of domains with a follow link, each once, 4 bytes each, big-endian. others: keys of those that link
        otherwise: they are nodes, and their links are no edges.
        """
        assert not self._targets or target > self._targets[-1]
        self._targets.append(target)
        self._counts.append(len(sources) // 4)
        self._sources.frombytes(sources)
        self._others.frombytes(others)

    def graph(self) -> Graph:
        """To be called once: what was added becomes the graph's own."""
        if sys.byteorder == "little":
            self._sources.byteswap()
            self._others.byteswap()
        return self._plain() if np is None else self._arrays()

    def _plain(self) -> Graph:
        domains = array("i", sorted({*self._targets, *self._sources, *self._others}))
        node = {domain: place for place, domain in enumerate(domains)}
        counts = [0] * len(domains)
        for target, count in zip(self._targets, self._counts, strict=True):
            counts[node[target]] = count
        starts = array("q", accumulate(counts, initial=0))
        return Graph(domains, starts, array("i", map(node.__getitem__, self._sources)))

    def _arrays(self) -> Graph:
        targets, counts = _numbers(self._targets, np.int32), _numbers(self._counts, np.int64)
        sources, others = _numbers(self._sources, np.int32), _numbers(self._others, np.int32)
        most = max((int(each.max()) for each in (targets, sources, others) if len(each)), default=-1)
        is_known = np.zeros(most + 1, dtype=bool)
        for each in (targets, sources, others):
            is_known[each] = True
        del others
        self._others = array("i")
        domains = np.flatnonzero(is_known).astype(np.int32)
        node = np.cumsum(is_known, dtype=np.int32) - 1
        starts = np.zeros(len(domains) + 1, dtype=np.int64)
        starts[node[targets] + 1] = counts
        np.cumsum(starts, out=starts)
        for first in range(0, len(sources), BLOCK):
            sources[first : first + BLOCK] = node[sources[first : first + BLOCK]]
        return Graph(domains, starts, sources)


def graph_of(edges: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]] = ()) -> Graph:
    """Of (source, target) pairs in any order; self-links are left out, and of two that are equal one."""
    made, by_target = Edges(), dict[int, tuple[set[int], set[int]]]()
    for kind, pairs in enumerate((edges, others)):
        for source, target in pairs:
            if source != target:
                by_target.setdefault(target, (set(), set()))[kind].add(source)
    for target in sorted(by_target):
        made.add(target, *(b"".join(key.to_bytes(4) for key in sorted(keys)) for keys in by_target[target]))
    return made.graph()


def _numbers(values: array[int], kind: Any) -> Any:
    """The same memory."""
    return np.frombuffer(values, dtype=kind) if values else np.zeros(0, dtype=kind)
