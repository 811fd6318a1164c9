"""`backlinks seeds add | list | remove`: the sites that are crawled when a run names no others."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from backlink_crawler.cli.environment import normaliser, readable_database, writable_database
from backlink_crawler.cli.output import Output, output_options
from backlink_crawler.crawl.seed_input import read_seeds
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seeds import MAX_HOPS, parse_seed
from backlink_crawler.model import RenderMode, Scope, Seed
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.seeds import StoredSeed, add_seeds, list_seeds, remove_seed
from backlink_crawler.terminal import counted


@click.group()
def seeds() -> None:
    """Keep the sites to crawl.

    Kept seeds are what `backlinks crawl` and `scrapy crawl seeds` crawl when no others are named.
    """


@seeds.command()
@click.argument("names", metavar="URL|DOMAIN|FILE…", nargs=-1, required=True)
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    help="How much of the site (default: domain for example.com, host for anything else).",
)
@click.option("--max-depth", type=click.IntRange(min=0), help="At most this many clicks from the first page.")
@click.option(
    "--max-pages", type=click.IntRange(min=1), help="At most this many pages; pages that are gone do not count."
)
@click.option(
    "--hops", type=click.IntRange(0, MAX_HOPS), help="How often to follow links out to new domains, one from another."
)
@click.option(
    "--render",
    "mode",
    type=click.Choice([mode.value for mode in RenderMode]),
    help="Whether a browser renders its pages (default: auto, where scripts seem to write the links).",
)
def add(
    names: tuple[str, ...],
    scope: str | None,
    max_depth: int | None,
    max_pages: int | None,
    hops: int | None,
    mode: str | None,
) -> None:
    """Keep seeds: URLs, domains, or files of them.

    A file has one URL or domain a line, or is CSV with the columns url, scope, max_depth, max_pages, hops, render.

    An option given here applies to all of them. A seed that is kept already and gets other limits starts anew. Of more
    than 64 URLs of one host without limits one is a seed, and the others are pages that its crawl starts with.
    """
    given = {
        "scope": Scope(scope) if scope else None,
        "max_depth": max_depth,
        "max_pages": max_pages,
        "hops": hops,
        "render": RenderMode(mode) if mode else None,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    normalise = normaliser()
    found: list[Seed] = []
    problems: list[str] = []
    for name in names:
        try:
            parsed = read_seeds(name, normalise)
        except InvalidInput as error:
            problems.append(str(error))
            continue
        found.extend(replace(seed, **changes) for seed in parsed.seeds)
        problems.extend(f"seeds: {name}, {problem}" for problem in parsed.problems)
    for problem in problems:
        click.echo(f"backlinks: {problem}", err=True)
    if not found:
        raise InvalidInput("no seed was kept.")
    database = writable_database()
    with database.connect() as connection, database_errors(database):
        added = add_seeds(connection, found, kept=True)
    if problems:
        click.echo(f"kept {len(found):,}, refused {len(problems):,}")
        sys.exit(1)
    pages = f" with {counted(added.pages, 'other page')} to start from" if added.pages else ""
    what = "it" if added.seeds == 1 else "them"
    click.echo(f"{counted(added.seeds, 'seed')} kept{pages}; `backlinks crawl` crawls {what}")


@seeds.command("list")
@output_options
def list_(output: Output) -> None:
    """List the kept seeds.

    With the number of known and of visited pages of each.
    """
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        rows = list_seeds(connection)
    none = "no seeds are kept; add some with `backlinks seeds add URL…`"
    output.write_list(StoredSeed._fields[1:], [row[1:] for row in rows], none)


@seeds.command()
@click.argument("names", metavar="URL|DOMAIN…", nargs=-1, required=True)
def remove(names: tuple[str, ...]) -> None:
    """Stop crawling these seeds, and what their hops have found.

    The links that were found on them stay in the index, and pages that another seed covers are still visited.
    """
    normalise = normaliser()
    try:
        hashes = {name: parse_seed(name, normalise).url.hash for name in names}
    except ValueError as error:
        raise InvalidInput(f"{error}.") from None
    database = readable_database()
    missing = []
    with database.connect() as connection, database_errors(database):
        for name, url_hash in hashes.items():
            if not remove_seed(connection, url_hash):
                missing.append(name)
    for name in missing:
        click.echo(f"backlinks: {name} is not a kept seed; `backlinks seeds list` shows them.", err=True)
    if missing:
        sys.exit(InvalidInput.exit_code)
