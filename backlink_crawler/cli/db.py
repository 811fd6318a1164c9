"""`backlinks db …`: where the database is, what state it is in, and its upkeep."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import click

from backlink_crawler.ask.formats import Format
from backlink_crawler.ask.periods import parse_period
from backlink_crawler.cli.environment import readable_database
from backlink_crawler.cli.output import Output
from backlink_crawler.config import Config
from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.store import checking, embedded, migrations, pruning, rehoming, upkeep, versions
from backlink_crawler.store.database import Database, database_errors, open_database, table_sizes
from backlink_crawler.terminal import counted, escaped
from backlink_crawler.urls.domains import suffix_list_version

OLD_LIST_DAYS = 365


@click.group()
def db() -> None:
    """Look after the database.

    That is BACKLINKS_DATABASE_URL, or the embedded PostgreSQL under BACKLINKS_HOME.
    """


@db.command()
def upgrade() -> None:
    """Upgrade the schema, and the domains.

    The schema to this program's version, the domains to its Public Suffix List.
    """
    database = open_database(Config.from_environment())
    before = versions.schema_of(database)
    after = migrations.upgrade(database)
    changed = "is" if before.revision == after.revision else "is now"
    click.echo(f"the schema of {database.name} {changed} {after.revision}")
    moved = rehoming.rehome(database)
    if moved.hosts:
        click.echo(
            f"by the Public Suffix List of {suffix_list_version()[:10]}, {counted(moved.hosts, 'host')} changed domain: "
            f"{counted(moved.links, 'link')} moved; {counted(moved.internal, 'link')} inside one domain deleted"
        )


@db.command()
def status() -> None:
    """Show where the database is and what it holds.

    Exit code 4 when its schema is not this program's.
    """
    database = open_database(Config.from_environment())
    schema = versions.schema_of(database)
    rows: dict[str, object] = {
        "database": database.name,
        "server": server_version(database),
        "schema": f"{schema.state} ({schema.revision or 'none'})",
        "public suffix list": suffix_list_version(),
    }
    if schema.state is versions.SchemaState.CURRENT:
        with database.connect() as connection:
            rows["suffix list of the index"] = rehoming.list_of(connection) or "unknown"
        rows |= table_sizes(database)
    Output(Format.TABLE).write_record(list(rows), list(rows.values()))
    _warn_of_lists(rows.get("suffix list of the index"))
    versions.require_current(database)


def _warn_of_lists(of_index: object) -> None:
    version = suffix_list_version()
    if of_index not in {None, version}:
        click.echo("the index was made with another Public Suffix List: run `backlinks db upgrade`", err=True)
    age = datetime.now(UTC).date() - date.fromisoformat(version[:10])
    if age.days > OLD_LIST_DAYS:
        click.echo(
            f"this program's Public Suffix List is {age.days} days old: run `pip install --upgrade publicsuffixlist`, "
            "then `backlinks db upgrade`",
            err=True,
        )


@db.command()
def vacuum() -> None:
    """Run VACUUM (ANALYZE) on each table.

    It removes dead rows and refreshes the planner's statistics. Crawls may keep running.
    """
    database = readable_database()
    before = _sizes(database)
    for table in upkeep.vacuum(database):
        click.echo(f"vacuum {table}", err=True)
    after = _sizes(database)
    rows = [(name, _mebibytes(before[name]), _mebibytes(after[name])) for name in before]
    rows.append(("all", _mebibytes(sum(before.values())), _mebibytes(sum(after.values()))))
    Output(Format.TABLE).write(("table", "MiB before", "MiB after"), rows)


@db.command()
@click.option("--repair", is_flag=True, help="Recount what differs.")
def check(*, repair: bool) -> None:
    """Compare every stored count with its rows.

    Lists what differs. Crawls may keep running.

    Exit code 1 when something differs and --repair was not given.
    """
    number = 0
    for difference in checking.check(readable_database(), repair=repair):
        number += 1
        click.echo(("repaired: " if repair else "") + escaped(str(difference)))
    if number == 0:
        click.echo("every stored count matches its rows")
    elif repair:
        click.echo(f"{number:,} {'row was' if number == 1 else 'rows were'} recounted")
    else:
        raise BacklinksError(
            f"{number:,} {'row differs' if number == 1 else 'rows differ'}; `backlinks db check --repair` recounts them."
        )


@db.command()
@click.option(
    "--lost-before",
    "lost",
    metavar="AGE",
    help="Delete links that were lost longer ago than this, with their history: 400d, 12mo.",
)
@click.option(
    "--visits-older-than",
    "visits",
    metavar="AGE",
    help="Delete months of the visit log that ended longer ago than this: 12mo, 26w, 90d.",
)
def prune(lost: str | None, visits: str | None) -> None:
    """Delete old lost links, and old visits.

    Crawls may keep running.

    --lost-before deletes lost links and their history, domain edges without a link, and the URLs, hosts and domains
    that nothing refers to any more. Counts stay correct, and the daily figures do not change.

    --visits-older-than deletes old months of the log of visits. The history of links stays; for those months it no
    longer shows how the visit ended.
    """
    if lost is None and visits is None:
        raise InvalidInput("say what to delete: --lost-before 400d, --visits-older-than 12mo, or both.")
    periods = [None if age is None else parse_period(age) for age in (lost, visits)]
    database = readable_database()
    if periods[0]:
        _prune_links(database, periods[0], f"{lost}")
    if periods[1]:
        _prune_visits(database, periods[1], f"{visits}")


def _prune_links(database: Database, period: str, age: str) -> None:
    taken = pruning.prune_links(database, period)
    if any(taken):
        links, events, edges, *unused = taken
        urls, hosts, domains = (
            counted(number, what) for number, what in zip(unused, ("URL", "host", "domain"), strict=True)
        )
        click.echo(
            f"deleted {counted(links, 'lost link')} with {counted(events, 'event')}, {counted(edges, 'domain edge')}, "
            f"{urls}, {hosts} and {domains} that nothing referred to"
        )
    else:
        click.echo(f"no link was lost more than {age} ago")


def _prune_visits(database: Database, period: str, age: str) -> None:
    pruned = pruning.prune_visits(database, period)
    for month in pruned.dropped:
        click.echo(f"dropped {month.name}: {_mebibytes(month.bytes):,} MiB")
    if pruned.deleted:
        click.echo(f"deleted {counted(pruned.deleted, 'visit')} of months that had no partition of their own")
    if not pruned.dropped and not pruned.deleted:
        click.echo(f"no month of visits ended more than {age} ago")


def _sizes(database: Database) -> dict[str, int]:
    with database.connect() as connection, database_errors(database):
        return {table.name: table.bytes for table in upkeep.table_bytes(connection)}


def _mebibytes(size: int) -> float:
    return round(size / 2**20, 1)


@db.command()
@click.option("--tcp", is_flag=True, help="For tools that cannot use a socket: on 127.0.0.1, with a password.")
def url(*, tcp: bool) -> None:
    """Print the connection URL.

    The embedded server then keeps running until `backlinks db stop`, and with --tcp it listens on 127.0.0.1 until then.
    """
    config = Config.from_environment()
    kept = embedded.keep_on_loopback if tcp else embedded.keep
    click.echo(config.database_url or kept(config.home))


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def shell(arguments: tuple[str, ...]) -> None:
    """Open psql on the database.

    ARGUMENTS are passed on to psql.
    """
    database = open_database(Config.from_environment())
    sys.exit(subprocess.run([embedded.psql(), database.dsn, *arguments], check=False).returncode)  # noqa: S603


@db.command()
def start() -> None:
    """Start the embedded server and keep it running."""
    config = _embedded_config()
    embedded.keep(config.home)
    click.echo("the embedded PostgreSQL keeps running until `backlinks db stop`")


@db.command()
def stop() -> None:
    """Stop the embedded server."""
    config = _embedded_config()
    stopped = embedded.stop(config.home)
    click.echo("the embedded PostgreSQL is stopped" if stopped else "the embedded PostgreSQL was not running")


def _embedded_config() -> Config:
    config = Config.from_environment()
    if config.database_url:
        raise InvalidInput("BACKLINKS_DATABASE_URL names your own server; start and stop are for the embedded one.")
    return config


def server_version(database: Database) -> str:
    with database.connect() as connection:
        version = connection.info.server_version
    return f"PostgreSQL {version // 10000}.{version % 10000}"
