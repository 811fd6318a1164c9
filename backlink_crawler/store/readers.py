"""Sessions of many readers: kept open, bounded in number and time, and unable to change anything."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from backlink_crawler.errors import Busy
from backlink_crawler.store import sessions
from backlink_crawler.store.database import Database, database_errors

if TYPE_CHECKING:
    from types import TracebackType

WAIT_SECONDS = 5  # for a session that another reader has
_IDLE_SECONDS = 120  # then a session is closed
# Of PostgreSQL's own roles the one that may read everything and change nothing; a superuser, or who was granted it, may
# become it. Of a transaction that somebody left open nobody must wait. A plan that is kept for every target is planned for a
# middling one, and takes seconds for the largest.
_READ_ONLY = """
SELECT
    set_config('default_transaction_read_only', 'on', FALSE),
    set_config('lock_timeout', '2s', FALSE),
    set_config('idle_in_transaction_session_timeout', '120s', FALSE),
    set_config('plan_cache_mode', 'force_custom_plan', FALSE),
    set_config('statement_timeout', %s, FALSE)
"""
_SELECT_ONLY = "SET ROLE pg_read_all_data"


class _Kept(psycopg.Connection[Any]):
    """At the end of its block it goes back, as a new one would be closed: also when the server has ended it."""

    pool: ConnectionPool[_Kept]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self.pool.putconn(self)


@dataclass(frozen=True, slots=True)
class Readers(Database):
    """A database for reading. Whatever asks a Database may ask this."""

    pool: ConnectionPool[_Kept] = field(repr=False, compare=False, kw_only=True)

    @classmethod
    def of(cls, database: Database, *, most: int, seconds: float) -> Self:
        """most: sessions at once. seconds: how long a statement may take."""

        def configure(connection: psycopg.Connection[Any]) -> None:
            connection.autocommit = True
            with suppress(errors.InsufficientPrivilege, errors.UndefinedObject):
                connection.execute(_SELECT_ONLY)
            connection.execute(sessions.SET_UP)
            connection.execute(_READ_ONLY, [f"{int(seconds * 1000)}ms"])
            connection.autocommit = False

        pool = ConnectionPool(
            database.libpq_dsn,
            connection_class=_Kept,
            min_size=0,
            max_size=most,
            timeout=WAIT_SECONDS,
            max_idle=_IDLE_SECONDS,
            configure=configure,
            check=ConnectionPool.check_connection,
            open=True,
            name="readers",
        )
        return cls(database.dsn, database.is_embedded, pool=pool)

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        """One of the sessions. Raises Busy when none is free for long, DatabaseUnavailable when there is no server."""
        try:
            connection = self.pool.getconn()
            connection.pool = self.pool
        except PoolTimeout:
            if self.pool.get_stats().get("pool_size", 0) < self.pool.max_size:  # none could be made: this says why
                with database_errors(self):
                    psycopg.connect(self.libpq_dsn).close()
            raise Busy(f"all readers' sessions of {self.name} are in use; try again in a moment.") from None
        connection.autocommit = autocommit
        return connection

    def close(self) -> None:
        self.pool.close(timeout=1)
