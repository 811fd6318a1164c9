"""The questions that the index answers, by the name of their command."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from backlink_crawler.errors import BacklinksError
from backlink_crawler.model import TargetMode
from backlink_crawler.store import asking, queries
from backlink_crawler.store.database import is_empty
from backlink_crawler.store.versions import nothing_crawled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Filters, Query
    from backlink_crawler.store.database import Database

QUESTIONS: dict[str, Callable[[Target, Filters], Query]] = {
    "refdomains": queries.referring_domains,
    "links": queries.links,
    "anchors": queries.anchors,
    "best": queries.best,
    "broken": queries.broken,
    "linked": queries.linked,
    "new": queries.new,
    "lost": queries.lost,
    "history": queries.history,
    "daily": queries.daily,
    "overview": lambda target, _filters: queries.overview(target),
}
# What a table shows of a question's columns: what fits a terminal. Every other format has them all.
TABLE_COLUMNS = {
    "refdomains": (
        *("domain_from", "links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status"),
    ),
    "links": (
        *("url_from", "anchor", "is_dofollow", "rel", "link_type", "url_to", "first_seen", "last_seen", "status"),
    ),
    "anchors": ("anchor", "refdomains", "refpages", "links", "dofollow_links", "first_seen", "last_seen"),
    "best": ("url_to", "refdomains", "refpages", "links", "dofollow_links", "first_seen", "last_seen"),
    "broken": ("url_to", "http_code_to", "checked_at", "url_from", "anchor", "is_dofollow", "last_seen"),
    "linked": ("domain_to", "links", "dofollow_links", "refpages", "pages_to", "first_seen", "last_seen", "status"),
    "new": ("found_at", "first_seen", "url_from", "anchor", "is_dofollow", "rel", "url_to", "status"),
    "lost": (
        *(
            "lost_learnt_at",
            "lost_at",
            "lost_reason",
            "url_from",
            "anchor",
            "is_dofollow",
            "rel",
            "url_to",
            "last_seen",
        ),
    ),
    "history": ("learnt_at", "happened_at", "event", "url_from", "url_to", "before", "after", "http_code"),
}
# What is missing when there are links and yet no rows.
_NOTHING = {
    "new": "is new",
    "lost": "was lost",
    "history": "has changed",
    "broken": "points to a page that is known to be gone",
    "daily": "has changed",
}
_MEANINGS = {
    TargetMode.EXACT: "links to exactly {}",
    TargetMode.PREFIX: "links to URLs that begin with {}",
    TargetMode.DOMAIN: "links to {} and all its hosts",
    TargetMode.SUBDOMAINS: "links to the host {} and its subdomains",
}
# About a domain as a whole, whatever part of it was named.
_OF_DOMAINS = {
    "linked": "what {} and all its hosts link to",
    "daily": "links to {} and all its hosts, day by day in UTC",
}


def meaning(question: str, target: Target) -> str:
    """What the rows of an answer are about."""
    if question in _OF_DOMAINS:
        return _OF_DOMAINS[question].format(target.domain)
    return _MEANINGS[target.mode].format(target)


def ask(
    database: Database, question: str, target: Target, filters: Filters
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """(columns, rows), which come as they are found.

    Raises UnknownTarget when nothing links there, naming the nearest targets.
    """
    columns, rows = asking.run(database, QUESTIONS[question](target, filters))
    if filters.after is not None:
        return columns, rows
    first = next(rows, None)
    if first is None or (question == "overview" and first[columns.index("first_seen")] is None):
        nothing = _unknown(database, question, target, filters)
        nothing.columns = columns
        raise nothing
    return columns, chain([first], rows)


class UnknownTarget(BacklinksError):
    """Nothing in the index answers the question. columns: of the rows that there are none of."""

    columns: Sequence[str] = ()


def _unknown(database: Database, question: str, target: Target, filters: Filters) -> UnknownTarget:
    if is_empty(database):
        return UnknownTarget(nothing_crawled(database.name))
    if question == "linked":
        return UnknownTarget(f"no links from {target.domain} are known.")
    everything = asking.Filters(status=asking.ALL, limit=1)
    if any(True for _ in asking.run(database, queries.links(target, everything))[1]):
        chosen = f"{' dofollow' if filters.dofollow else ''}{f' {filters.origin}' if filters.origin else ''}"
        if question in _NOTHING:
            when = " in that time; name a longer one with --since" if filters.since else ""
            return UnknownTarget(f"of the{chosen} links to {target}, none {_NOTHING[question]}{when}.")
        status = filters.status or "live or unverified"
        return UnknownTarget(f"no{chosen} links to {target} have the status {status}; --status all shows the others.")
    near = asking.nearest_targets(database, target.domain)
    if target.domain in near:
        return UnknownTarget(
            f"no links to {target} are known, but there are some to {target.domain}: use that as the target."
        )
    hint = f"; the nearest known targets are {', '.join(near)}" if near else ""
    return UnknownTarget(f"no links to {target} are known{hint}.")
