"""What a crawl needs of the database before it begins: a schema of this program's version, and partitions."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from backlink_crawler.store import rehoming
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.running import ADVISORY_LOCK
from backlink_crawler.store.versions import SchemaState, require_current, schema_of

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_PARTITIONS_LOCK = ADVISORY_LOCK + 1


def prepare(database: Database) -> None:
    """For crawls: upgrade an empty or an embedded database, else require that it is current.

    The upgrade waits for crawls that run.
    """
    schema = schema_of(database)
    if schema.state is SchemaState.MISSING or (schema.state is SchemaState.OUTDATED and database.is_embedded):
        from backlink_crawler.store.migrations import upgrade  # noqa: PLC0415  Alembic and SQLAlchemy take 0.2 s

        upgrade(database)
    require_current(database)
    if schema.state is SchemaState.MISSING or database.is_embedded:
        rehoming.rehome(database)
    elif rehoming.is_due(database):
        rehoming.crawl_with_another_list(database)
    make_partitions(database)


def make_partitions(database: Database, today: date | None = None) -> None:
    """The partitions of `visits` for this month and the next. Crawls ask when they start and once a day; they take turns.

    today: the database's own, in UTC, when None.
    """
    with database.connect() as connection, database_errors(database):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_PARTITIONS_LOCK])
        row = connection.execute("SELECT date_trunc('month', coalesce(%s, now()::date))::date", [today]).fetchone()
        assert row is not None
        this: date = row[0]
        # Behind somebody who reads the table for long (pg_dump), the attempt would hold up all who write to it.
        connection.execute("SET LOCAL lock_timeout = '3s'")
        for start in (this, _next_month(this)):
            name = f"visits_{start:%Y_%m}"
            if connection.execute("SELECT to_regclass(%s)", [name]).fetchone() != (None,):
                continue
            table = sql.Identifier(name)
            # Without its partition a month's visits go into the default one, and then that month stays there.
            refused = (psycopg.errors.CheckViolation, psycopg.errors.LockNotAvailable)
            with suppress(*refused), connection.transaction():
                connection.execute(
                    sql.SQL("CREATE TABLE {} PARTITION OF visits FOR VALUES FROM ({}) TO ({})").format(
                        table,
                        sql.Literal(start),
                        sql.Literal(_next_month(start)),
                    ),
                )
                connection.execute(sql.SQL("COMMENT ON TABLE {} IS 'Visits of one month.'").format(table))


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
