"""`backlinks network TARGET`: a target among the domains that link to it, and their links to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backlink_crawler.ask import network as asked
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.cli.ask import nothing_written, show
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.options import limit, show_sql
from backlink_crawler.cli.output import output_options
from backlink_crawler.inputs.targets import parse_domain
from backlink_crawler.store import neighbours

if TYPE_CHECKING:
    from backlink_crawler.cli.output import Output


@click.command()
@click.argument("target")
@click.option("--edges", "only_edges", is_flag=True, help="The edges instead: which of these domains links to which.")
@limit
@output_options
@show_sql
def network(*, target: str, only_edges: bool, output: Output, show_sql: bool, limit: int | None) -> None:
    """How do the domains that link to TARGET link to each other?

    Those of most authority, up to 199: with their links to TARGET, and links_among: their links to and from each other.
    --edges has the edges of that graph, those of TARGET among them. For networks of addresses: `backlinks networks`.
    """
    meant = parse_domain(target, "networks are told of whole domains", normaliser())
    if show_sql:
        most = asked.MOST - 1
        query = neighbours.edges_around(meant, most) if only_edges else neighbours.neighbours(meant, most)
        click.echo(query.literal())
        return
    columns = asked.Edge._fields if only_edges else asked.Node._fields
    database = readable_database()
    with nothing_written(output):
        try:
            found = asked.neighbourhood(database, meant)
        except UnknownTarget as nothing:
            nothing.columns = columns
            raise
    rows, shown = found.edges if only_edges else found.nodes[1:], output.limit(limit)
    count = len(found.nodes) - 1
    whom = f"{count:,} of {found.refdomains:,}" if count < found.refdomains else f"{count:,}"
    what = "domain that links" if found.refdomains == 1 else "domains that link"
    heading = f"{'links among' if only_edges else 'of'} the {whom} {what} to {meant}"
    is_ranked = any(node.authority is not None for node in found.nodes)
    empty = frozenset[str]() if is_ranked else frozenset({"authority"})
    show("network", heading, list(columns), rows[:shown], output, shown, empty)
