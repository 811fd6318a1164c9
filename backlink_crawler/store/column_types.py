"""The columns of an answer: their names, and what the database says of their values."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg


class ColumnType(StrEnum):
    """SHORT to BIG: whole numbers of 2, 4 and 8 bytes. REAL, DOUBLE: of 4 and 8. OTHER: what is shown as text."""

    TEXT = auto()
    TEXTS = auto()
    SHORT = auto()
    INTEGER = auto()
    BIG = auto()
    REAL = auto()
    DOUBLE = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIME = auto()
    OTHER = auto()


_TYPES = {
    16: ColumnType.BOOLEAN,
    20: ColumnType.BIG,
    21: ColumnType.SHORT,
    23: ColumnType.INTEGER,
    25: ColumnType.TEXT,
    700: ColumnType.REAL,
    701: ColumnType.DOUBLE,
    1009: ColumnType.TEXTS,
    1082: ColumnType.DATE,
    1184: ColumnType.TIME,
}  # by their OIDs, which are the same in every PostgreSQL


class Column(str):
    """The name, which knows the type of its values: of those that are NULL too."""

    __slots__ = ("type",)
    type: ColumnType

    def __new__(cls, name: str, of_type: ColumnType) -> Self:
        made = super().__new__(cls, name)
        made.type = of_type
        return made

    def __getnewargs__(self) -> tuple[str, ColumnType]:  # type: ignore[override]  # a copy is one too
        return str(self), self.type


def columns_of(description: Iterable[psycopg.Column] | None) -> list[Column]:
    return [Column(each.name, _TYPES.get(each.type_code, ColumnType.OTHER)) for each in description or ()]
