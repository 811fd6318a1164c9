"""Pages that declare no language: their words for whoever detects it, and what was detected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from backlink_crawler.store.database import retried
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

_SQL = statements("languages")
PAGES_AT_ONCE = 1_000


def undetected(connection: psycopg.Connection[Any]) -> Iterator[list[tuple[int, str]]]:
    """(page, its title, headings, and the words in and around its links), some pages at a time."""
    after = 0
    while True:
        rows = connection.execute(_SQL["undetected"], {"after": after, "limit": PAGES_AT_ONCE}).fetchall()
        connection.commit()
        if not rows:
            return
        after = rows[-1][0]
        yield [(page_id, text) for page_id, text in rows]


def remember(connection: psycopg.Connection[Any], languages: Mapping[int, str]) -> None:
    """By page. Of a page that declares one by now nothing is kept."""
    found = {"pages": list(languages), "languages": list(languages.values())}
    retried(connection, partial(connection.execute, _SQL["remember"], found))
