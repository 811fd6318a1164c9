"""Where the database is, how to connect, and what its errors mean to a user."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backlink_crawler.errors import BacklinksError, DatabaseUnavailable, InvalidInput, SchemaMismatch, TookTooLong
from backlink_crawler.store import embedded, sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.pq.abc import PGconn

    from backlink_crawler.config import Config

CONNECT_SECONDS = 10
_ATTEMPTS = 5
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Database:
    """dsn: a libpq connection string, with the password if there is one: never show it, show `name`."""

    dsn: str
    is_embedded: bool

    @property
    def name(self) -> str:
        """Server and database for people, without the password."""
        parts = conninfo_to_dict(self.dsn)
        if self.is_embedded:
            return "the embedded PostgreSQL"
        return f"PostgreSQL at {parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        """A new connection. Raises DatabaseUnavailable, also when the server is none for an index."""
        with database_errors(self):
            connection = psycopg.connect(self.libpq_dsn, autocommit=True)
            with _closed_on_error(connection.pgconn):
                self._require(connection)
                connection.execute(sessions.SET_UP)
                connection.autocommit = autocommit
            return connection

    async def connect_async(self, *, autocommit: bool = False) -> psycopg.AsyncConnection[Any]:
        with database_errors(self):
            connection = await psycopg.AsyncConnection.connect(self.libpq_dsn, autocommit=True)
            with _closed_on_error(connection.pgconn):
                self._require(connection)
                await connection.execute(sessions.SET_UP)
                await connection.set_autocommit(autocommit)
            return connection

    def require_own_sessions(self) -> None:
        """Raises DatabaseUnavailable when a pool in between shares them out."""
        with database_errors(self):
            if not self.is_embedded and sessions.is_shared(lambda: psycopg.connect(self.libpq_dsn, autocommit=True)):
                raise DatabaseUnavailable(
                    f"{self.name} is behind a connection pool that hands out its sessions by the transaction; "
                    "connect to a pool with pool_mode = session, or to PostgreSQL itself."
                )

    def _require(self, connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
        if what := sessions.shortcoming(connection):
            raise DatabaseUnavailable(f"{self.name} {what}")

    @property
    def libpq_dsn(self) -> str:
        """dsn, with what each of our sessions says of itself."""
        return make_conninfo(
            self.dsn, connect_timeout=CONNECT_SECONDS, application_name="backlinks", client_encoding="UTF8"
        )


@contextmanager
def _closed_on_error(connection: PGconn) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.finish()
        raise


def open_database(config: Config) -> Database:
    """The database of the environment: BACKLINKS_DATABASE_URL, else the embedded one, started if need be."""
    if config.database_url is None:
        return Database(embedded.start(config.home), is_embedded=True)
    dsn = config.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise InvalidInput(
            "BACKLINKS_DATABASE_URL is not a PostgreSQL address; write postgresql://user:password@host:5432/name.",
        ) from None
    return Database(dsn, is_embedded=False)


@contextmanager
def database_errors(database: Database) -> Iterator[None]:
    """Turn what psycopg raises into a sentence, where a user can mend it; anything else passes through."""
    try:
        yield
    except (
        psycopg.OperationalError,
        errors.UndefinedTable,
        errors.UndefinedColumn,
        errors.InvalidSchemaName,
        errors.ReadOnlySqlTransaction,
        errors.InsufficientPrivilege,
    ) as error:
        raise explain(error, database) from error


# The sentence for an error: it goes on after the server's name, {} is what the server says.
_SENTENCES: tuple[tuple[type[psycopg.Error] | tuple[type[psycopg.Error], ...], str], ...] = (
    (errors.ReadOnlySqlTransaction, "is read-only ({}); point BACKLINKS_DATABASE_URL at its primary."),
    (errors.InsufficientPrivilege, "refuses this user ({}); grant it the rights to the database."),
    (
        errors.InvalidSchemaName,
        "has no place for tables ({}): the index lives in the schema public; CREATE SCHEMA public makes it.",
    ),
    (
        (errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.InvalidCatalogName),
        "refuses the connection ({}); check BACKLINKS_DATABASE_URL.",
    ),
    (errors.DiskFull, "has no space left ({}); make room and run the command again."),
    (
        errors.LockNotAvailable,
        "is busy: another session holds what this one waits for ({}); run the command again later.",
    ),
    (
        (errors.IdleInTransactionSessionTimeout, errors.IdleSessionTimeout),
        "ended a session that waited too long ({}); raise that time limit for this role.",
    ),
)


def explain(error: psycopg.Error, database: Database) -> BacklinksError:
    """The sentence for an error. Asks nothing of the database."""
    detail = " ".join(str(error).split("\n")[0].split()).rstrip(".")
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn)):
        return SchemaMismatch(f"{database.name} has no up-to-date schema ({detail}); run `backlinks db upgrade`.")
    if isinstance(error, errors.QueryCanceled):
        return TookTooLong(
            f"{database.name} ended a statement that took too long ({detail}); raise statement_timeout: ALTER ROLE … SET "
            "statement_timeout = 0."
        )
    for kinds, sentence in _SENTENCES:
        if isinstance(error, kinds) or (kinds is errors.InsufficientPrivilege and "FATAL: permission denied" in detail):
            return DatabaseUnavailable(f"{database.name} {sentence.format(detail)}")
    return DatabaseUnavailable(
        f"cannot reach {database.name} ({detail}); is it running, and is BACKLINKS_DATABASE_URL right?",
    )


def retried(connection: psycopg.Connection[Any], step: Callable[[], _Made]) -> _Made:
    """What `step` gives, in a transaction of its own, tried again when another session was in its way."""
    for attempt in range(_ATTEMPTS):
        try:
            with connection.transaction():
                return step()
        except (errors.DeadlockDetected, errors.SerializationFailure):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError


def is_empty(database: Database) -> bool:
    """Nothing has been recorded yet."""
    with database.connect() as connection, database_errors(database):
        return connection.execute("SELECT EXISTS (SELECT FROM batches)").fetchone() == (False,)


def table_sizes(database: Database) -> dict[str, object]:
    """What `backlinks db status` counts: rows by the planner's estimate where a table is large, and bytes on disk."""
    counts = {
        "seeds kept": "SELECT count(*) FROM seeds WHERE queue_id = 1 AND root_id IS NULL AND target_id IS NULL",
        "crawls": "SELECT count(*) FROM sources WHERE kind = 0",
    }
    sizes: dict[str, object] = {}
    with database.connect() as connection, database_errors(database):
        for name, query in counts.items():
            row = connection.execute(query.encode()).fetchone()
            sizes[name] = row[0] if row else 0
        for table in ("pages", "links", "urls", "domains"):
            row = connection.execute(
                "SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint END FROM pg_class WHERE oid = %s::regclass",
                [table],
            ).fetchone()
            if row is None or row[0] is None:
                row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608  our own names
            sizes[table] = row[0] if row else 0
        row = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
        sizes["on disk"] = row[0] if row else ""
    return sizes
