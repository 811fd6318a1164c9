"""Questions about links, one row each, as SQL over the views: what the command line runs, and prints by `--sql`.

A question about a whole domain, or about one URL, reads the rows that it shows, in the order of an index, and no
others. So its target is resolved to keys first, which tells the planner how many links to expect.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import TargetMode
from backlink_crawler.store import similar
from backlink_crawler.store.asking import FEW, Key, Query, Select, and_
from backlink_crawler.store.choosing import STATUSES, Chosen, links_to, with_status
from backlink_crawler.store.cursors import key_of

if TYPE_CHECKING:
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters

LINKS = (
    *("url_from", "url_to", "anchor", "anchor_source", "rel", "is_dofollow", "is_nofollow", "is_sponsored", "is_ugc"),
    *("page_nofollow", "page_noindex", "link_type", "snippet_left", "snippet_right", "domain_from", "host_from"),
    *("title_from", "language_from", "http_code_from", "domain_to", "host_to", "links_external", "links_internal"),
    *("first_seen", "found_at", "last_seen", "lost_at", "status", "lost_reason"),
    *("link_origin", "is_removed_by_scripts", "rendered_rel", "authority", "trust"),
    *("relevance", "relevance_basis", "anchor_class", "risk", "reasons", "batch_id", "link_id"),
    *("link_position", "block_words", "link_density", "order_on_page", "sitewide", "value", "value_authority"),
    *("value_trust", "value_position", "value_relevance", "value_follow", "value_outgoing", "mark", "mark_note"),
)
NEW = (
    *("url_from", "url_to", "anchor", "rel", "is_dofollow", "link_type", "domain_from", "title_from"),
    *("first_seen", "found_at", "last_seen", "mark", "mark_note", "status", "batch_id", "link_id"),
)
LOST = (*NEW[:-3], "lost_at", "lost_learnt_at", "lost_reason", "lost_batch_id", "link_id")
HISTORY = (
    *("happened_at", "learnt_at", "event", "url_from", "url_to", "before", "after", "outcome", "http_code", "anchor"),
    *("domain_from", "mark", "mark_note", "batch_id", "link_id", "step"),
)
BROKEN = (
    *("url_to", "http_code_to", "checked_at", "url_from", "domain_from", "anchor", "is_dofollow", "first_seen"),
    *("last_seen", "mark", "mark_note", "batch_id", "link_id"),
)
_BY_BATCH = ("batch_id", "link_id")
_BY_LOSS = ("lost_batch_id", "link_id")
_CHOSEN = "link_id = ANY(ARRAY(SELECT link_id FROM chosen))"
_NEWEST = 2**63 - 1  # after every batch
_SERVED = frozenset({"status", "limit", "after", "until", "since"})  # by indexes, or not of links
# Filters that most domains may have no link for.
_RARE = frozenset(
    "anchor anchor_class link_type origin position rel language first_from first_until lost_reason max_authority".split()
)
# Of a whole domain: edge by edge, those found last first.
_ONE_OF_EACH_EDGE = """chosen AS (
    SELECT
        l.link_id,
        e.batch_id AS edge_batch_id,
        e.domain_from_id AS edge_domain_id
    FROM referring_domains AS e
    CROSS JOIN LATERAL (
        SELECT link_id
        FROM backlinks
        WHERE domain_to_id = e.domain_to_id
            AND domain_from_id = e.domain_from_id
            AND {where}
        ORDER BY is_dofollow DESC, batch_id, link_id
        LIMIT 1
    ) AS l
    WHERE e.domain_to_id = %(domain_to)s
        AND e.links > 0{edges}
    ORDER BY e.batch_id DESC, e.domain_from_id DESC{limit}
)"""
_AFTER_EDGE_OF = """
        AND (e.batch_id, e.domain_from_id) < (
            SELECT
                r.batch_id,
                r.domain_from_id
            FROM backlinks AS b
            INNER JOIN referring_domains AS r USING (domain_to_id, domain_from_id)
            WHERE b.link_id = {link}
        )"""
_ONE_PER_DOMAIN = """first_links AS (
    SELECT DISTINCT ON (domain_from_id) link_id, batch_id
    FROM backlinks
    WHERE {where}
    ORDER BY domain_from_id, is_dofollow DESC, batch_id, link_id
),

