"""Claims: taking hosts stays fast in a crowd, and a night over pages that have not changed costs little and leaves little.

Claims: 1,000,000 hosts with due pages of mixed priorities are claimed, 64 at a time, by one client and then by two, and
released again as if they had been visited. The same for 1,000 hosts alone, and beside 200,000 that are due for the seeds
of another run. Nights: a worker without a network claims hosts, takes their due pages,
records that none was modified, a hundred in one transaction, and releases, through the crawler's own Frontier and
Recorder, until nothing is due. Ten nights in a row over 200,000 pages, then one over 1,000,000; autovacuum as it is.
From night to night the sessions' clock is put forward, since moving `next_visit` would rewrite every page once more.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from os import getloadavg
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from backlink_crawler.frontier.revisit import Pace
from backlink_crawler.model import Outcome, Visit
from backlink_crawler.store.frontier import Frontier, ReleasedHost
from backlink_crawler.store.recording import Recorder, Source
from backlink_crawler.store.upkeep import table_bytes
from benchmarks.claims import Claim, show, spread
from benchmarks.environment import fresh_index
from benchmarks.filling import fill

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import psycopg

    from backlink_crawler.model import DuePage
    from backlink_crawler.store.claims import ClaimedHost
    from backlink_crawler.store.database import Database

AT_ONCE = 64  # as the crawl claims: intake.AT_ONCE
SECONDS_OF_CLAIMING = 20.0
IN_WORK = 256  # hosts, as of a crawl with 128 requests at once
IN_HAND = 64  # pages of a host
BATCH = 100
PACE = Pace(most=timedelta(hours=20), first=timedelta(hours=20))  # each page each night
NIGHTS = 10
GROWTH_TARGET = 1.5
HOSTS_TARGET = 200  # a second: more than a worker finishes of 20 pages each at 4,000 pages a second
TABLES = ("pages", "crawled_hosts", "queue_hosts", "visits")


class Size(NamedTuple):
    """hosts: multiple of 250. due: pages of a host that are due, of all its pages. foreign: hosts due for another run."""

    hosts: int
    pages_of_a_host: int
    due: int
    foreign: int = 0

    @property
    def pages(self) -> int:
        return self.hosts * self.pages_of_a_host

    def filled(self, connection: psycopg.Connection[Any]) -> None:
        sizes = {"hosts": self.hosts, "pages": self.pages, "due": self.due, "foreign": self.foreign}
        fill(connection, "known_frontier", sizes)


FOREIGN, FOREIGN_FOR_A_TRY = 200_000, 20_000
FOREIGN_TARGET = 2.0
CROWD, CROWD_FOR_A_TRY = Size(1_000_000, 2, 1), Size(100_000, 2, 1)
FEW = Size(10_000, 2, 1)
MANY_TARGET = 1.2  # of the milliseconds of a claim among few
TEN_NIGHTS, TEN_NIGHTS_FOR_A_TRY = Size(4_000, 50, 50), Size(500, 40, 40)
ONE_NIGHT = Size(20_000, 50, 50)


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the hosts and pages, whose figures are no claim."""
    is_try = pairs == 1
    claims = [beside_others(FOREIGN_FOR_A_TRY if is_try else FOREIGN, pairs)]
    claims += crowd(CROWD_FOR_A_TRY if is_try else CROWD, pairs)
    claims += nights(TEN_NIGHTS_FOR_A_TRY if is_try else TEN_NIGHTS, NIGHTS)
    return claims if is_try else [*claims, *nights(ONE_NIGHT, 1)]


class Steps(NamedTuple):
    """Milliseconds of each call."""

    claims: list[float]
    releases: list[float]


