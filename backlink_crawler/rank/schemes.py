"""What link schemes look like in a graph: a value for each node, NaN where a signal says nothing of it.

Linear in edges, but for `alike`: it takes at most MOST_ALIKE steps an edge. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank import kernels, scheme_kernels
from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.pagerank import DAMPING

if TYPE_CHECKING:
    from backlink_crawler.rank.graph import Graph

LEAST_SHARED = 10  # domains that link to each other, for reciprocity
LEAST_CLOSED = 3  # neighbours both ways inside a farm (Wu and Davison 2005)
LEAST_SUPPORT = 5  # domains that link, before it is asked how near support comes from
LEAST_BEYOND = 0.02  # of PageRank ÷ floor beyond 1: ratios have four digits, so that less is too coarse
LEAST_LINKED = 3  # domains linked to, before what is linked to is compared
MOST_ALIKE = 300  # a domain that more domains link to tells nothing of those that link
OTHERS_ALIKE = 2  # how many others have to link alike
NEAR = 2  # links from which support is near
LEAST_RATIO = 10  # floors of PageRank, before it is asked who it is from


@dataclass(frozen=True, slots=True)
class Ways:
    """Both ways of a graph. Node v is linked to by sources[in_starts[v]:in_starts[v + 1]], and links to
    targets[out_starts[v]:out_starts[v + 1]], each rising. 8 bytes an edge.
    """

    in_starts: Any
    sources: Any
    out_starts: Any
    targets: Any

    @property
    def nodes(self) -> int:
        return len(self.in_starts) - 1


def both_ways(graph: Graph) -> Ways:
    """Turned twice, so that each list rises, whatever order edges came in."""
    out_starts, targets = _turned(graph.starts, graph.sources)
    in_starts, sources = _turned(out_starts, targets)
    return Ways(in_starts, sources, out_starts, targets)


def _turned(starts: Any, others: Any) -> tuple[Any, Any]:
    counts = np.bincount(others, minlength=len(starts) - 1)
    turned_starts = np.zeros(len(starts), dtype=np.int64)
    np.cumsum(counts, out=turned_starts[1:])
    turned = np.empty(len(others), dtype=np.int32)
    scheme_kernels.turn(starts, others, turned_starts[:-1].copy(), turned)
    return turned_starts, turned


def mutual(ways: Ways) -> tuple[Any, Any]:
    """(starts, others): those that each node links to and is linked from."""
    each = (ways.in_starts, ways.sources, ways.out_starts, ways.targets)
    counts, starts = np.zeros(ways.nodes, dtype=np.int64), np.zeros(ways.nodes + 1, dtype=np.int64)
    scheme_kernels.meet(*each, counts, starts, np.zeros(0, dtype=np.int32))
    np.cumsum(counts, out=starts[1:])
    others = np.empty(starts[-1], dtype=np.int32)
    scheme_kernels.meet(*each, counts, starts, others)
    return starts, others


def reciprocity(ways: Ways, shared: Any) -> Any:
    """|In ∩ Out| ÷ |In ∪ Out|, 0 below LEAST_SHARED; of those that link to any. shared: |In ∩ Out|."""
    into, out = np.diff(ways.in_starts), np.diff(ways.out_starts)
    values = np.where(shared >= LEAST_SHARED, shared / np.maximum(1, into + out - shared), 0.0)
    return np.where(out > 0, values, np.nan)


def cores(starts: Any, others: Any) -> Any:
    """Of each node, the largest k such that it is in a set whose members each have k neighbours in it: what is left where
    those with fewer are left out until nothing changes.
    """
    degrees = np.diff(starts)
    order = np.argsort(degrees, kind="stable")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    firsts = np.searchsorted(degrees[order], np.arange(int(degrees.max(initial=0)) + 2))
    scheme_kernels.peel(starts, others, degrees, order, places, firsts)
    return degrees


def alike(ways: Ways) -> Any:
    """Cosine of what it links to with that of the second most similar other: idf as weights, those that more than MOST_ALIKE
    link to left out; 0 of those that link to fewer than LEAST_LINKED; of those that link to any.
    """
    into, out = np.diff(ways.in_starts), np.diff(ways.out_starts)
    idf = np.log(ways.nodes / np.maximum(1, into)) ** 2
    lengths = np.zeros(ways.nodes)
    scheme_kernels.add_up(ways.out_starts, ways.targets, idf, lengths)
    lengths = np.where(out < LEAST_LINKED, 0.0, np.sqrt(lengths))
    idf[(into > MOST_ALIKE) | (into <= 1)] = 0.0
    best = np.zeros((ways.nodes, OTHERS_ALIKE), dtype=np.float32)
    each = (ways.in_starts, ways.sources, ways.out_starts, ways.targets)
    scheme_kernels.compare(*each, idf, lengths, LEAST_LINKED, best)
    return np.where(out > 0, best[:, 0], np.nan)


def near_support(graph: Graph, ratios: Any) -> Any:
    """The share of PageRank beyond the floor that comes over NEAR links or fewer; of those that LEAST_SUPPORT link to.

    ratios: PageRank ÷ floor. (Truncated PageRank: Becchetti and others 2006.)
    """
    degrees = kernels.out_degrees(graph)
    values, after, total = np.zeros(graph.nodes), np.zeros(graph.nodes), np.zeros(graph.nodes)
    shares, nowhere = np.zeros(graph.nodes), np.zeros(graph.nodes, dtype=np.uint8)
    np.divide(DAMPING, degrees, out=shares, where=degrees > 0)
    for _ in range(NEAR):
        kernels.step(graph, values, shares, after, degrees, DAMPING, nowhere, 0.0)
        total += values
        shares, after = after, shares
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.minimum(1.0, total / (ratios - 1.0))
    return np.where((np.diff(graph.starts) >= LEAST_SUPPORT) & (ratios - 1.0 >= LEAST_BEYOND), near, np.nan)


def closed(ways: Ways, starts: Any, others: Any) -> Any:
    """The share of a node's neighbours, either way, that it swaps links with inside its core: 0 where this is below
    LEAST_CLOSED; of those that link to any. starts, others: as mutual.
    """
    into, out, shared = np.diff(ways.in_starts), np.diff(ways.out_starts), np.diff(starts)
    core, inside = cores(starts, others), np.zeros(ways.nodes)
    scheme_kernels.count_inside(starts, others, core, inside)
    values = np.where(core >= LEAST_CLOSED, inside / np.maximum(1, into + out - shared), 0.0)
    return np.where(out > 0, values, np.nan)


def untrusted(ratios: Any, trust: Any) -> Any:
    """1 − trust of those whose PageRank is at least LEAST_RATIO floors: the share of it that does not come from trust seeds
    (relative spam mass: Gyöngyi and others 2006). trust: NaN where it is not known.
    """
    return np.where(ratios >= LEAST_RATIO, 1.0 - trust, np.nan)
