"""The schema's version: what it is, what it should be, and how to get there."""

from __future__ import annotations

import io
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from psycopg import sql

from backlink_crawler.errors import SchemaMismatch
from backlink_crawler.store import rehoming
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.running import ADVISORY_LOCK
from backlink_crawler.store.views import apply_views, drop_views, views_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database

_PARTITIONS_LOCK = ADVISORY_LOCK + 1


class SchemaState(StrEnum):
    MISSING = "missing"
    OUTDATED = "out of date"
    CURRENT = "up to date"
    NEWER = "newer than this program"


class Schema(NamedTuple):
    """revision: what the database says, None when it has no schema. head: what this program needs."""

    state: SchemaState
    revision: str | None
    head: str


def schema_of(database: Database) -> Schema:
    """Raises DatabaseUnavailable. Every command asks this first."""
    database.require_own_sessions()
    with database.connect() as connection, database_errors(database):
        revision = views = None
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,):
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            revision = row[0] if row else None
        if connection.execute("SELECT to_regclass('index_state')").fetchone() != (None,):
            row = connection.execute("SELECT value FROM index_state WHERE name = 'views'").fetchone()
            views = row[0] if row else None
    scripts = ScriptDirectory.from_config(_alembic())
    head = scripts.get_current_head() or ""
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is None:
        return Schema(SchemaState.MISSING, None, head)
    if revision not in known:
        return Schema(SchemaState.NEWER, revision, head)
    is_current = revision == head and views == views_digest()
    return Schema(SchemaState.CURRENT if is_current else SchemaState.OUTDATED, revision, head)


def upgrade(database: Database) -> Schema:
    """Bring the schema to this program's version. Raises SchemaMismatch when it is newer."""
    schema = schema_of(database)
    if schema.state is SchemaState.NEWER:
        raise newer(database, schema)
    if schema.state is not SchemaState.CURRENT:
        if schema.revision != schema.head:
            migrate(database, "head")
        with _sentences(database), database.connect() as connection:
            apply_views(connection)
    return schema_of(database)


def migrate(database: Database, target: str) -> None:
    """Upgrade, or downgrade to `target`: a revision, `head` or `base`."""
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=database.connect)
    config = _alembic()
    with _sentences(database), engine.connect() as connection:
        config.attributes["connection"] = connection
        down = target == "base" or target in _older_revisions(database)
        if down:
            connection.exec_driver_sql(drop_views())
            connection.commit()
        (command.downgrade if down else command.upgrade)(config, target)
    engine.dispose()


def _older_revisions(database: Database) -> set[str]:
    revision = schema_of(database).revision
    if revision is None:
        return set()
    scripts = ScriptDirectory.from_config(_alembic())
    return {script.revision for script in scripts.iterate_revisions(revision, "base")}


def require_current(database: Database) -> None:
    """Raises SchemaMismatch, naming the command that mends it."""
    schema = schema_of(database)
    match schema.state:
        case SchemaState.CURRENT:
            return
        case SchemaState.NEWER:
            raise newer(database, schema)
        case SchemaState.MISSING:
            raise SchemaMismatch(f"{database.name} has no schema yet; run `backlinks db upgrade`.")
        case SchemaState.OUTDATED if schema.revision == schema.head:
            raise SchemaMismatch(f"the views of {database.name} are out of date; run `backlinks db upgrade`.")
        case SchemaState.OUTDATED:
            raise SchemaMismatch(
                f"the schema of {database.name} is out of date ({schema.revision}, needed {schema.head}); "
                "run `backlinks db upgrade`.",
            )


def prepare(database: Database) -> None:
    """For crawls: upgrade an empty or an embedded database, else require that it is current.

    The upgrade waits for crawls that run.
    """
    schema = schema_of(database)
    if schema.state is SchemaState.MISSING or (schema.state is SchemaState.OUTDATED and database.is_embedded):
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


def newer(database: Database, schema: Schema) -> SchemaMismatch:
    return SchemaMismatch(
        f"the schema of {database.name} ({schema.revision}) is newer than this program ({schema.head}); "
        "install the version of backlink-crawler that made it.",
    )


def _alembic() -> AlembicConfig:
    config = AlembicConfig(stdout=io.StringIO())
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"  # in the wheel; in a checkout they stand beside the package
    config.set_main_option("script_location", str(inside if inside.is_dir() else package.parent / "migrations"))
    return config


@contextmanager
def _sentences(database: Database) -> Iterator[None]:
    with database_errors(database):
        try:
            yield
        except sqlalchemy.exc.DBAPIError as error:
            if isinstance(error.orig, psycopg.Error):
                raise error.orig from None
            raise
