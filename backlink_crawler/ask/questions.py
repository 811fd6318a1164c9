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
    "overview": lambda target, _filters: queries.overview(target),
}
# What a table shows of a question's columns: what fits a terminal. Every other format has them all.
TABLE_COLUMNS = {"links": ("url_from", "anchor", "rel", "link_type", "url_to", "first_seen", "last_seen", "status")}
MEANINGS = {
    TargetMode.EXACT: "links to exactly {}",
    TargetMode.PREFIX: "links to URLs that begin with {}",
    TargetMode.DOMAIN: "links to {} and all its hosts",
    TargetMode.SUBDOMAINS: "links to the host {} and its subdomains",
}


def ask(database: Database, question: str, target: Target, filters: Filters) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows). Raises UnknownTarget when nothing links there, naming the nearest targets."""
    columns, rows = queries.run(database, QUESTIONS[question](target, filters))
    if not rows or (question == "overview" and target.mode is not TargetMode.DOMAIN and not rows[0][0]):
        raise _unknown(database, target, filters)
    return columns, rows


class UnknownTarget(BacklinksError):
    """Nothing in the index answers the question."""


def _unknown(database: Database, target: Target, filters: Filters) -> UnknownTarget:
    everything = queries.Filters(status=queries.ALL, limit=1)
    if queries.run(database, queries.links(target, everything))[1]:
        chosen = " dofollow" if filters.dofollow else ""
        return UnknownTarget(
            f"no{chosen} links to {target} have the status {filters.status}; --status all shows the others."
        )
    near = queries.nearest_targets(database, target.domain)
    if target.domain in near:
        return UnknownTarget(f"no links to {target} are known, but there are some to {target.domain}: ask for that.")
    hint = f"; the nearest known targets are {', '.join(near)}" if near else ""
    return UnknownTarget(f"no links to {target} are known{hint}.")
