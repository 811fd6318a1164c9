"""What is known of hosts' robots.txt, for all workers. What a worker learns is written with its next claim or release."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from backlink_crawler.manners.robots import RobotsAnswer
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.domains import domain_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import psycopg

_SQL = statements("hosts")
_Result = TypeVar("_Result")


class KnownRobots(NamedTuple):
    """seconds_left: that the answer may still be used; too old, it only tells what delay was asked for."""

    answer: RobotsAnswer
    seconds_left: float


class _Transaction(Protocol):
    async def __call__(self, step: Callable[[psycopg.AsyncConnection[Any]], Awaitable[_Result]]) -> _Result: ...


class Robots:
    """in_transaction: runs a step in one of its own. Every method raises DatabaseUnavailable when the database is gone."""

    def __init__(self, in_transaction: _Transaction) -> None:
        self._in_transaction = in_transaction
        self._unwritten: dict[str, tuple[RobotsAnswer, float]] = {}  # by host, and when it came, in monotonic seconds
        self._uncommitted: dict[str, tuple[RobotsAnswer, float]] = {}

    async def known(self, host: str) -> KnownRobots | None:
        """Whoever holds the host."""
        return (await self._in_transaction(lambda connection: self.known_of(connection, [host]))).get(host)

    async def known_of(self, connection: psycopg.AsyncConnection[Any], hosts: Iterable[str]) -> dict[str, KnownRobots]:
        """In the caller's transaction."""
        await self.write(connection)
        rows = await (await connection.execute(_SQL["read_robots"], {"names": list(hosts)})).fetchall()
        return {name: KnownRobots(RobotsAnswer(code, body), left) for name, code, body, left in rows}

    def remember(self, host: str, answer: RobotsAnswer, other: str | None = None) -> None:
        """Of a known host. other: another one whose own robots.txt it is, as a redirect led there."""
        for name in (host, other):
            if name is not None:
                self._unwritten[name] = answer, time.monotonic()

    async def remember_of(self, name: str, answer: RobotsAnswer) -> None:
        """Of a host that is asked beside pages, and that may be known for nothing else."""
        self.remember(name, answer)

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            for statement in ("insert_domain", "insert_host"):
                await connection.execute(_SQL[statement], {"name": name, "domain": domain_of(name)})
            await self.write(connection)

        await self._in_transaction(step)

    async def copy(self, host: str, other: str) -> None:
        """What is known of another host's robots.txt holds for this one, as long as for that one."""

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            await self.write(connection)
            await connection.execute(_SQL["copy_robots"], {"name": host, "other": other})

        await self._in_transaction(step)

    async def write(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """In the caller's transaction, which says how it `ended`."""
        if not self._unwritten:
            return
        now, told, self._unwritten = time.monotonic(), self._unwritten, {}
        self._uncommitted |= told
        await connection.execute(
            _SQL["write_robots"],
            {
                "names": list(told),
                "since": [timedelta(seconds=now - at) for _, at in told.values()],
                "http_codes": [answer.http_code for answer, _ in told.values()],
                "bodies": [answer.body for answer, _ in told.values()],
            },
        )

    def ended(self, *, committed: bool) -> None:
        """The transaction that `write` was part of. What it has not kept is written with the next one."""
        if not committed:
            self._unwritten = self._uncommitted | self._unwritten
        self._uncommitted = {}
