"""`backlinks trust add | list | remove`: the domains from which trust comes."""

from __future__ import annotations

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import parse_seed
from backlink_crawler.inputs.trust import default_trust_seeds
from backlink_crawler.store.authority import add_trust_seed, list_trust_seeds, remove_trust_seed
from backlink_crawler.store.database import database_errors


@click.group()
def trust() -> None:
    """Name the domains from which trust comes.

    `backlinks rank` computes from them how far each domain can be trusted. While you have named none, a list of public
    institutions counts.
    """


@trust.command()
@click.argument("domain")
@click.option("--note", help="Why it is trusted.")
def add(domain: str, note: str | None) -> None:
    """Trust DOMAIN, from the next `backlinks rank` on."""
    name = _domain(domain)
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        add_trust_seed(connection, name, note)
    click.echo(f"{name} is a trust seed from the next `backlinks rank` on")


@trust.command("list")
@output_options
def list_(output: Output) -> None:
    """List the trust seeds that are in force, with their notes."""
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = list_trust_seeds(connection)
    if not rows:
        click.echo(
            "you have named none, so the program's list is in force; add one with `backlinks trust add`", err=True
        )
    output.write_list(("domain", "note"), rows or sorted(default_trust_seeds().items()), "")


@trust.command()
@click.argument("domain")
def remove(domain: str) -> None:
    """Trust DOMAIN no longer."""
    name = _domain(domain)
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        if not remove_trust_seed(connection, name):
            raise InvalidInput(f"{name} is no trust seed of yours; `backlinks trust list` shows what is.")
    click.echo(f"{name} is no longer a trust seed")


def _domain(text: str) -> str:
    try:
        return parse_seed(text, normaliser()).url.domain
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
