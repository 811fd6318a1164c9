"""Rows as a whole file: which formats there are, and what each needs.

Rows are taken and written some at a time, so that a file of any size takes no more memory than a small one.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask.formats import Format, render
from backlink_crawler.errors import BacklinksError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from backlink_crawler.store.column_types import Column

    Rows = Iterable[Sequence[Any]]

ROWS_OF_A_SHEET = 1_048_575  # of a workbook, and the row of its titles


class FileFormat(StrEnum):
    """A member's value is the ending of its files too."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def ending(self) -> str:
        return f".{self.value}"


_MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.JSON: "application/json",
    FileFormat.JSONL: "application/jsonl",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}
_LIBRARIES = {FileFormat.XLSX: "rustpy_xlsxwriter", FileFormat.PARQUET: "pyarrow"}


class MissingLibrary(BacklinksError):
    """This installation cannot write that format."""


@dataclass(frozen=True, slots=True)
class Written:
    """sheets: of a workbook; 1 otherwise."""

    rows: int
    sheets: int = 1


def available() -> tuple[FileFormat, ...]:
    """The formats that this installation can write."""
    return tuple(form for form in FileFormat if _is_available(form))


def require(form: FileFormat) -> None:
    """Raises MissingLibrary."""
    if not _is_available(form):
        raise MissingLibrary(
            f"{form} needs a library that is not here: pip install 'backlink-crawler[export]' adds it."
        )


def _is_available(form: FileFormat) -> bool:
    return form not in _LIBRARIES or find_spec(_LIBRARIES[form]) is not None


def write(file: Path, form: FileFormat, columns: Sequence[Column], rows: Rows) -> Written:
    """Raises MissingLibrary, OSError, and what taking the rows raises."""
    require(form)
    counted = _Counted(rows)
    match form:
        case FileFormat.XLSX:
            sheets = import_module("backlink_crawler.ask.sheets").write(file, columns, counted)
            return Written(counted.number, sheets)
        case FileFormat.PARQUET:
            import_module("backlink_crawler.ask.parquet").write(file, columns, counted)
        case _:
            with file.open("w", encoding="utf-8", newline="\n") as out:
                for piece in render(columns, counted, Format(form), width=None):
                    out.write(piece)
                    out.write("\n")
    return Written(counted.number)


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """What to write to: it gets its name when it is complete, so that who finds the file has all of it."""
    part = part_of(file)
    try:
        yield part
        part.replace(file)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def part_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


class _Counted:
    """Rows, and how many there have been."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.number += 1
            yield row
