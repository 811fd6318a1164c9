"""The ways from one version of the schema to another."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config as AlembicConfig

from backlink_crawler.store import versions
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.versions import Schema, SchemaState, newer, schema_of
from backlink_crawler.store.views import apply_views, drop_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database


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


def _older_revisions(database: Database) -> list[str]:
    revision = schema_of(database).revision
    return [] if revision is None else [each for each in versions.revisions() if each <= revision]


def _alembic() -> AlembicConfig:
    config = AlembicConfig(stdout=io.StringIO())
    config.set_main_option("script_location", str(versions.folder()))
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
