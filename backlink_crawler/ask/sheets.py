"""Rows as a workbook (XLSX). What looks like a formula is a text in it and nothing is computed; times are in UTC.

A sheet holds so many rows, and the rest goes on in further ones. The library wants to know all sheets before it writes the
first, and nobody knows how many there will be: so each is written as a workbook of its own, and those are put together.
Its rows wait in the system's folder for temporary files, uncompressed, not in memory.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from rustpy_xlsxwriter import Format, write_worksheet, write_worksheets

from backlink_crawler.ask import files
from backlink_crawler.errors import BacklinksError
from backlink_crawler.store.column_types import ColumnType
from backlink_crawler.terminal import blanked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from backlink_crawler.store.column_types import Column

    Record = dict[str, Any]

_UNITS_OF_A_CELL = 32_767  # of UTF-16
_EXACT = 2**53  # greater numbers lose their last digits in a sheet
_FIRST_YEAR = 1900  # that a sheet's dates know
_NO_XML = re.compile("[\ufffe\uffff]")
_FORMATS = {ColumnType.TIME: "yyyy-mm-dd hh:mm:ss", ColumnType.DATE: "yyyy-mm-dd"}
_WIDTHS = {ColumnType.TEXT: 30.0, ColumnType.TIME: 19.0, ColumnType.DATE: 11.0}
_SELECTED = b' tabSelected="1"'
_BYTES_OF_A_HEAD = 65_536


def write(file: Path, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """How many sheets it takes."""
    left = _records(columns, rows)
    _write_book(file, columns, islice(left, files.ROWS_OF_A_SHEET))
    first = next(left, None)
    if first is None:
        return 1
    with tempfile.TemporaryDirectory(prefix="backlinks-sheets-") as folder:
        books = [file]
        while first is not None:
            books.append(Path(folder, f"{len(books)}.xlsx"))
            _write_book(books[-1], columns, chain([first], islice(left, files.ROWS_OF_A_SHEET - 1)))
            first = next(left, None)
        whole = Path(folder, "whole.xlsx")
        _put_together(whole, columns, books)
        shutil.move(whole, file)
    return len(books)


def _write_book(file: Path, columns: Sequence[Column], records: Iterator[Record]) -> None:
    first = next(records, None) or _blank(columns)  # the library takes the titles from a row
    try:
        write_worksheet(chain([first], records), str(file), sheet_name="rows", freeze_row=1, **_look(columns))
    except RuntimeError as error:  # the library's; a full disk is among them
        raise BacklinksError(f"cannot write the workbook ({error}).") from error


def _put_together(file: Path, columns: Sequence[Column], books: Sequence[Path]) -> None:
    """One book of the sheets of all. What stands beside the sheets is that of an empty book with as many."""
    frame = file.with_name("frame.xlsx")
    names = ["rows", *(f"rows {number}" for number in range(2, len(books) + 1))]
    look = _look(columns)
    write_worksheets(
        [(name, [_blank(columns)]) for name in names],
        str(frame),
        freeze_panes={"general": {"row": 1, "col": 0}},
        bold_headers=look["bold_headers"],
        **{option: dict.fromkeys(names, look[option]) for option in ("column_formats", "column_widths")},
    )
    sheets = {f"xl/worksheets/sheet{number}.xml": book for number, book in enumerate(books, start=1)}
    with ZipFile(frame) as empty, ZipFile(file, "w", ZIP_DEFLATED) as whole:
        for name in empty.namelist():
            if name in sheets:
                _copy_sheet(whole, name, sheets[name])
            else:
                whole.writestr(name, empty.read(name))


def _copy_sheet(whole: ZipFile, name: str, book: Path) -> None:
    """Each was the selected sheet of its book. Of several that are selected, an edit of one would change all."""
    with (
        ZipFile(book) as alone,
        alone.open("xl/worksheets/sheet1.xml") as rows,
        whole.open(name, "w", force_zip64=True) as to,
    ):
        head = rows.read(_BYTES_OF_A_HEAD)
        to.write(head if name == "xl/worksheets/sheet1.xml" else head.replace(_SELECTED, b"", 1))
        shutil.copyfileobj(rows, to)


def _look(columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "bold_headers": True,
        "column_formats": {
            _title(column): Format().set_num_format(_FORMATS[column.type])
            for column in columns
            if column.type in _FORMATS
        },
        "column_widths": {_title(column): _WIDTHS[column.type] for column in columns if column.type in _WIDTHS},
    }


def _title(column: Column) -> str:
    return f"{column} (UTC)" if column.type is ColumnType.TIME else str(column)


def _blank(columns: Sequence[Column]) -> Record:
    return dict.fromkeys(map(_title, columns))


def _records(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[Record]:
    titles = [_title(column) for column in columns]
    made = [_CELLS.get(column.type) for column in columns]
    for row in rows:
        cells = [value if value is None or cell is None else cell(value) for cell, value in zip(made, row, strict=True)]
        yield dict(zip(titles, cells, strict=True))


def _text(value: Any) -> str:
    """Without what XML forbids and what commands a terminal, and not longer than a cell."""
    text = _NO_XML.sub(" ", blanked(str(value)))
    if len(text) <= _UNITS_OF_A_CELL // 2:
        return text
    units = text.encode("utf-16-le")[: 2 * _UNITS_OF_A_CELL]
    return units.decode("utf-16-le", "ignore")  # half a character at the end


def _texts(value: Iterable[Any]) -> str:
    return _text(" ".join(map(str, value)))


def _whole_number(value: int) -> int | str:
    return value if -_EXACT <= value <= _EXACT else str(value)


def _time(value: datetime) -> datetime | str:
    return value.astimezone(UTC) if value.year > _FIRST_YEAR else value.isoformat()


def _date(value: date) -> date | str:
    return value if value.year >= _FIRST_YEAR else value.isoformat()


# What is not among them stays what it is.
_CELLS: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.TEXT: _text,
    ColumnType.TEXTS: _texts,
    ColumnType.BIG: _whole_number,
    ColumnType.DATE: _date,
    ColumnType.TIME: _time,
    ColumnType.OTHER: _text,
}
