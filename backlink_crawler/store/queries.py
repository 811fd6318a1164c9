"""Questions as SQL over the views: what the command line runs, and prints when asked for its `--sql`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from psycopg import sql

from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import TargetMode
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

ALL = "all"
# What stands until a visit has proved otherwise: an unverified link's page could not be read lately.
_STANDING = "status IN ('live', 'unverified')"
_TEXTS = frozenset("domain_from url_from url_to anchor status link_type link_origin lost_reason event".split())
_NULLABLE = frozenset(
    "title_from language_from http_code_from links_external links_internal last_seen lost_at lost_reason "
    "before after outcome http_code rendered_rel".split(),
)
# By its key, so that the largest referring domains are read in the order of their index, and no others.
_BY_KEY = "domain_to_id = (SELECT domain_to_id FROM referring_domains WHERE domain_to = %(domain)s LIMIT 1)"
_COUNTS = """count(*) AS links,
    count(*) FILTER (WHERE is_dofollow) AS dofollow_links,"""
_SEEN = """min(first_seen) AS first_seen,
    max(last_seen) AS last_seen"""

# question → (columns, SELECT list over `backlinks` when the question is not about a whole domain, GROUP BY)
_REFDOMAINS = ("domain_from", "links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status")
_ANCHORS = ("anchor", "refdomains", "refpages", "links", "dofollow_links", "first_seen", "last_seen")
_LINKS = (
    *("url_from", "url_to", "anchor", "anchor_source", "rel", "is_dofollow", "is_nofollow", "is_sponsored", "is_ugc"),
    *("page_nofollow", "page_noindex", "link_type", "snippet_left", "snippet_right", "domain_from", "host_from"),
    *("title_from", "language_from", "http_code_from", "domain_to", "host_to", "links_external", "links_internal"),
    *("first_seen", "last_seen", "lost_at", "status", "lost_reason"),
    *("link_origin", "is_removed_by_scripts", "rendered_rel"),
)
_NEW = (
    *("url_from", "url_to", "anchor", "rel", "is_dofollow", "link_type", "domain_from", "title_from"),
    *("first_seen", "last_seen", "status"),
)
_LOST = (*_NEW[:-1], "lost_at", "lost_reason")
_HISTORY = (
    *("happened_at", "event", "url_from", "url_to", "before", "after", "outcome", "http_code", "anchor"),
    *("domain_from", "link_id"),
)
# As in target_overview: counts are of live links, and what is not live stands beside them.
_OVERVIEW = f"""count(*) FILTER (WHERE status = 'live') AS links,
    count(*) FILTER (WHERE status = 'live' AND is_dofollow) AS dofollow_links,
    count(*) FILTER (WHERE status = 'live' AND is_nofollow) AS nofollow_links,
    count(*) FILTER (WHERE status = 'live' AND is_sponsored) AS sponsored_links,
    count(*) FILTER (WHERE status = 'live' AND is_ugc) AS ugc_links,
    count(DISTINCT url_from) FILTER (WHERE status = 'live') AS refpages,
    count(DISTINCT domain_from) FILTER (WHERE status = 'live') AS refdomains,
    count(DISTINCT domain_from) FILTER (WHERE status = 'live' AND is_dofollow) AS dofollow_refdomains,
    count(*) FILTER (WHERE status = 'lost') AS lost_links,
    count(*) FILTER (WHERE status = 'unverified') AS unverified_links,
    {_SEEN}"""


@dataclass(frozen=True, slots=True)
class Query:
    """text: with %(name)s parameters."""

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def literal(self) -> str:
        """Ready to paste into psql."""
        quoted = {name: sql.Literal(value).as_string(None) for name, value in self.parameters.items()}
        return self.text % quoted + ";"


@dataclass(frozen=True, slots=True)
class Filters:
    """status: live, missing, lost, unverified or all; None: live and unverified. sort: a column, with `:asc` or `:desc`.

    limit: None means all. since: an SQL expression, for what is new or lost or happened since then; None: ever. origin:
    html, rendered or both; None: any.
    """

    status: str | None = None
    dofollow: bool = False
    sort: str | None = None
    limit: int | None = 100
    since: str | None = None
    origin: str | None = None


def referring_domains(target: Target, filters: Filters) -> Query:
    if target.mode is TargetMode.DOMAIN and filters.origin is None:
        where, parameters = [_BY_KEY], {"domain": target.domain}
        _add_status(filters, where, parameters)
        if filters.dofollow:
            where.append("dofollow_links > 0")
        return _query(_REFDOMAINS, "referring_domains", where, parameters, "", filters, "links", tie="domain_from_id")
    columns = f"domain_from,\n    {_COUNTS}\n    count(DISTINCT url_from) AS refpages,\n    "
    columns += f"count(DISTINCT url_to) AS pages_to,\n    {_SEEN}"
    return _over_backlinks(columns, target, filters, "domain_from", "links", _REFDOMAINS[:-1])


def anchors(target: Target, filters: Filters) -> Query:
    if target.mode is TargetMode.DOMAIN and not (filters.status or filters.dofollow or filters.origin):
        return _query(
            _ANCHORS, "anchors", ["domain_to = %(domain)s"], {"domain": target.domain}, "", filters, "refdomains"
        )
    columns = "anchor,\n    count(DISTINCT domain_from) AS refdomains,\n    "
    columns += f"count(DISTINCT url_from) AS refpages,\n    {_COUNTS}\n    {_SEEN}"
    return _over_backlinks(columns, target, filters, "anchor", "refdomains", _ANCHORS)


def links(target: Target, filters: Filters) -> Query:
    return _over_backlinks(",\n    ".join(_LINKS), target, filters, "", "first_seen", _LINKS)


def new(target: Target, filters: Filters) -> Query:
    """Links that were found since then and still stand."""
    where, parameters = _where(target, filters)
    _add_since("first_seen", filters, where)
    return _query(_NEW, "backlinks", where, parameters, "", filters, "first_seen")


def lost(target: Target, filters: Filters) -> Query:
    """Links that were first missing since then, and are gone for good."""
    where, parameters = _where(target, replace(filters, status="lost"))
    _add_since("lost_at", filters, where)
    return _query(_LOST, "backlinks", where, parameters, "", filters, "lost_at")


def history(target: Target, filters: Filters) -> Query:
    """What happened to the target's links, the newest first."""
    where, parameters = _where(
        target, replace(filters, status=ALL, dofollow=False), host_to="split_part(url_to, '/', 3)"
    )
    _add_since("happened_at", filters, where)
    sortable = (*_HISTORY[-1:], *_HISTORY[:-1])
    return _query(_HISTORY, "link_history", where, parameters, "", filters, "happened_at", sortable)


