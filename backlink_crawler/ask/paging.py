"""An answer page by page. Where few links pass the filters, a page may be a part of its answer: what was found so far."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.errors import InvalidInput
from backlink_crawler.store import asking, cursors, queries, similar
from backlink_crawler.store.database import Database, database_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.store.asking import Connection, Filters, Query
    from backlink_crawler.store.column_types import Column

LOOKED_AT = similar.LOOKED_AT  # 20,000


class Page(NamedTuple):
    """next: Filters.after of the page after this; None: this is the last.

    looked_at: of how many links these are the rows, when they do not fill the page and there are more links; None: the
    page is full, or the last.
    """

    columns: Sequence[Column]
    rows: list[tuple[Any, ...]]
    next: str | None
    looked_at: int | None = None


def page(at: Database | Connection, query_of: Callable[[Filters], Query], filters: Filters) -> Page:
    """At most filters.limit rows. Raises InvalidInput for a cursor or a sort that is none.

    at: a session that stays open, or where to get one. What has no rows is no error here: `ask` says why there are none.
    """
    if not isinstance(at, Database):
        return _page(at, query_of, filters)
    with at.connect() as connection, database_errors(at):
        return _page(connection, query_of, filters)


def _page(connection: Connection, query_of: Callable[[Filters], Query], filters: Filters) -> Page:
    assert filters.limit is not None
    asked = replace(filters, limit=filters.limit + 1)
    query = query_of(asked)
    if filters.after is not None and not query.order:
        raise InvalidInput(f"{filters.after!r} is not a cursor of this question.")
    bound = _bound(connection, query, filters.after)
    if bound is not None:
        query = query_of(replace(asked, until=bound))
    columns, found = asking.answer(connection, query, filters.after)
    shown = found[: filters.limit]
    if len(found) > len(shown):
        return Page(columns, shown, cursors.cursor(query, columns, shown[-1], filters.sort) if query.order else None)
    return Page(columns, shown, bound, None if bound is None else LOOKED_AT)


def _bound(connection: Connection, query: Query, after: str | None) -> str | None:
    """The cursor of the place up to which links are looked at; None: to the end."""
    if not query.is_in_parts or asking.means_few(connection, query):
        return None
    _, ((batch,),) = asking.answer(connection, queries.beyond(query, after, LOOKED_AT))
    return None if batch is None else f"{batch},0"
