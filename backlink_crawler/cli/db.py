"""`backlinks db …`: the database, where it is and in which state."""

from __future__ import annotations

import subprocess
import sys

import click

from backlink_crawler.ask.formats import render_record
from backlink_crawler.cli.environment import terminal_width
from backlink_crawler.config import Config
from backlink_crawler.errors import DatabaseUnavailable, InvalidInput
from backlink_crawler.store import embedded, migrations
from backlink_crawler.store.database import Database, open_database, table_sizes
from backlink_crawler.urls.domains import suffix_list_date


@click.group()
def db() -> None:
    """The database: BACKLINKS_DATABASE_URL, or the embedded PostgreSQL under BACKLINKS_HOME."""


@db.command()
def upgrade() -> None:
    """Bring the schema to this program's version."""
    database = open_database(Config.from_environment())
    before = migrations.schema_of(database)
    after = migrations.upgrade(database)
    changed = "is" if before.revision == after.revision else "is now"
    click.echo(f"the schema of {database.name} {changed} {after.revision}")


@db.command()
def status() -> None:
    """Where the database is, its schema, what is in it. Exit code 4 when the schema is not this program's."""
    database = open_database(Config.from_environment())
    schema = migrations.schema_of(database)
    rows: dict[str, object] = {
        "database": database.name,
        "server": server_version(database),
        "schema": f"{schema.state} ({schema.revision or 'none'})",
        "public suffix list": suffix_list_date(),
    }
    if schema.state is migrations.SchemaState.CURRENT:
        rows |= table_sizes(database)
    click.echo(render_record(list(rows), list(rows.values()), width=terminal_width()))
    migrations.require_current(database)


@db.command()
def url() -> None:
    """Print the connection string. The embedded server then runs until `backlinks db stop`."""
    config = Config.from_environment()
    click.echo(config.database_url or embedded.keep(config.home))


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """Open psql on the database; ARGUMENTS are psql's own."""
    database = open_database(Config.from_environment())
    sys.exit(subprocess.run([embedded.psql(), database.dsn, *arguments], check=False).returncode)  # noqa: S603


@db.command()
def start() -> None:
    """Start the embedded server and let it run."""
    config = _embedded_config()
    embedded.keep(config.home)
    click.echo("the embedded PostgreSQL runs until `backlinks db stop`")


@db.command()
def stop() -> None:
    """Stop the embedded server."""
    config = _embedded_config()
    stopped = embedded.stop(config.home)
    click.echo("the embedded PostgreSQL is stopped" if stopped else "the embedded PostgreSQL was not running")


def _embedded_config() -> Config:
    config = Config.from_environment()
    if config.database_url:
        raise InvalidInput("BACKLINKS_DATABASE_URL names a server of yours; start and stop are for the embedded one.")
    return config


def server_version(database: Database) -> str:
    with database.connect() as connection:
        version = connection.info.server_version
    if version < 150000:
        raise DatabaseUnavailable(f"{database.name} is PostgreSQL {version // 10000}; 15 is the oldest that will do.")
    return f"PostgreSQL {version // 10000}.{version % 10000}"
