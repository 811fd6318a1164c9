"""Questions as SQL over the views: what the command line runs, and prints when asked for its `--sql`.

A question about a whole domain, or about one URL, reads the rows that it shows, in the order of an index, and no
others. So its target is resolved to keys first, which tells the planner how many links to expect.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import ALL, FEW, Filters, Key, Query, Select, and_
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from backlink_crawler.model import Target

_COUNTS = """count(*)::integer AS links,
    count(*) FILTER (WHERE is_dofollow)::integer AS dofollow_links,"""
_REFERRERS = """count(DISTINCT domain_from_id)::integer AS refdomains,
    count(DISTINCT url_from_id)::integer AS refpages,"""
_SEEN = """min(first_seen) AS first_seen,
    max(last_seen) AS last_seen"""
_REFDOMAINS = (
    *("domain_from", "links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status"),
    "domain_from_id",
)
_LINKED = ("domain_to", *_REFDOMAINS[1:-1], "domain_to_id")
_SUMS = ("refdomains", "refpages", "links", "dofollow_links", "first_seen", "last_seen")
_ANCHORS = ("anchor", *_SUMS, "anchor_key")
_BEST = ("url_to", *_SUMS, "url_to_id")
_LINKS = (
    *("url_from", "url_to", "anchor", "anchor_source", "rel", "is_dofollow", "is_nofollow", "is_sponsored", "is_ugc"),
    *("page_nofollow", "page_noindex", "link_type", "snippet_left", "snippet_right", "domain_from", "host_from"),
    *("title_from", "language_from", "http_code_from", "domain_to", "host_to", "links_external", "links_internal"),
    *("first_seen", "found_at", "last_seen", "lost_at", "status", "lost_reason"),
    *("link_origin", "is_removed_by_scripts", "rendered_rel", "batch_id", "link_id"),
)
_NEW = (
    *("url_from", "url_to", "anchor", "rel", "is_dofollow", "link_type", "domain_from", "title_from"),
    *("first_seen", "found_at", "last_seen", "status", "batch_id", "link_id"),
)
_LOST = (*_NEW[:-3], "lost_at", "lost_learnt_at", "lost_reason", "lost_batch_id", "link_id")
_HISTORY = (
    *("happened_at", "learnt_at", "event", "url_from", "url_to", "before", "after", "outcome", "http_code", "anchor"),
    *("domain_from", "batch_id", "link_id", "step"),
)
_BROKEN = (
    *("url_to", "http_code_to", "checked_at", "url_from", "domain_from", "anchor", "is_dofollow", "first_seen"),
    *("last_seen", "batch_id", "link_id"),
)
_DAILY = (
    *("day", "new_links", "lost_links", "restored_links", "new_refdomains", "lost_refdomains"),
    "restored_refdomains",
)
# As in target_overview: counts are of live links, and what is not live stands beside them.
_OVERVIEW = f"""count(*) FILTER (WHERE status = 'live') AS links,
    count(*) FILTER (WHERE status = 'live' AND is_dofollow) AS dofollow_links,
    count(*) FILTER (WHERE status = 'live' AND is_nofollow) AS nofollow_links,
    count(*) FILTER (WHERE status = 'live' AND is_sponsored) AS sponsored_links,
    count(*) FILTER (WHERE status = 'live' AND is_ugc) AS ugc_links,
    count(DISTINCT url_from_id) FILTER (WHERE status = 'live') AS refpages,
    count(DISTINCT domain_from_id) FILTER (WHERE status = 'live') AS refdomains,
    count(DISTINCT domain_from_id) FILTER (WHERE status = 'live' AND is_dofollow) AS dofollow_refdomains,
    count(*) FILTER (WHERE status = 'lost') AS lost_links,
    count(*) FILTER (WHERE status = 'unverified') AS unverified_links,
    {_SEEN}"""

_BY_BATCH = ("batch_id", "link_id")
_STATUS = {None: ["status_id = 0"], ALL: [], "missing": ["status_id = 1"], "lost": ["lost_batch_id IS NOT NULL"]}


def referring_domains(target: Target, filters: Filters) -> Query:
    order = ("links", "domain_from_id")
    if target.mode is TargetMode.DOMAIN and filters.origin is None:
        return _edges("referring_domains", "domain_to_id", _REFDOMAINS, order, target, filters)
    expressions = f"""domain_from,
    {_COUNTS}
    count(DISTINCT url_from_id)::integer AS refpages,
    count(DISTINCT url_to_id)::integer AS pages_to,
    {_SEEN},
    domain_from_id"""
    columns = tuple(column for column in _REFDOMAINS if column != "status")
    return _counted(columns, expressions, "domain_from, domain_from_id", order, target, filters)


def linked(target: Target, filters: Filters) -> Query:
    """What the target's domain links out to, whatever part of it the target is."""
    return _edges("linked_domains", "domain_from_id", _LINKED, ("links", "domain_to_id"), target, filters)


