"""TrustRank (Gyöngyi, Garcia-Molina and Pedersen 2004): PageRank of a surfer who goes on at trusted domains only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.rank.libraries import np
from backlink_crawler.rank.pagerank import pagerank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from backlink_crawler.rank.graph import Graph
    from backlink_crawler.rank.pagerank import Ranked


def trustrank(graph: Graph, seeds: Collection[int], *, tell: Callable[[int], None] | None = None) -> Ranked | None:
    """seeds: nodes. None: none of them links to anything, so that nothing is known of others."""
    links_out = _linking(graph, seeds)
    return pagerank(graph, seeds, tell=tell) if links_out else None


def trust(trusted: Ranked, ranked: Ranked) -> Any:
    """TrustRank ÷ PageRank of each node, both in units of their floor, from 0 to 1: the share of its PageRank that comes
    from the seeds. (Both are linear in where the surfer goes on: "Link Spam Detection Based on Mass Estimation", 2006.)
    """
    scale = ranked.floor / trusted.floor
    if np is None:
        return [min(1.0, scale * of / all_) for of, all_ in zip(trusted.values, ranked.values, strict=True)]
    return np.minimum(1.0, scale * trusted.values / ranked.values)


def _linking(graph: Graph, seeds: Collection[int]) -> bool:
    """Does one of them link to anything?"""
    if np is None:
        return not set(seeds).isdisjoint(graph.sources)
    is_seed = np.zeros(graph.nodes, dtype=bool)
    is_seed[list(seeds)] = True
    return bool(is_seed[graph.sources].any())
