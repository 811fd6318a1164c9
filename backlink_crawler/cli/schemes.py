"""`backlinks risk | networks | mirrors TARGET`: which of the domains that link may be no voices of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask import risks as asked
from backlink_crawler.ask import voices
from backlink_crawler.ask.questions import empty_columns
from backlink_crawler.cli.ask import nothing_written, show
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import rows, show_sql
from backlink_crawler.cli.output import output_options
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.store import schemes
from backlink_crawler.store.asking import Filters

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.ask.answers import Answer
    from backlink_crawler.cli.output import Output
    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.database import Database

_explain = click.option(
    "--explain", metavar="DOMAIN", help="What the risk of this domain is made of: each signal in words."
)


def _options(question: str, *chosen: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in (show_sql, output_options, *reversed((*chosen, *rows(question)))):
            command = option(command)
        return command

    return decorate


@click.command()
@click.argument("target")
@_options("risk", _explain)
def risk(*, target: str, explain: str | None, output: Output, **chosen: Any) -> None:
    """Which domains link to TARGET in ways that link schemes do?

    Those with a link-scheme risk, 0 to 1, the highest first, each with its three main reasons, as of the last `backlinks
    rank`. It is told by what is unusual in this index, and is no verdict: docs/methods.md says how, and where it fails.
    """
    meant = whole_domain(target)
    if explain:
        _explained(meant, whole_domain(explain), output, is_sql=chosen["show_sql"])
        return
    heading = f"domains whose links to {meant} or others are unusual as those of link schemes are; no verdict"
    _answer("risk", meant, heading, schemes.risks, asked.risks, output=output, **chosen)


@click.command()
@click.argument("target")
@_options("networks")
def networks(*, target: str, **chosen: Any) -> None:
    """From which networks do several domains link to TARGET?

    Networks are IPv4 /24 and IPv6 /48. refdomains_share is of the referring domains whose network is known, index_share of
    all such domains: where the two are about equal, it is a hoster or a CDN, and says nothing.
    """
    meant = whole_domain(target)
    heading = f"those from which two domains and more link to {meant}"
    _answer("networks", meant, heading, schemes.networks, voices.networks, **chosen)


@click.command()
@click.argument("target")
@_options("mirrors")
def mirrors(*, target: str, **chosen: Any) -> None:
    """Which pages that link to TARGET say almost what pages of other domains say?

    Press releases, copied articles, parked domains: in groups, named by first_url, those of the most domains first. bits
    says in how many of 64 a page's text differs from that of first_url. mirror_of: all that the page's domain says of TARGET
    is what that other domain says.
    """
    meant = whole_domain(target)
    heading = f"pages on two domains and more that link to {meant} and say almost the same"
    _answer("mirrors", meant, heading, schemes.mirrors, voices.mirrors, **chosen)


def _answer(
    question: str,
    target: Target,
    heading: str,
    query: Callable[[Target, Filters], Query],
    ask: Callable[[Database, Target, Filters], Answer],
    *,
    output: Output,
    show_sql: bool,
    limit: int | None,
    sort: str | None,
) -> None:
    filters = Filters(limit=output.limit(limit), sort=sort)
    if show_sql:
        click.echo(query(target, filters).literal())
        return
    database = readable_database()
    with nothing_written(output):
        columns, found = ask(database, target, filters)
    empty = empty_columns(database, question) if output.is_table else frozenset[str]()
    show(question, heading, columns, found, output, filters.limit, empty)


def _explained(target: Target, source: Target, output: Output, *, is_sql: bool) -> None:
    if is_sql:
        click.echo(schemes.reasons(target, source).literal())
        return
    with nothing_written(output):
        found = asked.explained(readable_database(), target, source)
    said = "\n".join(f" {row[0]}: {row[-1]}" for row in found.rows)
    made = "1 − the product of (1 − weight × factor) of its signals; docs/methods.md has the policies"
    heading = f"risk: {found.risk:.3g} of {source} for {target}; {made}\n{said}"
    output.write(asked.COLUMNS, found.rows, shown=schemes.REASONS, heading=heading)


def whole_domain(text: str) -> Target:
    return parse_domain(text, "risks, networks and mirrors are told of whole domains", normaliser())
