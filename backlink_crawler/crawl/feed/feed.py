"""From claimed hosts to the next request: which host gets one now, and when the run is over.

A host in work holds a few of its due pages. Its robots.txt comes first, and requests to it are no faster than its delay.
After each await here, a host may be another worker's, have been given up, or have got a request.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from contextlib import contextmanager, suppress
from itertools import count
from random import random
from typing import TYPE_CHECKING

from backlink_crawler.crawl.feed.elsewhere import Elsewhere
from backlink_crawler.crawl.feed.host import HostInWork, Turn
from backlink_crawler.crawl.feed.intake import LONGEST_WAIT, Intake
from backlink_crawler.crawl.feed.shares import Shares
from backlink_crawler.crawl.feed.supply import MOST_UNRECORDED, PAGES_IN_HAND, Supply
from backlink_crawler.model import WITHOUT_REQUEST, Outcome, Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlink_crawler.crawl.feed.intake import Claimed
    from backlink_crawler.crawl.feed.limits import Limits
    from backlink_crawler.model import Discovery, DuePage, Rendering, Url, Visit
    from backlink_crawler.store.frontier import Frontier

TRUSTED = 5 / 6  # of a lease: what is asked for before the end arrives before the end
WORKER_DIED = (Outcome.TOO_COMPLEX, "worker_died")  # a second time, as it was read with care


class Feed:
    """`next` hands out turns, and `done` takes them back.

    A bounded run spends its budget in the order of priorities. Bounded by pages, it goes on to less urgent ones when
    nothing more urgent is left; bounded by time, already when no further host has any, as hosts would wait idly.
    """

    def __init__(
        self, frontier: Frontier, limits: Limits, flush: Callable[[], None], has_room: Callable[[], bool] = lambda: True
    ) -> None:
        """flush: called when nothing can be asked before visits are recorded. has_room: for one more page."""
        self._frontier = frontier
        self._flush = flush
        self._has_room = has_room
        self._shares = Shares(limits.bounds, self._settled)
        self.elsewhere = Elsewhere(limits.delay, self._shares)
        self._limits = limits
        self._hosts: dict[int, HostInWork] = {}
        self._ready: list[tuple[float, int, HostInWork]] = []
        self._order = count()
        self._changed = asyncio.Event()
        self._intake = Intake(frontier, limits, self._changed.set)
        self._supply = Supply(frontier, self._changed.set)
        self._started = time.monotonic()
        self._goes_on = False  # so many hosts stand in line that the last claim has not looked at all
        bounded = limits.max_pages is not None or limits.max_seconds is not None
        self._up_to = Priority.VERIFY if bounded else limits.up_to
        self.in_flight = 0
        self._handed_out = 0  # of those: pages and robots.txt
        self._being_read = 0  # pages that have come
        self.pages_handed = 0
        self.stopped_by = ""

    @property
    def hosts(self) -> Iterable[HostInWork]:
        return self._hosts.values()

    def has_work(self) -> bool:
        """Is there, or may there be, anything to ask for or to read, beside what is rendered?"""
        is_full = not self._intake.has_room(len(self._hosts))  # others may wait for a place
        return bool(self._handed_out or self._being_read or is_full or any(host.queue for host in self.hosts))

    async def next(self) -> Turn | None:
        """The next thing to ask for, waiting until something may be asked. None: the run is over.

        It is not over while a worker holds hosts that have something due: when that lease ends, they are ours. It may be
        one of our own that we have let go of.
        """
        while not self.limit_reached():
            if self.in_flight < self._limits.concurrency and self._has_room() and (turn := await self._turn()):
                return turn
            if not self._hosts and await self._goes_on_at_once():
                continue
            if not self._hosts and await self._is_over():
                return None
            await self._wait()
        return None

    async def _goes_on_at_once(self) -> bool:
        """With hosts that are there to be claimed, or with what is less urgent."""
        if self._take(await self._intake.now(0, self._up_to)):
            return True
        if self._up_to < self._limits.up_to:
            self._go_on_to_less_urgent()
            return True
        return False

    async def _is_over(self) -> bool:
        waits = await self._frontier.is_any_held(self._up_to) or await self._frontier.held_back(self._up_to)
        if waits or await self._frontier.wake_missed(self._up_to):
            return False
        # Meanwhile another worker may have given back what it held.
        return not self._take(await self._intake.now(0, self._up_to))

    def _go_on_to_less_urgent(self) -> None:
        self._up_to = Priority(self._up_to + 1)
        self._intake.hurry()
        for host in self._hosts.values():
            host.drained = False
            self._line_up(host)

    async def settle(self) -> None:
        """Until every turn that was handed out has ended, and what came of it has been read."""
        while self._handed_out or self._being_read:
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A page that has come is read, which may go on when its turn has ended."""
        self._being_read += 1
        try:
            yield
        finally:
            self._being_read -= 1
            self._changed.set()

    def look_again(self) -> None:
        """Something has come to be recorded, without a turn that ends."""
        self._changed.set()

    def done(self, host: HostInWork) -> None:
        """The turn that was handed out for this host has ended."""
        self._handed_out -= 1
        self._end(host)

    def answered(self, host: HostInWork, *, slow_down: bool = False, retry_after: float | None = None) -> None:
        """The turn has ended with an answer. slow_down: the host asks for less, perhaps for so many seconds."""
        host.answered()
        if slow_down:
            self.back_off(host, retry_after)
        self.done(host)

    def unanswered(self, host: HostInWork, *, is_down: bool) -> None:
        """The turn has ended without one. is_down: nobody was there."""
        host.unanswered(is_down=is_down)
        self.done(host)

    def learn_pages(self, host: HostInWork, found: Iterable[Discovery]) -> None:
        """Pages to be recorded with the next visit to the host."""
        host.found += found

    def learn_sitemaps(self, host: HostInWork, sitemaps: list[Url]) -> None:
        """All that its robots.txt names, to be recorded for each seed that its pages belong to."""
        host.sitemaps = sitemaps

    def in_work(self, name: str) -> HostInWork | None:
        return next((host for host in self._hosts.values() if host.claimed.name == name), None)

    def take_turn_between(self, host: HostInWork) -> float:
        """As `turn_between`, without waiting. Else seconds after which to ask again; its pages wait for that."""
        wait = max(host.free_at - time.monotonic(), LONGEST_WAIT if host.in_flight >= self._limits.per_host else 0.0)
        if wait > 0:
            host.wait(wait + host.delay)
        else:
            self._begin_between(host)
        return wait

    def say_requested_elsewhere(self, name: str) -> None:
        """A request to a host that was not in work may have arrived until this moment."""
        if host := self.in_work(name):  # meanwhile
            host.robots_asked_for = True
            host.requested()
        else:
            self.elsewhere.requested(name)

    def _begin_between(self, host: HostInWork) -> None:
        host.robots_asked_for = True
        host.in_flight += 1
        self.in_flight += 1
        host.requested()

    def done_between(self, host: HostInWork) -> None:
        """What it was asked for in between has come, or has not."""
        host.requested()
        self._end(host)

    def _end(self, host: HostInWork) -> None:
        host.in_flight -= 1
        self.in_flight -= 1
        self._let_ask(host)
        self._line_up(host)
        self._changed.set()

    async def turn_between(self, host: HostInWork) -> bool:
        """Wait until the host may be asked for something else than a page; then call `done_between`. False: never."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        host.between.append(waiter)
        self._let_ask(host)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():
                self._end(host)
            raise

    def _let_ask(self, host: HostInWork) -> None:
        """The first who waits, as soon as may be."""
        while host.between and host.between[0].done():
            host.between.popleft()
        if not host.between:
            return
        if not self._is_ours(host) or host.given_up:
            host.between.popleft().set_result(False)
            self._let_ask(host)
        elif host.in_flight < self._limits.per_host:
            if (wait := host.may_ask_at - time.monotonic()) > 0:
                asyncio.get_running_loop().call_later(wait, self._let_ask, host)
                return
            self._begin_between(host)
            host.between.popleft().set_result(True)

    def recorded(self, visits: Iterable[Visit]) -> None:
        """They are stored (or will never be)."""
        for visit in visits:
            # A page of an older claim was refused: under the present one it is still to be visited.
            if self.holds(visit):
                host = self._hosts[visit.page.host_id]
                host.handed.discard(visit.page.page_id)
                if visit.leads_on:
                    host.drained = False
                self._line_up(host)
        self._changed.set()

    def learn_rendering(self, host_id: int, rendering: Rendering) -> None:
        """A page of the host was rendered. One that did not come whole tells nothing unless it gained something."""
        host = self._hosts.get(host_id)
        if host and (rendering.gained or rendering.is_whole):
            host.renders = host.renders.after(gained=rendering.gained)

    def back_off(self, host: HostInWork, retry_after: float | None, *, pages: int = 0) -> None:
        """The host asks to be left alone, perhaps for so many seconds: it rests, for all workers."""
        if not host.given_up:  # else it was told at the same time
            rests = self._limits.back_off.rest(host.back_offs, retry_after, random())  # noqa: S311  no secret
            host.back_off(rests, pages=pages)

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

    def let_go_of_ended(self) -> None:
        """This process stood still for longer than a lease, perhaps because of a page: who claims the hosts next, knows.

        What has been read of them is not recorded, as if another worker had them already.
        """
        for host in [host for host in self.hosts if host.held_until <= time.monotonic()]:
            self._retire(host)

    def holds(self, visit: Visit) -> bool:
        """Is its host ours, by the claim under which it was made?"""
        host = self._hosts.get(visit.page.host_id)
        return host is not None and host.claimed.claim == visit.page.claim

    def _retire(self, host: HostInWork) -> None:
        """It is another worker's, or another claim's, now."""
        del self._hosts[host.claimed.host_id]
        self._supply.forget(host)
        if host.requested_at is not None:  # and a request may be on its way
            self.elsewhere.requested(host.claimed.name)
        host.handed.clear()
        host.queue.clear()
        self._let_ask(host)

    def _is_ours(self, host: HostInWork) -> bool:
        return self._hosts.get(host.claimed.host_id) is host

    async def release_all(self) -> None:
        await self._shares.close()
        await self._supply.close()
        hosts, self._hosts = self._hosts, {}
        await self._intake.close(hosts.values())

    async def _turn(self) -> Turn | None:
        """The host that has waited longest among those that may be asked now."""
        await self._take_hosts()
        while self._ready and self._ready[0][0] <= time.monotonic():
            _, _, host = heapq.heappop(self._ready)
            host.waiting = False
            if self._is_ours(host):
                await self._look_after(host)
            if not self._is_ours(host) or self._is_early(host):
                continue
            if host.in_flight >= self._limits.per_host:
                continue  # it was lined up twice, or is asked for something else; `done` lines it up again
            if host.robots is None and host.queue:
                if host.in_flight:
                    continue  # robots.txt is being asked for
                return self._hand_out(host, None)
            if host.queue:
                return self._hand_out(host, host.queue.popleft())
            if host.is_done:
                del self._hosts[host.claimed.host_id]
                self._intake.leave(host)
        self._take_pages()  # wanted by now
        return None

    async def _look_after(self, host: HostInWork) -> None:
        """After this process has slept, another worker may have the host. And it needs pages in hand."""
        if host.held_until <= time.monotonic():
            await self.renew()
            if not self._is_ours(host):
                return
        if len(host.queue) <= PAGES_IN_HAND // 4 and not host.drained and not host.given_up:
            self._supply.want(host)

    def _is_early(self, host: HostInWork) -> bool:
        """Its last request may have arrived later than was known when it was lined up."""
        host.forget_stale_robots()
        if host.turn_at <= time.monotonic():
            return False
        self._line_up(host)
        return True

    def _hand_out(self, host: HostInWork, page: DuePage | None) -> Turn:
        refused = host.refusal(page) if page else None
        if page and page.begun and host.claimed.is_suspect:
            refused = WORKER_DIED
        host.in_flight += 1
        self.in_flight += 1
        self._handed_out += 1
        if page and not (refused and refused[0] in WITHOUT_REQUEST):
            self.pages_handed += 1  # also the one whose visit says that its host could not be reached
        if page and not refused:
            host.requested()
        self._line_up(host)
        return Turn(host, page, refused)

    def _take_pages(self) -> None:
        if supplied := self._supply.ahead(self._up_to):
            for host in supplied.hosts:
                if self._is_ours(host):
                    pages = supplied.pages.get(host.claimed.host_id, [])
                    host.take_pages(pages, are_all=len(pages) < supplied.limit)
                    self._line_up(host)

    async def _take_hosts(self) -> None:
        self._take_pages()
        self._take(self._intake.ahead(len(self._hosts), self._up_to))
        for host in await self._shares.settle(self._frontier):
            if self._is_ours(host):
                self._retire(host)

    def _take(self, claimed: Claimed | None) -> bool:
        """Claimed hosts are in work from now on. False: there is nothing to take."""
        if claimed is None:
            return False
        self._goes_on = claimed.goes_on
        for host in claimed.hosts:
            if before := self._hosts.get(host.host_id):
                self._retire(before)  # its lease ended while this process slept
            self._hosts[host.host_id] = in_work = HostInWork.of(
                host,
                self._limits.delay,
                held_until=claimed.began + TRUSTED * self._limits.lease,
                requested_elsewhere=self.elsewhere.forget(host.name),
                careful=MOST_UNRECORDED if host.is_suspect else 0,
            )
            self._shares.begin(in_work)
        if claimed.is_short and self._limits.max_pages is None and self._up_to < self._limits.up_to:
            self._go_on_to_less_urgent()
        return bool(claimed.hosts) or self._goes_on

    def _settled(self, host: HostInWork) -> None:
        self._line_up(host)
        self._changed.set()

    def _line_up(self, host: HostInWork) -> None:
        if not host.waiting and host.settled and host.in_flight < self._limits.per_host and self._is_ours(host):
            host.waiting = True
            heapq.heappush(self._ready, (host.turn_at, next(self._order), host))

    def limit_reached(self) -> bool:
        if self._limits.max_pages is not None and self.pages_handed >= self._limits.max_pages:
            self.stopped_by = "max_pages"
        elif self._limits.max_seconds is not None and time.monotonic() - self._started >= self._limits.max_seconds:
            self.stopped_by = "max_minutes"
        return bool(self.stopped_by)

    async def _wait(self) -> None:
        """Until a request ends, a visit is recorded, a host's delay is over, or LONGEST_WAIT."""
        self._changed.clear()
        if not self.in_flight and any(host.handed for host in self._hosts.values()):
            self._flush()
        wait = 0.0 if self._goes_on else LONGEST_WAIT
        if self._ready and self.in_flight < self._limits.concurrency:
            wait = min(wait, max(0.0, self._ready[0][0] - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._changed.wait()
