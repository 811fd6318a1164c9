"""What of a queue is due, rests, or is held back, and who is slow. Each question takes the same time at any size of it.

So each counts to a limit, and says when there is more. Who asks has a connection of its own: a worker's frontier does one
thing at a time, and is not to wait for figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("figures")
KINDS = ("domain", "suffix", "address")  # of bounds
MOST_PAGES = 50_000  # counted as due: when each stands on a host of its own, that many take half a second
MOST_HOSTS = 200_000  # counted as due
MOST_LINES = 1_000  # of each kind of bound
MOST_IN_LINE = 10_000  # hosts counted in one line, and
_MOST_IN_LINES = 100_000  # in all of them
MOST_LOOKED_AT = 20_000  # hosts of a priority, for who rests
_SHOWN = 10
_LONGEST_DUE = 50  # hosts of a priority
_MOST_OF_A_HOST = 1_000  # pages
_MOST_IN_WORK = 1_000  # hosts, for who is slow
_LONGEST_COUNT = "SET statement_timeout = '3s'"  # of a worker: a database that is so busy has better things to do


class Number(NamedTuple):
    """more: there are at least so many."""

    counted: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.counted:,}{'+' if self.more else ''}"


class Line(NamedTuple):
    """Hosts that wait for a turn under one bound. last_turn: when the last of them has its own."""

    kind: str
    name: str
    hosts: int
    more: bool
    last_turn: datetime


class Resting(NamedTuple):
    """A host that is left alone until then. back_offs: how often in a row it asked for that; 0: nobody was there."""

    host: str
    rests_until: datetime
    back_offs: int


class Figures(NamedTuple):
    """pages, hosts: due, and may be asked for now or are being asked for. lines: the longest first. resting: how many,
    and those that rest longest. divisor: as `figures_of` was asked with.
    """

    pages: Number
    hosts: Number
    lines: list[Line]
    resting: Number
    longest_resting: list[Resting]
    divisor: int = 1

    def held(self, kind: str) -> Number:
        """Hosts that wait for their turn under bounds of this kind."""
        lines = [line for line in self.lines if line.kind == kind]
        in_all = sum(line.hosts for line in self.lines)
        most_lines, most_in_lines = MOST_LINES // self.divisor, _MOST_IN_LINES // self.divisor
        more = any(line.more for line in lines) or len(lines) >= most_lines or in_all >= most_in_lines
        return Number(sum(line.hosts for line in lines), more)


def _questions(queue_id: int, divisor: int = 1) -> list[tuple[str, dict[str, int]]]:
    most: dict[str, dict[str, int]] = {
        "due": {"pages": MOST_PAGES, "hosts": MOST_HOSTS},
        "held": {"lines": MOST_LINES, "hosts": MOST_IN_LINE, "in_all": _MOST_IN_LINES},
        "resting": {"looked": MOST_LOOKED_AT},
    }
    others = {"queue": queue_id, "rows": _SHOWN}
    return [(name, others | {of: limit // divisor for of, limit in limits.items()}) for name, limits in most.items()]


def _figures(due: Sequence[Any], held: Iterable[Any], resting: Sequence[Any], divisor: int = 1) -> Figures:
    pages, more_pages, hosts, more_hosts = due[0]
    return Figures(
        Number(pages, more_pages),
        Number(hosts, more_hosts),
        [Line(*row) for row in held],
        Number(*resting[0][:2]),
        [Resting(*row[2:]) for row in resting if row[2] is not None],
        divisor,
    )


def figures_of(connection: psycopg.Connection[Any], queue_id: int, divisor: int = 1) -> Figures:
    """divisor: of the limits to which is counted, for who cannot wait."""
    asked = _questions(queue_id, divisor)
    due, held, resting = (connection.execute(_SQL[name], limits).fetchall() for name, limits in asked)
    return _figures(due, held, resting, divisor)


def figures_now(database: Database, queue_id: int) -> Figures:
    """As `live_figures`, for who may wait for it."""
    with database_errors(database), database.connect(autocommit=True) as connection:
        connection.execute(_LONGEST_COUNT)
        return figures_of(connection, queue_id)


async def live_figures(database: Database, queue_id: int) -> Figures:
    """By a connection that is there for this alone. Raises DatabaseUnavailable, also when counting takes too long."""
    with database_errors(database):
        async with await database.connect_async(autocommit=True) as connection:
            await connection.execute(_LONGEST_COUNT)
            due, held, resting = [
                await (await connection.execute(_SQL[name], asked)).fetchall() for name, asked in _questions(queue_id)
            ]
    return _figures(due, held, resting)


class Waiting(NamedTuple):
    """A host that could have been claimed since then. pages: that are due on it, at least so many if more."""

    host: str
    since: datetime
    pages: int
    more: bool


class Slow(NamedTuple):
    """A host in work. crawl_id: of the run that holds it; None: it has not reported for a minute.

    delay: seconds between two requests, when it asks for more than our settings do; else None. answers_ms: how long it
    took to answer, at its last visits of a day; None: there were none. back_offs: how often in a row it asked to be left
    alone.
    """

    host: str
    crawl_id: int | None
    delay: float | None
    answers_ms: int | None
    back_offs: int


def longest_waiting(connection: psycopg.Connection[Any], queue_id: int, divisor: int = 1) -> list[Waiting]:
    """Of the hosts that have waited longest for a worker, those with most due pages."""
    asked = {"queue": queue_id, "looked": _LONGEST_DUE, "pages": _MOST_OF_A_HOST // divisor, "rows": _SHOWN}
    return [Waiting(*row) for row in connection.execute(_SQL["waiting"], asked)]


def slowest(connection: psycopg.Connection[Any], divisor: int = 1) -> list[Slow]:
    """Of the hosts in work, in whichever queue."""
    asked = {"looked": _MOST_IN_WORK // divisor, "rows": _SHOWN}
    return [Slow(*row) for row in connection.execute(_SQL["slowest"], asked)]
