"""Rows as a table for people, CSV for spreadsheets, JSON for programs. Text from the web is escaped for each."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_C1_CONTROL = re.compile(r"[\x7f-\x9f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNBOUNDED = 10_000  # characters: a table that goes to a file or a pipe is not cut


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


def render(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: Format, *, width: int | None) -> Iterator[str]:
    """Lines of output. width: of the terminal, for tables; None: not a terminal."""
    match form:
        case Format.TABLE:
            yield _table(columns, rows, width or _UNBOUNDED)
        case Format.CSV:
            yield _csv_line(columns)
            for row in rows:
                yield _csv_line([_cell(value) for value in row])
        case Format.JSON:
            yield _json([_object(columns, row) for row in rows], indent=2)
        case Format.JSONL:
            for row in rows:
                yield _json(_object(columns, row))


def render_record(columns: Sequence[str], row: Sequence[Any], *, width: int | None) -> str:
    """One row, a line a column."""
    return _table(("", ""), list(zip(columns, row, strict=True)), width or _UNBOUNDED, header=False)


def printable(value: Any) -> str:
    """A value for a terminal: no control characters, which could move the cursor or change colours."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
        case int():
            return f"{value:,}"
        case list() | tuple():
            text = " ".join(map(str, value))
        case _:
            text = str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int, *, header: bool = True) -> str:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=header, expand=False)
    for number, column in enumerate(columns):
        values = [row[number] for row in rows]
        is_number = any(isinstance(value, int) and not isinstance(value, bool) for value in values) and header
        table.add_column(column, justify="right" if is_number else "left", overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n")


def _csv_line(values: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A CSV cell that no spreadsheet takes for a formula (OWASP, CSV injection), and no terminal for a command."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    if isinstance(value, str):
        return ("'" if value.startswith(_FORMULA) else "") + _CONTROL.sub(" ", value)
    return value


def _json(value: Any, indent: int | None = None) -> str:
    """The control characters that JSON leaves raw are escaped too: output may go to a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _C1_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _object(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(columns, row, strict=True))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
