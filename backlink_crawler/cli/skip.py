"""`backlinks skip add | list | remove`: domains that hops never enter."""

from __future__ import annotations

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.seeds import add_skipped, list_skipped, remove_skipped


@click.group()
def skip() -> None:
    """Name domains that hops never enter.

    Such as hubs that link to everything. Links to them are still recorded.
    """


@skip.command()
@click.argument("domain")
@click.option("--note", help="Why it is skipped.")
def add(domain: str, note: str | None) -> None:
    """Never let hops enter DOMAIN.

    A seed that names it is crawled all the same.
    """
    name = _domain(domain)
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        add_skipped(connection, name, note)
    click.echo(f"hops never enter {name}")


@skip.command("list")
@output_options
def list_(output: Output) -> None:
    """List the skipped domains, with their notes."""
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = list_skipped(connection)
    output.write_list(
        ("domain", "note"),
        rows,
        "hops may enter every domain; name one that they may not with `backlinks skip add DOMAIN`",
    )


@skip.command()
@click.argument("domain")
def remove(domain: str) -> None:
    """Allow hops to enter DOMAIN again."""
    name = _domain(domain)
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        if not remove_skipped(connection, name):
            raise InvalidInput(f"{name} is not skipped; `backlinks skip list` shows what is.")
    click.echo(f"hops may enter {name}")


def _domain(text: str) -> str:
    try:
        return parse_seed(text, normaliser()).url.domain
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