def anchors(target: Target, filters: Filters) -> Query:
    order = ("refdomains", "anchor_key")
    if _is_plain(target, filters):
        return _grouped("anchors", _ANCHORS, order, target, filters)
    expressions = (
        f"anchor,\n    {_REFERRERS}\n    {_COUNTS}\n    {_SEEN},\n    hashtextextended(anchor, 0) AS anchor_key"
    )
    return _counted(_ANCHORS, expressions, "anchor", order, target, filters)


def best(target: Target, filters: Filters) -> Query:
    """The target's URLs, those with most referring domains first."""
    order = ("refdomains", "url_to_id")
    if _is_plain(target, filters):
        return _grouped("best_by_links", _BEST, order, target, filters)
    expressions = f"url_to,\n    {_REFERRERS}\n    {_COUNTS}\n    {_SEEN},\n    url_to_id"
    return _counted(_BEST, expressions, "url_to, url_to_id", order, target, filters)


def links(target: Target, filters: Filters) -> Query:
    return _rows("backlinks", _LINKS, _BY_BATCH, target, filters, _status(filters))


def new(target: Target, filters: Filters) -> Query:
    """Links that the index has learnt of since then, and that still stand."""
    where = [*_status(filters), *_since(filters, "batch_id")]
    return _rows("backlinks", _NEW, _BY_BATCH, target, filters, where)


def lost(target: Target, filters: Filters) -> Query:
    """Links of which the index has learnt since then that they are gone for good."""
    where = _since(filters, "lost_batch_id") or _STATUS["lost"]
    return _rows("backlinks", _LOST, ("lost_batch_id", "link_id"), target, filters, where)


def history(target: Target, filters: Filters) -> Query:
    """What happened to the target's links, what was learnt last first."""
    filters = replace(filters, dofollow=False, origin=None)
    order = ("batch_id", "link_id", "step")
    return _rows("link_history", _HISTORY, order, target, filters, _since(filters, "batch_id"))


def broken(target: Target, filters: Filters) -> Query:
    """Live links to pages of the target that are gone."""
    query = _rows("broken_backlinks", _BROKEN, _BY_BATCH, target, replace(filters, origin=None), [])
    prefixes = list(target.values) if target.mode in {TargetMode.EXACT, TargetMode.PREFIX} else []
    if target.mode is TargetMode.SUBDOMAINS:
        gone = Key(
            "few_links(gone_urls(%s, host_ids(%s, %s), '{}'), %s)", (target.domain, *target.values, target.domain, FEW)
        )
    else:
        gone = Key("few_links(gone_urls(%s, '{}', %s::text[]), %s)", (target.domain, prefixes, FEW))
    return replace(query, few_links=gone)


def daily(target: Target, filters: Filters) -> Query:
    """What was learnt of links to the target's domain, day by day, whatever part of it the target is."""
    where = ["domain_to_id = %(domain)s"]
    if filters.since:
        where.append(f"day >= ({filters.since})::date")
    select = Select(_DAILY, ("new_lost_daily",), tuple(where), ("day",))
    return Query(select.text(filters), {"domain": _domain(target)}, order=select.order)


def overview(target: Target) -> Query:
    if target.mode is TargetMode.DOMAIN:
        text = "SELECT *\nFROM target_overview\nWHERE domain_to_id = %(domain)s"
        return Query(text, {"domain": _domain(target)})
    where, parameters, few_links = _means(target)
    return Query(f"SELECT\n    {_OVERVIEW}\nFROM backlinks\nWHERE {and_(where)}", parameters, few_links)


