"""Scores as rows of COPY BINARY: big-endian, each field with its length before it."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

from backlink_crawler.rank.libraries import np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROWS = 100_000  # at once


def rows(columns: Sequence[Any]) -> Iterator[bytes]:
    """columns: of whole numbers of 32 bits, or of floats, stored as 32 bits; None: NULL in each row."""
    yield from _packed(columns) if np is None else _arrays(columns)


def _arrays(columns: Sequence[Any]) -> Iterator[bytes]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for place, column in enumerate(columns):
        fields.append((f"length_{place}", ">i4"))
        if column is not None:
            fields.append((f"value_{place}", ">i4" if column.dtype.kind in "iu" else ">f4"))
    number = next(len(column) for column in columns if column is not None)
    for first in range(0, number, _ROWS):
        made = np.empty(min(_ROWS, number - first), dtype=fields)
        made["fields"] = len(columns)
        for place, column in enumerate(columns):
            made[f"length_{place}"] = -1 if column is None else 4
            if column is not None:
                made[f"value_{place}"] = column[first : first + _ROWS]
        yield made.tobytes()


def _packed(columns: Sequence[Any]) -> Iterator[bytes]:
    layout, given = "h", []
    for column in columns:
        layout += "i" if column is None else "ii" if not len(column) or isinstance(column[0], int) else "if"
        given += [column] if column is not None else []
    lengths = [-1 if column is None else 4 for column in columns]
    row = Struct(f">{layout}")
    for values in zip(*given, strict=True):
        fields, left = [len(columns)], iter(values)
        for length in lengths:
            fields += [length] if length < 0 else [length, next(left)]
        yield row.pack(*fields)
