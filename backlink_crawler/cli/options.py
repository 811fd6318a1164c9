"""Options that questions share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from backlink_crawler.ask.questions import sorts
from backlink_crawler.ask.words import ANCHOR_CLASSES, LOST_REASONS, ORIGINS
from backlink_crawler.cli.output import ROWS_OF_A_TABLE, output_options
from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import MARKS
from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., None]
    Option = Callable[[Command], Command]

mode = click.option(
    "--mode",
    type=click.Choice([mode.value for mode in TargetMode]),
    help="Which URLs TARGET means (default: guessed from how it is written).",
)
show_sql = click.option("--sql", "show_sql", is_flag=True, help="Print the SQL query instead of its rows.")
limit = click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most this many rows; 0: all (default: {ROWS_OF_A_TABLE} in a table, all in other formats and in files).",
)
status = click.option(
    "--status",
    type=click.Choice(STATUSES),
    help="Default: live and unverified. Unverified links were live, and their page could not be read since.",
)
dofollow = click.option(
    "--dofollow",
    is_flag=True,
    help="Only links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow.",
)
anchor_class = click.option(
    "--class",
    "anchor_class",
    type=click.Choice(ANCHOR_CLASSES),
    help="Only links whose anchor is of this class, as of the last `backlinks rank`.",
)
mark = click.option(
    "--mark",
    type=click.Choice([*MARKS, "any", "none"]),
    help="Only what `backlinks mark` has marked so; any: as whatever; none: as nothing. A link has the mark of its page, "
    "else that of its domain.",
)
origin = click.option(
    "--origin",
    type=click.Choice(ORIGINS),
    help="Only links that are in the HTML alone, in the rendered page alone, or in both.",
)
rel = click.option(
    "--rel",
    metavar="TOKEN",
    callback=lambda _context, _option, value: value and value.strip().lower(),
    help="Only links with this token in their rel, such as noopener.",
)
language = click.option(
    "--language",
    metavar="CODE",
    callback=lambda _context, _option, value: value and _language(value),
    help="Only links on pages in this language; de means de-AT too.",
)
first_seen = click.option(
    "--first-seen",
    metavar="FROM..UNTIL",
    help="Only links that were first seen on these days in UTC: 2026-01-01..2026-01-31, 2026-01-01.., ..2026-01-31, or one "
    "day.",
)
lost_reason = click.option(
    "--lost-reason", type=click.Choice(LOST_REASONS), help="Only lost links, of which this is the reason."
)


def _language(text: str) -> str:
    code = text.strip().lower()
    if not re.fullmatch("[a-z]{2,8}", code):
        raise InvalidInput(f"--language {text}: write the code without a region, such as de or pt.")
    return code


def sort(question: str) -> Option:
    columns = sorts(question)
    return click.option(
        "--sort",
        metavar="COLUMN",
        shell_complete=lambda _context, _option, begun: [column for column in columns if column.startswith(begun)],
        help=f"Sort by a column; add :asc or :desc for the direction. Columns: {', '.join(columns)}.",
    )


def since(default: str | None, what: str = "it") -> Option:
    shown = f" (default: {default})" if default else ""
    return click.option(
        "--since",
        default=default,
        help=f"How far back, by when the index learnt of {what}: 24h, 7d, 2w, 6mo, or a day in UTC such as 2026-01-31{shown}.",
    )


def options(*chosen: Option) -> Option:
    """Those that every question has around these."""

    def decorate(command: Command) -> Command:
        every: tuple[Option, ...] = (show_sql, output_options, mode, *reversed(chosen))
        for option in every:
            command = option(command)
        return command

    return decorate


def rows(question: str) -> tuple[Option, Option]:
    return sort(question), limit
