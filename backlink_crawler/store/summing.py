"""Questions that count links, by domain, page, anchor or day: as SQL over the views, as in queries.py.

Of a whole domain the counts are stored; of a part of one, or of a choice of links, each query counts them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import ALL, Filters, Key, Query, Select
from backlink_crawler.store.choosing import Chosen, domain_id, links_from, links_to, with_marked, with_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.model import Target

_EDGE = ("links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status")
_RANK = ("authority", "trust")
_RISK = ("risk", "reasons")
_MARK = ("mark", "mark_note")
POSITIONS = ("content", "list", "nav", "header", "footer", "sidebar", "comments", "sitewide")
REFDOMAINS = ("domain_from", *_EDGE, *_RANK, *_RISK, "relevance", "content_links", *_MARK, "domain_from_id")
NEW_REFDOMAINS = (*REFDOMAINS[:-1], "found_at", "batch_id", "domain_from_id")
LOST_REFDOMAINS = (
    *("domain_from", "lost_links", "first_seen", "last_seen", "lost_at", "lost_learnt_at", *_MARK),
    *("lost_batch_id", "domain_from_id"),
)
LINKED = ("domain_to", *_EDGE, *_MARK, "domain_to_id")
_SUMS = ("links", "dofollow_links", "first_seen", "last_seen")
ANCHORS = ("anchor", "links_percent", "refdomains", "refpages", *_SUMS, "class", "anchor_key")
ANCHOR_PROFILE = (
    *("domain_to", "refdomains", "anchors", "entropy", "empty_share", "image_share", "naked_share", "branded_share"),
    *("compound_share", "exact_share", "partial_share", "generic_share", "other_share", "exact_lower", "exact_p95"),
    "over_optimised",
)
BEST = ("url_to", "refdomains", "refpages", *_SUMS, "url_to_id")
DAILY = (
    *("day", "new_links", "lost_links", "restored_links", "new_refdomains", "lost_refdomains"),
    "restored_refdomains",
)
OVERVIEW = (
    *("target", "backlinks", "dofollow_links", "nofollow_links", "sponsored_links", "ugc_links", "refpages"),
    *("refdomains", "dofollow_refdomains", "unverified_links", "missing_links", "lost_links", "first_seen"),
    *("last_seen", "pages_known", "pages_visited", "oldest_visit", "newest_visit", *_RANK, "over_optimised"),
    *(f"{position}_links" for position in POSITIONS),
    "coverage_as_of",
)
# {only}: FILTER (WHERE …), or nothing. {also}: … AND, or nothing. {domain}: what is counted by, where that is a domain.
_COUNTED = {
    "links": "count(*){only}::integer",
    "dofollow_links": "count(*) FILTER (WHERE {also}is_dofollow)::integer",
    "content_links": "count(*) FILTER (WHERE {also}link_position = 'content')::integer",
    "links_percent": "round(100.0 * count(*) / sum(count(*)) OVER (), 1)::double precision",
    "refdomains": "count(DISTINCT domain_from_id){only}::integer",
    "refpages": "count(DISTINCT url_from_id){only}::integer",
    "pages_to": "count(DISTINCT url_to_id){only}::integer",
    "lost_links": "count(*)::integer",
    "first_seen": "min(first_seen){only}",
    "last_seen": "max(last_seen){only}",
    "found_at": "min(found_at)",
    "authority": "max(authority)",
    "trust": "max(trust)",
    "risk": "max(risk)",
    "reasons": "min(reasons)",  # a domain has those of one target
    "lost_at": "max(lost_at)",
    "lost_learnt_at": "max(lost_learnt_at)",
    "relevance": "max(relevance){only}",
    "batch_id": "min(batch_id)",
    "lost_batch_id": "max(lost_batch_id)",
    "anchor_key": "hashtextextended(anchor, 0)",
    "mark": "(SELECT m.mark FROM marks AS m WHERE m.domain = {domain} AND m.url IS NULL)",
    "mark_note": "(SELECT m.mark_note FROM marks AS m WHERE m.domain = {domain} AND m.url IS NULL)",
    "class": "CASE WHEN bool_and(link_type = 'image') THEN min(anchor_class) "
    "ELSE min(anchor_class) FILTER (WHERE link_type <> 'image') END",
    "status": """CASE
        WHEN bool_or(status = 'live'){only} THEN 'live'
        WHEN bool_or(status = 'unverified'){only} THEN 'unverified'
        WHEN bool_or(status = 'missing'){only} THEN 'missing'
        ELSE 'lost'
    END""",
}
# As in target_overview: counts are of live links, and what is not live stands beside them.
_LIVE = "count(*) FILTER (WHERE status = 'live'{}) AS {}"
_MIX = ",\n    ".join(
    _LIVE.format(
        " AND sitewide AND link_position <> 'unknown'"
        if position == "sitewide"
        else f" AND link_position = '{position}'",
        f"{position}_links",
    )
    for position in POSITIONS
)
_OVERVIEW = f"""WITH
chosen AS (
    SELECT
        domain_from_id,
        url_from_id,
        status,
        is_dofollow,
        is_nofollow,
        is_sponsored,
        is_ugc,
        link_position,
        sitewide,
        first_seen,
        last_seen
    FROM backlinks
    WHERE {{where}}
)
SELECT
    %({{target}})s::text AS target,
    {_LIVE.format("", "backlinks")},
    {_LIVE.format(" AND is_dofollow", "dofollow_links")},
    {_LIVE.format(" AND is_nofollow", "nofollow_links")},
    {_LIVE.format(" AND is_sponsored", "sponsored_links")},
    {_LIVE.format(" AND is_ugc", "ugc_links")},
    count(DISTINCT url_from_id) FILTER (WHERE status = 'live') AS refpages,
    count(DISTINCT domain_from_id) FILTER (WHERE status = 'live') AS refdomains,
    count(DISTINCT domain_from_id) FILTER (WHERE status = 'live' AND is_dofollow) AS dofollow_refdomains,
    count(*) FILTER (WHERE status = 'unverified') AS unverified_links,
    count(*) FILTER (WHERE status = 'missing') AS missing_links,
    count(*) FILTER (WHERE status = 'lost') AS lost_links,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    min(c.pages_known) AS pages_known,
    min(c.pages_visited) AS pages_visited,
    min(c.oldest_visit) AS oldest_visit,
    min(c.newest_visit) AS newest_visit,
    NULL::real AS authority,  -- these are told of whole domains
    NULL::real AS trust,
    NULL::boolean AS over_optimised,
    {_MIX},
    NULL::timestamptz AS coverage_as_of
