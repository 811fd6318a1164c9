"""Rows on their way into staging tables, and answers that come out of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import psycopg


async def copy_rows(cursor: psycopg.AsyncCursor[Any], table: str, rows: Collection[NamedTuple]) -> None:
    """By COPY. A row's fields bear the names of the table's columns."""
    if not rows:
        return
    columns = ", ".join(next(iter(rows))._fields)
    async with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            await copy.write_row(row)


async def rows_of(
    cursor: psycopg.AsyncCursor[Any], statement: LiteralString, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Of a statement in a pipeline, by a cursor of its own: another would give what an earlier statement has returned, if
    that has arrived by then.
    """
    async with cursor.connection.cursor() as own:
        await own.execute(statement, parameters)
        return await own.fetchall()
