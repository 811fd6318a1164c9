"""`backlinks crawl`: `scrapy crawl seeds` in one process or several."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import click

from backlink_crawler.cli.crew import run_crew, scrapy_crawl
from backlink_crawler.cli.environment import writable_database
from backlink_crawler.errors import BacklinksError, NothingRead
from backlink_crawler.model import RenderMode
from backlink_crawler.store.again import database_time
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.status import totals_of
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

MOST_WORKERS = 64


@click.command()
@click.option(
    "--workers",
    "number",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    help="Number of processes; each uses one core (default: 1).",
)
@click.option("--seeds", help="A seeds file, or a comma-separated list of URLs and domains (default: the kept seeds).")
@click.option("--max-pages", type=click.IntRange(min=1), help="Stop after this many pages, over all workers.")
@click.option("--max-minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after this many minutes.")
@click.option(
    "--render",
    type=click.Choice([mode.value for mode in RenderMode]),
    help="Whether a browser renders pages, for all seeds of this run (default: as each seed says).",
)
@click.option("--recrawl", is_flag=True, help="Visit all pages of these seeds now, whenever they are due.")
@click.option("-s", "settings", metavar="NAME=VALUE", multiple=True, help="A Scrapy setting, as for `scrapy crawl`.")
def crawl(
    number: int,
    seeds: str | None,
    max_pages: int | None,
    max_minutes: float | None,
    render: str | None,
    recrawl: bool,
    settings: tuple[str, ...],
) -> None:
    """Crawl: visit the pages of the seeds that are due.

    This is `scrapy crawl seeds`, with one worker or several.

    Workers share the hosts through the database: the same command on another machine, with the same
    BACKLINKS_DATABASE_URL, joins in. Press Ctrl-C once to stop all of them cleanly, twice to stop them at once. The
    exit code is the highest of theirs; it is 1 for a worker that was killed, and 5 when no page could be read.
    """
    database = writable_database()  # its schema is made once, and an embedded server runs until the last has ended
    number = min(number, max_pages or number)  # each has a page to visit
    moment = _now(database) if recrawl else None  # one for all workers: what one has visited since then is not due
    ids = [uuid4() for _ in range(number)]
    commands = []
    for place, worker in enumerate(ids):
        arguments = {
            "seeds": seeds,
            "max_pages": max_pages and max_pages // number + (place < max_pages % number),
            "max_minutes": max_minutes,
            "render": render,
            "recrawl": moment,
        }
        named = [f"{name}={value}" for name, value in arguments.items() if value is not None]
        commands.append(
            scrapy_crawl("seeds", named, [*settings, f"BACKLINKS_WORKERS={number}", f"BACKLINKS_WORKER={worker}"])
        )
    code = run_crew(commands, database)
    if number > 1 and not _show_totals(database, ids) and not code:
        raise NothingRead("no page could be read.")
    sys.exit(code)


def _now(database: Database) -> str:
    with database.connect() as connection, database_errors(database):
        return database_time(connection).isoformat()


def _show_totals(database: Database, workers: list[UUID]) -> bool:
    """False: they have tried, and none has read any page."""
    try:
        with database.connect() as connection, database_errors(database):
            totals = totals_of(connection, workers)
    except BacklinksError as error:  # the workers have said so, and their exit code counts
        click.echo(f"backlinks: {error}", err=True)
        return True
    sitemaps = f" and {counted(totals.sitemaps, 'sitemap')}" if totals.sitemaps else ""
    click.echo(
        f"{counted(len(workers), 'worker')}: {counted(totals.pages, 'page')}{sitemaps}, "
        f"{counted(totals.links, 'new link')}, {counted(totals.referring_domains, 'new referring domain')}",
        err=True,
    )
    return not totals.read_nothing