FROM chosen
CROSS JOIN (
    SELECT
        sum(pages_known) AS pages_known,
        sum(pages_visited) AS pages_visited,
        min(oldest_visit) AS oldest_visit,
        max(newest_visit) AS newest_visit
    FROM coverage
    WHERE domain_id IN (SELECT domain_from_id FROM chosen WHERE status IN ('live', 'unverified'))
) AS c
HAVING count(*) > 0"""  # noqa: S608  our own names
# What the views keep of a whole domain. A domain counts as lost after the batch that left it with lost links only.
_DAILY = """moves AS (
    SELECT
        (learnt_at AT TIME ZONE 'UTC')::date AS day,
        domain_from_id,
        batch_id,
        (event = 'found')::integer AS found,
        (event = 'lost')::integer AS lost,
        (
            event = 'restored'
            AND lag(event) OVER (PARTITION BY link_id ORDER BY batch_id, step) = 'lost'
        )::integer AS restored
    FROM link_history
    WHERE {where}
        AND event IN ('found', 'missing', 'lost', 'restored')
),

batches AS (
    SELECT
        day,
        sum(found) AS found,
        sum(lost) AS lost,
        sum(restored) AS restored,
        sum(sum(found + restored - lost)) OVER earlier AS standing,
        row_number() OVER earlier = 1 AS is_new
    FROM moves
    GROUP BY day, domain_from_id, batch_id
    WINDOW earlier AS (PARTITION BY domain_from_id ORDER BY batch_id)
),

