"""The questions that the index answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.errors import BacklinksError
from backlink_crawler.model import TargetMode
from backlink_crawler.store import queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.queries import Filters, Query

QUESTIONS: dict[str, Callable[[Target, Filters], Query]] = {
    "refdomains": queries.referring_domains,
    "links": queries.links,
    "anchors": queries.anchors,
    "new": queries.new,
    "lost": queries.lost,
    "history": queries.history,
    "overview": lambda target, _filters: queries.overview(target),
}
# What a table shows of a question's columns: what fits a terminal. Every other format has them all.
TABLE_COLUMNS = {
    "links": ("url_from", "anchor", "rel", "link_type", "url_to", "first_seen", "last_seen", "status"),
    "new": ("first_seen", "url_from", "anchor", "rel", "url_to", "status"),
    "lost": ("lost_at", "lost_reason", "url_from", "anchor", "rel", "url_to", "last_seen"),
    "history": ("happened_at", "event", "url_from", "url_to", "before", "after", "http_code"),
}
# What is missing when there are links and yet no rows.
_NOTHING = {"new": "is new", "lost": "was lost", "history": "has changed"}
MEANINGS = {
    TargetMode.EXACT: "links to exactly {}",
    TargetMode.PREFIX: "links to URLs that begin with {}",
    TargetMode.DOMAIN: "links to {} and all its hosts",
    TargetMode.SUBDOMAINS: "links to the host {} and its subdomains",
}


def ask(database: Database, question: str, target: Target, filters: Filters) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows). Raises UnknownTarget when nothing links there, naming the nearest targets."""
    columns, rows = queries.run(database, QUESTIONS[question](target, filters))
    if not rows or (question == "overview" and rows[0][columns.index("first_seen")] is None):
        raise _unknown(database, question, target, filters)
    return columns, rows


class UnknownTarget(BacklinksError):
    """Nothing in the index answers the question."""


def _unknown(database: Database, question: str, target: Target, filters: Filters) -> UnknownTarget:
    everything = queries.Filters(status=queries.ALL, limit=1)
    if queries.run(database, queries.links(target, everything))[1]:
        chosen = f"{' dofollow' if filters.dofollow else ''}{f' {filters.origin}' if filters.origin else ''}"
        if question in _NOTHING:
            when = " in that time; name a longer one with --since" if filters.since else ""
            return UnknownTarget(f"of the{chosen} links to {target}, none {_NOTHING[question]}{when}.")
        status = filters.status or "live or unverified"
        return UnknownTarget(f"no{chosen} links to {target} have the status {status}; --status all shows the others.")
    near = queries.nearest_targets(database, target.domain)
    if target.domain in near:
        return UnknownTarget(f"no links to {target} are known, but there are some to {target.domain}: ask for that.")
    hint = f"; the nearest known targets are {', '.join(near)}" if near else ""
    return UnknownTarget(f"no links to {target} are known{hint}.")
