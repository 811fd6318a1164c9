"""Upkeep of a large index: the sizes of its tables, and VACUUM. (Pruning: pruning.py.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.schema import metadata
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("upkeep")


class TableSize(NamedTuple):
    """Bytes on disk, indexes included."""

    name: str
    bytes: int


def table_bytes(connection: psycopg.Connection[Any]) -> list[TableSize]:
    """Of every table, the largest first."""
    return [TableSize(*row) for row in connection.execute(_SQL["sizes"], {"tables": list(metadata.tables)})]


def vacuum(database: Database) -> Iterator[str]:
    """VACUUM (ANALYZE) every table; gives each one's name before its turn. Crawls may go on."""
    with database.connect(autocommit=True) as connection, database_errors(database):
        for table in table_bytes(connection):
            yield table.name
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table.name)))
