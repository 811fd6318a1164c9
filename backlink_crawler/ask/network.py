"""The neighbourhood of a target as a graph: it, the domains of most authority that link to it, and the links among them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.ask.answers import missing
from backlink_crawler.store import asking, neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

MOST = 200  # domains of a neighbourhood: more are no picture


class Node(NamedTuple):
    """authority: None: not known. links: to the target, live or unverified; of the target itself 0. links_among: to and
    from the other neighbours.
    """

    domain: str
    authority: float | None
    links: int
    links_among: int


class Edge(NamedTuple):
    domain_from: str
    domain_to: str
    links: int
    dofollow_links: int


class Neighbourhood(NamedTuple):
    """nodes: the target, then its neighbours, those of most authority first. edges: the largest first. refdomains: how
    many domains link to the target, among the neighbours or not.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    refdomains: int


def neighbourhood(database: Database, target: Target) -> Neighbourhood:
    """Raises UnknownTarget when no domain has a live or unverified link to the target."""
    sizes = list(asking.run(database, neighbours.size(target))[1])
    found = list(asking.run(database, neighbours.neighbours(target, MOST - 1))[1])
    if not sizes or not found:
        none = f"no link to {target} is live; `backlinks lost {target}` shows those that were."
        raise missing(database, list(Node._fields), target, none)
    ((name, refdomains, authority, key),) = sizes
    among = asking.run(database, neighbours.edges_among([key, *(row[-1] for row in found)]))[1]
    edges = [Edge(*row) for row in among]
    links: Counter[str] = Counter()
    for edge in edges:
        if name not in {edge.domain_from, edge.domain_to}:
            links[edge.domain_from] += edge.links
            links[edge.domain_to] += edge.links
    nodes = [Node(domain, known, to_target, links[domain]) for domain, known, to_target, _ in found]
    return Neighbourhood([Node(name, authority, 0, 0), *nodes], edges, refdomains)
