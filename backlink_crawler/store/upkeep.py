"""What keeps a large index in shape: tables vacuumed, old months of visits dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import errors, sql

from backlink_crawler.errors import DatabaseUnavailable, InvalidInput
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.schema import metadata
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("upkeep")
_LOCK_TIMEOUT = "10s"  # dropping a partition stops all who write visits, for as long as it waits for its turn


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


class Pruned(NamedTuple):
    """dropped: months, with the bytes that each took. deleted: visits of months that had no partition."""

    dropped: list[TableSize]
    deleted: int


def prune_visits(database: Database, age: str) -> Pruned:
    """Drop the months of visits that ended longer ago than `age`, an interval. Raises InvalidInput below a day."""
    asked = {"age": age}
    with database.connect() as connection, database_errors(database):
        if connection.execute(_SQL["is_too_young"], asked).fetchone() == (True,):
            raise InvalidInput("the visits of the last day are kept: `backlinks status` reads them.")
        connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(_LOCK_TIMEOUT)))
        connection.commit()
        dropped = [TableSize(*row) for row in connection.execute(_SQL["old_partitions"], asked)]
        try:
            for month in dropped:
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(month.name)))
                connection.commit()
            deleted = connection.execute(_SQL["prune_default"], asked).rowcount
        except errors.LockNotAvailable:
            raise DatabaseUnavailable(
                f"{database.name} is busy: somebody reads or writes visits without a break; run it again later."
            ) from None
    return Pruned(dropped, deleted)
