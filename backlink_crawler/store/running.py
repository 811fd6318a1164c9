"""Crawls that run and migrations that wait for them: one advisory lock, shared by crawls.

A crawl holds it on the connection of its frontier, so that it is free as soon as the worker has ended, however it ended.
A migration holds it alone, and so does re-homing. Both log that they wait, and a crawl that starts behind a waiting
migration waits for that.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)
ADVISORY_LOCK = 0x6261636B_6C696E6B  # "backlink"
_LOCK = {"lock": ADVISORY_LOCK}
_RUNNING = """
SELECT count(*)
FROM pg_locks
WHERE
    locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint, objsubid) = (%(lock)s, 1)
    AND granted
    AND mode = 'ShareLock'
"""


async def hold_off_migrations(connection: psycopg.AsyncConnection[Any]) -> None:
    """For as long as the connection lives; waits for a migration that is under way, or that waits for other crawls."""
    row = await (await connection.execute("SELECT pg_try_advisory_lock_shared(%(lock)s)", _LOCK)).fetchone()
    if row == (False,):
        logger.warning("the database is being migrated, or is about to be: this crawl waits for that")
        await connection.execute("SELECT pg_advisory_lock_shared(%(lock)s)", _LOCK)


def join_crawls(connection: psycopg.Connection[Any]) -> None:
    """As hold_off_migrations, for upkeep beside crawls: for as long as the connection lives."""
    if connection.execute("SELECT pg_try_advisory_lock_shared(%(lock)s)", _LOCK).fetchone() == (False,):
        logger.warning("the database is being migrated, or is about to be: this waits for that")
        connection.execute("SELECT pg_advisory_lock_shared(%(lock)s)", _LOCK)
    connection.commit()


def hold_off_batches(connection: psycopg.Connection[Any]) -> None:
    """Until the transaction ends, no batch of visits is being written: each begins with a row of `batches`.

    Waits for those under way, for as long as one takes. So nothing refers to a row that is about to go, and sums and
    what they sum up stand still.
    """
    connection.execute("LOCK TABLE batches IN SHARE ROW EXCLUSIVE MODE")


def wait_for_crawls(connection: psycopg.Connection[Any]) -> None:
    """Until none runs, and then none can start before the lock is released: `let_crawls_run`."""
    if connection.execute("SELECT pg_try_advisory_lock(%(lock)s)", _LOCK).fetchone() == (False,):
        crawls = crawls_running(connection)
        what = f"{crawls} running crawl{'' if crawls == 1 else 's'} to end" if crawls else "another migration"
        logger.warning("the migration waits for %s; Ctrl-C gives it up", what)
        connection.execute("SELECT pg_advisory_lock(%(lock)s)", _LOCK)
    connection.commit()


def crawls_running(connection: psycopg.Connection[Any]) -> int:
    """And upkeep that has joined them."""
    row = connection.execute(_RUNNING, _LOCK).fetchone()
    return row[0] if row else 0


def let_crawls_run(connection: psycopg.Connection[Any]) -> None:
    connection.rollback()
    connection.execute("SELECT pg_advisory_unlock(%(lock)s)", _LOCK)
    connection.commit()
