"""From claimed hosts to the next request: who may be asked now, and when the run is over.

A host in work holds a few of its due pages, asks robots.txt before the first, and is asked no faster than its delay.
Pages are `handed` from the moment they are taken out of the database until their visit is recorded.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlink_crawler.crawl.robots import RobotsPolicy
    from backlink_crawler.model import Discovery, DuePage, Outcome
    from backlink_crawler.store.frontier import ClaimedHost, Frontier

PAGES_IN_HAND = 64  # of one host
HOSTS_PER_REQUEST_SLOT = 2  # hosts in work for each concurrent request: while one waits out its delay, another is asked
MOST_UNRECORDED = 4 * PAGES_IN_HAND
CLAIM_AT_ONCE = 64
REST_AFTER_FAILURE = 3600.0  # seconds that a host rests when nothing of it could be reached
LONGEST_WAIT = 1.0  # seconds between two looks at what other workers may have left


@dataclass(slots=True, eq=False)
class HostInWork:
    """robots: None until robots.txt is known. ready_at: monotonic seconds, not to be asked before.

    found: pages that robots.txt told of, to be recorded with the host's next visit. given_up: nothing more is asked of
    it in this run; `rests`: seconds that nobody claims it then.
    """

    claimed: ClaimedHost
    delay: float
    ready_at: float
    robots: RobotsPolicy | None = None
    queue: deque[DuePage] = field(default_factory=deque)
    handed: set[int] = field(default_factory=set)
    in_flight: int = 0
    asked_at: float | None = None
    waiting: bool = False
    drained: bool = False
    given_up: bool = False
    rests: float = 0.0
    found: list[Discovery] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return (self.drained or self.given_up) and not self.queue and not self.handed and not self.in_flight


class Turn(NamedTuple):
    """page: None when the host's robots.txt must be known first. refused: how the visit ends without a request."""

    host: HostInWork
    page: DuePage | None
    refused: tuple[Outcome, str] | None


@dataclass(frozen=True, slots=True)
class Limits:
    """delay: seconds between two requests to a host. max_pages, max_seconds: of this run; None means any."""

    concurrency: int
    per_host: int
    delay: float
    max_pages: int | None
    max_seconds: float | None


