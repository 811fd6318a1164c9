"""What hosts in work share: the pace of their domain, of their private public suffix, and of their address.

While any host of a bound is in work here, no other worker has one (store/claims.py), so that the pace is kept here alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from backlink_crawler.crawl.fetch.resolver import address_of
from backlink_crawler.frontier.bounds import Shared
from backlink_crawler.urls.domains import domain_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.frontier.bounds import Bound
    from backlink_crawler.store.frontier import Frontier

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False, weakref_slot=True)
class SharedPace:
    """gap: seconds between two requests to any of its hosts. ready_at: none is to be asked before, in monotonic seconds."""

    share: Shared
    gap: float
    ready_at: float = 0.0

    def requested(self, at: float) -> None:
        """A request to one of its hosts may arrive, or have arrived, until this moment."""
        self.ready_at = max(self.ready_at, at + self.gap)


class Shares:
    """bounds: by kind. settled: is called when all bounds of a host are known, be it counted under them or not yet."""

    def __init__(self, bounds: Mapping[str, Bound], settled: Callable[[HostInWork], None]) -> None:
        self._bounds = bounds
        self._settled = settled
        self._paces: WeakValueDictionary[Shared, SharedPace] = WeakValueDictionary()
        self._looking: set[asyncio.Task[None]] = set()
        self._found_at: dict[HostInWork, str] = {}

    def pace_of_domain(self, name: str) -> SharedPace | None:
        """Of the domain of a host that is not in work; None: no host of it is, either."""
        return self._paces.get(Shared("domain", domain_of(name)))

    def begin(self, host: HostInWork) -> None:
        """It has been claimed. Its address is looked up in the background: a slow look-up holds up its host only."""
        host.paces = self._of(host.claimed.shares)
        host.settled = "address" not in self._bounds
        if host.settled:
            self._settled(host)
            return
        task = asyncio.ensure_future(self._look_up(host))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look_up(self, host: HostInWork) -> None:
        try:
            address = await address_of(host.claimed.name)
        except Exception:  # a bug of ours; the host can be asked without
            logger.exception("cannot look up the address of a host")
            address = None
        if address is None or Shared("address", address) in host.claimed.shares:
            host.settled = True
        else:  # under the bound of another one, or of none, it was claimed
            self._found_at[host] = address
        self._settled(host)

    async def settle(self, frontier: Frontier) -> list[HostInWork]:
        """Returns the hosts that have to wait for a turn at the address where they were found: they are not ours."""
        if not self._found_at:
            return []
        found, self._found_at = self._found_at, {}
        kept = await frontier.settle([(host.claimed, address) for host, address in found.items()])
        for host, address in found.items():
            others = [share for share in host.claimed.shares if share.kind != "address"]
            host.paces = self._of([*others, Shared("address", address)])
            host.settled = True
            if host.claimed.host_id in kept:
                self._settled(host)
        return [host for host in found if host.claimed.host_id not in kept]

    def _of(self, shares: Iterable[Shared]) -> list[SharedPace]:
        """There is one of each for as long as hosts hold it."""
        paces = []
        for share in shares:
            if bound := self._bounds.get(share.kind):
                pace = self._paces.get(share) or SharedPace(share, bound.gap)
                self._paces[share] = pace
                paces.append(pace)
        return paces

    async def close(self) -> None:
        """Whoever has these bounds next may ask at once."""
        for task in self._looking:
            task.cancel()
        latest = max((pace.ready_at for pace in self._paces.values()), default=0.0)
        await asyncio.sleep(max(0.0, latest - time.monotonic()))
