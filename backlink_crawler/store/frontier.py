"""The frontier as a worker sees it: claim hosts, take their due pages, give them back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

from backlink_crawler.frontier.rendering import RenderHistory
from backlink_crawler.manners.robots import RobotsAnswer
from backlink_crawler.model import DuePage, PageKind, Priority, RenderMode, Scope, Seed, Url
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.lasting import LastingConnection
from backlink_crawler.store.running import hold_off_migrations
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of, url_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    import psycopg

    from backlink_crawler.store.database import Database

_SQL = statements("frontier")
# A name stands for the text, as a view would that takes parameters.
_SEEDS_OF_RUN = _SQL.pop("seeds_of_run")
_SQL = {name: text.replace("seeds_of_run", f"({_SEEDS_OF_RUN})") for name, text in _SQL.items()}
LEASE = timedelta(seconds=60)


class ClaimedHost(NamedTuple):
    """seconds_since_request: since anybody's last request to it, or what may have been one; None: never.

    setbacks: how often in a row it asked to be left alone. renders, gains: as in RenderHistory.
    """

    host_id: int
    name: str
    claim: int
    seconds_since_request: float | None
    setbacks: int
    renders: float = 0.0
    gains: float = 0.0


class ReleasedHost(NamedTuple):
    """since_request: seconds since our last request to it; None: we made none. rests: seconds that nobody claims it."""

    host: ClaimedHost
    since_request: float | None
    rests: float = 0.0
    setbacks: int = 0
    renders: RenderHistory = RenderHistory()


class KnownRobots(NamedTuple):
    """seconds_left: that the answer may still be used; too old, it only tells what delay was asked for."""

    answer: RobotsAnswer
    seconds_left: float


class Frontier:
    """One worker's view. roots: the seeds of this run; None for all kept seeds. any_seed: for all, kept or not.

    Every call is a transaction. Every method raises DatabaseUnavailable when the database is gone.
    """

    def __init__(
        self,
        database: Database,
        connection: LastingConnection,
        worker: UUID,
        roots: list[int] | None,
        any_seed: bool,
        lease: timedelta,
    ) -> None:
        self._database = database
        self._connection = connection
        self._worker = worker
        self._run = {"roots": roots, "any_seed": any_seed}
        self.lease = lease

    @classmethod
    async def open(
        cls,
        database: Database,
        worker: UUID,
        roots: list[int] | None,
        *,
        any_seed: bool = False,
        lease: timedelta = LEASE,
        patience: float = 0.0,
    ) -> Frontier:
        """patience: seconds that a database which has gone away is waited for."""

        async def prepare(connection: psycopg.AsyncConnection[Any]) -> None:
            # Whether `roots` is given decides the plan, so that each execution is planned for itself.
            await connection.execute("SET plan_cache_mode = force_custom_plan")
            await hold_off_migrations(connection)

        connection = LastingConnection(database, prepare, patience, autocommit=True)
        await connection.open()
        return cls(database, connection, worker, roots, any_seed, lease)

    def be_brief(self) -> None:
        """From now on, wait for no database."""
        self._connection.be_brief()

    async def close(self) -> None:
        await self._connection.close()

    async def claim(self, limit: int, up_to: Priority = Priority.OTHER) -> list[ClaimedHost]:
        """Hosts that have something due which is at least as urgent as `up_to`, at most `limit`, ours for the lease."""
        rows = await self._rows(
            "claim_hosts", **self._run, limit=limit, worker=self._worker, lease=self.lease, up_to=int(up_to)
        )
        return [ClaimedHost(*row) for row in rows]

    async def share(self, workers: int, at_most: int) -> int:
        """How many hosts one of so many workers may hold, so that each has some."""
        rows = await self._rows("hosts_to_share", limit=workers * at_most)
        return -(-int(rows[0][0]) // workers)

    async def due_pages(
        self, host: ClaimedHost, handed: Iterable[int], limit: int, up_to: Priority = Priority.OTHER
    ) -> list[DuePage]:
        """What is due on a claimed host, without what has been handed out and is not yet recorded.

        up_to: the least urgent priority that may be handed out.
        """
        rows = await self._rows(
            "due_pages",
            host_id=host.host_id,
            handed=list(handed),
            **self._run,
            limit=limit,
            up_to=int(up_to),
        )
        return [
            DuePage(page_id, url, host.host_id, host.claim, seed_id, PageKind(kind), *rest)
            for page_id, url, seed_id, kind, *rest in rows
        ]

    async def release(self, hosts: Iterable[ReleasedHost]) -> None:
        """Give hosts back."""
        given = list(hosts)
        if not given:
            return
        since = [each.since_request for each in given]
        await self._execute(
            "release_hosts",
            hosts=[each.host.host_id for each in given],
            claims=[each.host.claim for each in given],
            since_request=[None if seconds is None else timedelta(seconds=seconds) for seconds in since],
            pauses=[timedelta(seconds=each.rests) for each in given],
            setbacks=[each.setbacks for each in given],
            renders=[each.renders.renders for each in given],
            render_gains=[each.renders.gains for each in given],
        )

    async def release_rest(self) -> None:
        """Give back whatever this worker still holds."""
        await self._execute("release_worker", worker=self._worker)

    async def wake_missed(self, up_to: Priority = Priority.OTHER) -> bool:
        """Are there hosts with something due that nobody woke? They are claimable now."""
        return (await self._execute("wake_missed", **self._run, up_to=int(up_to))).rowcount > 0

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

    async def held_by_others(self, up_to: Priority = Priority.OTHER) -> bool:
        """Does another worker hold a host that has something due in this run?"""
        rows = await self._rows("held_by_others", **self._run, worker=self._worker, up_to=int(up_to))
        return bool(rows[0][0])

    async def due_count(self) -> tuple[int, int]:
        """(pages, hosts) that are due in this run."""
        pages, hosts = (await self._rows("due_count", **self._run))[0]
        return pages, hosts

    async def seeds(self, ids: Iterable[int]) -> dict[int, Seed]:
        rows = await self._rows("run_seeds", ids=list(ids))
        return {
            seed_id: Seed(
                Url(url, host := host_of(url), domain_of(host), url_hash(url)),
                Scope(scope),
                max_depth,
                max_pages,
                hops,
                bare,
                RenderMode(render),
            )
            for seed_id, url, scope, max_depth, max_pages, hops, bare, render in rows
        }

    async def robots(self, host: str) -> KnownRobots | None:
        """What is known of a host's robots.txt, whoever holds the host."""
        rows = await self._rows("read_robots", name=host)
        return KnownRobots(RobotsAnswer(*rows[0][:2]), rows[0][2]) if rows else None

    async def remember_robots(self, host: ClaimedHost, answer: RobotsAnswer, lender: str | None = None) -> None:
        """lender: another host whose own robots.txt it is, as a redirect led there."""
        names = [host.name] if lender is None else [host.name, lender]
        await self._execute("write_robots", names=names, http_code=answer.http_code, body=answer.body)

    async def copy_robots(self, host: ClaimedHost, lender: str) -> None:
        """What is known of the lender's robots.txt holds for the host, as long as for the lender."""
        await self._execute("copy_robots", name=host.name, lender=lender)

    async def borrow(self, host: str, delay: float, lasts: float) -> bool:
        """May one request be made to a host that we do not hold? It lasts so many seconds at most; then give it back.

        delay: seconds since the last request to it, at least.
        """
        periods = {"delay": timedelta(seconds=delay), "lasts": timedelta(seconds=lasts)}
        return bool(await self._rows("borrow_host", name=host, **periods))

    async def give_back(self, host: str) -> None:
        """The request for which a host was borrowed has ended."""
        await self._execute("return_host", name=host)

    async def start_crawl(self, seeds: str) -> int:
        """A row for this run; its id."""
        rows = await self._rows("start_crawl", worker=self._worker, seeds=seeds)
        return int(rows[0][0])

    async def tell_progress(self, crawl_id: int, counts: dict[str, Any]) -> None:
        """This run is alive, and has recorded so much."""
        await self._execute("tell_progress", crawl_id=crawl_id, stats=Jsonb(counts))

    async def finish_crawl(self, crawl_id: int, reason: str, stats: dict[str, Any]) -> None:
        await self._execute("finish_crawl", crawl_id=crawl_id, reason=reason, stats=Jsonb(stats))

    async def _rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        cursor = await self._execute(statement, **parameters)
        return await cursor.fetchall()

    async def _execute(self, statement: str, **parameters: object) -> psycopg.AsyncCursor[Any]:
        with database_errors(self._database):
            return await self._connection.run(lambda connection: connection.execute(_SQL[statement], parameters))
