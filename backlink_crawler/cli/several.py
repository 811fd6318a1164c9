"""`backlinks intersect | compare TARGET …`: questions about several targets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask import questions
from backlink_crawler.cli.ask import nothing_written, show
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import dofollow, mark, options, rows
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store import several
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.marks import ANY, NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.cli.output import Output
    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

_targets = click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
_without = click.option(
    "--not",
    "without",
    metavar="TARGET",
    multiple=True,
    help="Only domains that do not link to this one; may be repeated.",
)


@click.command()
@_targets
@options(_without, mark, dofollow, *rows("intersect"))
def intersect(
    *,
    targets: tuple[str, ...],
    without: tuple[str, ...],
    mode: str | None,
    output: Output,
    show_sql: bool,
    limit: int | None,
    **chosen: Any,
) -> None:
    """Which domains link to every TARGET, and not to those of --not?

    With the number of links to each: links_1 to the first TARGET, links_2 to the second.
    """
    asked, others = parsed(targets, mode), parsed(without, mode)
    filters = Filters(limit=output.limit(limit), **chosen)
    if show_sql:
        click.echo(several.intersect(asked, others, filters).literal())
        return
    database = readable_database()
    asked, others = known(database, asked), known(database, others)
    with nothing_written(output):
        columns, found = questions.intersect(database, asked, others, filters)
    marked = {None: "", ANY: ", and are marked", NONE: ", and are not marked"}
    heading = f"domains that link {questions.between(asked, others)}"
    heading += marked.get(filters.mark, f", and are marked as {filters.mark}")
    empty = questions.empty_columns(database, "intersect") if output.is_table else frozenset[str]()
    show("intersect", heading, columns, found, output, filters.limit, empty)


@click.command()
@_targets
@options(*rows("compare"))
def compare(
    *, targets: tuple[str, ...], mode: str | None, output: Output, show_sql: bool, limit: int | None, **chosen: Any
) -> None:
    """How do the totals of several TARGETs compare?

    own_refdomains: domains that link to this one and to none of the others; shared_refdomains: that link to all of them.
    """
    asked, filters = parsed(targets, mode), Filters(limit=output.limit(limit), **chosen)
    if show_sql:
        click.echo(several.compare(asked, filters).literal())
        return
    database = readable_database()
    asked = known(database, asked)
    with nothing_written(output):
        columns, found = questions.compare(database, asked, filters)
    show("compare", "totals of each target", columns, found, output, filters.limit)


def parsed(texts: Iterable[str], mode: str | None) -> list[Target]:
    normalise = normaliser()
    return list(dict.fromkeys(parse_target(text, TargetMode(mode) if mode else None, normalise) for text in texts))


def known(database: Database, targets: list[Target]) -> list[Target]:
    """As the index spells them."""
    return [questions.known_spelling(database, target) for target in targets]