days AS (
    SELECT
        day,
        sum(found)::integer AS new_links,
        sum(lost)::integer AS lost_links,
        sum(restored)::integer AS restored_links,
        count(*) FILTER (WHERE is_new)::integer AS new_refdomains,
        count(*) FILTER (
            WHERE standing = 0 AND (is_new OR standing - found - restored + lost > 0)
        )::integer AS lost_refdomains,
        count(*) FILTER (
            WHERE standing > 0 AND NOT is_new AND standing - found - restored + lost = 0
        )::integer AS restored_refdomains
    FROM batches
    GROUP BY day
    HAVING sum(found + lost + restored) > 0
)"""


def referring_domains(target: Target, filters: Filters) -> Query:
    if filters.is_lost:
        return _lost_referring_domains(target, filters)
    is_stored = target.mode is TargetMode.DOMAIN and filters.origin is None
    if filters.since:
        order = ("batch_id", "domain_from_id")
        if is_stored:
            return _edges("referring_domains", "to", NEW_REFDOMAINS, order, target, filters)
        # New is a domain whose first link is, whatever has become of it.
        chosen = _of_domains(target, replace(filters, dofollow=False, origin=None, min_relevance=None))
        asked = _of_domains(target, filters)
        only = [*with_status(filters), *(each for each in asked.where if each not in chosen.where)]
        chosen.parameters.update(asked.parameters)
        having = ["min(batch_id) >= %(since)s", f"count(*) FILTER (WHERE {' AND '.join(only)}) > 0"]
        return _counted(NEW_REFDOMAINS, order, chosen, filters, having=having, only=only)
    order = ("links", "domain_from_id")
    if is_stored:
        return _edges("referring_domains", "to", REFDOMAINS, order, target, filters)
    return _counted(REFDOMAINS, order, _of_domains(target, filters, *with_status(filters)), filters)


def chosen_referring_domains(target: Target, domains: Sequence[int], most: int) -> Query:
    """Of these, by their keys, those that still link to the whole domain, most authority first."""
    where = ("domain_to_id = %(domain_to)s", "domain_from_id = ANY(%(domains)s)", "links > 0")
    select = Select(REFDOMAINS, ("referring_domains",), where, ("links", "domain_from_id"))
    text = select.text(Filters(sort="authority:desc", limit=most))
    return Query(text, {"domain_to": domain_id(target), "domains": list(domains)})


def _of_domains(target: Target, filters: Filters, *also: str) -> Chosen:
    """Links to the target, for rows that are of domains: what is marked is the domain, whatever its pages are."""
    marked, parameters = with_marked(filters, "domain_from_id")
    chosen = links_to(target, replace(filters, mark=None), *marked, *also)
    return replace(chosen, parameters=chosen.parameters | parameters)


def _lost_referring_domains(target: Target, filters: Filters) -> Query:
    """Domains all of whose links are lost, the last of them since then."""
    order = ("lost_batch_id", "domain_from_id")
    scores = (filters.min_authority, filters.max_authority, filters.min_relevance, filters.max_risk)
    is_chosen = filters.dofollow or filters.origin or any(score is not None for score in scores)
    if target.mode is TargetMode.DOMAIN and not is_chosen:
        marked, of_marked = with_marked(filters, "domain_from_id")
        where, parameters = ["domain_to_id = %(domain_to)s", *marked], {"domain_to": domain_id(target), **of_marked}
        if filters.since:
            where.append("lost_batch_id >= %(since)s")
            parameters["since"] = Key(f"first_batch({filters.since})")
        text = Select(LOST_REFDOMAINS, ("lost_referring_domains",), tuple(where), order).text(filters)
        return Query(text, parameters, is_ordered=filters.sort is None, order=order)
    having = ["bool_and(status_id = 2)", *(["max(lost_batch_id) >= %(since)s"] if filters.since else [])]
    return _counted(LOST_REFDOMAINS, order, _of_domains(target, filters), filters, having=having)


def linked(target: Target, filters: Filters) -> Query:
    """What the target links out to."""
    order = ("links", "domain_to_id")
    if target.mode is TargetMode.DOMAIN:
        return _edges("linked_domains", "from", LINKED, order, target, replace(filters, since=None))
    marked, parameters = with_marked(filters, "domain_to_id")
    chosen = links_from(target, replace(filters, mark=None))
    where = (*chosen.where, *marked, *with_status(filters))
    chosen = replace(chosen, where=where, parameters=chosen.parameters | parameters)
    return _counted(LINKED, order, chosen, filters)


def anchors(target: Target, filters: Filters) -> Query:
    return _grouped("anchors", ANCHORS, ("links", "anchor_key"), target, filters)


def best(target: Target, filters: Filters) -> Query:
    """The target's URLs, those with most referring domains first."""
    return _grouped("best_by_links", BEST, ("refdomains", "url_to_id"), target, filters)


def kept_anchors(target: Target) -> Query:
    """The first rows of `anchors` of a whole domain, as the last ranking has kept them."""
    return _kept("anchors", "top_anchors", ANCHORS, ("links", "anchor_key"), target)


def kept_best(target: Target) -> Query:
    """As `kept_anchors`, of `best`."""
    return _kept("best_by_links", "top_pages", BEST, ("refdomains", "url_to_id"), target)


def _kept(view: str, rows: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target) -> Query:
    source = f"kept_profiles AS k CROSS JOIN LATERAL jsonb_populate_recordset(NULL::{view}, k.{rows}) AS r"
    select = Select(columns, (source,), ("k.domain_to_id = %(domain_to)s",), order)
    return Query(select.text(Filters(limit=None)), {"domain_to": domain_id(target)})


def daily(target: Target, filters: Filters) -> Query:
    """What was learnt of links to the target, day by day."""
    since = [f"day >= ({filters.since})::date"] if filters.since else []
    if target.mode is TargetMode.DOMAIN:
        where = ("domain_to_id = %(domain_to)s", *since)
        select = Select(DAILY, ("new_lost_daily",), where, ("day",))
        return Query(select.text(filters), {"domain_to": domain_id(target)}, order=select.order)
    chosen = links_to(target)
    steps = _DAILY.format(where="\n        AND ".join(chosen.where))
    select = Select(DAILY, ("days",), tuple(since), ("day",), steps=steps)
    return Query(select.text(filters), chosen.parameters, chosen.few_links, order=select.order)


