"""`backlinks refdomains | links | anchors | best | broken | linked | new | lost | history | daily | overview TARGET`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.questions import (
    QUESTIONS,
    TABLE_COLUMNS,
    UnknownTarget,
    anchor_profile,
    ask,
    empty_columns,
    meaning,
)
from backlink_crawler.ask.tables import printable
from backlink_crawler.ask.words import EVENTS, LINK_TYPES, POSITIONS
from backlink_crawler.cli.choosing import as_known, chosen_links, named_target
from backlink_crawler.cli.environment import readable_database
from backlink_crawler.cli.options import (
    anchor_class,
    dofollow,
    first_seen,
    language,
    lost_reason,
    mark,
    options,
    origin,
    rel,
    rows,
    since,
    status,
)
from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import TargetMode
from backlink_crawler.store import summing
from backlink_crawler.store.anchor_classes import LEAST_REFDOMAINS, LEAST_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlink_crawler.cli.output import Output

_new_since = click.option(
    "--since",
    help="Only domains that are new: the index learnt of their first link since then; 24h, 7d, 2w, 6mo, or a date such "
    "as 2026-01-31. With --lost: that are lost since then.",
)
_lost = click.option("--lost", "is_lost", is_flag=True, help="Domains all of whose links are lost, lost last first.")
_source = click.option(
    "--from", "source", metavar="SOURCE", help="Only links from this domain, host, URL or URL prefix."
)
_page = click.option("--page", metavar="URL", help="Only links to this page of TARGET.")
_anchor = click.option(
    "--anchor",
    metavar="TEXT",
    help="Only links whose anchor contains TEXT, in capitals or not. =TEXT: whose anchor is TEXT; = alone: that have none.",
)
_link_type = click.option("--type", "link_type", type=click.Choice(LINK_TYPES), help="Only links of this type.")
_position = click.option(
    "--position",
    type=click.Choice(POSITIONS),
    help="Only links in this part of their page; content: editorial ones, in the page's own text.",
)
_one_per_domain = click.option(
    "--one-per-domain",
    is_flag=True,
    help="Of each domain one link: a dofollow one if it has any, and of these the one that was found first.",
)
_group_similar = click.option(
    "--group-similar",
    is_flag=True,
    help="One row for links of one domain that go to one URL with one anchor from one place of a template, and how many they "
    "are.",
)
_min_authority = click.option(
    "--min-authority",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Only links from domains of at least this authority (0 to 100), as `backlinks rank` has computed it.",
)
_max_authority = click.option(
    "--max-authority",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Only links from domains of at most this authority (0 to 100), as `backlinks rank` has computed it.",
)
_min_relevance = click.option(
    "--min-relevance",
    type=click.FloatRange(0, 1),
    metavar="N",
    help="Only links of at least this relevance to what they link to (0 to 1), as `backlinks rank` has computed it.",
)
_max_risk = click.option(
    "--max-risk",
    type=click.FloatRange(0, 1),
    metavar="N",
    help="Only links whose link-scheme risk is at most this (0 to 1), as `backlinks rank` has computed it; the view "
    "risk_reasons says what it is made of.",
)
_event = click.option("--event", type=click.Choice(EVENTS), help="Only events of this kind.")


# Of a target. People are not shown those that nobody has computed: `backlinks rank` says why.
_SCORES = frozenset(
    {
        *("authority", "trust", "over_optimised", "coverage_as_of"),
        *(f"{position}_links" for position in summing.POSITIONS),
    }
)
_shares = click.option(
    "--shares",
    is_flag=True,
    help="The share of TARGET's referring domains that use each class of anchors, and whether it is over-optimised.",
)


@click.command()
@click.argument("target")
@options(
    *(_new_since, _lost, _min_authority, _max_authority, _min_relevance, _max_risk, mark, status, dofollow, origin),
    *rows("refdomains"),
)
def refdomains(**chosen: Any) -> None:
    """Which domains link to TARGET?

    TARGET is a domain, a host, a URL, or a URL prefix (https://example.com/blog/*).
    """
    _answer("refdomains", **chosen)


@click.command()
@click.argument("target")
@options(
    *(_source, _page, _anchor, anchor_class, _link_type, _position, rel, language, _one_per_domain, _group_similar),
    *(
        _min_authority,
        _max_authority,
        _min_relevance,
        _max_risk,
        mark,
        status,
        lost_reason,
        first_seen,
        dofollow,
        origin,
    ),
    *rows("links"),
)
def links(*, page: str | None, **chosen: Any) -> None:
    """Which links point to TARGET?

    Each instance is a row. The formats csv and json show every column.
    """
    if chosen["lost_reason"] and chosen["status"] not in {None, "lost", "all"}:
        raise InvalidInput("--lost-reason is of lost links: leave out --status.")
    _answer("links", page=page, **chosen)


@click.command()
@click.argument("target")
@options(_shares, anchor_class, status, dofollow, origin, *rows("anchors"))
def anchors(*, shares: bool, **chosen: Any) -> None:
    """Which anchor texts do links to TARGET use?

    With the share of each in all these links, in percent, and its class: empty, image, naked (an address), branded,
    compound (a name and more), exact (a keyword of TARGET), partial, generic (it would fit any link) or other.
    """
    if shares:
        _profile(**chosen)
    else:
        _answer("anchors", **chosen)


@click.command()
@click.argument("target")
@options(status, dofollow, origin, *rows("best"))
def best(**chosen: Any) -> None:
    """Which pages of TARGET have the most referring domains?"""
    _answer("best", **chosen)


@click.command()
@click.argument("target")
@options(mark, dofollow, *rows("broken"))
def broken(**chosen: Any) -> None:
    """Which live links point to dead pages of TARGET?

    Dead means 404 or 410. TARGET itself must be crawled for this.
    """
    _answer("broken", **chosen)


@click.command()
@click.argument("target")
@options(mark, status, dofollow, *rows("linked"))
def linked(**chosen: Any) -> None:
    """Which domains does TARGET link to?

    TARGET itself must be crawled for this.
    """
    _answer("linked", **chosen)


@click.command()
@click.argument("target")
@options(since("7d"), mark, rel, language, first_seen, dofollow, origin, *rows("new"))
def new(**chosen: Any) -> None:
    """Which links to TARGET were found lately, and are still there?"""
    _answer("new", **chosen)


@click.command()
@click.argument("target")
@options(since("7d", "the loss"), lost_reason, mark, rel, language, first_seen, dofollow, origin, *rows("lost"))
def lost(**chosen: Any) -> None:
    """Which links to TARGET were lost lately, and why?

    A link whose page could not be read is not lost.
    """
    _answer("lost", **chosen)


@click.command()
@click.argument("target")
@options(since(None), _event, *rows("history"))
def history(**chosen: Any) -> None:
    """What happened to the links to TARGET?

    They were found, missing, lost, restored, moved with their page, or their rel or anchor changed.
    """
    _answer("history", **chosen)


@click.command()
@click.argument("target")
@options(since("30d"), *rows("daily"))
def daily(**chosen: Any) -> None:
    """How many links and domains came and went, day by day?

    Links to TARGET and domains with such links: found, lost and restored, by the day (in UTC) on which the index
    learnt of it.
    """
    _answer("daily", **chosen)


@click.command()
@click.argument("target")
@options()
def overview(**chosen: Any) -> None:
    """Totals for TARGET, and the coverage behind them.

    Coverage: how many pages of the linking domains are known, how many were visited, and when.
    """
    _answer("overview", **chosen)


def _answer(
    question: str,
    *,
    target: str,
    mode: str | None,
    output: Output,
    show_sql: bool,
    limit: int | None = None,
    **chosen: Any,
) -> None:
    asked, filters = chosen_links(target, mode, limit=output.limit(limit), **chosen)
    if show_sql:
        click.echo(QUESTIONS[question](asked, filters).literal())
        return
    database = readable_database()
    meant, filters = as_known(database, question, asked, filters)
    guessed = "" if mode or chosen.get("page") else f" (--mode {meant.mode}, guessed)"
    with nothing_written(output):
        columns, found = ask(database, question, meant, filters)
    empty = empty_columns(database, question) if output.is_table else frozenset[str]()
    heading = f"{meaning(question, meant, filters)}{guessed}"
    show(question, heading, columns, found, output, filters.limit, empty)


def _profile(*, target: str, mode: str | None, output: Output, show_sql: bool, **others: Any) -> None:
    """Of a whole domain, and of all its links: as of the last `backlinks rank`."""
    asked = named_target(target, mode, None)
    if any(others.values()):
        raise InvalidInput("--shares are of all links to TARGET: leave out the options that choose among them.")
    if asked.mode is not TargetMode.DOMAIN:
        raise InvalidInput(f"--shares are kept of whole domains: ask for those of {asked.domain}.")
    if show_sql:
        click.echo(summing.anchor_profile(asked).literal())
        return
    with nothing_written(output):
        columns, found = anchor_profile(readable_database(), asked)
    row = next(found)
    heading = (
        f"anchors: shares of the domains that link to {asked}; one that uses several classes of anchors is in each"
    )
    output.write_record(columns, row, heading=heading)
    if output.is_table and row[columns.index("over_optimised")] is None:
        click.echo(
            f"whether it is over-optimised is not known: that takes {LEAST_REFDOMAINS} referring domains, and "
            f"{LEAST_TARGETS} targets in this index that have as many",
            err=True,
        )


@contextmanager
def nothing_written(output: Output) -> Iterator[None]:
    """Where there are no rows, programs get what they read then, and people a sentence."""
    try:
        yield
    except UnknownTarget as nothing:
        output.write_nothing(nothing.columns)
        raise


def show(
    question: str,
    heading: str,
    columns: Sequence[str],
    found: Iterable[tuple[Any, ...]],
    output: Output,
    limit: int | None,
    empty: frozenset[str] = frozenset(),
) -> None:
    """The rows in the chosen format; a table has a heading. empty: columns that no row has a value in."""
    heading = f"{question}: {heading}"
    if question == "overview":
        row = dict(zip(columns, next(iter(found)), strict=True))
        if output.is_table:
            row = {name: value for name, value in row.items() if value is not None or name not in _SCORES}
        output.write_record(list(row), list(row.values()), heading=heading)
        return
    if question == "compare" and output.is_table:  # a column a target
        (_, *targets), *lines = zip(columns, *found, strict=True)
        known = (line for line in lines if line[0] not in _SCORES or set(line[1:]) != {None})
        output.write(["", *map(str, targets)], map(_compared, known), heading=heading)
        return
    answer = _Counted(found)
    shown = TABLE_COLUMNS.get(question) or [column for column in columns if not column.endswith("_id")]
    output.write(columns, answer, shown=[name for name in shown if name not in empty], heading=heading)
    if answer.number == limit:
        first = "row is" if limit == 1 else f"{limit:,} rows are"
        click.echo(f"only the first {first} shown; --limit 0 shows all", err=True)


def _compared(line: tuple[Any, ...]) -> list[str]:
    """A column's name and its values, as text: a column of the table has numbers and times."""
    name, *values = line
    zone = " (UTC)" if any(isinstance(value, datetime) for value in values) else ""
    return [f"{name}{zone}", *map(printable, values)]


class _Counted:
    """Rows, and how many there have been."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.number += 1
            yield row
