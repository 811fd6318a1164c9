"""`backlinks …`: one command group a file."""

from __future__ import annotations

import difflib
import logging
import signal
import sys
from importlib import import_module

import click

from backlink_crawler import __version__
from backlink_crawler.errors import BacklinksError
from backlink_crawler.terminal import EscapedRecord

# command → (module, object): imported when it is called, so that none waits for what another needs.
_COMMANDS = {
    "seeds": ("seeds", "seeds"),
    "skip": ("skip", "skip"),
    "optout": ("optout", "optout"),
    "targets": ("targets", "targets"),
    "mark": ("mark", "mark"),
    "disavow": ("disavow", "disavow"),
    "remove": ("remove", "remove"),
    "crawl": ("crawl", "crawl"),
    "verify": ("verify", "verify"),
    "status": ("status", "status"),
    "rank": ("rank", "rank"),
    "topics": ("topics", "topics"),
    "trust": ("trust", "trust"),
    "refdomains": ("ask", "refdomains"),
    "links": ("ask", "links"),
    "anchors": ("ask", "anchors"),
    "best": ("ask", "best"),
    "broken": ("ask", "broken"),
    "linked": ("ask", "linked"),
    "new": ("ask", "new"),
    "lost": ("ask", "lost"),
    "history": ("ask", "history"),
    "daily": ("ask", "daily"),
    "overview": ("ask", "overview"),
    "profile": ("profile", "profile"),
    "intersect": ("several", "intersect"),
    "compare": ("several", "compare"),
    "competitors": ("prospects", "competitors"),
    "prospects": ("prospects", "prospects"),
    "export": ("export", "export"),
    "risk": ("schemes", "risk"),
    "networks": ("schemes", "networks"),
    "mirrors": ("schemes", "mirrors"),
    "network": ("network", "network"),
    "report": ("report", "report"),
    "serve": ("serve", "serve"),
    "extract": ("extract", "extract"),
    "db": ("db", "db"),
    "demo": ("demo", "demo"),
}


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, command = _COMMANDS[name]
        found: click.Command = getattr(import_module(f"backlink_crawler.cli.{module}"), command)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # a shell's background job ignores it
            signal.signal(signal.SIGINT, signal.default_int_handler)  # there may be something to clear from now on
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        near = difflib.get_close_matches(name, _COMMANDS, 1)
        if name in _COMMANDS or not near or name.startswith("-"):
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"there is no command {name!r}; did you mean {near[0]!r}?", ctx)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="backlinks")
def backlinks() -> None:
    """A self-hosted backlink index: crawl the sites you name, and ask who links to X.

    `backlinks seeds` says what is crawled, and `backlinks crawl` crawls it. `backlinks refdomains`, `links`, `anchors`
    and the others that take a TARGET answer questions. `backlinks db` looks after the database.
    """


def main() -> None:
    """Run a command; every expected failure is one sentence on standard error and an exit code (errors.py)."""
    logging.setLogRecordFactory(EscapedRecord)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # as Ctrl-C: what is half-made is cleared
    try:
        backlinks()
    except BacklinksError as error:
        click.echo(f"backlinks: {error}", err=True)
        sys.exit(error.exit_code)
