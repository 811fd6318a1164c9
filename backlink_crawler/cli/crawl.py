"""`backlinks crawl`: `scrapy crawl seeds` in one process or several."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import click

from backlink_crawler.cli.environment import writable_database
from backlink_crawler.errors import BacklinksError, NothingRead
from backlink_crawler.model import RenderMode
from backlink_crawler.store.again import database_time
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.status import totals_of
from backlink_crawler.terminal import counted, escaped

if TYPE_CHECKING:
    from types import FrameType

    from backlink_crawler.store.database import Database

MOST_WORKERS = 64
# SIGHUP: the terminal is gone.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STOPPED = {-signal.SIGTERM, -signal.SIGINT}


@dataclass
class _Worker:
    """process: runs in a process group of its own, so that a terminal's Ctrl-C reaches it through us, once."""

    name: str
    process: subprocess.Popen[str]
    output: threading.Thread | None = None


@dataclass
class _Crew:
    """Several workers: their output, and how they are stopped."""

    workers: list[_Worker] = field(default_factory=list)
    asked_to_stop: bool = False
    _said: set[str] = field(default_factory=set)
    _printing: threading.Lock = field(default_factory=threading.Lock)

    def start(self, commands: list[list[str]]) -> None:
        alone = len(commands) == 1
        for number, command in enumerate(commands, 1):
            process = subprocess.Popen(  # noqa: S603
                command, stderr=None if alone else subprocess.PIPE, text=True, errors="replace", process_group=0
            )
            worker = _Worker(f"worker {number}", process)
            if not alone:
                worker.output = threading.Thread(target=self._print, args=(worker,), daemon=True)
                worker.output.start()
            self.workers.append(worker)
            if self.asked_to_stop:
                process.terminate()

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Once: all end cleanly. Twice: at once. SIGTERM does both; before Scrapy handles it, it leaves no traceback."""
        self.asked_to_stop = True
        for worker in self.workers:
            worker.process.terminate()

    def wait(self) -> int:
        """The highest exit code; 1 for a worker that was killed."""
        codes = [worker.process.wait() for worker in self.workers]
        for worker, code in zip(self.workers, codes, strict=True):
            if worker.output:
                worker.output.join()
            if self._failed(code) and code < 0:
                click.echo(f"backlinks: {worker.name} was killed ({signal.Signals(-code).name}).", err=True)
        return max((max(code, 1) for code in codes if self._failed(code)), default=0)

    def _failed(self, code: int) -> bool:
        return code != 0 and not (self.asked_to_stop and code in _STOPPED)

    def _print(self, worker: _Worker) -> None:
        """Each line with the worker's name; what all of them say about the seeds or the database, once."""
        assert worker.process.stderr is not None
        for said in worker.process.stderr:
            line = escaped(said, but="\n")
            with self._printing:
                if not line.startswith(("seeds, ", "backlinks: ")):
                    click.echo(f"{worker.name}  {line}", nl=False, err=True)
                elif line not in self._said:
                    self._said.add(line)
                    click.echo(line, nl=False, err=True)


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
    code = run_crew(commands)
    if number > 1 and not _show_totals(database, ids) and not code:
        raise NothingRead("no page could be read.")
    sys.exit(code)


def scrapy_crawl(spider: str, arguments: list[str], settings: list[str]) -> list[str]:
    """The command."""
    options = [part for argument in arguments for part in ("-a", argument)]
    options += [part for setting in settings for part in ("-s", setting)]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *options]


def run_crew(commands: list[list[str]]) -> int:
    """Run these commands at once, and stop them as the user stops us. Returns the highest exit code."""
    crew = _Crew()
    before = {number: signal.signal(number, crew.stop) for number in _SIGNALS}
    try:
        crew.start(commands)
        return crew.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
