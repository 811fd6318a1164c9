"""What a run covers is due now: `--recrawl`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from backlink_crawler.store.database import retried
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.seeds import kept_seed
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
    _make_due(connection, "pages_of_queue", {"queue": queue_id}, since)


def make_seed_due(connection: psycopg.Connection[Any], url_hash: str) -> int | None:
    """As `make_due`, the pages of a kept seed. Returns how many were not due before; None: no such seed is kept."""
    since = database_time(connection)
    seed_id = kept_seed(connection, url_hash)
    return None if seed_id is None else _make_due(connection, "pages_of_seed", {"seed": seed_id}, since)


def _make_due(connection: psycopg.Connection[Any], pages_of: str, asked: dict[str, int], since: datetime) -> int:
    after, made = 0, 0
    while True:
        part = {**asked, "after": after, "limit": _PAGES_AT_ONCE}
        pages = [page_id for (page_id,) in connection.execute(_SQL[pages_of], part)]
        connection.commit()
        if not pages:
            return made
        hosts, number = retried(connection, partial(_make_some_due, connection, pages, since))
        # A transaction of its own: crawls take hosts first and pages then.
        retried(connection, partial(_end_rests, connection, hosts))
        after, made = pages[-1], made + number


def _make_some_due(connection: psycopg.Connection[Any], pages: list[int], since: datetime) -> tuple[list[int], int]:
    row = connection.execute(_SQL["make_due"], {"pages": pages, "since": since}).fetchone()
    assert row is not None
    return row[0] or [], row[1]


def _end_rests(connection: psycopg.Connection[Any], hosts: list[int]) -> None:
    connection.execute(_FRONTIER["lock_hosts"], {"hosts": hosts})
    connection.execute(_SQL["end_rests"], {"hosts": hosts})
    requeue(connection, hosts)
