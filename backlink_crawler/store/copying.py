"""Rows on their way into staging tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    import psycopg


async def copy_rows(cursor: psycopg.AsyncCursor[Any], table: str, rows: Collection[NamedTuple]) -> None:
    """By COPY. A row's fields bear the names of the table's columns."""
    if not rows:
        return
    columns = ", ".join(next(iter(rows))._fields)
    async with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            await copy.write_row(row)
