"""`backlinks competitors | prospects TARGET`: whom a target is like, and who might link to it next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask import prospects as asked
from backlink_crawler.cli.ask import nothing_written, show
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import rows, show_sql
from backlink_crawler.cli.output import output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.store import prospects as queries
from backlink_crawler.store.asking import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.cli.output import Output
    from backlink_crawler.model import Target

_competitors = click.option(
    "--competitors",
    "named",
    metavar="DOMAIN…",
    multiple=True,
    help="Compare with these instead of those that `backlinks competitors` finds.",
)
_list = click.option(
    "--list",
    "kind",
    type=click.Choice(asked.LEADS),
    help="Other chances. broken: dead pages of competitors that are still linked to; topic: domains on TARGET's topic "
    "that link to none of them; lost: links to ask for again; misdirected: links to dead or moved pages of TARGET; "
    "mentions: pages that name it without a link.",
)
_explain = click.option("--explain", metavar="DOMAIN", help="Why this domain: every factor in words, and its pages.")


def _options(*chosen: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in (show_sql, output_options, *reversed(chosen)):
            command = option(command)
        return command

    return decorate


@click.command()
@click.argument("target")
@_options(*rows("competitors"))
def competitors(*, target: str, output: Output, show_sql: bool, limit: int | None, sort: str | None) -> None:
    """Which domains are linked to by the same domains as TARGET?

    similarity, 0 to 1: from the share of TARGET's referring domains that link there too, and the share of those that link
    there which link to TARGET too. Domains that link to very many count little. Of a large TARGET it is as of the last
    `backlinks rank`.
    """
    meant, filters = whole_domain(target), Filters(limit=output.limit(limit), sort=sort)
    if show_sql:
        click.echo(queries.competitors(meant, filters).literal())
        return
    with nothing_written(output):
        columns, found = asked.competitors(readable_database(), meant, filters)
    _show("competitors", f"domains that are linked to as {meant} is", columns, found, output, filters)


@click.command()
@click.argument("target")
@click.argument("others", metavar="", nargs=-1)
@_options(_competitors, _list, _explain, *rows("prospects"))
def prospects(
    *,
    target: str,
    others: tuple[str, ...],
    named: tuple[str, ...],
    kind: str | None,
    explain: str | None,
    output: Output,
    show_sql: bool,
    limit: int | None,
    sort: str | None,
) -> None:
    """Which domains might link to TARGET next?

    Those that link to domains like it and not to it, the best first, with a page where the link could stand. --explain says
    why, --list has other chances.
    """
    if others and not named:
        raise InvalidInput(f"prospects are those of one target: leave out {others[0]}, or name it after --competitors.")
    if kind and explain:
        raise InvalidInput("--list and --explain exclude each other: leave out one of them.")
    if kind:
        require_asks_competitors(kind, named)
    meant, rivals = whole_domain(target), [whole_domain(name) for name in dict.fromkeys((*named, *others))]
    filters = Filters(limit=output.limit(limit), sort=sort)
    if explain:
        _explained(meant, rivals, whole_domain(explain), output, is_sql=show_sql)
        return
    if show_sql:
        query = queries.leads(kind, meant, rivals, filters) if kind else queries.prospects(meant, rivals, filters)
        click.echo(query.literal())
        return
    database = readable_database()
    with nothing_written(output):
        if kind:
            columns, found = asked.ask_leads(database, kind, meant, rivals, filters)
        else:
            columns, found = asked.ask_prospects(database, meant, rivals, filters)
    whom = ", ".join(map(str, rivals)) or "its competitors"
    heading = asked.MEANINGS[kind].format(meant) if kind else f"domains that link to {whom} and not to {meant}"
    _show(kind or "prospects", heading, columns, found, output, filters)


def _explained(target: Target, rivals: list[Target], source: Target, output: Output, *, is_sql: bool) -> None:
    """Programs get the pages; the factors are columns of the other answer."""
    if is_sql:
        click.echo(queries.prospect(target, rivals, source).literal())
        click.echo(queries.prospect_pages(target, rivals, source).literal())
        return
    with nothing_written(output):
        sentences, (columns, found) = asked.explained(readable_database(), target, rivals, source)
    said = "\n".join(f" {sentence}" for sentence in sentences)
    heading = (
        f"prospects: why {source} might link to {target}\n{said}\npages where the link could stand, and what they cite"
    )
    shown = ("url_from", "title_from", "url_to", "anchor", "relevance")
    output.write(columns, found, shown=shown, heading=heading)


def _show(question: str, heading: str, columns: Sequence[str], found: Any, output: Output, filters: Filters) -> None:
    empty: set[str] = set()
    if output.is_table:  # what does not fit, and what nobody has computed
        found = list(found)
        shown = asked.TABLE_COLUMNS[question]
        empty = {name for at, name in enumerate(columns) if name not in shown or all(row[at] is None for row in found)}
    name = f"prospects --list {question}" if question in asked.LEADS else question
    show(name, heading, columns, found, output, filters.limit, frozenset(empty))


def require_asks_competitors(kind: str, named: Sequence[str]) -> None:
    """Raises InvalidInput when some are named, and that list has no use for them."""
    if named and not queries.LEADS[kind].by_competitors:
        raise InvalidInput(f"--list {kind} does not ask for competitors: leave out --competitors.")


def whole_domain(text: str) -> Target:
    return parse_domain(text, "competitors and prospects are whole domains", normaliser())
