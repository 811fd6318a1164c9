"""`backlinks demo`: the demo web, crawled for real into an index of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack, suppress
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from backlink_crawler.cli.environment import writable_database
from backlink_crawler.config import EXPLORER_PORT, Config
from backlink_crawler.demo.server import LittleWeb
from backlink_crawler.errors import BacklinksError
from backlink_crawler.store import embedded

PORT = 8000
TARGET = "bergkaffee.test"
NEXT = (
    (f"links {TARGET} --dofollow", "every dofollow link, with its anchor text"),
    (f"overview {TARGET}", "totals, and how well the linking sites are crawled"),
    ("db shell -c 'SELECT * FROM anchors'", "your own SQL"),
)


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def demo(command: tuple[str, ...]) -> None:
    """Crawl a bundled demo web on this machine.

    Then rank it, and show who links to its coffee roaster. The demo has an index of its own, which each run makes anew.

    With a COMMAND, such as `links bergkaffee.test`, that is run on the demo's index instead.
    """
    home = Config.from_environment().home / "demo"
    os.environ["BACKLINKS_HOME"] = str(home)
    os.environ.pop("BACKLINKS_DATABASE_URL", None)
    backlinks = click.get_current_context().find_root().command
    if command:
        backlinks.main(list(command), prog_name="backlinks demo")
    click.echo(f"the demo has an index of its own, under {home}, which each run makes anew; yours is not touched")
    embedded.start(home, anew=True)
    writable_database()
    _crawl()
    click.echo("\n$ backlinks rank")
    backlinks.main(["rank"], standalone_mode=False)
    program = f"{_program()} demo"
    click.echo(f"\n$ {program} refdomains {TARGET}")
    backlinks.main(["refdomains", TARGET], standalone_mode=False)
    click.echo("\nTry next:")
    for arguments, meaning in NEXT:
        click.echo(f"  {meaning}:\n    {program} {arguments}")
    click.echo(f"\nIn a browser: http://127.0.0.1:{EXPLORER_PORT}/overview?target={TARGET}, once this runs:")
    click.echo(f"  {program} serve")


def _crawl() -> None:
    with ExitStack() as stack:
        web, folder = _little_web(stack), stack.enter_context(TemporaryDirectory())
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


def _little_web(stack: ExitStack) -> LittleWeb:
    """On its usual port, or on another when that is taken."""
    with suppress(OSError):
        return stack.enter_context(LittleWeb(PORT))
    return stack.enter_context(LittleWeb())


def _program() -> str:
    """This program, as it can be typed here."""
    ours, found = Path(sys.argv[0]).absolute(), shutil.which("backlinks")
    if found and ours.exists() and Path(found).samefile(ours):
        return "backlinks"
    return shlex.quote(str(ours.relative_to(Path.cwd()) if ours.is_relative_to(Path.cwd()) else ours))
