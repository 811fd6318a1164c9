"""`backlinks optout add | list | remove`: domains and hosts whose owners do not want to be crawled."""

from __future__ import annotations

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.optouts import add_optout, list_optouts, remove_optout
from backlink_crawler.urls.normalise import host_name


@click.group()
def optout() -> None:
    """Name domains and hosts that are never crawled.

    Their owners do not want it. Links to them are still recorded.
    """


@optout.command()
@click.argument("domain")
@click.option("--note", help="Who asked, and why.")
def add(domain: str, note: str | None) -> None:
    """Never crawl DOMAIN and its subdomains.

    DOMAIN is a domain or a host. Running crawls stop visiting it within half a minute.
    """
    name = _name(domain)
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        add_optout(connection, name, note)
    click.echo(f"{name} is no longer crawled")


@optout.command("list")
@output_options
def list_(output: Output) -> None:
    """List the domains and hosts that have opted out, with their notes."""
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = list_optouts(connection)
    output.write_list(
        ("domain", "note"), rows, "nobody has opted out; add one who did with `backlinks optout add DOMAIN`"
    )


@optout.command()
@click.argument("domain")
def remove(domain: str) -> None:
    """Allow DOMAIN to be crawled again."""
    name = _name(domain)
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        if not remove_optout(connection, name):
            raise InvalidInput(f"{name} has not opted out; `backlinks optout list` shows who has.")
    click.echo(f"{name} may be crawled again")


def _name(text: str) -> str:
    """The host that was named, without its port; a domain means the host of that name and all its subdomains."""
    try:
        return host_name(parse_seed(text, normaliser()).url.host)
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