def overview(target: Target, number: str = "") -> Query:
    """Totals of the target, and how well the domains that link to it are crawled. number: tells targets apart."""
    parameters: dict[str, Any] = {f"target{number}": str(target)}
    if target.mode is TargetMode.DOMAIN:
        columns = ",\n    ".join(OVERVIEW[1:])
        text = (
            f"SELECT\n    %(target{number})s::text AS target,\n    {columns}\n"
            f"FROM target_overview\nWHERE domain_to_id = %(domain_to{number})s"
        )
        return Query(text, parameters | {f"domain_to{number}": domain_id(target)})
    chosen = links_to(target, number=number)
    text = _OVERVIEW.format(where="\n        AND ".join(chosen.where), target=f"target{number}")
    return Query(text, parameters | chosen.parameters, chosen.few_links)


def anchor_profile(target: Target) -> Query:
    """By what words the target's domain is linked to."""
    columns = ",\n    ".join(ANCHOR_PROFILE)
    text = f"SELECT\n    {columns}\nFROM anchor_profile\nWHERE domain_to_id = %(domain_to)s"
    return Query(text, {"domain_to": domain_id(target)})


def _grouped(view: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters) -> Query:
    """A large domain's are kept, another's are counted: one of the two has rows."""
    is_kept = target.mode is TargetMode.DOMAIN or (view == "best_by_links" and target.mode is TargetMode.EXACT)
    if not is_kept or filters.status or filters.dofollow or filters.origin:
        return _counted(columns, order, links_to(target, filters, *with_status(filters)), filters)
    chosen = links_to(target)
    where, parameters = list(chosen.where), dict(chosen.parameters)
    if filters.anchor_class:
        where.append("class = %(class)s")
        parameters["class"] = filters.anchor_class
    select = Select(columns, (f"kept_{view}", f"counted_{view}"), tuple(where), order)
    return Query(select.text(filters), parameters, order=order)


def _counted(
    columns: tuple[str, ...],
    order: tuple[str, ...],
    chosen: Chosen,
    filters: Filters,
    *,
    having: list[str] | None = None,
    only: list[str] | None = None,
) -> Query:
    """Counts over the chosen links. only: of all that are chosen, what is counted."""
    conditions = " AND ".join(only or ())
    words = {"only": f" FILTER (WHERE {conditions})" if only else "", "also": f"{conditions} AND " if only else ""}
    words["domain"] = columns[0]
    counted = [f"{_COUNTED[name].format(**words)} AS {name}" if name in _COUNTED else name for name in columns]
    by = ", ".join(name for name in columns if name not in _COUNTED)
    select = Select(columns, ("backlinks",), chosen.where, order, ",\n    ".join(counted), by, tuple(having or ()))
    parameters = dict(chosen.parameters)
    if filters.status in {"live", "unverified"}:
        parameters["status"] = filters.status
    if filters.since:
        parameters["since"] = Key(f"first_batch({filters.since})")
    return Query(select.text(filters), parameters, chosen.few_links, order=order)


def _edges(
    view: str, end: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters
) -> Query:
    key = f"domain_{end}"
    marked, of_marked = with_marked(filters, "domain_from_id" if end == "to" else "domain_to_id")
    where = [f"{key}_id = %({key})s", *marked]
    parameters: dict[str, Any] = {key: domain_id(target), **of_marked}
    match filters.status:
        case None | "live" | "unverified":
            where.append("links > 0")
        case "missing" | "lost":
            where.append("links = 0")
    if filters.status not in {None, ALL}:
        where.append("status = %(status)s")
        parameters["status"] = filters.status
    if filters.dofollow:
        where.append("dofollow_links > 0")
    if filters.min_authority is not None:
        where.append("authority >= %(min_authority)s")
        parameters["min_authority"] = filters.min_authority
    if filters.max_authority is not None:
        where.append("authority <= %(max_authority)s")
        parameters["max_authority"] = filters.max_authority
    if filters.min_relevance is not None:
        where.append("relevance >= %(min_relevance)s")
        parameters["min_relevance"] = filters.min_relevance
    if filters.max_risk is not None:
        where.append("risk <= %(max_risk)s")
        parameters["max_risk"] = filters.max_risk
    if filters.since:
        where.append("batch_id >= %(since)s")
        parameters["since"] = Key(f"first_batch({filters.since})")
    return Query(Select(columns, (view,), tuple(where), order).text(filters), parameters, order=order)
