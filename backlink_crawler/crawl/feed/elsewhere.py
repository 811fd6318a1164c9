"""Hosts that are asked for something although this process does not hold them: a robots.txt, what a script wants."""

from __future__ import annotations

import time

MOST_HOSTS = 1_000  # that are remembered although their delay may be over


class Elsewhere:
    """A delay lies between two requests of this process to such a host; another worker may hold it."""

    def __init__(self, delay: float) -> None:
        """delay: seconds, at the least."""
        self._delay = delay
        self._requested: dict[str, float] = {}  # when, in monotonic seconds

    def take_turn(self, name: str, delay: float = 0.0) -> float:
        """Seconds after which to ask again; 0: the turn is taken. delay: seconds that the host asks for."""
        now, delay = time.monotonic(), max(delay, self._delay)
        if (wait := self._requested.get(name, -delay) + delay - now) > 0:
            return wait
        if len(self._requested) >= MOST_HOSTS:
            self._requested = {each: at for each, at in self._requested.items() if now - at < delay}
        self._requested[name] = now
        return 0.0

    def requested(self, name: str) -> None:
        """A request to it may have arrived until this moment."""
        self._requested[name] = time.monotonic()

    def forget(self, name: str) -> float | None:
        """It is in work from now on. Returns when it was last requested; None: not that we know."""
        return self._requested.pop(name, None)