class Feed:
    """`next` hands out turns, and `done` takes them back; `asked` says that a turn became a request."""

    def __init__(self, frontier: Frontier, limits: Limits, flush: Callable[[], None]) -> None:
        """flush: called when nothing can be asked before visits are recorded."""
        self._frontier = frontier
        self._flush = flush
        self._limits = limits
        self._hosts: dict[int, HostInWork] = {}
        self._ready: list[tuple[float, int, HostInWork]] = []
        self._order = count()
        self._changed = asyncio.Event()
        self._started = time.monotonic()
        self._next_claim = 0.0
        self._unrecorded = 0
        self.in_flight = 0
        self.pages_handed = 0
        self.stopped_by = ""

    @property
    def hosts(self) -> Iterable[HostInWork]:
        return self._hosts.values()

    @property
    def _is_idle(self) -> bool:
        return not self._hosts and not self._unrecorded

    async def next(self) -> Turn | None:
        """The next thing to ask for, waiting until something may be asked. None: the run is over.

        It is not over while another worker holds hosts that have something due: if that one dies, they are ours.
        """
        while not self._limit_reached():
            if self.in_flight < self._limits.concurrency and (turn := await self._turn()):
                return turn
            if self._is_idle and await self._is_over():
                return None
            await self._wait()
        return None

    def asked(self, host: HostInWork) -> None:
        """A request to the host is on its way: its delay begins."""
        host.asked_at = time.monotonic()
        host.ready_at = host.asked_at + host.delay

    async def _is_over(self) -> bool:
        return not (await self._claim() or await self._frontier.held_by_others() or await self._frontier.wake_missed())

    def done(self, host: HostInWork) -> None:
        """The turn that was handed out for this host has ended."""
        host.in_flight -= 1
        self.in_flight -= 1
        self._line_up(host)
        self._changed.set()

    def recorded(self, pages: Iterable[DuePage]) -> None:
        """The visits to these pages are stored (or will never be)."""
        for page in pages:
            host = self._hosts.get(page.host_id)
            if host and page.page_id in host.handed:
                self._unrecorded -= 1
                host.handed.discard(page.page_id)
                host.drained = False  # the visit may have found more
                self._line_up(host)
        self._changed.set()

    def give_up(self, host: HostInWork, rests: float, *, pages: int = 1) -> None:
        """Only so many pages more of it are visited; the others stay due, and it rests for so many seconds."""
        host.given_up, host.rests = True, rests
        self._put_back(host, keep=pages)

    def learn_delay(self, host: HostInWork, delay: float) -> None:
        """What robots.txt asks for, counted from the last request that is known of."""
        host.delay = max(host.delay, delay)
        if host.asked_at is not None:
            host.ready_at = host.asked_at + host.delay

    def _put_back(self, host: HostInWork, *, keep: int = 0) -> None:
        while len(host.queue) > keep:
            host.handed.discard(host.queue.pop().page_id)
            self._unrecorded -= 1

    async def renew(self) -> None:
        """Keep the leases. A host that is no longer ours is dropped: its pages are another worker's business."""
        held = [host.claimed for host in self._hosts.values()]
        if not held:
            return
        ours = await self._frontier.renew(held)
        for claimed in held:
            host = self._hosts.get(claimed.host_id)
            if claimed.host_id not in ours and host and host.claimed is claimed:
                self._retire(host)

    def _retire(self, host: HostInWork) -> None:
        """It is another worker's, or another claim's, now."""
        del self._hosts[host.claimed.host_id]
        self._unrecorded -= len(host.handed)
        host.handed.clear()
        host.queue.clear()

    async def release_all(self) -> None:
        await self._release(list(self._hosts.values()))
        await self._frontier.release_rest()

    async def _turn(self) -> Turn | None:
        """The host that has waited longest among those that may be asked now."""
        if len(self._ready) < self._limits.concurrency:
            await self._claim()
        while self._ready and self._ready[0][0] <= time.monotonic():
            _, _, host = heapq.heappop(self._ready)
            host.waiting = False
            if self._hosts.get(host.claimed.host_id) is not host:
                continue
            if len(host.queue) <= PAGES_IN_HAND // 4 and not host.drained and not host.given_up:
                await self._refill(host)
            if host.robots is None and host.queue:
                if host.in_flight:
                    continue  # robots.txt is being asked for
                return self._hand_out(host, None)
            if host.queue:
                return self._hand_out(host, host.queue.popleft())
            if host.is_done:
                await self._release([host])
        return None

    def _hand_out(self, host: HostInWork, page: DuePage | None) -> Turn:
        refused = host.robots.refusal(page.url) if page and host.robots else None
        host.in_flight += 1
        self.in_flight += 1
        if page and not refused:
            self.pages_handed += 1
            self.asked(host)
        self._line_up(host)
        return Turn(host, page, refused)

    async def _refill(self, host: HostInWork) -> None:
        if len(host.handed) > MOST_UNRECORDED:
            return  # pages that robots.txt forbids are done faster than they are stored
        pages = await self._frontier.due_pages(host.claimed, host.handed, PAGES_IN_HAND)
        host.drained = not pages
        host.queue.extend(pages)
        host.handed.update(page.page_id for page in pages)
        self._unrecorded += len(pages)

    async def _claim(self) -> bool:
        """Take more hosts when there is room. False: there is nothing to take."""
        room = self._limits.concurrency * HOSTS_PER_REQUEST_SLOT - len(self._hosts)
        now = time.monotonic()
        if room <= 0 or (now < self._next_claim and self._hosts):
            return True
        claimed = await self._frontier.claim(min(room, CLAIM_AT_ONCE))
        if len(claimed) < min(room, CLAIM_AT_ONCE):
            self._next_claim = time.monotonic() + LONGEST_WAIT
        for host in claimed:
            if before := self._hosts.get(host.host_id):
                self._retire(before)  # its lease ended while this process slept
            since = host.seconds_since_request
            asked_at = None if since is None else now - since
            ready_at = now if asked_at is None else max(now, asked_at + self._limits.delay)
            in_work = HostInWork(host, self._limits.delay, ready_at, asked_at=asked_at)
            self._hosts[host.host_id] = in_work
            self._line_up(in_work)
        return bool(claimed)

    async def _release(self, hosts: list[HostInWork]) -> None:
        now = time.monotonic()
        for host in hosts:
            self._hosts.pop(host.claimed.host_id, None)
            self._unrecorded -= len(host.handed)
        await self._frontier.release(
            (host.claimed, None if host.asked_at is None else now - host.asked_at, host.rests) for host in hosts
        )

    def _line_up(self, host: HostInWork) -> None:
        if (
            not host.waiting
            and host.in_flight < self._limits.per_host
            and self._hosts.get(host.claimed.host_id) is host
        ):
            host.waiting = True
            heapq.heappush(self._ready, (host.ready_at, next(self._order), host))

    def _limit_reached(self) -> bool:
        if self._limits.max_pages is not None and self.pages_handed >= self._limits.max_pages:
            self.stopped_by = "max_pages"
        elif self._limits.max_seconds is not None and time.monotonic() - self._started >= self._limits.max_seconds:
            self.stopped_by = "max_minutes"
        return bool(self.stopped_by)

    async def _wait(self) -> None:
        """Until a request ends, a visit is recorded, a host's delay is over, or LONGEST_WAIT."""
        self._changed.clear()
        if not self.in_flight and self._unrecorded:
            self._flush()
        wait = LONGEST_WAIT
        if self._ready and self.in_flight < self._limits.concurrency:
            wait = min(wait, max(0.0, self._ready[0][0] - time.monotonic()))
        try:
            async with asyncio.timeout(wait):
                await self._changed.wait()
        except TimeoutError:
            pass
