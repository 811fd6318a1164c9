"""The neighbourhood of a target: the domains of most authority that link to it, and the links among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.store.asking import Key, Query
from backlink_crawler.store.choosing import domain_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target

NEIGHBOURS = ("domain_from", "authority", "links", "domain_from_id")
EDGES = ("domain_from", "domain_to", "links", "dofollow_links")
_NEIGHBOURS = """SELECT
    domain_from,
    authority,
    links,
    domain_from_id
FROM referring_domains
WHERE domain_to_id = %(domain_to)s
    AND domain_from_id = ANY(%(neighbours)s::integer [])
    AND links > 0
ORDER BY authority DESC NULLS LAST, links DESC, domain_from_id DESC"""
_EDGES_AMONG = """SELECT
    domain_from,
    domain_to,
    links,
    dofollow_links
FROM referring_domains
WHERE domain_to_id = ANY(%(domains)s::integer [])
    AND domain_from_id = ANY(%(domains)s::integer [])
    AND links > 0
ORDER BY links DESC, domain_to_id DESC, domain_from_id DESC"""
_SIZE = """SELECT
    domain_to,
    refdomains,
    authority,
    domain_to_id
FROM target_overview
WHERE domain_to_id = %(domain_to)s"""


def size(target: Target) -> Query:
    """The target, and how many domains link to it."""
    return Query(_SIZE, {"domain_to": domain_id(target)})


def neighbours(target: Target, most: int) -> Query:
    found = Key("neighbours(domain_id(%s), %s)", (target.domain, most), is_list=True)
    return Query(_NEIGHBOURS, {"domain_to": domain_id(target), "neighbours": found})


def edges_among(domains: Sequence[int]) -> Query:
    """The live links among these, by their keys, so that the planner knows which of them are large."""
    return Query(_EDGES_AMONG, {"domains": list(domains)})


def edges_around(target: Target, most: int) -> Query:
    """As `edges_among` the target and its neighbours: to be read by people, since it finds the neighbours once more."""
    found = "neighbours(domain_id(%s), %s) || domain_id(%s)"
    return Query(_EDGES_AMONG, {"domains": Key(found, (target.domain, most, target.domain), is_list=True)})
