"""How the crawl is doing: the workers, what is due, the last visits and runs. No large table is read in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.model import Outcome
from backlink_crawler.store.figures import KINDS, figures_of, longest_waiting, slowest
from backlink_crawler.store.frontier import KEPT
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    import psycopg

_SQL = statements("status")
_LINES_SHOWN = 10
_DIVISOR_AT_A_GLANCE = 20
_BATCHES_AT_A_GLANCE = 500
# A limit of the user's, or a signal: asked for.
_GOOD_REASONS = frozenset({"finished", "max_pages", "max_minutes", "render_tail", "shutdown"})


class Status(NamedTuple):
    """Times are of the database's clock. `more`: there are at least so many.

    pages_due: of kept seeds, on hosts_due, which may be asked now or are being asked. held: hosts that wait for a turn
    under a bound, by its kind; lines: under which bounds most do. hosts_resting: with something due, and resting: those
    of them that rest longest. slowest: in work. waiting: hosts that have waited longest for a worker, those with most
    due pages first. visits: of the last 24 hours, by outcome and reason. killed: runs that never finished and have not
    been seen for a minute, the newest ten. last_finished: None when none has.
    """

    workers: list[dict[str, Any]]
    hosts_in_work: int
    pages_due: int
    more_due: bool
    hosts_due: int
    more_hosts_due: bool
    held: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    hosts_resting: int
    more_resting: bool
    resting: list[dict[str, Any]]
    slowest: list[dict[str, Any]]
    waiting: list[dict[str, Any]]
    seeds: int
    visits: list[dict[str, Any]]
    last_finished: dict[str, Any] | None
    killed: list[dict[str, Any]]

    @property
    def problem(self) -> str | None:
        """Why somebody should look; None when all is well.

        The run that ended last counts, be it finished or killed. One that is under way is not too old, however long
        it takes.
        """
        last, killed = self.last_finished, self.killed[0] if self.killed else None
        if killed and (last is None or killed["seen_at"] > last["finished_at"]):
            return f"the last run, {killed['crawl_id']}, was killed: it has not reported {_since(killed['seen_at'])}."
        if last is None:
            return None if self.workers else "no crawl has run yet."
        if last["reason"] not in _GOOD_REASONS:
            return f"the last run, {last['crawl_id']}, failed: {last['reason']}, {_since(last['finished_at'])}."
        if last["is_old"] and not self.workers:
            return f"no run has finished {_since(last['finished_at'])}, which is longer ago than --max-age."
        return None


def _since(moment: datetime) -> str:
    return f"since {moment:%Y-%m-%d %H:%M} UTC"


def status_of(connection: psycopg.Connection[Any], max_age: str) -> Status:
    """max_age: an interval, `36 hours`."""
    return _status(connection, max_age, 1, None)


def status_at_a_glance(connection: psycopg.Connection[Any], max_age: str) -> tuple[Status, datetime]:
    """For a page: what takes long is counted to smaller limits. With the time since when its visits were made."""
    row = connection.execute(_SQL["lately"], {"batches": _BATCHES_AT_A_GLANCE}).fetchone()
    assert row is not None
    return _status(connection, max_age, _DIVISOR_AT_A_GLANCE, row[0]), row[0]


def _status(connection: psycopg.Connection[Any], max_age: str, divisor: int, since: datetime | None) -> Status:
    with connection.cursor(row_factory=dict_row) as cursor:

        def rows(name: str, **parameters: object) -> list[dict[str, Any]]:
            return cursor.execute(_SQL[name], parameters).fetchall()

        figures = figures_of(connection, KEPT, divisor)
        held = [(kind, figures.held(kind)) for kind in KINDS]
        return Status(
            workers=rows("workers"),
            hosts_in_work=rows("hosts_in_work")[0]["count"],
            pages_due=figures.pages.counted,
            more_due=figures.pages.more,
            hosts_due=figures.hosts.counted,
            more_hosts_due=figures.hosts.more,
            held=[{"kind": kind, "hosts": hosts.counted, "more": hosts.more} for kind, hosts in held if hosts.counted],
            lines=[each._asdict() for each in figures.lines[:_LINES_SHOWN]],
            hosts_resting=figures.resting.counted,
            more_resting=figures.resting.more,
            resting=[each._asdict() for each in figures.longest_resting],
            slowest=[each._asdict() for each in slowest(connection, divisor)],
            waiting=[each._asdict() for each in longest_waiting(connection, KEPT, divisor)],
            seeds=rows("seeds_kept")[0]["count"],
            visits=[
                each | {"outcome": Outcome(each["outcome"]).name.lower()} for each in rows("visits_lately", since=since)
            ],
            last_finished=next(iter(rows("last_finished", max_age=max_age)), None),
            killed=rows("killed"),
        )


class Totals(NamedTuple):
    """read_nothing: one of them has tried to read pages, and none of them could."""

    pages: int
    links: int
    referring_domains: int
    sitemaps: int
    read_nothing: bool


def totals_of(connection: psycopg.Connection[Any], workers: Iterable[UUID]) -> Totals:
    """What these workers have recorded, together."""
    row = connection.execute(_SQL["totals"], {"workers": list(workers)}).fetchone()
    assert row is not None
    return Totals(*row)