chosen AS (
    SELECT link_id
    FROM first_links{after}
    ORDER BY batch_id DESC, link_id DESC{limit}
)"""


def links(target: Target, filters: Filters) -> Query:
    if filters.one_per_domain:
        return _one_per_domain(target, filters)
    if filters.group_similar:
        chosen = _chosen(target, filters, with_status(filters))
        return _in_parts(similar.grouped(LINKS, _BY_BATCH, chosen, filters), filters)
    if filters.status == "unverified":
        return _in_parts(_unverified(target, filters), filters)
    return _in_parts(_rows("backlinks", LINKS, _BY_BATCH, target, filters, with_status(filters)), filters)


def new(target: Target, filters: Filters) -> Query:
    """Links that the index has learnt of since then, and that still stand."""
    where = (*with_status(filters), *_since(filters, "batch_id"))
    return _in_parts(_rows("backlinks", NEW, _BY_BATCH, target, filters, where), filters)


def lost(target: Target, filters: Filters) -> Query:
    """Links of which the index has learnt since then that they are gone for good."""
    where = _since(filters, "lost_batch_id") or STATUSES["lost"]
    return _in_parts(_rows("backlinks", LOST, _BY_LOSS, target, filters, where), filters)


def history(target: Target, filters: Filters) -> Query:
    """What happened to the target's links, what was learnt last first."""
    filters = replace(filters, dofollow=False, origin=None)
    where = (*_since(filters, "batch_id"), *(["event = %(event)s"] if filters.event else []))
    return _rows("link_history", HISTORY, ("batch_id", "link_id", "step"), target, filters, where)


def broken(target: Target, filters: Filters) -> Query:
    """Live links to pages of the target that are gone."""
    query = _rows("broken_backlinks", BROKEN, _BY_BATCH, target, replace(filters, origin=None), ())
    prefixes = list(target.values) if target.mode in {TargetMode.EXACT, TargetMode.PREFIX} else []
    if target.mode is TargetMode.SUBDOMAINS:
        gone = Key(
            "few_links(gone_urls(%s, host_ids(%s, %s), '{}'), %s)", (target.domain, *target.values, target.domain, FEW)
        )
    else:
        gone = Key("few_links(gone_urls(%s, '{}', %s::text[]), %s)", (target.domain, prefixes, FEW))
    return replace(query, few_links={"domain_to_id = %(domain_to)s": gone})


def _rows(
    view: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters, also: tuple[str, ...]
) -> Query:
    """A row a link, or an event of one."""
    chosen = _chosen(target, filters, also)
    text = Select(columns, (view,), chosen.where, order).text(filters)
    is_ordered = not (filters.sort or filters.status == "missing")
    return Query(text, chosen.parameters, chosen.few_links, is_ordered, order)


def _chosen(target: Target, filters: Filters, also: tuple[str, ...]) -> Chosen:
    chosen = links_to(target, filters, *also)
    if filters.status in {"live", "unverified"}:
        chosen.parameters["status"] = filters.status
    if filters.since:
        chosen.parameters["since"] = Key(f"first_batch({filters.since})")
    if filters.event:
        chosen.parameters["event"] = filters.event
    return chosen


