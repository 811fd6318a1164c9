"""Hosts that are asked for something although this process does not hold them: a robots.txt, what a script wants."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlink_crawler.crawl.feed.shares import Shares

MOST_HOSTS = 1_000  # that are remembered although their delay may be over


class Elsewhere:
    """A delay lies between two requests of this process to such a host; another worker may hold it."""

    def __init__(self, delay: float, shares: Shares) -> None:
        """delay: seconds, at the least."""
        self._delay = delay
        self._shares = shares
        self._requested: dict[str, float] = {}  # when, in monotonic seconds

    def take_turn(self, name: str, delay: float = 0.0) -> float:
        """Seconds after which to ask again; 0: the turn is taken. delay: seconds that the host asks for."""
        now, delay = time.monotonic(), max(delay, self._delay)
        pace = self._shares.pace_of_domain(name)
        if (wait := max(self._requested.get(name, -delay) + delay, pace.ready_at if pace else 0.0) - now) > 0:
            return wait
        if len(self._requested) >= MOST_HOSTS:
            self._requested = {each: at for each, at in self._requested.items() if now - at < delay}
        self.requested(name)
        return 0.0

    def requested(self, name: str) -> None:
        """A request to it may have arrived until this moment."""
        self._requested[name] = now = time.monotonic()
        if pace := self._shares.pace_of_domain(name):
            pace.requested(now)

    def forget(self, name: str) -> float | None:
        """It is in work from now on. Returns when it was last requested; None: not that we know."""
        return self._requested.pop(name, None)
