"""What a target's page shows: its totals, how they came about, what kinds of links it has, and the first of each list.

Each part says why it is empty, where it is, and as of when it was counted, where that is not now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.ask.mixes import kept_mixes, mixes, rel_mix
from backlink_crawler.ask.profiles import told_of
from backlink_crawler.ask.questions import QUESTIONS, UnknownTarget
from backlink_crawler.ask.trends import trend
from backlink_crawler.model import TargetMode
from backlink_crawler.store import groups, profiles, summing
from backlink_crawler.store.asking import Filters, answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from backlink_crawler.ask.findings import Finding
    from backlink_crawler.ask.mixes import Mix
    from backlink_crawler.ask.trends import Trend
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection, Query
    from backlink_crawler.store.profiles import Kept

TOP = 10  # rows of each list
DAYS = 90
_EMPTY = {
    "anchors": "no link is live.",
    "best": "no link is live.",
    "refdomains": "no link is live.",
    "new": "no link is live.",
    "lost": "no link is known to be lost.",
}


class Coverage(NamedTuple):
    """How well the domains that link are crawled. visited_share: of 1. as_of: None: now. why: it is not known."""

    pages_known: int | None
    pages_visited: int | None
    visited_share: float | None
    oldest_visit: datetime | None
    newest_visit: datetime | None
    as_of: datetime | None
    why: str | None


class Top(NamedTuple):
    """The first rows of a question. order: what they are sorted by, in words. why: there are none."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    order: str
    why: str | None


class Told(NamedTuple):
    """What the profile says. queries: by finding, what shows its rows. as_of: None: now. why: nothing can be said."""

    findings: Sequence[Finding]
    queries: Mapping[str, str]
    as_of: datetime | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """totals: the row of the question overview, by column. mixes, top: by name."""

    target: Target
    totals: Mapping[str, Any]
    trend: Trend
    coverage: Coverage
    mixes: Mapping[str, Mix]
    top: Mapping[str, Top]
    told: Told


def overview(connection: Connection, target: Target, days: int = DAYS) -> Overview:
    """connection: commits by itself. days: how far back the trend goes. Raises UnknownTarget when nothing is known to link there."""
    totals = _totals(connection, target)
    is_whole = target.mode is TargetMode.DOMAIN
    kept = profiles.read_kept(connection, target) if is_whole else None
    links = totals["backlinks"] + totals["unverified_links"]
    counted = kept_mixes(kept) if kept else mixes(connection, target, links)
    return Overview(
        target,
        totals,
        trend(connection, target, links + totals["missing_links"], days),
        _coverage(totals),
        {"rel": rel_mix(totals)} | counted,
        _top(connection, target, kept, links),
        _told(connection, target, kept, links),
    )


def _totals(connection: Connection, target: Target) -> dict[str, Any]:
    columns, rows = answer(connection, summing.overview(target))
    found = dict(zip(columns, rows[0], strict=True)) if rows else {}
    if found.get("first_seen") is None:
        raise UnknownTarget(f"no links to {target} are known.")
    return found


def _coverage(totals: Mapping[str, Any]) -> Coverage:
    known, visited = totals["pages_known"], totals["pages_visited"]
    share = visited / known if known else None
    why = None if known else "no page of the domains that link is in the frontier."
    visits, as_of = (totals["oldest_visit"], totals["newest_visit"]), totals["coverage_as_of"]
    return Coverage(known, visited, share, *visits, as_of, why)


def _top(connection: Connection, target: Target, kept: Kept | None, links: int) -> dict[str, Top]:
    """links: live and unverified."""
    queries = _first_rows(target, kept, links)
    orders = {"anchors": "links", "best": "referring domains", "new": "when found", "lost": "when lost"}
    if kept and _are_kept(kept, links):
        orders |= {
            name: f"{orders[name]}, as of {kept.figures.as_of:%Y-%m-%d %H:%M} UTC" for name in ("anchors", "best")
        }
    found: dict[str, Top] = {}
    for name, query in queries.items():
        columns, rows = answer(connection, query)
        order = orders.get(name) or _order_of_domains(columns, rows)
        found[name] = Top(columns, rows, order, None if rows else _EMPTY[name])
    return found


def _first_rows(target: Target, kept: Kept | None, links: int) -> dict[str, Query]:
    first = Filters(limit=TOP)
    queries = {name: QUESTIONS[name](target, first) for name in ("anchors", "best", "new", "lost")}
    if kept and _are_kept(kept, links):
        queries |= {"anchors": summing.kept_anchors(target), "best": summing.kept_best(target)}
    if kept and kept.top_refdomains:
        queries["refdomains"] = summing.chosen_referring_domains(target, kept.top_refdomains[: 2 * TOP], TOP)
    elif target.mode is not TargetMode.DOMAIN or links <= profiles.MOST_COUNTED:
        queries["refdomains"] = QUESTIONS["refdomains"](target, replace(first, sort="authority:desc"))
    else:  # of very many domains those with most authority are found by a ranking only
        queries["refdomains"] = QUESTIONS["refdomains"](target, first)
    return queries


def _are_kept(kept: Kept, links: int) -> bool:
    """The first anchors and pages are those of the ranking: of domains with more links the index has all of them counted."""
    return kept.has_first_rows and links <= groups.MOST_COUNTED


def _order_of_domains(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Those that are not ranked stand last, by their links: if the first is not, none is."""
    place = columns.index("authority")
    authorities = [row[place] for row in rows]
    is_by_authority = bool(rows) and authorities[0] is not None and None not in authorities[: len(rows) - 1]
    return "authority" if is_by_authority else "links"


def _told(connection: Connection, target: Target, kept: Kept | None, links: int) -> Told:
    if why := _nothing_told(target, kept, links):
        return Told((), {}, None, why)
    figures, as_of = kept.figures if kept else profiles.count_profile(connection, target)
    findings, queries = told_of(figures, profiles.read_usual(connection))
    return Told(findings, queries, as_of, None)


def _nothing_told(target: Target, kept: Kept | None, links: int) -> str | None:
    if target.mode is not TargetMode.DOMAIN:
        return f"profiles are told of whole domains: ask for that of {target.domain}."
    if not links:
        return "no link is live."
    if kept is None and links > profiles.MOST_COUNTED:
        return f"it has {links:,} links, of which `backlinks rank` finds out what they say."
    return None
