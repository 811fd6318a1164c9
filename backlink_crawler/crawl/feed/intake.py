"""Hosts come and go in the background: claimed ahead, so that no request slot waits for it, and given back together."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.crawl.feed.limits import Limits
    from backlink_crawler.model import Priority
    from backlink_crawler.store.claims import ClaimedHost
    from backlink_crawler.store.frontier import Frontier

HOSTS_PER_REQUEST_SLOT = 2  # hosts in work for each concurrent request: while one waits out its delay, another is asked
AT_ONCE = 64  # hosts
LONGEST_WAIT = 1.0  # seconds between two looks at what other workers may have left, and before a host is given back


class Claimed(NamedTuple):
    """began: monotonic seconds before the claim. is_short: there were no more. goes_on: there may be, behind so many that
    have to wait for their turn.
    """

    hosts: list[ClaimedHost]
    began: float
    is_short: bool = False
    goes_on: bool = False


class Intake:
    """One step at a time. changed: called when one has ended."""

    def __init__(self, frontier: Frontier, limits: Limits, changed: Callable[[], None]) -> None:
        self._frontier = frontier
        self._limits = limits
        self._changed = changed
        self._step: asyncio.Task[Claimed] | None = None
        self._leaving: list[HostInWork] = []
        self._next_claim = self._next_release = 0.0
        self._is_closed = False

    def ahead(self, held: int, up_to: Priority) -> Claimed | None:
        """What has been claimed meanwhile; and begin the next step if it is time. held: hosts in work."""
        claimed = self._ended()
        if self._step is None and self._is_time(held if claimed is None else held + len(claimed.hosts)):
            self._begin(held, up_to)
        return claimed

    async def now(self, held: int, up_to: Priority) -> Claimed:
        """Whatever there is to be claimed, or is being claimed already."""
        if self._step is None:
            self._begin(held, up_to)
        assert self._step
        await asyncio.wait([self._step])
        claimed = self._ended()
        assert claimed
        return claimed

    def has_room(self, held: int) -> bool:
        """For another host beside those."""
        return self._room(held) > 0

    def hurry(self) -> None:
        """There may be something now."""
        self._next_claim = 0.0

    def leave(self, host: HostInWork) -> None:
        """It is given back soon."""
        if not self._leaving:
            self._next_release = time.monotonic() + LONGEST_WAIT
        self._leaving.append(host)

    async def close(self, hosts: Iterable[HostInWork]) -> None:
        """Give back these and all others. Nothing is claimed any more."""
        self._is_closed = True
        if self._step:
            # What it has claimed, nobody has begun: `release_rest` gives it back.
            await asyncio.gather(self._step, return_exceptions=True)
            self._step = None
        self._leaving += hosts
        await self._give_back()

    def _ended(self) -> Claimed | None:
        if self._step is None or not self._step.done():
            return None
        step, self._step = self._step, None
        return step.result()

    def _begin(self, held: int, up_to: Priority) -> None:
        self._step = asyncio.ensure_future(self._take_step(held, up_to))
        self._step.add_done_callback(lambda _: self._changed())

    def _is_time(self, held: int) -> bool:
        now = time.monotonic()
        if self._leaving and (len(self._leaving) >= AT_ONCE or now >= self._next_release):
            return True
        return self._room(held) >= min(AT_ONCE, self._most // 4) and (now >= self._next_claim or not held)

    @property
    def _most(self) -> int:
        return self._limits.concurrency * HOSTS_PER_REQUEST_SLOT

    def _room(self, held: int) -> int:
        return self._most - held

    async def _take_step(self, held: int, up_to: Priority) -> Claimed:
        await self._give_back()
        if self._is_closed:
            return Claimed([], time.monotonic())
        room = min(AT_ONCE, await self._share(held, up_to))
        began = time.monotonic()
        if room <= 0 or (held and began < self._next_claim):
            return Claimed([], began)
        hosts = await self._frontier.claim(room, up_to)
        is_short = len(hosts) < room
        goes_on = is_short and self._frontier.has_more
        if is_short and not goes_on:
            self._next_claim = time.monotonic() + LONGEST_WAIT
        return Claimed(hosts, began, is_short and not goes_on, goes_on)

    async def _share(self, held: int, up_to: Priority) -> int:
        """Room for more, when others are to have their share too."""
        room = self._room(held)
        if room <= 0 or self._limits.workers <= 1:
            return room
        share = max(1, await self._frontier.share(self._limits.workers, self._most, up_to))
        if share <= held:
            self._next_claim = time.monotonic() + LONGEST_WAIT
        return min(room, share - held)

    async def _give_back(self) -> None:
        leaving, self._leaving = self._leaving, []
        await self._frontier.release([host.released() for host in leaving])
