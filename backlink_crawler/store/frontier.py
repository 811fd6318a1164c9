"""The frontier as a worker sees it: claim hosts, take their due pages, give them back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from psycopg.types.json import Jsonb

from backlink_crawler.frontier.rendering import RenderHistory
from backlink_crawler.model import DuePage, Priority
from backlink_crawler.store.claims import LOOK_AT_MOST, Claims
from backlink_crawler.store.database import database_errors, retried
from backlink_crawler.store.due_pages import DuePages
from backlink_crawler.store.reconnecting import ReconnectingConnection
from backlink_crawler.store.robots import Robots
from backlink_crawler.store.running import hold_off_migrations
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from backlink_crawler.errors import DatabaseUnavailable
    from backlink_crawler.frontier.bounds import Bound
    from backlink_crawler.store.claims import ClaimedHost
    from backlink_crawler.store.database import Database

_SQL = statements("frontier") | statements("hosts") | statements("runs") | statements("again")
LEASE = timedelta(seconds=60)
KEPT, VERIFY = 1, 2  # queues that are always there
FIRST_PAGES = 4  # of a host, which come with its claim
_DOMAINS_AT_ONCE = 2_000  # whose oldest visits are found out
_Result = TypeVar("_Result")


class Due(NamedTuple):
    """What of a queue may be asked for now, or rests. pages: without sitemaps. next_at: when the first host may be
    claimed; None: never.
    """

    pages: int
    sitemaps: int
    hosts: int
    next_at: datetime | None = None


class ReleasedHost(NamedTuple):
    """since_request: seconds since our last request to it; None: we made none. rests: seconds that nobody claims it.

    unrecorded: pages that were asked for and whose visits will not be recorded, as the run ends.
    """

    host: ClaimedHost
    since_request: float | None
    rests: float = 0.0
    back_offs: int = 0
    renders: RenderHistory = RenderHistory()
    endings: dict[str, int] | None = None
    unrecorded: Collection[int] = ()


def requeue(connection: psycopg.Connection[Any], hosts: Iterable[int]) -> None:
    """Of some pages on these hosts it has changed when they are due, how urgent they are, or whose: say so to the queues.

    A transaction of its own, unless there is one. Whoever holds one of the hosts is not disturbed.
    """
    asked = {"hosts": list(set(hosts))}
    if not asked["hosts"]:
        return

    def step() -> None:
        connection.execute(_SQL["lock_hosts"], asked)
        connection.execute(_SQL["requeue_hosts"], asked)

    retried(connection, step)


class Frontier:
    """One worker's view of one queue.

    Every call is a transaction. Every method raises DatabaseUnavailable when the database is gone.
    """

    def __init__(
        self,
        database: Database,
        connection: ReconnectingConnection,
        claims: Claims,
    ) -> None:
        self._database = database
        self._connection = connection
        self._claims = claims
        self._worker = claims.worker
        self._queue = {"queue": claims.queue_id}
        self.lease = claims.lease
        self._in_turn = asyncio.Lock()  # a statement of one step is none of another's transaction
        self._pages = DuePages(claims.queue_id)
        self.robots = Robots(self._in_transaction)

    @classmethod
    async def open(
        cls,
        database: Database,
        worker: UUID,
        queue_id: int = KEPT,
        *,
        lease: timedelta = LEASE,
        patience: float = 0.0,
        bounds: Mapping[str, Bound] | None = None,
    ) -> Frontier:
        """patience: seconds that a database which has gone away is waited for. bounds: by kind, as in Shared."""

        async def prepare(connection: psycopg.AsyncConnection[Any]) -> None:
            # The queue decides the plan, so that each execution is planned for itself.
            await connection.execute("SET plan_cache_mode = force_custom_plan")
            # What a database that stops has not kept is asked for again, or given back when its lease ends.
            await connection.execute("SET synchronous_commit = off")
            await hold_off_migrations(connection)

        connection = ReconnectingConnection(database, prepare, patience, autocommit=True)
        await connection.open()
        return cls(database, connection, Claims(worker, queue_id, lease, bounds or {}))

    def stop_waiting(self) -> None:
        """From now on, wait for no database."""
        self._connection.stop_waiting()

    def give_up(self, error: DatabaseUnavailable) -> None:
        """Not even for one that is there and does not answer."""
        self._connection.give_up(error)

    async def close(self) -> None:
        await self._connection.close()

    async def claim(self, limit: int, up_to: Priority = Priority.OTHER) -> list[ClaimedHost]:
        """Hosts that have something due which is at least as urgent as `up_to`, at most `limit`, ours for the lease.

        Each with what it takes to begin. Those that have to wait for a turn under a bound stand in line from now on. When
        there are many of them, more hosts are looked at, once.
        """
        claimed = await self._in_transaction(lambda connection: self._claim(connection, limit, up_to))
        if self._claims.has_more and len(claimed) < limit:
            left = limit - len(claimed)
            claimed += await self._in_transaction(lambda connection: self._claim(connection, left, up_to, LOOK_AT_MOST))
        return claimed

    async def _claim(
        self, connection: psycopg.AsyncConnection[Any], limit: int, up_to: Priority, look_at: int = 0
    ) -> list[ClaimedHost]:
        claimed = await self._claims.claim(connection, limit, up_to, look_at)
        if not claimed:
            return claimed
        robots = await self.robots.known_of(connection, [host.name for host in claimed])
        plain = [host for host in claimed if not host.is_suspect]
        pages = await self._pages.of(connection, plain, (), FIRST_PAGES, up_to)
        return [
            host._replace(
                pages=(first := pages.get(host.host_id, [])),
                are_all=not host.is_suspect and len(first) < FIRST_PAGES,
                robots=robots.get(host.name),
            )
            for host in claimed
        ]

    @property
    def has_more(self) -> bool:
        """The last claim has not looked at all that may be claimed."""
        return self._claims.has_more

    async def settle(self, found: Sequence[tuple[ClaimedHost, str]]) -> set[int]:
        """Claimed hosts have been found at these addresses. Returns the ids of those that we keep.

        The others have to wait for a turn there: they stand in line, and are not ours any more.
        """
        return await self._in_transaction(lambda connection: self._claims.settle(connection, found))

    async def share(self, workers: int, at_most: int, up_to: Priority = Priority.OTHER) -> int:
        """How many hosts one of so many workers may hold, so that each has some."""
        rows = await self._rows("hosts_to_share", **self._queue, limit=workers * at_most, up_to=int(up_to))
        return -(-int(rows[0][0]) // workers)

    async def due_pages(
        self, hosts: Iterable[ClaimedHost], handed: Iterable[int], limit: int, up_to: Priority = Priority.OTHER
    ) -> dict[int, list[DuePage]]:
        """What is due on claimed hosts, by host, without what has been handed out and is not yet recorded.

        limit: of each host. up_to: the least urgent priority that may be handed out.
        """
        return await self._run(lambda connection: self._pages.of(connection, hosts, handed, limit, up_to))

    async def begin(self, page: DuePage) -> None:
        """Of a suspect: should this worker die now, the next one will know of which page."""
        await self._execute("begin_page", page_id=page.page_id, claim=page.claim)

    async def release(self, hosts: Iterable[ReleasedHost]) -> None:
        """Give hosts back."""
        given = list(hosts)
        since = [each.since_request for each in given]
        released = {
            "hosts": [each.host.host_id for each in given],
            "claims": [each.host.claim for each in given],
            "since_request": [None if seconds is None else timedelta(seconds=seconds) for seconds in since],
            "pauses": [timedelta(seconds=each.rests) for each in given],
            "back_offs": [each.back_offs for each in given],
            "renders": [each.renders.renders for each in given],
            "render_gains": [each.renders.gains for each in given],
            "endings": [Jsonb(each.endings) if each.endings else None for each in given],
        }

        unrecorded = [page_id for each in given for page_id in each.unrecorded]

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            await self.robots.write(connection)
            rows = await (await connection.execute(_SQL["release_hosts"], released)).fetchall() if given else []
            ours = {"hosts": [host_id for (host_id,) in rows], "pages": unrecorded}
            if ours["hosts"] and unrecorded:
                await connection.execute(_SQL["give_back_pages"], ours)
            if ours["hosts"]:
                await connection.execute(_SQL["requeue_hosts"], ours)

        await self._in_transaction(step)

    async def release_rest(self) -> None:
        """Give back whatever this worker still holds."""
        await self._execute("release_worker", worker=self._worker)

    async def held_back(self, up_to: Priority = Priority.OTHER) -> bool:
        """Does something that is due in this queue wait for its turn under a bound?"""
        return bool(self._claims.bounds) and bool(
            (await self._rows("held_back", **self._queue, up_to=int(up_to)))[0][0]
        )

    async def wake_missed(self, up_to: Priority = Priority.OTHER) -> bool:
        """Are there hosts with something due that no claim has found? They are claimable now.

        Without bounds, hosts that stand in line are among them.
        """
        asked = self._queue | {"up_to": int(up_to), "bounded": bool(self._claims.bounds)}
        missed = [host_id for (host_id,) in await self._rows("missed_hosts", **asked)]

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            for name in ("lock_hosts", "leave_lines", "requeue_hosts"):
                await connection.execute(_SQL[name], {"hosts": missed})

        if missed:
            await self._in_transaction(step)
        return bool(missed)

    async def renew(self, hosts: Iterable[ClaimedHost]) -> set[int]:
        """Keep hosts for another lease. Returns the ids of those that are still ours."""
        hosts = list(hosts)
        rows = await self._rows(
            "renew_leases",
            hosts=[host.host_id for host in hosts],
            claims=[host.claim for host in hosts],
            lease=self.lease,
        )
        return {row[0] for row in rows}

    async def is_any_held(self, up_to: Priority = Priority.OTHER) -> bool:
        """Does a worker, perhaps this one, hold a host that has something due in this queue?"""
        rows = await self._rows("is_any_held", **self._queue, up_to=int(up_to))
        return bool(rows[0][0])

    async def due(self) -> Due:
        """What is due in this queue, or will be."""
        pages, sitemaps, hosts = (await self._rows("due_count", **self._queue))[0]
        return Due(pages, sitemaps, hosts, (await self._rows("next_due", **self._queue))[0][0])

    async def forgive(self, pages: Iterable[DuePage], starts: Iterable[DuePage]) -> None:
        """The visits to `pages` failed, and it was no fault of theirs; of `starts` that cannot be told.

        They are due at once, and their hosts do not rest for it.
        """
        pages, starts = list(pages), list(starts)
        hosts = {"hosts": list({page.host_id for page in (*pages, *starts)})}
        ids = {"pages": [page.page_id for page in pages], "starts": [page.page_id for page in starts]}

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            await connection.execute(_SQL["lock_hosts"], hosts)
            rows = await (await connection.execute(_SQL["not_theirs"], ids)).fetchall()
            due = {"hosts": [host_id for (host_id,) in rows]}
            for name in ("end_rests", "requeue_hosts"):
                await connection.execute(_SQL[name], due)

        if hosts["hosts"]:
            await self._in_transaction(step)

    async def pages_missing_links(self, source_id: int) -> dict[int, int]:
        """Pages that this run has visited and that lack a link, with their hosts."""
        return dict(await self._rows("pages_missing_links", source_id=source_id))

    async def ask_again(self, pages: Mapping[int, int]) -> None:
        """These are to be verified once more. pages: with their hosts."""

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            hosts = {"hosts": list(set(pages.values()))}
            await connection.execute(_SQL["lock_hosts"], hosts)
            await connection.execute(_SQL["ask_again"], {"pages": list(pages)})
            await connection.execute(_SQL["requeue_hosts"], hosts)

        await self._in_transaction(step)

    async def missing_page(self, host: ClaimedHost) -> int | None:
        """Digest of what it answers for an address that cannot exist; None: it was not asked lately."""
        rows = await self._rows("read_missing_page", host_id=host.host_id)
        return rows[0][0] if rows else None

    async def remember_missing_page(self, host: ClaimedHost, digest: int) -> None:
        await self._execute("write_missing_page", host_id=host.host_id, claim=host.claim, digest=digest)

    async def start_crawl(self, name: str) -> int:
        """A row of `sources` for this run; its id. name: what it was asked for."""
        rows = await self._rows("start_crawl", worker=self._worker, name=name)
        return int(rows[0][0])

    async def tell_progress(self, source_id: int, counts: dict[str, Any]) -> None:
        """This run is alive, and has recorded so much."""
        await self._execute("tell_progress", source_id=source_id, stats=Jsonb(counts))

    async def finish_crawl(self, source_id: int, reason: str, stats: dict[str, Any]) -> None:
        await self._execute("finish_crawl", source_id=source_id, reason=reason, stats=Jsonb(stats))

    async def refresh_oldest_visits(self, source_id: int) -> None:
        """Of the domains that this run has visited: how long ago was the page visited that has waited longest?"""
        after: int | None = 0
        while after is not None:
            rows = await self._rows("refresh_oldest_visits", source_id=source_id, after=after, limit=_DOMAINS_AT_ONCE)
            after = rows[0][0]

    async def _rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        cursor = await self._execute(statement, **parameters)
        return await cursor.fetchall()

    async def _execute(self, statement: str, **parameters: object) -> psycopg.AsyncCursor[Any]:
        return await self._run(lambda connection: connection.execute(_SQL[statement], parameters))

    async def _in_transaction(self, step: Callable[[psycopg.AsyncConnection[Any]], Awaitable[_Result]]) -> _Result:
        async def whole(connection: psycopg.AsyncConnection[Any]) -> _Result:
            committed = False
            try:
                async with connection.transaction():
                    result = await step(connection)
                committed = True
            finally:
                self.robots.ended(committed=committed)
            return result

        return await self._run(whole)

    async def _run(self, step: Callable[[psycopg.AsyncConnection[Any]], Awaitable[_Result]]) -> _Result:
        async def alone(connection: psycopg.AsyncConnection[Any]) -> _Result:
            async with self._in_turn:
                return await step(connection)

        with database_errors(self._database):
            return await self._connection.run(alone)
