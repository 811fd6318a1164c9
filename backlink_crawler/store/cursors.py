"""Where a page of an answer ends, as a text that is handed out and comes back from anybody."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from backlink_crawler.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlink_crawler.store.asking import Query

_KEY = re.compile(r"-?\d{1,19}", re.ASCII)
_LARGEST = 2**63 - 1  # of the numbers that keys are
_SCORES = frozenset({"score", "similarity"})  # which some answers go by: computed, and some are not known


def cursor(query: Query, columns: Sequence[str], row: Sequence[Any], sort: str | None = None) -> str:
    """Where a page ends whose last row this is: Filters.after of the next one.

    Its keys; of a sorted answer, as JSON, what it is sorted by, the row's value in that column, and its other keys.
    """
    values = dict(zip(columns, row, strict=True))
    sort = effective_sort(query.order, sort)
    if sort is None:
        return ",".join(str(values[column]) for column in query.order)
    by = sort.partition(":")[0]
    keys = [str(values[column]) for column in ties(query.order, by)]
    return json.dumps([sort, _as_text(values[by]), *keys], separators=(",", ":"))


def effective_sort(order: Sequence[str], sort: str | None) -> str | None:
    """What an answer is sorted by, unless by keys that an index has."""
    return f"{order[0]}:desc" if sort is None and order and order[0] in _SCORES else sort


def ties(order: Sequence[str], column: str) -> list[str]:
    """Keys that tell rows apart that have the same value in this column."""
    return [key for key in order if key != column and key not in _SCORES]


def _as_text(value: Any) -> str | None:
    """As PostgreSQL reads it, whatever the column's type."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        quoted = (re.sub(r'(["\\])', r"\\\1", item) for item in value)
        return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
    return value.isoformat() if isinstance(value, date) else str(value)


def sorted_place(cursor: str, sort: str) -> tuple[str | None, list[str]]:
    try:
        by, value, *keys = json.loads(cursor)
        text = "".join(keys if value is None else [value, *keys]).encode()
    except (ValueError, TypeError, RecursionError):
        raise no_cursor(cursor) from None
    if by != sort or b"\0" in text:
        raise no_cursor(cursor)
    return value, keys


def key_of(column: str, value: str, cursor: str | None = None) -> str:
    """As SQL. cursor: that it is of, if it is not all of it. Raises InvalidInput."""
    cursor = value if cursor is None else cursor
    try:
        if column == "day":
            return f"date '{date.fromisoformat(value).isoformat()}'"
    except ValueError:
        raise no_cursor(cursor) from None
    if not _KEY.fullmatch(value) or not -_LARGEST <= int(value) <= _LARGEST:
        raise no_cursor(cursor)
    return value


def no_cursor(cursor: str) -> InvalidInput:
    return InvalidInput(f"{cursor!r} is not a cursor of this question.")
