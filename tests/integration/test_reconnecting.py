"""A worker's connection: what passes by itself is tried again, and a run that ends waits for nothing any more."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg import errors

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store.frontier import Frontier
from backlink_crawler.store.reconnecting import ReconnectingConnection
from tests.integration.test_concurrent_recording import at_once
from tests.integration.worker import Worker, add_seed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

LOCK = "SELECT 1 FROM crawled_hosts WHERE host_id = %s FOR NO KEY UPDATE"


def until_somebody_waits(connection: psycopg.Connection) -> None:
    while connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
        time.sleep(0.01)


@pytest.mark.both_servers
def test_a_renewal_that_a_deadlock_ends_is_tried_again(database: Database, connection: psycopg.Connection) -> None:
    """Somebody else locks two hosts in the other order, and would sooner wait than give up."""
    for number in range(2):
        add_seed(database, f"http://from{number}.test/")
    with Worker(database) as worker, database.connect() as other:
        hosts = worker.claim().values()
        first, second = sorted(host.host_id for host in hosts)
        connection.execute("UPDATE crawled_hosts SET leased_until = now() + interval '1 s'")
        other.execute("SET deadlock_timeout = '1h'")
        other.execute(LOCK, [second])

        def lock_the_other_way_round() -> None:
            until_somebody_waits(connection)
            other.execute(LOCK, [first])  # returns only when the renewal has let go of it
            other.rollback()

        renewed: list[set[int]] = []
        at_once(lock_the_other_way_round, lambda: renewed.append(worker.run(worker.frontier.renew(hosts))))
        assert renewed == [{first, second}]
    query = "SELECT count(*) FROM crawled_hosts WHERE leased_until > now() + interval '30 s'"
    assert connection.execute(query).fetchone() == (2,)


@pytest.mark.both_servers
def test_leases_are_renewed_in_the_order_in_which_batches_lock_their_hosts(
    database: Database, connection: psycopg.Connection
) -> None:
    """In whatever order they are named: who waits for one host has locked none that comes after it."""
    for number in range(5):
        add_seed(database, f"http://from{number}.test/")
    with Worker(database) as worker, database.connect() as other:
        hosts = sorted(worker.claim().values(), reverse=True)
        ids = sorted(host.host_id for host in hosts)
        other.execute(LOCK, [ids[2]])
        free: list[int] = []

        def look() -> None:
            until_somebody_waits(connection)
            query = "SELECT host_id FROM crawled_hosts ORDER BY host_id FOR NO KEY UPDATE SKIP LOCKED"
            free.extend(row[0] for row in connection.execute(query))
            other.rollback()

        at_once(look, lambda: worker.run(worker.frontier.renew(hosts)))
        assert free == ids[3:]


@pytest.mark.parametrize("collision", [errors.DeadlockDetected, errors.SerializationFailure])
def test_what_collides_is_tried_five_times(database: Database, collision: type[Exception]) -> None:
    async def outcomes(failures: int) -> tuple[object, int]:
        """(what came of a step that fails so often, how often it was tried)"""
        tries = 0

        async def step(_: object) -> str:
            nonlocal tries
            tries += 1
            if tries <= failures:
                raise collision
            return "done"

        reconnecting = ReconnectingConnection(database, nothing, 60.0)
        try:
            return await asyncio.wait_for(reconnecting.run(step), 30), tries
        except collision:
            return "given up", tries
        finally:
            await reconnecting.close()

    async def both() -> list[tuple[object, int]]:
        return await asyncio.gather(outcomes(4), outcomes(5))

    assert asyncio.run(both()) == [("done", 5), ("given up", 5)]


async def nothing(_: object) -> None:
    pass


def left_without_a_database(server: Server, then: Callable[[Frontier], Awaitable[None]]) -> None:
    """What a worker does then that would wait for a minute."""
    database = server.copy()

    async def work() -> None:
        frontier = await Frontier.open(database, uuid4(), None, patience=60.0)
        server.drop_now(database)
        try:
            await then(frontier)
        finally:
            await frontier.close()

    asyncio.run(work())


@pytest.mark.both_servers
def test_a_run_that_is_to_be_brief_waits_for_no_database(server: Server) -> None:
    async def then(frontier: Frontier) -> None:
        frontier.stop_waiting()
        for step in (frontier.due, frontier.release_rest):
            with pytest.raises(DatabaseUnavailable, match="cannot reach PostgreSQL"):
                await asyncio.wait_for(step(), 5)

    left_without_a_database(server, then)


def test_who_waits_for_a_database_already_stops_waiting_when_the_run_is_to_be_brief(server: Server) -> None:
    async def then(frontier: Frontier) -> None:
        waiting: asyncio.Future[Any] = asyncio.ensure_future(frontier.due())
        await asyncio.sleep(0.5)
        assert not waiting.done()
        frontier.stop_waiting()
        with pytest.raises(DatabaseUnavailable, match="cannot reach PostgreSQL"):
            await asyncio.wait_for(waiting, 5)

    left_without_a_database(server, then)
