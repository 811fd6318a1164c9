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
from random import random
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.frontier.backoff import MOST_SETBACKS, BackOff
from backlink_crawler.model import Outcome, Priority
from backlink_crawler.store.frontier import ReleasedHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlink_crawler.crawl.robots import RobotsPolicy
    from backlink_crawler.model import Discovery, DuePage
    from backlink_crawler.store.frontier import ClaimedHost, Frontier

PAGES_IN_HAND = 64  # of one host
HOSTS_PER_REQUEST_SLOT = 2  # hosts in work for each concurrent request: while one waits out its delay, another is asked
MOST_UNRECORDED = 4 * PAGES_IN_HAND
CLAIM_AT_ONCE = 64
REST_AFTER_FAILURE = 3600.0  # seconds that a host rests when nothing of it could be reached
TRUSTED = 5 / 6  # of a lease: what is asked for before the end arrives before the end
LONGEST_WAIT = 1.0  # seconds between two looks at what other workers may have left


class RobotsAt(NamedTuple):
    """Where a robots.txt is said to be. redirects: that led there. tries: how often another host was not to be had."""

    url: str
    redirects: int
    tries: int = 0


@dataclass(slots=True, eq=False)
class HostInWork:
    """All moments are monotonic seconds. ready_at: not to be asked before. held_until: ours for so long, unless renewed.

    robots: None until robots.txt is known, and when it has become too old at robots_until. robots_at: where it was said
    to be, and after how many steps. found: pages that it told of, to be recorded with the host's next visit.
    asked_at: when the last request to it was made, or may have arrived. given_up: nothing more is asked of it in this
    run; `rests`: seconds that nobody claims it then. setbacks: how often in a row it asked to be left alone.
    """

    claimed: ClaimedHost
    delay: float
    ready_at: float
    held_until: float
    setbacks: int = 0
    robots: RobotsPolicy | None = None
    robots_until: float = 0.0
    robots_at: RobotsAt | None = None
    queue: deque[DuePage] = field(default_factory=deque)
    handed: set[int] = field(default_factory=set)
    in_flight: int = 0
    asked_at: float | None = None
    waiting: bool = False
    drained: bool = False
    given_up: bool = False
    rests: float = 0.0
    found: list[Discovery] = field(default_factory=list)

    def asked(self) -> None:
        """A request to it may arrive, or have arrived, until this moment: its delay begins."""
        self.asked_at = time.monotonic()
        self.ready_at = self.asked_at + self.delay

    @property
    def asks_nothing(self) -> bool:
        """No request will be made of what it still has to do, so that no delay need be waited for."""
        return self.given_up and (not self.queue or (self.robots is not None and self.robots.refused is not None))

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
    """delay: seconds between two requests to a host. max_pages, max_seconds: of this run; None means any.

    up_to: the least urgent pages that this run visits. lease: seconds that a claim lasts unless it is renewed.
    workers: that were started together; each leaves the others their share of the hosts.
    """

    concurrency: int
    per_host: int
    delay: float
    max_pages: int | None
    max_seconds: float | None
    up_to: Priority = Priority.OTHER
    back_off: BackOff = field(default_factory=BackOff)
    lease: float = 60.0
    workers: int = 1


