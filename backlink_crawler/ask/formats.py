"""Rows as a table for people, CSV for spreadsheets, JSON for programs. Text from the web is escaped for each.

Rows are taken and given some at a time, so that an export of any size begins at once and needs no more memory than a
small one.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask.tables import table
from backlink_crawler.terminal import COMMANDS, no_formula

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Row = Sequence[Any]

_ROWS_AT_ONCE = 1_000


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


def render(columns: Sequence[str], rows: Iterable[Row], form: Format, *, width: int | None) -> Iterator[str]:
    """Pieces of output, each without its last line end. width: of the terminal, for tables; None: not a terminal."""
    chunks = _chunks(rows)
    match form:
        case Format.TABLE:
            yield from table(columns, chunks, width)
        case Format.CSV:
            yield _csv([columns])
            for chunk in chunks:
                yield _csv(chunk)
        case Format.JSON:
            yield from _json_list(columns, chunks)
        case Format.JSONL:
            for chunk in chunks:
                yield "\n".join(to_json(dict(zip(columns, row, strict=True))) for row in chunk)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while chunk := list(islice(left, _ROWS_AT_ONCE)):
        yield chunk


def _csv(rows: Iterable[Row]) -> str:
    """RFC 4180, but for line ends, which are those of the system."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [made(value) if (made := _CELLS.get(type(value))) else value for value in row] for row in rows
    )
    return out.getvalue().removesuffix("\n")


def _list_of_csv(value: Iterable[Any]) -> str:
    return no_formula(" ".join(map(str, value)))


# What is not among them, such as a number, is ours and stays what it is.
_CELLS: dict[type, Callable[[Any], str]] = {
    str: no_formula,
    datetime: datetime.isoformat,
    list: _list_of_csv,
    tuple: _list_of_csv,
}


def _json_list(columns: Sequence[str], chunks: Iterator[list[Row]]) -> Iterator[str]:
    """A row a line."""
    chunk = next(chunks, [])
    if not chunk:
        yield "[]"
        return
    start = "[\n"
    while chunk:
        text = ",\n".join(to_json(dict(zip(columns, row, strict=True))) for row in chunk)
        chunk = next(chunks, [])
        yield start + text + ("," if chunk else "\n]")
        start = ""


def to_json(value: Any) -> str:
    """In one line. What JSON leaves raw and a terminal obeys is escaped too, so that nothing is lost."""
    text = _ENCODER.encode(value)
    return text if text.isascii() and "\x7f" not in text else COMMANDS.sub(_json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
