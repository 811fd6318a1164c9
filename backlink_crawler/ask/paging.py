"""An answer page by page."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store import asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.store.asking import Filters, Query
    from backlink_crawler.store.database import Database


class Page(NamedTuple):
    """next: Filters.after of the page after this; None: this is the last. looked_at: of how many links; None: of all."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    next: str | None
    looked_at: int | None = None


def page(database: Database, query_of: Callable[[Filters], Query], filters: Filters) -> Page:
    """At most filters.limit rows. Raises InvalidInput for a cursor or a sort that is none."""
    assert filters.limit is not None
    query = query_of(replace(filters, limit=filters.limit + 1))
    columns, rows = asking.run(database, query)
    found = list(islice(rows, filters.limit + 1))
    shown = found[: filters.limit]
    has_more = len(found) > len(shown) and bool(query.order) and filters.sort is None
    return Page(columns, shown, asking.cursor(query, columns, shown[-1]) if has_more else None)
