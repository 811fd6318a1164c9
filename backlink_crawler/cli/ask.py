"""`backlinks refdomains | links | anchors | best | broken | linked | new | lost | history | daily | overview TARGET`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.periods import parse_since
from backlink_crawler.ask.questions import QUESTIONS, TABLE_COLUMNS, UnknownTarget, ask, meaning
from backlink_crawler.cli.environment import normaliser, readable_database
from backlink_crawler.cli.output import ROWS_OF_A_TABLE, output_options
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import LinkOrigin, TargetMode
from backlink_crawler.store.asking import STATUSES, Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlink_crawler.cli.output import Output

_status = click.option(
    "--status",
    type=click.Choice(STATUSES),
    help="Default: live and unverified. Unverified links were live, and their page could not be read since.",
)
_dofollow = click.option(
    "--dofollow",
    is_flag=True,
    help="Only links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow.",
)
_origin = click.option(
    "--origin",
    type=click.Choice([origin.name.lower() for origin in (LinkOrigin.HTML, LinkOrigin.RENDERED, LinkOrigin.BOTH)]),
    help="Only links that are in the HTML alone, in the rendered page alone, or in both.",
)
_rows = (
    click.option(
        "--limit",
        type=click.IntRange(min=0),
        help=f"At most this many rows; 0: all (default: {ROWS_OF_A_TABLE} in a table, all in other formats and in files).",
    ),
    click.option("--sort", help="Sort by this column; add :asc or :desc for the direction."),
)


def _target_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("target"),
        click.option(
            "--mode",
            type=click.Choice([mode.value for mode in TargetMode]),
            help="Which URLs TARGET means (default: guessed from how it is written).",
        ),
        output_options,
        click.option("--sql", "show_sql", is_flag=True, help="Print the SQL query instead of its rows."),
    ):
        command = option(command)
    return command


def _row_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in _rows:
        command = option(command)
    return command


def _filter_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (_status, _dofollow, _origin, *_rows):
        command = option(command)
    return command


def _since_options(default: str | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    shown = default or "from the start"

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        since = click.option(
            "--since",
            default=default,
            help=f"How far back, by when the index learnt of it: 24h, 7d, 2w, 6mo, or a day in UTC such as 2026-01-31 (default: {shown}).",
        )
        for option in (since, *_rows):
            command = option(command)
        return command

    return decorate


@click.command()
@_filter_options
@_target_options
def refdomains(**options: Any) -> None:
    """Which domains link to TARGET?

    TARGET is a domain, a host, a URL, or a URL prefix (https://example.com/blog/*).
    """
    _answer("refdomains", **options)


@click.command()
@_filter_options
@_target_options
def links(**options: Any) -> None:
    """Which links point to TARGET?

    Each instance is a row. The formats csv and json show every column.
    """
    _answer("links", **options)


@click.command()
@_filter_options
@_target_options
def anchors(**options: Any) -> None:
    """Which anchor texts do links to TARGET use?"""
    _answer("anchors", **options)


@click.command()
@_filter_options
@_target_options
def best(**options: Any) -> None:
    """Which pages of TARGET have the most referring domains?"""
    _answer("best", **options)


@click.command()
@_dofollow
@_row_options
@_target_options
def broken(**options: Any) -> None:
    """Which live links point to dead pages of TARGET?

    Dead means 404 or 410. TARGET itself must be crawled for this.
    """
    _answer("broken", **options)


@click.command()
@_status
@_dofollow
@_row_options
@_target_options
def linked(**options: Any) -> None:
    """Which domains does TARGET's domain link to?

    TARGET itself must be crawled for this.
    """
    _answer("linked", **options)


@click.command()
@_dofollow
@_origin
@_since_options("7d")
@_target_options
def new(**options: Any) -> None:
    """Which links to TARGET were found lately, and are still there?"""
    _answer("new", **options)


@click.command()
@_dofollow
@_origin
@_since_options("7d")
@_target_options
def lost(**options: Any) -> None:
    """Which links to TARGET were lost lately, and why?

    A link whose page could not be read is not lost.
    """
    _answer("lost", **options)


@click.command()
@_since_options(None)
@_target_options
def history(**options: Any) -> None:
    """What happened to the links to TARGET?

    They were found, missing, lost, restored, moved with their page, or their rel or anchor changed.
    """
    _answer("history", **options)


@click.command()
@_since_options("30d")
@_target_options
def daily(**options: Any) -> None:
    """How many links were found and lost, day by day?

    Links to TARGET's domain, found, lost and restored, by the day (in UTC) on which the index learnt of it.
    """
    _answer("daily", **options)


@click.command()
@_target_options
def overview(**options: Any) -> None:
    """Totals for TARGET, and the coverage behind them.

    Coverage: how many pages of the linking domains are known, how many were visited, and when.
    """
    _answer("overview", **options)


def _answer(
    question: str,
    *,
    target: str,
    mode: str | None,
    output: Output,
    show_sql: bool,
    status: str | None = None,
    dofollow: bool = False,
    limit: int | None = None,
    sort: str | None = None,
    since: str | None = None,
    origin: str | None = None,
) -> None:
    parsed = parse_target(target, TargetMode(mode) if mode else None, normaliser())
    most = output.limit(limit)
    filters = Filters(status, dofollow, sort, most, None if since is None else parse_since(since), origin)
    if show_sql:
        click.echo(QUESTIONS[question](parsed, filters).literal())
        return
    try:
        columns, rows = ask(readable_database(), question, parsed, filters)
    except UnknownTarget as nothing:
        output.write_nothing(nothing.columns)
        raise
    heading = f"{question}: {meaning(question, parsed)}{'' if mode else f' (--mode {parsed.mode}, guessed)'}"
    if question == "overview":
        output.write_record(columns, next(iter(rows)), heading=heading)
        return
    answer = _Counted(rows)
    output.write(columns, answer, shown=TABLE_COLUMNS.get(question), heading=heading)
    if answer.number == most:
        first = "row is" if most == 1 else f"{most:,} rows are"
        click.echo(f"only the first {first} shown; --limit 0 shows all", err=True)


class _Counted:
    """Rows, and how many there have been."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.number += 1
            yield row