def crowd(size: Size, pairs: int) -> list[Claim]:
    print(f"frontier: {size.hosts:,} hosts, {size.pages:,} pages", flush=True)
    rows, rates, ratios = [], {}, []
    with fresh_index() as index, fresh_index() as small:
        for each, its_size in ((index, size), (small, FEW)):
            with each.database.connect(autocommit=True) as connection:
                its_size.filled(connection)
        for _ in range(pairs):
            few, many = (asyncio.run(some_claims(each.database)) for each in (small, index))
            ratios.append(many / few)
            print(f"  {few:.1f} ms a claim among {FEW.hosts:,}, {many:.1f} among {size.hosts:,}", flush=True)
        for clients in (1, 2):
            steps, seconds = asyncio.run(claiming(index.database, clients))
            rates[clients] = AT_ONCE * len(steps.claims) / seconds
            print(f"  {clients} clients: {rates[clients]:,.0f} hosts/s, load {getloadavg()[0]:.1f}", flush=True)
            rows.append((clients, f"{rates[clients]:,.0f}", *p50_p99(steps.claims), *p50_p99(steps.releases)))
    columns = ("clients", "hosts/s", "claim, p50", "p99", "release, p50", "p99")
    show(f"{size.hosts:,} hosts with due pages: milliseconds to claim {AT_ONCE} and to release them", columns, rows)
    what = f"hosts/s claimed and released, {size.hosts:,} hosts due, one client"
    note = f"{rates[1]:,.0f} (two clients {rates[2]:,.0f})"
    rate = Claim(what, f"≥ {HOSTS_TARGET}", note, rates[1] >= HOSTS_TARGET)
    what = f"a claim among {size.hosts:,} due hosts ÷ among {FEW.hosts:,}"
    return [rate, Claim(what, f"≤ {MANY_TARGET:g}", spread(ratios), median(ratios) <= MANY_TARGET)]


async def some_claims(database: Database) -> float:
    """The median milliseconds of fifty claims, hosts given back in between."""
    frontier, steps = await Frontier.open(database, uuid4()), Steps([], [])
    for _ in range(50):
        hosts = await timed(frontier.claim(AT_ONCE), steps.claims)
        await frontier.release(ReleasedHost(host, 0.0) for host in hosts)
    await frontier.close()
    return median(steps.claims)


def beside_others(foreign: int, pairs: int) -> Claim:
    """What a claim costs when so many hosts are due for others, in turns with one when none are."""
    print(f"frontier: claims beside {foreign:,} hosts that are due for another run", flush=True)
    ratios = []
    with fresh_index() as alone, fresh_index() as crowded:
        for index, number in ((alone, 0), (crowded, foreign)):
            with index.database.connect(autocommit=True) as connection:
                Size(1_000, 2, 1, number).filled(connection)
        for _ in range(pairs):
            without, beside = (asyncio.run(claims_of_all(index.database)) for index in (alone, crowded))
            ratios.append(beside / without)
            print(f"  {without:.1f} ms a claim without them, {beside:.1f} ms beside them", flush=True)
    what = f"a claim beside {foreign:,} foreign due hosts ÷ without"
    return Claim(what, f"≤ {FOREIGN_TARGET:g}", spread(ratios), median(ratios) <= FOREIGN_TARGET)


async def claims_of_all(database: Database) -> float:
    """The median milliseconds of a claim, until every host is claimed once; then they are given back."""
    frontier, steps = await Frontier.open(database, uuid4()), Steps([], [])
    held: list[ClaimedHost] = []
    while hosts := await timed(frontier.claim(AT_ONCE), steps.claims):
        held += hosts
    await frontier.release(ReleasedHost(host, 0.0) for host in held)
    await frontier.close()
    return median(steps.claims)


def p50_p99(milliseconds: list[float]) -> tuple[str, str]:
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return f"{cuts[49]:.1f}", f"{cuts[98]:.1f}"


async def claiming(database: Database, clients: int) -> tuple[Steps, float]:
    steps, started = Steps([], []), time.monotonic()
    await asyncio.gather(*(claim_and_release(database, steps, started) for _ in range(clients)))
    return steps, time.monotonic() - started


