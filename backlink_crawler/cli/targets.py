"""`backlinks targets add | list | remove`: the targets that the user watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target, parse_words, start_of
from backlink_crawler.model import TargetMode
from backlink_crawler.store.checks import PAGES_CHECKED, unwatch, watch
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.targets import WatchedTarget, list_targets

if TYPE_CHECKING:
    from backlink_crawler.model import Target

_mode = click.option(
    "--mode",
    type=click.Choice([mode.value for mode in TargetMode]),
    help="Which URLs TARGET means (default: guessed from how it is written).",
)


@click.group()
def targets() -> None:
    """Watch targets, so that their links are visited first.

    `backlinks verify --all` visits only the pages with links to watched targets.
    """


@targets.command()
@click.argument("target")
@_mode
@click.option(
    "--check-pages",
    type=click.IntRange(min=0),
    default=PAGES_CHECKED,
    help=f"Pages of TARGET that others link to and that crawls visit, at most (default: {PAGES_CHECKED:,}; 0: none).",
)
@click.option(
    "--brand",
    "brands",
    metavar="NAME",
    multiple=True,
    help="What people call TARGET, beside its domain and titles; may be given again. Anchors with it are branded.",
)
@click.option(
    "--keyword",
    "keywords",
    metavar="WORDS",
    multiple=True,
    help="What TARGET is to be found by; may be given again. Anchors that are just this are exact.",
)
def add(target: str, mode: str | None, check_pages: int, brands: tuple[str, ...], keywords: tuple[str, ...]) -> None:
    """Watch TARGET.

    TARGET is a domain, a host, a URL, or a URL prefix (https://example.com/blog/*).

    Unless it is a seed, crawls visit just those of its pages that others link to, so that `backlinks broken` knows which
    are gone. What --brand and --keyword say is added to what they have said, and counts from the next `backlinks rank` on.
    """
    said = [parse_words("--brand", brands), parse_words("--keyword", keywords)]
    parsed = _parsed(target, mode)
    start = start_of(parsed, normaliser())
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        pages = watch(connection, parsed, start, check_pages, brands=said[0], keywords=said[1])
    linking = "1 page links to it and is" if pages == 1 else f"{pages:,} pages link to it and are"
    click.echo(f"{parsed} (--mode {parsed.mode}) is watched; {linking} visited first")


@targets.command("list")
@output_options
def list_(output: Output) -> None:
    """List the watched targets.

    With the number of known links to each, and of the pages that hold them.
    """
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = list_targets(connection)
    output.write_list(
        WatchedTarget._fields, rows, "no targets are watched; add one with `backlinks targets add TARGET`"
    )


@targets.command()
@click.argument("target")
@_mode
def remove(target: str, mode: str | None) -> None:
    """Stop watching TARGET.

    Its links stay in the index.
    """
    parsed = _parsed(target, mode)
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        if not unwatch(connection, parsed):
            raise InvalidInput(f"{parsed} is not watched; `backlinks targets list` shows what is.")
    click.echo(f"{parsed} is no longer watched")


def _parsed(target: str, mode: str | None) -> Target:
    return parse_target(target, TargetMode(mode) if mode else None, normaliser())
