"""`backlinks rank`: what the links are worth."""

from __future__ import annotations

import sys

import click

from backlink_crawler.cli.environment import readable_database
from backlink_crawler.rank import job
from backlink_crawler.terminal import counted

_INTERRUPTED = 130


@click.command()
def rank() -> None:
    """Compute what links are worth: authority and trust of every domain.

    From all live follow links that the index knows. Questions show the old scores until the new ones are complete, and
    crawls may keep running. Ctrl-C leaves the old scores.

    An index with more than a million pairs of domains takes `pip install 'backlink-crawler[rank]'`.
    """
    database = readable_database()
    progress = _Progress()
    try:
        run = job.rank(database, progress)
    except KeyboardInterrupt:
        progress.clear()
        click.echo("backlinks: interrupted; the old scores stay.", err=True)
        sys.exit(_INTERRUPTED)
    finally:
        progress.clear()
    figures = run.figures["authority"]
    click.echo(
        f"ranked {counted(figures['domains'], 'domain')} by {counted(figures['edges'], 'follow edge')}; "
        f"the scores of {figures['rows_changed']:,} have changed"
    )


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
