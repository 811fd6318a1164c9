"""`backlinks rank`: what the links are worth."""

from __future__ import annotations

import sys

import click

from backlink_crawler.cli.environment import readable_database
from backlink_crawler.rank import job


@click.command()
def rank() -> None:
    """Compute what links are worth: authority and trust of every domain.

    Questions show the old scores until the new ones are complete. Crawls may keep running. Ctrl-C leaves the old ones.
    """
    progress = _Progress()
    run = job.rank(readable_database(), progress)
    progress.clear()
    click.echo(f"run {run.id}: ranked")


class _Progress:
    """One line that changes, on a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def __call__(self, doing: str) -> None:
        if self._is_shown:
            click.echo(f"\r\x1b[K{doing}", nl=False, err=True)

    def clear(self) -> None:
        if self._is_shown:
            click.echo("\r\x1b[K", nl=False, err=True)
