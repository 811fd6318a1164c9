"""`backlinks demo`: the demo web, crawled for real."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from backlink_crawler.ask.formats import Format
from backlink_crawler.ask.questions import TABLE_COLUMNS, ask
from backlink_crawler.cli.environment import normaliser, writable_database
from backlink_crawler.cli.output import Output
from backlink_crawler.demo.server import LittleWeb
from backlink_crawler.errors import BacklinksError
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.store.asking import Filters

PORT = 8000
TARGET = "bergkaffee.test"
NEXT = (
    f"backlinks links {TARGET} --dofollow      every dofollow link, with its anchor text",
    f"backlinks overview {TARGET}              totals, and how well the linking sites are crawled",
    "backlinks db shell -c 'SELECT * FROM anchors'     your own SQL",
)


@click.command()
def demo() -> None:
    """Crawl a bundled demo web on this machine.

    Then show who links to its coffee roaster.
    """
    database = writable_database()
    with _little_web() as web, TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds.txt")
        listed = resources.files("backlink_crawler.demo").joinpath("seeds.txt").read_text(encoding="utf-8")
        seeds.write_text(web.localise(listed), encoding="utf-8")
        click.echo(
            f"$ scrapy crawl seeds -a seeds=demo/seeds.txt -s DOWNLOAD_DELAY=0    (the demo web is on 127.0.0.1:{web.port})"
        )
        command = [sys.executable, "-m", "scrapy", "crawl", "seeds", "-a", f"seeds={seeds}", "-s", "DOWNLOAD_DELAY=0"]
        environment = os.environ | {"BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
        crawl = subprocess.run(command, env=environment, cwd=folder, check=False)  # noqa: S603
    if crawl.returncode:
        raise BacklinksError(f"the crawl ended with exit code {crawl.returncode}.")
    columns, rows = ask(database, "refdomains", parse_target(TARGET, None, normaliser()), Filters())
    Output(Format.TABLE).write(
        columns, rows, shown=TABLE_COLUMNS["refdomains"], heading=f"\n$ backlinks refdomains {TARGET}"
    )
    click.echo("\nTry next:\n" + "\n".join(f"  {line}" for line in NEXT))


def _little_web() -> LittleWeb:
    """On its usual port, so that a second run finds the same URLs; on another when that is taken."""
    with suppress(OSError):
        return LittleWeb(PORT)
    return LittleWeb()