class Feed:
    """`next` hands out turns, and `done` takes them back.

    A bounded run spends its budget in the order of priorities. Bounded by pages, it goes on to less urgent ones when
    nothing more urgent is left; bounded by time, already when no further host has any, as hosts would wait idly.
    """

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
        bounded = limits.max_pages is not None or limits.max_seconds is not None
        self._up_to = Priority.VERIFY if bounded else limits.up_to
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

    async def _is_over(self) -> bool:
        if await self._claim():
            return False
        if self._up_to < self._limits.up_to:
            self._go_on_to_less_urgent()
            return False
        return not (await self._frontier.held_by_others(self._up_to) or await self._frontier.wake_missed(self._up_to))

    def _go_on_to_less_urgent(self) -> None:
        self._up_to = Priority(self._up_to + 1)
        self._next_claim = 0.0
        for host in self._hosts.values():
            host.drained = False
            self._line_up(host)

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
            # A page of an older claim was refused: under the present one it is still to be visited.
            if host and page.claim == host.claimed.claim and page.page_id in host.handed:
                self._unrecorded -= 1
                host.handed.discard(page.page_id)
                host.drained = False  # the visit may have found more
                self._line_up(host)
        self._changed.set()

    def give_up(self, host: HostInWork, rests: float, *, pages: int = 1) -> None:
        """Only so many pages more of it are visited; the others stay due, and it rests for so many seconds."""
        host.given_up, host.rests = True, rests
        self._put_back(host, keep=pages)

    def set_back(self, host: HostInWork, asked: float | None, *, pages: int = 0) -> None:
        """The host asks to be left alone, perhaps for so many seconds: it rests, for all workers."""
        if not host.given_up:  # else it was told at the same time
            rests = self._limits.back_off.rest(host.setbacks, asked, random())  # noqa: S311  no secret
            host.setbacks = min(host.setbacks + 1, MOST_SETBACKS)
            self.give_up(host, rests, pages=pages)

    def learn_delay(self, host: HostInWork, delay: float) -> None:
        """What robots.txt asks for, counted from the last request that is known of, whoever made it."""
        host.delay = max(self._limits.delay, delay)
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
        held_until = time.monotonic() + TRUSTED * self._limits.lease
        ours = await self._frontier.renew(held)
        for claimed in held:
            host = self._hosts.get(claimed.host_id)
            if host and host.claimed is claimed:
                host.held_until = held_until
                if claimed.host_id not in ours:
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
            if not await self._is_ours(host) or self._is_early(host):
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

    async def _is_ours(self, host: HostInWork) -> bool:
        """Even after this process has slept: who was not looking may have lost the host to another worker."""
        if host.held_until <= time.monotonic() and host.claimed.host_id in self._hosts:
            await self.renew()
        return self._hosts.get(host.claimed.host_id) is host

    def _is_early(self, host: HostInWork) -> bool:
        """Its last request may have arrived later than was known when it was lined up."""
        now = time.monotonic()
        if host.robots_until <= now and not host.given_up:
            host.robots = None  # it is asked for again after a day, even if the host is held for longer
        if host.ready_at <= now or host.asks_nothing:
            return False
        self._line_up(host)
        return True

    def _hand_out(self, host: HostInWork, page: DuePage | None) -> Turn:
        refused = host.robots.refusal(page.url) if page and host.robots else None
        host.in_flight += 1
        self.in_flight += 1
        if page and not (refused and refused[0] is Outcome.ROBOTS_FORBIDDEN):
            self.pages_handed += 1  # also the one whose visit says that its host could not be reached
        if page and not refused:
            host.asked()
        self._line_up(host)
        return Turn(host, page, refused)

    async def _refill(self, host: HostInWork) -> None:
        if len(host.handed) > MOST_UNRECORDED:
            return  # pages that robots.txt forbids are done faster than they are stored
        pages = await self._frontier.due_pages(host.claimed, host.handed, PAGES_IN_HAND, self._up_to)
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
        if self._limits.workers > 1:
            share = max(1, await self._frontier.share(self._limits.workers, room + len(self._hosts)))
            room = min(room, share - len(self._hosts))
            if room <= 0:
                self._next_claim = now + LONGEST_WAIT
                return True
        claimed = await self._frontier.claim(min(room, CLAIM_AT_ONCE), self._up_to)
        if len(claimed) < min(room, CLAIM_AT_ONCE):
            self._next_claim = time.monotonic() + LONGEST_WAIT
            if self._limits.max_pages is None and self._up_to < self._limits.up_to:
                self._go_on_to_less_urgent()
        for host in claimed:
            if before := self._hosts.get(host.host_id):
                self._retire(before)  # its lease ended while this process slept
            self._hosts[host.host_id] = in_work = self._in_work(host, now + TRUSTED * self._limits.lease)
            self._line_up(in_work)
        return bool(claimed)

    def _in_work(self, host: ClaimedHost, held_until: float) -> HostInWork:
        """The delay goes on from the last request. Looked at after the claim: a moment too late is not too early."""
        now = time.monotonic()
        since = host.seconds_since_request
        asked_at = None if since is None else now - since
        ready_at = now if asked_at is None else max(now, asked_at + self._limits.delay)
        return HostInWork(host, self._limits.delay, ready_at, held_until, host.setbacks, asked_at=asked_at)

    async def _release(self, hosts: list[HostInWork]) -> None:
        now = time.monotonic()
        for host in hosts:
            self._hosts.pop(host.claimed.host_id, None)
            self._unrecorded -= len(host.handed)
        await self._frontier.release(
            ReleasedHost(
                host.claimed, None if host.asked_at is None else now - host.asked_at, host.rests, host.setbacks
            )
            for host in hosts
        )

    def _line_up(self, host: HostInWork) -> None:
        if (
            not host.waiting
            and host.in_flight < self._limits.per_host
            and self._hosts.get(host.claimed.host_id) is host
        ):
            host.waiting = True
            heapq.heappush(self._ready, (0.0 if host.asks_nothing else host.ready_at, next(self._order), host))

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
