"""What is stored of the links of pages that are about to be compared: as much of it as the comparison needs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from psycopg.rows import kwargs_row

from backlink_crawler.changes.matching import KnownLink, without_equal
from backlink_crawler.model import LostReason
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from backlink_crawler.changes.observation import Observation

_SQL = statements("links")
_Links = dict[int, list[KnownLink]]
_MOVED_AWAY = {None, int(LostReason.PAGE_REDIRECTED)}


async def read(
    cursor: psycopg.AsyncCursor[Any], observations: Sequence[Observation], source_id: int
) -> tuple[_Links, _Links]:
    """By page: its links that are not lost, with those lost that may be back; and what may have moved here.

    A visit costs by the links that its page has, not by all that it ever had: of the lost ones only those are read that
    go where a link goes for which there is no equal.
    """
    again = [each for each in observations if each.compares and each.state.last_visited is not None]
    known = await _rows(cursor, "known_links", pages=_pages(again))
    await _add_lost(cursor, again, known)
    late = _pages([each for each in again if each.is_late])
    if late:
        for page_id, links in (await _rows(cursor, "all_lost_links", pages=late)).items():
            known[page_id] += links
    return known, await _moved(cursor, observations, known, source_id)


async def _add_lost(cursor: psycopg.AsyncCursor[Any], observations: Sequence[Observation], known: _Links) -> None:
    pages, hashes = [], []
    for each in observations:
        if not each.is_late:
            page_id = each.visit.page.page_id
            for url in without_equal(known.get(page_id, ()), each.visit.links):
                pages.append(page_id)
                hashes.append(url)
    if pages:
        for page_id, links in (await _rows(cursor, "lost_links", pages=pages, keys=hashes)).items():
            known[page_id] += links


async def _moved(
    cursor: psycopg.AsyncCursor[Any],
    observations: Sequence[Observation],
    known: Mapping[int, list[KnownLink]],
    source_id: int,
) -> _Links:
    """Links of pages that redirect for good to these, by these."""
    found = [
        each.visit.page.page_id
        for each in observations
        if each.compares and not each.is_late and each.visit.links and each.visit.page.page_id not in known
    ]
    if not found:
        return {}
    parameters = {"pages": found, "visited": _pages(observations), "source_id": source_id}
    await cursor.execute(_SQL["moved_pages"], parameters)
    targets = dict(await cursor.fetchall())
    moved: _Links = defaultdict(list)
    if targets:
        for name in ("known_links", "all_lost_links"):
            for page_id, links in (await _rows(cursor, name, pages=list(targets))).items():
                moved[targets[page_id]] += [each for each in links if each.lost_reason in _MOVED_AWAY]
    return moved


async def _rows(cursor: psycopg.AsyncCursor[Any], statement: str, **parameters: object) -> _Links:
    links: _Links = defaultdict(list)
    if parameters["pages"]:
        async with cursor.connection.cursor(row_factory=kwargs_row(_known_link)) as named:
            await named.execute(_SQL[statement], parameters)
            for link in await named.fetchall():
                links[link.page_id].append(link)
    return links


def _known_link(rel: list[str], rendered_rel: list[str] | None, **columns: Any) -> KnownLink:
    return KnownLink(rel=tuple(rel), rendered_rel=None if rendered_rel is None else tuple(rendered_rel), **columns)


def _pages(observations: Sequence[Observation]) -> list[int]:
    return [each.visit.page.page_id for each in observations]
