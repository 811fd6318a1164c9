"""What a run covers is due now: `--recrawl`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

_SQL = statements("again")
_FRONTIER = statements("frontier")
_PAGES_AT_ONCE = 5_000


def database_time(connection: psycopg.Connection[Any]) -> datetime:
    row = connection.execute(_SQL["database_time"]).fetchone()
    assert row is not None
    connection.commit()
    return row[0]  # type: ignore[no-any-return]


def make_due(connection: psycopg.Connection[Any], queue_id: int, since: datetime) -> None:
    """All pages of a queue that were not visited since then are due now.

    Hosts that could not be reached are tried again; those that asked to be left alone go on resting. Several workers may
    say so at once, and a page that one of them has visited meanwhile is left alone.
    """
    after: int | None = 0
    while after is not None:
        asked = {"queue": queue_id, "since": since, "after": after, "limit": _PAGES_AT_ONCE}
        after, hosts = retried(connection, partial(_make_some_due, connection, asked)) or (None, [])
        # A transaction of its own: crawls take hosts first and pages then.
        retried(connection, partial(_end_rests, connection, hosts))


def _make_some_due(connection: psycopg.Connection[Any], asked: dict[str, Any]) -> tuple[int, list[int]] | None:
    return connection.execute(_SQL["make_due"], asked).fetchone()


def _end_rests(connection: psycopg.Connection[Any], hosts: list[int]) -> None:
    connection.execute(_FRONTIER["lock_hosts"], {"hosts": hosts})
    connection.execute(_SQL["end_rests"], {"hosts": hosts})
    requeue(connection, hosts)
