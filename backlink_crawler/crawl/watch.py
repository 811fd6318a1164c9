"""What a run asks of its machine: how long its event loop was held, and how much memory it and its children took."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Self

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

SECONDS_BETWEEN_LOOKS = 0.05


class Watch:
    """Statistics of the run, which `sources.stats` keeps.

    `loop/held_seconds`: the longest time in which nothing else had its turn; `loop/held_cpu_seconds`: how much of such a
    time this process worked, the rest being other processes'. `memory/process_mb`, `memory/child_mb`: the most that it,
    and the largest of its children that have ended, had at once, in 10⁶ bytes.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        assert crawler.stats
        watch = cls(crawler.stats)
        crawler.signals.connect(watch.begin, signals.spider_opened)
        crawler.signals.connect(watch.end, signals.engine_stopped)
        return watch

    def begin(self) -> None:
        self._task = asyncio.ensure_future(self._look())

    def end(self) -> None:
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        while True:
            began, worked = time.monotonic(), time.thread_time()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            held = time.monotonic() - began - SECONDS_BETWEEN_LOOKS
            self._stats.max_value("loop/held_seconds", round(held, 2))
            self._stats.max_value("loop/held_cpu_seconds", round(min(held, time.thread_time() - worked), 2))
            if sys.platform == "linux":  # the unit is another elsewhere
                import resource  # noqa: PLC0415  not on Windows

                for name, who in (("process", resource.RUSAGE_SELF), ("child", resource.RUSAGE_CHILDREN)):
                    peak = resource.getrusage(who).ru_maxrss * 1024 // 1_000_000
                    self._stats.max_value(f"memory/{name}_mb", peak)
