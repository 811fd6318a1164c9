"""Rows as a table for people, CSV for spreadsheets, JSON for programs. Text from the web is escaped for each.

Rows are taken and given some at a time, so that an export of any size begins at once and needs no more memory than a
small one.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from backlink_crawler.terminal import COMMANDS, blanked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Row = Sequence[Any]

_ROWS_AT_ONCE = 1_000
_GAP = "  "  # between the columns of a table
# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), full-width, small, raised and lowered forms included;
# it overlooks blanks before it.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−]")


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
            yield _table(columns, next(chunks, []), width)
            for chunk in chunks:
                yield _table(columns, chunk, width, header=False)
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


def render_record(columns: Sequence[str], row: Row, *, width: int | None) -> str:
    """One row, a line a column."""
    return _table(("", ""), list(zip(columns, row, strict=True)), width, header=False, numbers_right=False)


def printable(value: Any) -> str:
    """A value for a terminal."""
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
    return blanked(text)


def _table(
    columns: Sequence[str], rows: Sequence[Row], width: int | None, *, header: bool = True, numbers_right: bool = True
) -> str:
    """As wide as its cells; those of the widest columns are cut where a terminal is narrower."""
    lines = [[printable(value) for value in row] for row in rows]
    shown = [list(columns), *lines] if header else lines
    widths = [max((cell_len(line[place]) for line in shown), default=0) for place in range(len(columns))]
    if width is not None:
        widest = _widest(widths, width - 1 - len(_GAP) * (len(columns) - 1))
        widths = [min(each, widest) for each in widths]
    right = [numbers_right and any(type(row[place]) is int for row in rows) for place in range(len(columns))]
    text = [" " + _GAP.join(map(_cell_of_table, line, widths, right)).rstrip() for line in shown]
    if header:
        text.insert(1, " " + "─" * (sum(widths) + len(_GAP) * (len(columns) - 1)))
    return "\n".join(text)


def _widest(widths: Sequence[int], room: int) -> int:
    """How wide a column may be, so that all have room."""
    return next((most for most in range(max(widths), 1, -1) if sum(min(each, most) for each in widths) <= room), 1)


def _cell_of_table(text: str, width: int, right: bool) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    blanks = " " * (width - length)
    return blanks + text if right else text + blanks


def _csv(rows: Iterable[Row]) -> str:
    """RFC 4180, but for line ends, which are those of the system."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell_of_csv(value) for value in row] for row in rows)
    return out.getvalue().removesuffix("\n")


def _cell_of_csv(value: Any) -> Any:
    """No spreadsheet takes it for a formula, and no terminal for a command. Numbers are ours and stay numbers."""
    match value:
        case str():
            text = blanked(value)
            is_plain = text[:1].isalnum()  # most are, and an export has millions
            return f"'{text}" if not is_plain and _FORMULA.match(text) else text
        case datetime():
            return value.isoformat()
        case list() | tuple():
            return _cell_of_csv(" ".join(map(str, value)))
        case _:
            return value


def _json_list(columns: Sequence[str], chunks: Iterator[list[Row]]) -> Iterator[str]:
    chunk = next(chunks, [])
    if not chunk:
        yield "[]"
        return
    start = "[\n"
    while chunk:
        objects = (to_json(dict(zip(columns, row, strict=True)), indent=2) for row in chunk)
        text = ",\n".join("  " + each.replace("\n", "\n  ") for each in objects)
        chunk = next(chunks, [])
        yield start + text + ("," if chunk else "\n]")
        start = ""


def to_json(value: Any, indent: int | None = None) -> str:
    """What JSON leaves raw and a terminal obeys is escaped too, so that nothing is lost."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return text if text.isascii() and "\x7f" not in text else COMMANDS.sub(_json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    if found[0] == "\n":  # of the indentation: inside texts it is escaped by now
        return "\n"
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
