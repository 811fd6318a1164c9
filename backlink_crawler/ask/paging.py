"""An answer page by page. Where few links pass the filters, a page may be a part of its answer: what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.errors import InvalidInput
from backlink_crawler.store import asking, queries, similar
from backlink_crawler.store.database import Database, database_errors

if TYPE_CHECKING:
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection, Filters, Query

LOOKED_AT = similar.LOOKED_AT  # 20,000
# What an index serves, or what does not say which links are meant.
_SERVED = frozenset({"status", "limit", "after", "until", "since"})


@dataclass(frozen=True, slots=True)
class Page:
    """next: Filters.after of the next page; None: this is the last. looked_at: after so many links, of which the rows are
    those that pass the filters, the page is not full, and there are more links; None: it is full, or the last.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    next: str | None
    looked_at: int | None = None


def page(at: Database | Connection, question: str, target: Target, filters: Filters) -> Page:
    """At most `filters.limit` rows. Raises InvalidInput for a cursor that is none of this question.

    What has no rows is no error here: `ask` says why there are none.
    """
    if not isinstance(at, Database):
        return _page(at, question, target, filters)
    with at.connect() as connection, database_errors(at):
        return _page(connection, question, target, filters)


def _page(connection: Connection, question: str, target: Target, filters: Filters) -> Page:
    asked = replace(filters, limit=None if filters.limit is None else filters.limit + 1)
    query = QUESTIONS[question](target, asked)
    if filters.after is not None and not query.order:
        raise InvalidInput(f"{filters.after!r} is not a cursor of this question.")
    bound = _bound(connection, question, target, filters, query)
    if bound is not None:
        query = QUESTIONS[question](target, replace(asked, until=bound))
    columns, rows = asking.answer(connection, query)
    if filters.limit is not None and len(rows) > filters.limit:
        rows = rows[: filters.limit]
        is_paged = bool(query.order and rows and filters.sort is None)
        return Page(columns, rows, asking.cursor(query, columns, rows[-1]) if is_paged else None)
    return Page(columns, rows, bound, None if bound is None else LOOKED_AT)


def _bound(connection: Connection, question: str, target: Target, filters: Filters, query: Query) -> str | None:
    """The cursor of the place up to which links are looked at; None: to the end."""
    if not _may_read_many(question, filters) or asking.means_few(connection, query):
        return None
    _, ((batch,),) = asking.answer(connection, queries.beyond(target, question, filters.after, LOOKED_AT))
    return None if batch is None else f"{batch},0"


def _may_read_many(question: str, filters: Filters) -> bool:
    if question not in queries.IN_PARTS or filters.sort or filters.one_per_domain or filters.limit is None:
        return False
    if question == "links" and filters.status == "unverified":
        return True
    return any(getattr(filters, each.name) != each.default for each in fields(filters) if each.name not in _SERVED)
