"""What is marked as disavow and links to a target, and what the lines of a disavow file mean in this index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store import asking
from backlink_crawler.store.asking import Query, and_
from backlink_crawler.store.choosing import links_to
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from backlink_crawler.inputs.disavow import DisavowLine
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

_SQL = statements("disavow")
HIGH_PERCENTILE = 90  # of authority: a domain above so many percent of the index is one whose links are worth something
_ALIVE, _ABSENT = "status_id = 0", "status_id <> 0"
_OF_PAGES = ("status_id <> 2", "status_id = 2")  # as the indexes of links by page are divided
_COLUMNS = "status_id, is_dofollow, link_position, mark"


class MarkedAsDisavow(NamedTuple):
    """links: it links to the target, or has linked to it. url: None: the whole domain."""

    domain: str
    url: str | None
    mark_note: str | None
    marked_by: str
    marked_at: datetime
    links: bool


class Match(NamedTuple):
    """The links to the target that a line of a disavow file covers. links: live or unverified; absent: missing or lost.

    by_authority, by_content, by_mark: of the live dofollow ones, those that are good by this rule: HIGH_PERCENTILE; an
    editorial place in the page's text; that somebody has marked their domain or page as won. good_links: by any of them.
    authority: of the highest domain; None: not ranked.
    """

    line: int
    links: int
    dofollow_links: int
    absent_links: int
    good_links: int
    by_authority: int
    by_content: int
    by_mark: int
    authority: float | None
    authority_percentile: float | None


def marked_as_disavow(database: Database, target: Target) -> list[MarkedAsDisavow]:
    """By when they were marked, by whom and why; domains before pages."""
    chosen = links_to(target)
    found = [
        *_links("m.url IS NULL", "domain_from_id = m.domain_id", chosen.where, (_ALIVE, _ABSENT), "link_id"),
        *_links("m.url IS NOT NULL", "url_from_id = m.url_id", chosen.where, _OF_PAGES, "link_id"),
    ]
    text = _SQL["marked"].replace("links_to_target", _any_of(found))
    return [MarkedAsDisavow(*row) for row in asking.run(database, Query(text, chosen.parameters))[1]]


def matches(database: Database, target: Target, lines: Sequence[DisavowLine]) -> dict[int, Match]:
    """By line: those that cover any link to the target."""
    chosen = links_to(target)
    whole, of_host = "a.host IS NULL AND a.page_id IS NULL", "a.host IS NOT NULL"
    from_domain = "domain_from_id = a.domain_from_id"
    from_host = f"{from_domain} AND host_from_id = ANY(host_ids(a.host, a.domain))"
    statuses = (_ALIVE, _ABSENT)
    found = [
        *_links(whole, from_domain, chosen.where, statuses, _COLUMNS),
        *_links(of_host, from_host, chosen.where, statuses, _COLUMNS),
        *_links("a.page_id IS NOT NULL", "url_from_id = a.page_id", chosen.where, _OF_PAGES, _COLUMNS),
    ]
    text = _SQL["matches"].replace("links_to_target", _any_of(found))
    parameters = chosen.parameters | _asked(lines) | {"of": target.domain, "percentile": HIGH_PERCENTILE}
    return {row[0]: Match(*row) for row in asking.run(database, Query(text, parameters))[1]}


def _asked(lines: Sequence[DisavowLine]) -> dict[str, list[Any]]:
    domains = [line for line in lines if line.url is None and not line.is_suffix]
    suffixes = [line for line in lines if line.is_suffix]
    pages = [line for line in lines if line.url]
    return {
        "domain_lines": [line.number for line in domains],
        "domains": [line.domain for line in domains],
        "hosts": [None if line.host == line.domain else line.host for line in domains],
        "suffix_lines": [line.number for line in suffixes],
        "suffixes": [line.host for line in suffixes],
        "page_lines": [line.number for line in pages],
        "url_hashes": [line.url.hash for line in pages if line.url],
    }


def _links(
    applies: str, condition: str, where: Sequence[str], statuses: Sequence[str], columns: str
) -> list[tuple[str, ...]]:
    """Parts of a union, each of which an index serves."""
    return [(columns, *where, condition, applies, status) for status in statuses]


def _any_of(parts: Sequence[tuple[str, ...]]) -> str:
    selects = [f"SELECT {columns} FROM backlinks WHERE {and_(conditions)}" for columns, *conditions in parts]  # noqa: S608  our own names
    return f"({' UNION ALL '.join(selects)})"