async def claim_and_release(database: Database, steps: Steps, started: float) -> None:
    """Hosts that were given back have an hour's rest, so that each claim finds others."""
    frontier = await Frontier.open(database, uuid4())
    while time.monotonic() < started + SECONDS_OF_CLAIMING:
        hosts = await timed(frontier.claim(AT_ONCE), steps.claims)
        if not hosts:
            raise RuntimeError("there are no hosts left to claim")
        await timed(frontier.release(ReleasedHost(host, 0.0, rests=3600.0) for host in hosts), steps.releases)
    await frontier.close()


async def timed(step: Coroutine[Any, Any, Any], times: list[float]) -> Any:
    started = time.perf_counter()
    result = await step
    times.append(1000 * (time.perf_counter() - started))
    return result


@dataclass(slots=True, eq=False)
class HostInWork:
    claimed: ClaimedHost
    queue: deque[DuePage] = field(default_factory=deque)
    handed: set[int] = field(default_factory=set)
    drained: bool = False


class Sleepwalker:
    """A worker for whom every page answers 304, in the order of a crawl: each host in work in turn."""

    def __init__(self, frontier: Frontier, recorder: Recorder) -> None:
        self._frontier = frontier
        self._recorder = recorder
        self._hosts: dict[int, HostInWork] = {}
        self.recording: list[float] = []
        self.visits = 0

    async def walk(self) -> None:
        """Until nothing is due."""
        while await self._claim() or self._hosts:
            for _ in range(AT_ONCE * IN_HAND // BATCH):
                if not (visits := await self._visits()):
                    break
                await timed(self._recorder.record(visits), self.recording)
                self.visits += len(visits)
                await self._recorded(visits)

    async def _claim(self) -> bool:
        room = min(AT_ONCE, IN_WORK - len(self._hosts))
        if room <= 0:
            return True
        claimed = await self._frontier.claim(room)
        self._hosts.update({host.host_id: HostInWork(host) for host in claimed})
        return bool(claimed)

    async def _visits(self) -> list[Visit]:
        visits: list[Visit] = []
        hosts = deque(self._hosts.values())
        while hosts and len(visits) < BATCH:
            host = hosts.popleft()
            if len(host.queue) <= IN_HAND // 4 and not host.drained:
                await self._refill(host)
            if host.queue:
                visits.append(Visit(host.queue.popleft(), Outcome.NOT_MODIFIED, http_code=304, elapsed=0.05))
                hosts.append(host)
                self._hosts[host.claimed.host_id] = self._hosts.pop(host.claimed.host_id)  # to the end of the line
        return visits

    async def _refill(self, host: HostInWork) -> None:
        due = await self._frontier.due_pages([host.claimed], host.handed, IN_HAND)
        pages = due.get(host.claimed.host_id, [])
        host.drained = not pages
        host.queue.extend(pages)
        host.handed.update(page.page_id for page in pages)

    async def _recorded(self, visits: list[Visit]) -> None:
        """Hosts that have nothing left are given back, each by itself, as in a crawl."""
        for visit in visits:
            host = self._hosts[visit.page.host_id]
            host.handed.discard(visit.page.page_id)
        for host in [host for host in self._hosts.values() if not host.handed]:
            await self._refill(host)
            if host.drained:
                del self._hosts[host.claimed.host_id]
                await self._frontier.release([ReleasedHost(host.claimed, 0.1)])


class Night(NamedTuple):
    """dead: rows of pages and of queue_hosts right after it. bytes: of TABLES, indexes included. vacuums: so far, of pages."""

    visits: int
    seconds: float
    batch: float
    dead: tuple[int, int]
    bytes: dict[str, int]
    vacuums: int


def nights(size: Size, number: int) -> list[Claim]:
    print(f"frontier: {size.pages:,} unchanged pages on {size.hosts:,} hosts, nights: {number}", flush=True)
    with fresh_index() as index, index.database.connect(autocommit=True) as connection:
        size.filled(connection)
        before = stored(connection)
        past = []
        for passed in range(number):
            connection.execute(f"ALTER DATABASE backlinks SET nights.passed = '{passed} days'".encode())
            visits, seconds, recording = asyncio.run(one_night(index.database))
            if visits != size.pages:
                raise RuntimeError(f"{visits:,} pages were visited, and {size.pages:,} were due")
            past.append(
                Night(visits, seconds, sum(recording) / len(recording), dead_rows(connection), *stored(connection))
            )
            told = f"{visits / seconds:,.0f} pages/s, {', '.join(megabytes(past[-1].bytes))} MB"
            print(f"  night {passed + 1}: {told}, dead {past[-1].dead}, load {getloadavg()[0]:.1f}", flush=True)
    show_nights(size, before[0], past)
    return conclude(size, before[0], past)


async def one_night(database: Database) -> tuple[int, float, list[float]]:
    started = time.monotonic()
    frontier = await Frontier.open(database, uuid4())
    recorder = await Recorder.open(database, Source(await frontier.start_crawl("a night"), 0, PACE))
    worker = Sleepwalker(frontier, recorder)
    await worker.walk()
    await recorder.close()
    await frontier.close()
    return worker.visits, time.monotonic() - started, worker.recording


def stored(connection: psycopg.Connection[Any]) -> tuple[dict[str, int], int]:
    """Bytes by table, and how often autovacuum has been at pages."""
    sizes = {each.name: each.bytes for each in table_bytes(connection)}
    row = connection.execute("SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'pages'").fetchone()
    assert row
    return sizes, row[0]


def dead_rows(connection: psycopg.Connection[Any]) -> tuple[int, int]:
    """As the server estimates."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    rows = connection.execute(
        "SELECT relname, n_dead_tup FROM pg_stat_user_tables WHERE relname IN ('pages', 'queue_hosts')"
    )
    dead = dict(rows.fetchall())
    return dead["pages"], dead["queue_hosts"]


def show_nights(size: Size, before: dict[str, int], past: list[Night]) -> None:
    rows: list[tuple[str, ...]] = [("filled", "", "", "", "", "", *megabytes(before), "")]
    for number, night in enumerate(past, 1):
        rate = f"{night.visits / night.seconds:,.0f}"
        dead = [f"{rows:,}" for rows in night.dead]
        rows.append(
            (
                f"{number}",
                f"{night.seconds:.0f} s",
                rate,
                f"{night.batch:.1f}",
                *dead,
                *megabytes(night.bytes),
                f"{night.vacuums}",
            )
        )
    columns = (
        "night",
        "time",
        "pages/s",
        f"ms a {BATCH}",
        "dead pages",
        "dead hosts",
        *(f"{table}, MB" for table in TABLES),
        "vacuums",
    )
    show(f"Nights over {size.pages:,} pages of which none has changed", columns, rows)


def megabytes(sizes: dict[str, int]) -> list[str]:
    return [f"{sizes[table] / 1e6:,.1f}" for table in TABLES]


def conclude(size: Size, before: dict[str, int], past: list[Night]) -> list[Claim]:
    visit_bytes = (past[-1].bytes["visits"] - before["visits"]) / (size.pages * len(past))
    rate = sum(night.visits for night in past) / sum(night.seconds for night in past)
    what = f"{len(past)} nights over {size.pages:,} unchanged pages"
    print(f"frontier: {what}: {rate:,.0f} pages/s, {visit_bytes:.0f} bytes on disk a visit", flush=True)
    told: list[Claim] = []
    if len(past) > 1:
        for table in ("pages", "queue_hosts"):
            growth = past[-1].bytes[table] / past[1].bytes[table]
            told.append(
                Claim(
                    f"{what}: {table} on disk, last ÷ second",
                    f"≤ {GROWTH_TARGET:g}",
                    f"{growth:.2f}",
                    growth <= GROWTH_TARGET,
                )
            )
    return told
