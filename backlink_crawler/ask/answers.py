"""Answers that say what is missing where there are no rows."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from backlink_crawler.ask.questions import UnknownTarget, require_links
from backlink_crawler.store import asking
from backlink_crawler.store.database import is_empty
from backlink_crawler.store.versions import nothing_crawled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.store.database import Database

    Answer: TypeAlias = tuple[Sequence[Column], Iterator[tuple[Any, ...]]]


def answered(database: Database, query: Query, linked: Target | None, none: str) -> Answer:
    """(columns, rows). linked: what must be linked to for an answer. none: what is missing where it is.

    Raises UnknownTarget where there is none.
    """
    columns, rows = asking.run(database, query)
    first = next(rows, None)
    if first is None:
        raise missing(database, columns, linked, none)
    return columns, chain([first], rows)


def missing(database: Database, columns: Sequence[str], linked: Target | None, none: str) -> UnknownTarget:
    """What `answered` raises. none: what it says where the target is linked to."""
    if is_empty(database):
        nothing = UnknownTarget(nothing_crawled(database.name))
    else:
        nothing = UnknownTarget(none)
        try:
            require_links(database, [linked] if linked else [])
        except UnknownTarget as unknown:
            nothing = unknown
    nothing.columns = columns
    return nothing