def _rows(
    view: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters, also: list[str]
) -> Query:
    """A row a link."""
    where, parameters, few_links = _chosen(target, filters, also)
    text = Select(columns, (view,), tuple(where), order).text(filters)
    return Query(text, parameters, few_links, is_ordered=not (filters.sort or filters.status == "missing"), order=order)


def _counted(
    columns: tuple[str, ...], expressions: str, group_by: str, order: tuple[str, ...], target: Target, filters: Filters
) -> Query:
    """Counts over the target's links."""
    where, parameters, few_links = _chosen(target, filters, _status(filters))
    select = Select(columns, ("backlinks",), tuple(where), order, expressions, group_by)
    return Query(select.text(filters), parameters, few_links, order=order)


def _grouped(view: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters) -> Query:
    """A large domain's are kept, another's are counted: one of the two has rows."""
    select = Select(columns, (f"kept_{view}", f"counted_{view}"), ("domain_to_id = %(domain)s",), order)
    return Query(select.text(filters), {"domain": _domain(target)}, order=order)


def _edges(
    view: str, key: str, columns: tuple[str, ...], order: tuple[str, ...], target: Target, filters: Filters
) -> Query:
    where: list[str] = [f"{key} = %(domain)s"]
    parameters: dict[str, Any] = {"domain": _domain(target)}
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
    return Query(Select(columns, (view,), tuple(where), order).text(filters), parameters, order=order)


def _is_plain(target: Target, filters: Filters) -> bool:
    return target.mode is TargetMode.DOMAIN and not (filters.status or filters.dofollow or filters.origin)


def _chosen(target: Target, filters: Filters, also: list[str]) -> tuple[list[str], dict[str, Any], Key | None]:
    """Which links are asked for: conditions, their parameters, and the target's URLs when they are few."""
    where, parameters, few_links = _means(target)
    where += also
    if filters.status in {"live", "unverified"}:
        parameters["status"] = filters.status
    if filters.dofollow:
        where.append("is_dofollow")
    if filters.origin:
        where.append("link_origin = %(origin)s")
        parameters["origin"] = filters.origin
    if filters.since:
        parameters["since"] = Key(f"first_batch({filters.since})")
    return where, parameters, few_links


def _means(target: Target) -> tuple[list[str], dict[str, Any], Key | None]:
    """As `_chosen`: which links a target means."""
    where, parameters = ["domain_to_id = %(domain)s"], {"domain": _domain(target)}
    match target.mode:
        case TargetMode.EXACT:
            where.append("url_to_id = %(url)s")
            few_links = Key("few_links(ARRAY[url_id(%s)], %s::integer)", (*target.values, FEW))
            return where, parameters | {"url": Key("url_id(%s)", target.values)}, few_links
        case TargetMode.PREFIX:
            tests = [f"starts_with(url_to, %(prefix_{number})s)" for number, _ in enumerate(target.values)]
            where.append(f"({' OR '.join(tests)})" if len(tests) > 1 else tests[0])
            prefixes = {f"prefix_{number}": value for number, value in enumerate(target.values)}
            host = host_of(target.values[0])
            return where, parameters | prefixes, _few_links(host, target.domain, list(target.values))
        case TargetMode.SUBDOMAINS:
            (host,) = target.values
            where.append("host_to_id = ANY(%(hosts)s)")
            hosts = Key("host_ids(%s, %s)", (host, target.domain), is_list=True)
            return where, parameters | {"hosts": hosts}, _few_links(host, target.domain, [])
        case TargetMode.DOMAIN:
            return where, parameters, None


def _few_links(host: str, domain: str, prefixes: list[str]) -> Key:
    call = "few_links(few_urls(host_ids(%s, %s), %s::text[], %s::integer), %s::integer)"
    return Key(call, (host, domain, prefixes, FEW, FEW))


def _domain(target: Target) -> Key:
    return Key("domain_id(%s)", (target.domain,))


def _status(filters: Filters) -> list[str]:
    """What stands until a visit has proved otherwise is live or unverified: stored alike, told apart by its page."""
    return _STATUS.get(filters.status, ["status_id = 0", "status = %(status)s"])


def _since(filters: Filters, column: str) -> list[str]:
    return [f"{column} >= %(since)s"] if filters.since else []