def overview(target: Target) -> Query:
    if target.mode is TargetMode.DOMAIN:
        return Query("SELECT * FROM target_overview WHERE domain_to = %(domain)s", {"domain": target.domain})
    where, parameters = _where(target, Filters(ALL))
    return Query(f"SELECT\n    {_OVERVIEW}\nFROM backlinks\nWHERE {_and(where)}", parameters)


def run(database: Database, query: Query) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows). Raises DatabaseUnavailable or SchemaMismatch."""
    with database.connect() as connection, database_errors(database):
        cursor = connection.execute(query.text, query.parameters)
        return [column.name for column in cursor.description or ()], cursor.fetchall()


def nearest_targets(database: Database, domain: str, number: int = 5) -> list[str]:
    """Domains with links whose names are most like this one's."""
    with database.connect() as connection, database_errors(database):
        rows = connection.execute(
            "SELECT name FROM domains AS d WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id) "
            "ORDER BY left(name, 3) = left(%(domain)s, 3) DESC, abs(length(name) - length(%(domain)s)) LIMIT 20000",
            {"domain": domain},
        ).fetchall()
    return difflib.get_close_matches(domain, [row[0] for row in rows], number, cutoff=0.5)


def _over_backlinks(
    columns: str,
    target: Target,
    filters: Filters,
    group_by: str,
    sort: str,
    sortable: tuple[str, ...],
) -> Query:
    where, parameters = _where(target, filters)
    return _query((columns,), "backlinks", where, parameters, group_by, filters, sort, sortable)


def _where(target: Target, filters: Filters, *, host_to: str = "host_to") -> tuple[list[str], dict[str, Any]]:
    where, parameters = ["domain_to = %(domain)s"], {"domain": target.domain}
    match target.mode:
        case TargetMode.EXACT:
            where.append("url_to_hash = url_hash(%(url)s)")
            parameters["url"] = target.values[0]
        case TargetMode.PREFIX:
            tests = [f"starts_with(url_to, %(prefix_{number})s)" for number, _ in enumerate(target.values)]
            where.append(f"({' OR '.join(tests)})" if len(tests) > 1 else tests[0])
            parameters |= {f"prefix_{number}": value for number, value in enumerate(target.values)}
        case TargetMode.SUBDOMAINS:
            where.append(f"({host_to} = %(host)s OR {host_to} LIKE %(subdomains)s)")
            escaped = target.values[0].replace("\\", r"\\").replace("_", r"\_").replace("%", r"\%")
            parameters |= {"host": target.values[0], "subdomains": f"%.{escaped}"}
        case TargetMode.DOMAIN:
            pass
    _add_status(filters, where, parameters)
    if filters.dofollow:
        where.append("is_dofollow")
    if filters.origin:
        where.append("link_origin = %(origin)s")
        parameters["origin"] = filters.origin
    return where, parameters


def _add_status(filters: Filters, where: list[str], parameters: dict[str, Any]) -> None:
    if filters.status is None:
        where.append(_STANDING)
    elif filters.status != ALL:
        where.append("status = %(status)s")
        parameters["status"] = filters.status


def _add_since(column: str, filters: Filters, where: list[str]) -> None:
    if filters.since:
        where.append(f"{column} >= {filters.since}")


def _query(
    columns: tuple[str, ...],
    view: str,
    where: list[str],
    parameters: dict[str, Any],
    group_by: str,
    filters: Filters,
    sort: str,
    sortable: tuple[str, ...] | None = None,
    tie: str = "",
) -> Query:
    lines = ["SELECT", "    " + ",\n    ".join(columns), f"FROM {view}", f"WHERE {_and(where)}"]
    if group_by:
        lines.append(f"GROUP BY {group_by}")
    lines.append(f"ORDER BY {_order(filters.sort or sort, sortable or columns, tie)}")
    if filters.limit is not None:
        lines.append(f"LIMIT {int(filters.limit)}")
    return Query("\n".join(lines), parameters)


def _order(sort: str, sortable: tuple[str, ...], tie: str) -> str:
    """Counts and times from the top, texts from A. tie: a column that settles ties, if not the first."""
    column, _, direction = sort.partition(":")
    if column not in sortable or direction not in {"", "asc", "desc"}:
        raise InvalidInput(f"--sort {sort}: choose one of {', '.join(sortable)}, with :asc or :desc if you like.")
    direction = direction or ("asc" if column in _TEXTS else "desc")
    nulls = " NULLS LAST" if direction == "desc" and column in _NULLABLE else ""
    last = "" if column == sortable[0] else f", {tie or sortable[0]}"
    return f"{column} {direction.upper()}{nulls}{last}"


def _and(conditions: list[str]) -> str:
    return "\n    AND ".join(conditions)
