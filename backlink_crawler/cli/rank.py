"""`backlinks rank`: what the links are worth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.cli.environment import readable_database
from backlink_crawler.rank import job
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INTERRUPTED = 130


@click.command()
def rank() -> None:
    """Compute what links are worth, from the whole index.

    Authority and trust of every domain, by the follow links between them; which links are sitewide; the class of every
    anchor, and what targets' anchors come to; the language of pages that declare none; the relevance of every link to what
    it links to; the topics of domains, where `backlinks topics add` has named some; pages that say the same on several
    domains, and domains in one network; what links have in common with link schemes, with reasons; and what is usual of
    the profiles of targets. docs/methods.md says how.

    Questions show the old scores until the new ones are complete, and crawls may keep running. Ctrl-C leaves the old
    scores of what is not done.

    `pip install 'backlink-crawler[rank]'` is what languages take, and an index with more than a million pairs of domains.
    """
    database = readable_database()
    progress = _Progress()
    try:
        run = job.rank(database, progress)
    except KeyboardInterrupt:
        progress.clear()
        click.echo("backlinks: interrupted; what is not done keeps its old scores.", err=True)
        sys.exit(_INTERRUPTED)
    finally:
        progress.clear()
    for line in _told(run.figures):
        click.echo(line)


def _told(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What was done, and what could not be known and why."""
    domains, anchors, languages = figures["authority"], figures["anchors"], figures["languages"]
    yield (
        f"ranked {counted(domains['domains'], 'domain')} by {counted(domains['edges'], 'follow edge')}; "
        f"the scores of {domains['rows_changed']:,} have changed"
    )
    if domains["edges"] and domains["trust_iterations"] is None:
        yield "trust is not known: this index has no follow link of a trust seed (`backlinks trust list` shows them)"
    if figures["sitewide"]["slots"]:
        yield f"{counted(figures['sitewide']['slots'], 'sitewide link')} of {counted(figures['sitewide']['domains'], 'domain')}"
    yield (
        f"classified {counted(anchors['anchors'], 'anchor')} of {counted(anchors['targets'], 'domain')}; "
        f"{counted(figures['relevance']['links'], 'link')} with a relevance"
    )
    if "skipped" in languages:
        yield f"the languages of pages that declare none were left out: {languages['skipped']}"
    if figures["topics"]["topics"]:
        yield f"{counted(figures['topics']['topics'], 'topic')} in {counted(figures['topics']['rows'], 'row')} of domain_topics"
    risk = figures["risk"]
    if risk["judged_by"]:
        yield (
            f"link-scheme risk by {counted(len(risk['judged_by']), 'signal')}: {counted(risk['domains'], 'domain')} with a "
            "reason (the view risk_reasons has them)"
        )
    elif domains["domains"]:
        yield "link-scheme risk is not known: this index has too few domains that link out to tell what is usual"


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
