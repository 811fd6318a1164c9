"""Which version of the schema the database has, and which one this program needs.

Every command asks. What brings it there is in migrations.py, whose libraries take longer to import than a question to
answer.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.errors import SchemaMismatch
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.views import views_digest

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_LENGTH = len("20991231_2359")


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


def folder() -> Path:
    """Alembic's: its environment, and the migrations."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"  # in the wheel; in a checkout they stand beside the package
    return inside if inside.is_dir() else package.parent / "migrations"


def revisions() -> list[str]:
    """From the first to the newest. A migration's file name begins with its revision, which is when it was made."""
    return sorted(file.name[:_LENGTH] for file in folder().glob("versions/*.py"))


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
    known = revisions()
    head = known[-1]
    if revision is None:
        return Schema(SchemaState.MISSING, None, head)
    if revision not in known:
        return Schema(SchemaState.NEWER, revision, head)
    is_current = revision == head and views == views_digest()
    return Schema(SchemaState.CURRENT if is_current else SchemaState.OUTDATED, revision, head)


def require_current(database: Database) -> None:
    """Raises SchemaMismatch, naming the command that mends it."""
    schema = schema_of(database)
    match schema.state:
        case SchemaState.CURRENT:
            return
        case SchemaState.NEWER:
            raise newer(database, schema)
        case SchemaState.MISSING:
            raise SchemaMismatch(nothing_crawled(database.name))
        case SchemaState.OUTDATED if schema.revision == schema.head:
            raise SchemaMismatch(f"the views of {database.name} are out of date; run `backlinks db upgrade`.")
        case SchemaState.OUTDATED:
            raise SchemaMismatch(
                f"the schema of {database.name} is out of date ({schema.revision}, needed {schema.head}); "
                "run `backlinks db upgrade`.",
            )


def nothing_crawled(name: str) -> str:
    """name: the database's."""
    return (
        f"nothing has been crawled into {name} yet: `backlinks crawl --seeds example.com` crawls a site, "
        "and `backlinks demo` shows what comes of it."
    )


def newer(database: Database, schema: Schema) -> SchemaMismatch:
    return SchemaMismatch(
        f"the schema of {database.name} ({schema.revision}) is newer than this program ({schema.head}); "
        "install the version of backlink-crawler that made it.",
    )
