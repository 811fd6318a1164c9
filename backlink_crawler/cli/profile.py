"""`backlinks profile TARGET`: what a link profile says."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from backlink_crawler.ask import profiles
from backlink_crawler.ask.findings import Kind
from backlink_crawler.ask.questions import UnknownTarget
from backlink_crawler.ask.tables import filled
from backlink_crawler.cli.ask import nothing_written
from backlink_crawler.cli.environment import normaliser, readable_database, terminal_width
from backlink_crawler.cli.output import output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import TargetMode
from backlink_crawler.store.profiles import FIGURES, profile_query
from backlink_crawler.terminal import blanked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlink_crawler.ask.profiles import Profile
    from backlink_crawler.cli.output import Output
    from backlink_crawler.model import Target

_HEADINGS = {
    Kind.COVERAGE: "what is not known",
    Kind.LOOK: "worth a look: unusual in this index, which is no verdict",
    Kind.CHANCE: "to be had",
    Kind.GOOD: "as it should be",
}


@click.command()
@click.argument("target")
@click.argument("others", nargs=-1, metavar="")
@click.option(
    "--competitors",
    metavar="TARGET…",
    multiple=True,
    help="Show their figures beside those of TARGET; after TARGET, as many as you like.",
)
@click.option("--findings", "only_findings", is_flag=True, help="Only what the figures say, each with its query.")
@output_options
@click.option("--sql", "show_sql", is_flag=True, help="Print the SQL of the figures instead.")
def profile(
    *,
    target: str,
    others: tuple[str, ...],
    competitors: tuple[str, ...],
    only_findings: bool,
    output: Output,
    show_sql: bool,
) -> None:
    """What does the link profile of TARGET, a whole domain, say?

    Its figures, beside the percentiles of the targets in this index (p50: half of them are at most there), as
    `backlinks rank` has measured them; and what follows from them, in sentences: those that are most unusual first, each
    with the query that shows its rows. docs/reading-a-profile.md walks through one. csv and json have the figures, or
    with --findings the sentences.
    """
    if others and not competitors:
        raise InvalidInput(f"profile takes one TARGET; to compare it, write --competitors {' '.join(others)}.")
    asked, *compared = _parsed((target, *competitors, *others))
    if show_sql:
        for view in FIGURES:
            click.echo(profile_query(view, asked).literal())
        return
    database = readable_database()
    columns = profiles.FINDINGS if only_findings else profiles.COLUMNS
    with nothing_written(output):
        try:
            found = profiles.profile(database, asked, compared)
        except UnknownTarget as nothing:
            nothing.columns = columns
            raise
    if not only_findings:
        names = [*columns, *map(str, found.others)]
        shown = [name for name in names if found.usual or not name.startswith("p") or name == "part"]
        when = f", as of the ranking of {found.as_of:%Y-%m-%d %H:%M} UTC" if found.as_of else ""
        heading = f"profile: links to {asked} and all its hosts{when}"
        output.write(names, profiles.rows(found), shown=shown, heading=heading, footer=_told(found))
    elif output.is_table:
        output.write_lines(_told(found))
    else:
        output.write(columns, profiles.finding_rows(found))


def _parsed(texts: Sequence[str]) -> list[Target]:
    targets = list(dict.fromkeys(parse_target(text, None, normaliser()) for text in texts))
    for each in targets:
        if each.mode is not TargetMode.DOMAIN:
            raise InvalidInput(f"profiles are kept of whole domains: ask for that of {each.domain}.")
    return targets


def _told(found: Profile) -> Iterator[str]:
    width = terminal_width()
    for kind, some in groupby(found.findings, key=lambda finding: finding.kind):
        yield f"\n{_HEADINGS[kind]}"
        for finding in some:
            yield filled(f"\n {finding.key}: {blanked(finding.sentence)}", width)
            yield filled(f"   {finding.advice}", width)
            yield f"   {blanked(found.queries[finding.key])}"
