"""The words of pages, links and targets, as ranking reads them, and the relevance of links, as it writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("relevance")
_ROWS_AT_ONCE = 5_000


class PageText(NamedTuple):
    """around: the words of its live links and around them; None: it has none."""

    title: str | None
    headings: str | None
    language: str | None
    around: str | None


class LinkText(NamedTuple):
    """A link, its page and its target. Of pages that were not read everything is None. is_live: or unverified."""

    url_to_id: int
    link_id: int
    page_id: int
    domain_from_id: int
    is_live: bool
    anchor: str
    snippet_left: str | None
    snippet_right: str | None
    title: str | None
    headings: str | None
    language: str | None
    title_to: str | None
    headings_to: str | None
    language_to: str | None


class ScoredLink(NamedTuple):
    """relevance: 0 to 100. basis: rank.relevance.Basis."""

    link_id: int
    relevance: int
    basis: int


def page_texts(database: Database) -> Iterator[PageText]:
    """Of every page that was read."""
    for row in _streamed(database, "page_texts"):
        yield PageText(*row)


def link_texts(database: Database) -> Iterator[LinkText]:
    """Every link, those to one URL one after the other; of these, the ones that were found first come first."""
    for row in _streamed(database, "link_texts"):
        yield LinkText(*row)


def has_relevance(database: Database) -> bool:
    """That of any link is known."""
    with database.connect() as connection, database_errors(database):
        return connection.execute("SELECT EXISTS (SELECT FROM link_relevance)").fetchone() == (True,)


def stage_scores(connection: psycopg.Connection[Any], scored: Iterable[ScoredLink]) -> int:
    """Of this transaction, until they are swapped in. Returns how many."""
    connection.execute(_SQL["create_staging"])
    with connection.cursor() as cursor:
        with cursor.copy(_SQL["stage_scores"]) as copy:
            for score in scored:
                copy.write_row(score)
        number = cursor.rowcount
    connection.execute(_SQL["index_staging"])
    return number


def stage_words(connection: psycopg.Connection[Any], pages: Mapping[str, int]) -> None:
    """pages: how many have each word."""
    with connection.cursor() as cursor, cursor.copy(_SQL["stage_words"]) as copy:
        for row in pages.items():
            copy.write_row(row)


def swap_in(connection: psycopg.Connection[Any]) -> None:
    """What was staged becomes what questions show. Only what differs is written."""
    for name in ("pack_scores", "forget_scores", "write_scores", "stage_edges", "delete_edges", "write_edges"):
        connection.execute(_SQL[name])
    for name in ("delete_words", "write_words"):
        connection.execute(_SQL[name])


def _streamed(database: Database, name: str) -> Iterator[tuple[Any, ...]]:
    """Rows as the server finds them, so that memory does not grow with their number."""
    with database.connect() as connection, database_errors(database):
        connection.execute(_SQL["set_up"])
        with connection.cursor(name=name) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(_SQL[name])
            yield from cursor
