"""`backlinks refdomains | links | anchors | new | lost | history | overview TARGET`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.formats import Format, render, render_record
from backlink_crawler.ask.periods import parse_since
from backlink_crawler.ask.questions import MEANINGS, QUESTIONS, TABLE_COLUMNS, ask
from backlink_crawler.cli.environment import normaliser, readable_database, terminal_width
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import LinkOrigin, LinkStatus, TargetMode
from backlink_crawler.store.queries import ALL, Filters

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.model import Target

_STATUSES = [*(status.name.lower() for status in LinkStatus), ALL]


_dofollow = click.option("--dofollow", is_flag=True, help="Only links that are followed.")
_origin = click.option(
    "--origin",
    type=click.Choice([origin.name.lower() for origin in (LinkOrigin.HTML, LinkOrigin.RENDERED, LinkOrigin.BOTH)]),
    help="Only links in the HTML alone, in the rendered page alone, or in both.",
)
_rows = (
    click.option("--limit", type=click.IntRange(min=0), default=100, help="Rows at most; 0: all (default: 100)."),
    click.option("--sort", help="A column, with :asc or :desc."),
)


def _target_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("target"),
        click.option(
            "--mode",
            type=click.Choice([mode.value for mode in TargetMode]),
            help="Which URLs TARGET means (default: by its form).",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice([form.value for form in Format]),
            default=Format.TABLE.value,
            help="Default: table.",
        ),
        click.option("--sql", "show_sql", is_flag=True, help="Print the query instead, ready to paste into psql."),
    ):
        command = option(command)
    return command


def _filter_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--status",
            type=click.Choice(_STATUSES),
            help="Default: live and unverified (whose page could not be read lately, and which may well be there).",
        ),
        _dofollow,
        _origin,
        *_rows,
    ):
        command = option(command)
    return command


def _since_options(default: str | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    shown = default or "ever"

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        since = click.option(
            "--since", default=default, help=f"24h, 7d, 2w, 6mo or a date, 2026-01-31; default: {shown}."
        )
        for option in (since, *_rows):
            command = option(command)
        return command

    return decorate


@click.command()
@_filter_options
@_target_options
def refdomains(**options: Any) -> None:
    """Which domains point to TARGET?

    TARGET is a domain, a host, a URL, or a prefix of URLs (https://example.com/blog/*).
    """
    _answer("refdomains", **options)


@click.command()
@_filter_options
@_target_options
def links(**options: Any) -> None:
    """Which links point to TARGET? Every instance is a row; csv and json have all that is known of each."""
    _answer("links", **options)


@click.command()
@_filter_options
@_target_options
def anchors(**options: Any) -> None:
    """With which words is TARGET linked to?"""
    _answer("anchors", **options)


@click.command()
@_dofollow
@_origin
@_since_options("7d")
@_target_options
def new(**options: Any) -> None:
    """Which links to TARGET were found lately and still stand?"""
    _answer("new", **options)


@click.command()
@_dofollow
@_origin
@_since_options("7d")
@_target_options
def lost(**options: Any) -> None:
    """Which links to TARGET went lately, and why? Links whose page could not be read are not lost."""
    _answer("lost", **options)


@click.command()
@_since_options(None)
@_target_options
def history(**options: Any) -> None:
    """What happened to the links to TARGET: found, missing, lost, restored, rel or anchor changed."""
    _answer("history", **options)


@click.command()
@_target_options
def overview(**options: Any) -> None:
    """TARGET in figures, and how well the domains that link to it are covered."""
    _answer("overview", **options)


def _answer(
    question: str,
    *,
    target: str,
    mode: str | None,
    form: str,
    show_sql: bool,
    status: str | None = None,
    dofollow: bool = False,
    limit: int = 100,
    sort: str | None = None,
    since: str | None = None,
    origin: str | None = None,
) -> None:
    parsed = parse_target(target, TargetMode(mode) if mode else None, normaliser())
    filters = Filters(status, dofollow, sort, limit or None, None if since is None else parse_since(since), origin)
    if show_sql:
        click.echo(QUESTIONS[question](parsed, filters).literal())
        return
    columns, rows = ask(readable_database(), question, parsed, filters)
    output = Format(form)
    if output is Format.TABLE:
        _show_table(question, parsed, mode, columns, rows)
    else:
        for line in render(columns, rows, output, width=None):
            click.echo(line)
    if limit and len(rows) == limit and question != "overview":
        click.echo(f"the first {limit:,} rows; --limit 0 shows all", err=True)


def _show_table(
    question: str, target: Target, mode: str | None, columns: list[str], rows: list[tuple[Any, ...]]
) -> None:
    guessed = "" if mode else f" (--mode {target.mode}, guessed)"
    click.echo(f"{question}: {MEANINGS[target.mode].format(target)}{guessed}")
    if question == "overview":
        click.echo(render_record(columns, rows[0], width=terminal_width()))
        return
    shown = TABLE_COLUMNS.get(question, tuple(columns))
    places = [columns.index(column) for column in shown]
    for line in render(shown, [[row[place] for place in places] for row in rows], Format.TABLE, width=terminal_width()):
        click.echo(line)
