"""How the crawl is doing: the workers, what is due, the last visits and runs. No large table is read in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.model import Outcome
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    import psycopg

_SQL = statements("status")
MOST_DUE = 50_000  # counted: when each stands on a host of its own, that many take a second
# A limit of the user's, or a signal: asked for.
_GOOD_REASONS = frozenset({"finished", "max_pages", "max_minutes", "shutdown"})


class Status(NamedTuple):
    """Times are of the database's clock.

    pages_due: of kept seeds, on hosts that may be asked now or are being asked; at least so many if more_due.
    visits: of the last 24 hours, by outcome and reason. killed: runs that never finished and have not been seen for a
    minute, the newest ten. last_finished: None when none has.
    """

    workers: list[dict[str, Any]]
    hosts_in_work: int
    pages_due: int
    more_due: bool
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
    with connection.cursor(row_factory=dict_row) as cursor:

        def rows(name: str, **parameters: object) -> list[dict[str, Any]]:
            return cursor.execute(_SQL[name], parameters).fetchall()

        due = rows("pages_due", most=MOST_DUE)[0]
        return Status(
            workers=rows("workers"),
            hosts_in_work=rows("hosts_in_work")[0]["count"],
            pages_due=due["pages"],
            more_due=due["more"],
            seeds=rows("seeds_kept")[0]["count"],
            visits=[each | {"outcome": Outcome(each["outcome"]).name.lower()} for each in rows("visits_lately")],
            last_finished=next(iter(rows("last_finished", max_age=max_age)), None),
            killed=rows("killed"),
        )


class Totals(NamedTuple):
    pages: int
    links: int
    referring_domains: int


def totals_of(connection: psycopg.Connection[Any], workers: Iterable[UUID]) -> Totals:
    """What these workers have recorded, together."""
    row = connection.execute(_SQL["totals"], {"workers": list(workers)}).fetchone()
    assert row is not None
    return Totals(*row)
