"""`backlinks status`: how the crawl is doing, for people and for monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from backlink_crawler.ask.formats import Format
from backlink_crawler.ask.periods import parse_period
from backlink_crawler.ask.tables import AtLeast, printable
from backlink_crawler.cli.environment import readable_database
from backlink_crawler.cli.output import Output, format_option
from backlink_crawler.errors import BacklinksError
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.status import status_of

if TYPE_CHECKING:
    from backlink_crawler.store.status import Status


@click.command()
@format_option
@click.option("--json", "as_json", is_flag=True, hidden=True, help="As --format jsonl.")
@click.option(
    "--max-age",
    default="36h",
    help="Fail if the last run finished longer ago than this and none is running: 36h, 7d (default: 36h).",
)
def status(form: str | None, as_json: bool, max_age: str) -> None:
    """Show how the crawl is doing.

    That is: the workers, what is due, in work, resting and held back, which hosts are slow and which wait, the visits of
    the last 24 hours, and the last run.

    Exit code 1, with the reason, when the last run failed, was killed, or is older than --max-age. A run that was ended
    by a limit or a signal has not failed.
    """
    interval = parse_period(max_age)
    database = readable_database()
    with database.connect() as connection, database_errors(database):
        found = status_of(connection, interval)
    output = Output(Format.JSONL if as_json else Format(form or Format.TABLE))
    figures = _figures(found)
    if output.form in {Format.JSON, Format.JSONL}:
        figures = found._asdict() | {"healthy": found.problem is None, "problem": found.problem}
    output.write_record(list(figures), list(figures.values()))
    if output.is_table:
        _show_tables(output, found)
    if found.problem:
        raise BacklinksError(found.problem)


def _figures(found: Status) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "workers": len(found.workers),
        "hosts in work": found.hosts_in_work,
        "pages due": _number(found.pages_due, more=found.more_due),
        "on hosts": _number(found.hosts_due, more=found.more_hosts_due),
        "hosts resting": _number(found.hosts_resting, more=found.more_resting),
        "hosts held back": _held(found),
        "seeds kept": found.seeds,
    }
    if last := found.last_finished:
        figures["last run finished"] = last["finished_at"]
        figures["why it ended"] = last["reason"]
        figures["its pages"] = last["pages"]
        figures["its new links"] = last["new_links"]
    return figures


def _show_tables(output: Output, found: Status) -> None:
    _table(
        output,
        "workers that reported within the last minute:",
        found.workers,
        "crawl_id",
        "started_at",
        "pages",
        "hosts",
        "seeds",
    )
    _table(
        output,
        "hosts in work that take longest:",
        found.slowest,
        "host",
        "crawl_id",
        "delay",
        "answers_ms",
        "back_offs",
    )
    _table(
        output, "hosts that wait for a worker, since when:", _numbered(found.waiting, "pages"), "host", "since", "pages"
    )
    lines = _numbered(found.lines, "hosts")
    _table(
        output,
        "hosts held back, by bound, and when the last has its turn:",
        lines,
        "kind",
        "name",
        "hosts",
        "last_turn",
    )
    _table(output, "hosts that rest longest, until when:", found.resting, "host", "rests_until", "back_offs")
    _table(output, "killed runs, newest first:", found.killed, "crawl_id", "started_at", "seen_at", "pages", "seeds")
    _table(output, "visits of the last 24 hours:", found.visits, "outcome", "reason", "visits")


def _held(found: Status) -> str:
    told = [f"{each['kind']} {printable(_number(each['hosts'], more=each['more']))}" for each in found.held]
    return ", ".join(told) or "0"


def _number(counted: int, *, more: bool) -> int:
    return AtLeast(counted) if more else counted


def _numbered(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    return [row | {column: _number(row[column], more=row["more"])} for row in rows]


def _table(output: Output, title: str, rows: list[dict[str, Any]], *columns: str) -> None:
    if rows:
        output.write(columns, [[row[column] for column in columns] for row in rows], heading=f"\n{title}")
