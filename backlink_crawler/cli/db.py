"""`backlinks db …`: the database, where it is and in which state."""

from __future__ import annotations

import subprocess
import sys

import click

from backlink_crawler.ask.formats import Format, render, render_record
from backlink_crawler.ask.periods import parse_period
from backlink_crawler.cli.environment import readable_database, terminal_width
from backlink_crawler.config import Config
from backlink_crawler.errors import DatabaseUnavailable, InvalidInput
from backlink_crawler.store import embedded, migrations, upkeep
from backlink_crawler.store.database import Database, database_errors, open_database, table_sizes
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
def vacuum() -> None:
    """Clear away dead rows and renew the planner's statistics: VACUUM (ANALYZE), table by table. Crawls may go on."""
    database = readable_database()
    before = _sizes(database)
    for table in upkeep.vacuum(database):
        click.echo(f"vacuum {table}", err=True)
    after = _sizes(database)
    rows = [(name, _mebibytes(before[name]), _mebibytes(after[name])) for name in before]
    rows.append(("all", _mebibytes(sum(before.values())), _mebibytes(sum(after.values()))))
    click.echo("\n".join(render(("table", "MiB before", "MiB after"), rows, Format.TABLE, width=terminal_width())))


@db.command()
@click.option("--visits-older-than", "age", required=True, metavar="AGE", help="12mo, 26w, 90d.")
def prune(age: str) -> None:
    """Drop old visits, whole months at a time. Links, their history and all counts stay.

    What goes is the log of fetches: how the visit ended that proves an old event of a link.
    """
    database = readable_database()
    pruned = upkeep.prune_visits(database, parse_period(age))
    for month in pruned.dropped:
        click.echo(f"dropped {month.name}: {_mebibytes(month.bytes)} MiB")
    if pruned.deleted:
        click.echo(f"deleted {pruned.deleted:,} visits of months that had no partition of their own")
    if not pruned.dropped and not pruned.deleted:
        click.echo(f"no month of visits ended more than {age} ago")


def _sizes(database: Database) -> dict[str, int]:
    with database.connect() as connection, database_errors(database):
        return {table.name: table.bytes for table in upkeep.table_bytes(connection)}


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f}"


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