def _one_per_domain(target: Target, filters: Filters) -> Query:
    """By edges where most of them have such a link, else by the links."""
    if filters.group_similar:
        raise InvalidInput("--one-per-domain and --group-similar exclude each other: leave out one of them.")
    chosen = _chosen(target, filters, with_status(filters))
    limit = "" if filters.limit is None or filters.sort else f"\n    LIMIT {int(filters.limit)}"
    is_whole = target.mode is TargetMode.DOMAIN and not chosen.few_links
    if is_whole and filters.status in {None, "live"} and _RARE.isdisjoint(_named(filters)):
        return _by_edge(chosen, filters, limit)
    between = Select((), (), (), _BY_BATCH).between(filters)
    after = f"\n    WHERE {and_(between)}" if between else ""
    steps = _ONE_PER_DOMAIN.format(where=and_(chosen.where), after=after, limit=limit)
    outer = filters if filters.sort else replace(filters, after=None)
    return replace(_picked(steps, chosen, outer), order=_BY_BATCH)


def _by_edge(chosen: Chosen, filters: Filters, limit: str) -> Query:
    """A page begins after the edge of the link that its cursor is."""
    edges = "" if filters.min_authority is None else "\n        AND e.authority >= %(min_authority)s"
    is_sorted = filters.sort is not None
    if filters.after is not None and not is_sorted:
        edges += _AFTER_EDGE_OF.format(link=key_of("link_id", filters.after))
    steps = _ONE_OF_EACH_EDGE.format(where="\n            AND ".join(chosen.where[1:]), edges=edges, limit=limit)
    if is_sorted:
        return replace(_picked(steps, chosen, filters), order=_BY_BATCH)
    by_edge = ("edge_batch_id", "edge_domain_id")
    text = Select(LINKS, ("backlinks INNER JOIN chosen USING (link_id)",), (_CHOSEN,), by_edge, steps=steps)
    return Query(text.text(replace(filters, after=None)), chosen.parameters, chosen.few_links, order=("link_id",))


def _unverified(target: Target, filters: Filters) -> Query:
    """Most links are not: whether one is, is seen from its page, and the rest is joined to those that are only."""
    chosen = _chosen(target, filters, with_status(filters))
    is_sorted = filters.sort is not None
    inner, outer = filters, replace(filters, after=None, until=None)
    if is_sorted:
        inner, outer = replace(outer, sort=None, limit=None), filters
    steps = Select(("link_id", "batch_id"), ("backlinks",), chosen.where, _BY_BATCH).text(inner)
    query = _picked(f"chosen AS (\n{steps}\n)", chosen, outer)
    return replace(query, is_ordered=not is_sorted, order=_BY_BATCH)


def _picked(steps: str, chosen: Chosen, filters: Filters) -> Query:
    """The links that the last of the steps has chosen."""
    text = Select(LINKS, ("backlinks",), (_CHOSEN,), _BY_BATCH, steps=steps).text(filters)
    return Query(text, chosen.parameters, chosen.few_links)


def beyond(query: Query, after: str | None, number: int) -> Query:
    """The batch of the link that stands so many further on, in the query's order; NULL: there are fewer.

    Of all links to the target's domain, so that an index alone says it. query: is_in_parts. after: a cursor of it.
    """
    batch, link = map(int, after.split(",")) if after else (_NEWEST, 1)
    first = batch if link > 0 else batch - 1  # of its own batch, some may be left
    text = "SELECT batch_beyond(%(domain_to)s, %(first)s::bigint, %(number)s, %(of_lost)s) AS batch_id"
    of_lost = query.order == _BY_LOSS
    domain = query.parameters["domain_to"]
    return Query(text, {"domain_to": domain, "first": first, "number": number, "of_lost": of_lost})


def _in_parts(query: Query, filters: Filters) -> Query:
    """Unless an index serves what was asked for."""
    is_narrow = filters.status == "unverified" or not _SERVED.issuperset(_named(filters))
    return replace(query, is_in_parts=is_narrow and bool(query.order) and filters.sort is None)


def _named(filters: Filters) -> set[str]:
    """Those that choose anything."""
    return {each.name for each in fields(filters) if getattr(filters, each.name) != each.default}


def _since(filters: Filters, column: str) -> tuple[str, ...]:
    return (f"{column} >= %(since)s",) if filters.since else ()
