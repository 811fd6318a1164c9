"""Rows as a table for people that fits their terminal.

What has room stays whole. Else, in this order: titles break at their underscores, times are cut to dates, texts give way
(addresses in their middle), and columns are left out, which a line below names. Numbers, dates, and words such as a status
or a reason are never cut. Times are in UTC, and titles say so.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from backlink_crawler.terminal import blanked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Row = Sequence[Any]

_GAP = "  "  # between columns
_DECIMALS = 3  # at most: a share, a relevance
_DATE = len("2026-11-26")
# To which texts give way before a column is left out. What came after an event may be a reason: those are whole.
_LEAST_ADDRESS, _LEAST_TEXT = 18, 10
_LEAST = {"after": len("page_redirected")}
# Words of ours, of which each says something else: never cut.
_WORDS = frozenset(
    "status event outcome reason lost_reason link_type link_origin link_position anchor_source mode scope render kind mark state".split()
)
_ADDRESS = re.compile(r"(url|host|domain|target|name)(_|$)")
# Columns in the order in which they are left out. Then come others, from the right, and those that are kept at the end.
_LEFT_OUT_FIRST = (
    *("link_position", "mark_note", "value"),
    *("http_code", "happened_at", "last_seen", "lost_at", "checked_at", "first_seen", "rel", "link_type", "pages_to"),
    *("refpages", "before", "url_to", "after"),
)
_MOMENTS = frozenset("since started_at seen_at rests_until last_turn".split())  # whose day says too little
_KEPT = (_WORDS - {"link_type", "link_position"}) | {"is_dofollow", "links", "refdomains"}
_PART_OF_TITLE = re.compile(r"[^_ ]+[_ ]?")


class AtLeast(int):
    """A count that was given up: there are so many, or more."""


def table(columns: Sequence[str], chunks: Iterator[list[Row]], width: int | None) -> Iterator[str]:
    """Pieces of output, each without its last line end. width: of the terminal; None: there is none, all is whole.

    The first chunk decides which columns there are. Where a later one is wider, so is the table from there on.
    """
    chunk = next(chunks, [])
    made = [_Column.of(name, place, chunk) for place, name in enumerate(columns)]
    room = None if width is None else width - 1
    shown = made if room is None else _those_with_room(made, room)
    head = True
    while chunk or head:
        cells = [column.take(chunk) for column in shown]
        _share_out(shown, room)
        lines = _head(shown) if head else []
        padded = [column.padded(texts) for column, texts in zip(shown, cells, strict=True)]
        lines += [" " + _GAP.join(line).rstrip() for line in zip(*padded, strict=True)]
        yield "\n".join(lines)
        chunk, head = next(chunks, []), False
    if left_out := [column.name for column in made if column not in shown]:
        yield filled(f"not shown, for lack of room: {', '.join(left_out)}", width)


def filled(text: str, width: int | None) -> str:
    """Its lines broken between words, so that they fit the terminal. None: there is none."""
    if width is None:
        return text
    lines = text.split("\n")
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in lines)


def record(columns: Sequence[str], row: Row) -> str:
    """One row, a line a column, each of them whole."""
    longest = max(map(len, columns), default=0)
    lines = []
    for name, value in zip(columns, row, strict=True):
        zone = " UTC" if isinstance(value, datetime) else ""
        lines.append(f" {name:<{longest}}{_GAP}{printable(value)}{zone}".rstrip())
    return "\n".join(lines)


@dataclass(eq=False, slots=True)
class _Column:
    """cells: how wide its widest cell has been. gives_way: it is a text that may be cut. brief: its times are cut to dates."""

    name: str
    place: int
    title: str
    is_number: bool
    may_be_brief: bool
    gives_way: bool
    cells: int = 0
    brief: bool = False
    width: int = 0

    @classmethod
    def of(cls, name: str, place: int, rows: Sequence[Row]) -> _Column:
        """What its values show it to be."""
        kinds = {type(row[place]) for row in rows} - {type(None)}
        has_time = datetime in kinds
        is_number = bool(kinds) and kinds <= {int, AtLeast, float, Decimal}
        gives_way = name not in _WORDS and (not kinds or bool(kinds & {str, list, tuple}))
        title = f"{name} (UTC)" if has_time or date in kinds else name
        made = cls(name, place, title, is_number, has_time and name not in _MOMENTS, gives_way)
        made.take(rows)
        return made

    @property
    def least_title(self) -> int:
        return max((len(part.rstrip()) for part in _PART_OF_TITLE.findall(self.title)), default=0)

    @property
    def least(self) -> int:
        """Narrower than this, it is better left out."""
        cells = self.cells
        if self.gives_way:
            least = _LEAST_ADDRESS if _ADDRESS.match(self.name) else _LEAST_TEXT
            cells = min(cells, _LEAST.get(self.name, least))
        elif self.may_be_brief:
            cells = min(cells, _DATE)
        return max(cells, self.least_title)

    def take(self, rows: Sequence[Row]) -> list[str]:
        """Their values as text."""
        place = self.place
        texts = [_PRINT.get(type(value), _print_other)(value) for value in [row[place] for row in rows]]
        if self.brief:
            texts = [text[:_DATE] for text in texts]
        elif self.is_number:
            texts = _levelled(texts)
        measure = len if "".join(texts).isascii() else _cells
        self.cells = max(self.cells, max(map(measure, texts), default=0))
        return texts

    def padded(self, texts: list[str]) -> list[str]:
        width = self.width
        if self.is_number:
            return [text.rjust(width) for text in texts]
        end = (width - 1) // 2 if _ADDRESS.match(self.name) else 0
        return [
            text.ljust(width) if text.isascii() and len(text) <= width else _cut(text, width, end) for text in texts
        ]

    def title_lines(self) -> list[str]:
        lines = [""]
        for part in _PART_OF_TITLE.findall(self.title):
            if lines[-1] and len(lines[-1] + part.rstrip()) > self.width:
                lines.append("")
            lines[-1] += part
        return [line.rstrip().rjust(self.width if self.is_number else 0) for line in lines]


def _those_with_room(columns: list[_Column], room: int) -> list[_Column]:
    shown = list(columns)
    while _together(shown, [column.least for column in shown]) > room:
        rest = [column for column in shown[1:] if column.name not in _KEPT]
        if not rest:
            break
        shown.remove(min(rest, key=lambda column: (_rank(column.name), -column.place)))
    while len(shown) > 1 and _together(shown, [_LEAST_TEXT, *(column.least for column in shown[1:])]) > room:
        del shown[-1]
    if _together(shown, [max(column.cells, column.least_title) for column in shown]) > room:
        for column in shown:
            if column.may_be_brief:
                column.brief, column.cells = True, _DATE
    return shown


def _together(columns: list[_Column], widths: list[int]) -> int:
    return sum(widths) + len(_GAP) * (len(columns) - 1)


def _rank(name: str) -> int:
    return _LEFT_OUT_FIRST.index(name) if name in _LEFT_OUT_FIRST else len(_LEFT_OUT_FIRST)


def _share_out(columns: list[_Column], room: int | None) -> None:
    """Set widths. What gives way gets as much as the others leave; what then is left goes to titles."""
    if room is None:
        for column in columns:
            column.width = max(column.cells, len(column.title))
        return
    room -= len(_GAP) * (len(columns) - 1)
    for column in columns:
        column.width = max(column.cells, column.least_title)
    texts = [column for column in columns if column.gives_way]
    left = room - sum(column.width for column in columns if not column.gives_way)
    for floor in (_LEAST_TEXT, 1):  # the second is for a terminal that has room for hardly anything
        most = max((column.width for column in texts), default=0)
        while most > floor and sum(_given(column, most, floor) for column in texts) > left:
            most -= 1
        if sum(_given(column, most, floor) for column in texts) <= left:
            break
    for column in texts:
        column.width = _given(column, most, floor)
    left = room - sum(column.width for column in columns)
    for column in columns:
        more = len(column.title) - column.width
        if 0 < more <= left:
            column.width += more
            left -= more


def _given(column: _Column, most: int, floor: int) -> int:
    """The width of a text while none is wider than `most`, but for those that need more to be worth showing."""
    return min(column.width, max(most, column.least if floor > 1 else 1))


def _head(columns: list[_Column]) -> list[str]:
    """Titles, those of fewer lines at the bottom, and a rule."""
    titles = [column.title_lines() for column in columns]
    height = max(map(len, titles))
    rows = zip(*([""] * (height - len(lines)) + lines for lines in titles), strict=True)
    widths = [column.width for column in columns]
    head = [" " + _GAP.join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [*head, " " + "─" * (sum(widths) + len(_GAP) * (len(widths) - 1))]


def printable(value: Any) -> str:
    """A value for a terminal."""
    return _PRINT.get(type(value), _print_other)(value)


def _print_other(value: Any) -> str:
    return blanked(" ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value))


_PRINT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    int: "{:,}".format,
    AtLeast: "{:,} or more".format,
    float: lambda value: f"{round(value, _DECIMALS):,}",
    Decimal: "{:,}".format,
    datetime: lambda value: value.astimezone(UTC).isoformat(" ", "minutes")[:16],
    str: blanked,
}


def _levelled(texts: list[str]) -> list[str]:
    """Fractions with as many decimals as the longest of them: 0.1 beside 0.46 is 0.10."""
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [text.ljust(text.find(".") + 1 + decimals, "0") if "." in text else text for text in texts]


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _cut(text: str, width: int, end: int) -> str:
    """To so many cells, or filled up to them. end: how many of them show how it ends."""
    if text.isascii():
        return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
    if (cells := cell_len(text)) <= width:
        return text + " " * (width - cells)
    tail = text[len(text) - end :]
    while cell_len(tail) > end:
        tail = tail[1:]
    return set_cell_size(text, width - 1 - cell_len(tail)) + "…" + tail
