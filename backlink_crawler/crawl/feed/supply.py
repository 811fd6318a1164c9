"""Due pages of hosts in work are fetched in the background, with one question for all that have few left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.model import DuePage, Priority
    from backlink_crawler.store.frontier import Frontier

PAGES_IN_HAND = 64  # of one host
MOST_UNRECORDED = 4 * PAGES_IN_HAND  # of one host: pages that robots.txt forbids are done faster than they are stored
AT_ONCE = 16  # hosts


class Supplied(NamedTuple):
    """pages: what there is for each of the hosts that have asked, at most `limit` of each."""

    hosts: Sequence[HostInWork]
    pages: dict[int, list[DuePage]]
    limit: int


class Supply:
    """One step at a time. changed: called when one has ended."""

    def __init__(self, frontier: Frontier, changed: Callable[[], None]) -> None:
        self._frontier = frontier
        self._changed = changed
        self._step: asyncio.Task[Supplied] | None = None
        self._wanting: dict[HostInWork, None] = {}

    def want(self, host: HostInWork) -> None:
        """A host whose pages may soon be used up, unless it has enough that are not recorded yet."""
        if len(host.handed) <= (0 if host.careful else MOST_UNRECORDED):
            self._wanting[host] = None

    def forget(self, host: HostInWork) -> None:
        """It is not ours any more. A later claim of it may want pages too, and would get these."""
        self._wanting.pop(host, None)

    def ahead(self, up_to: Priority) -> Supplied | None:
        """What has come meanwhile; and begin the next step if anybody wants one."""
        supplied = None
        if self._step and self._step.done():
            step, self._step = self._step, None
            supplied = step.result()
        if self._step is None and self._wanting:
            self._begin(up_to)
        return supplied

    async def close(self) -> None:
        """No step is under way any more."""
        if self._step:
            await asyncio.gather(self._step, return_exceptions=True)
            self._step = None

    def _begin(self, up_to: Priority) -> None:
        """Suspects get their pages one at a time."""
        first = next(iter(self._wanting))
        hosts = [host for host in self._wanting if bool(host.careful) == bool(first.careful)][:AT_ONCE]
        for host in hosts:
            del self._wanting[host]
            host.drained, host.is_supplied = True, True  # unless there are more, or some are found meanwhile
        self._step = asyncio.ensure_future(self._take_step(hosts, 1 if first.careful else PAGES_IN_HAND, up_to))
        self._step.add_done_callback(lambda _: self._changed())

    async def _take_step(self, hosts: Sequence[HostInWork], limit: int, up_to: Priority) -> Supplied:
        handed = [page_id for host in hosts for page_id in host.handed]
        pages = await self._frontier.due_pages([host.claimed for host in hosts], handed, limit, up_to)
        return Supplied(hosts, pages, limit)
