"""SIGTERM and Ctrl-C: what the run still does is said, and it ends in time whatever the database does."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

if TYPE_CHECKING:
    from types import FrameType

    from scrapy import Spider
    from scrapy.crawler import Crawler

SECONDS_TO_RECORD = 15.0  # and give everything back, once the last request has ended
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """The first signal is said, and handed on to Scrapy, which ends the run. Scrapy takes the second one itself."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._handlers: dict[int, Any] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.engine_stopped, signals.engine_stopped)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        if not hasattr(spider, "session"):
            return
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            if callable(handler := signal.getsignal(number)):
                self._handlers[number] = handler
                signal.signal(number, self._asked)

    def engine_stopped(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        assert self._loop
        self._loop.call_soon_threadsafe(self._begin)  # nothing can be printed here: another print may be under way
        self._handlers[number](number, frame)

    def _begin(self) -> None:
        engine = self._crawler.engine
        requests = len(engine.downloader.active) if engine else 0
        seconds = self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT") if requests else 0.0
        print(
            f"stopping: finishing {requests} request{'' if requests == 1 else 's'} and recording what was read, "
            f"{seconds + SECONDS_TO_RECORD:.0f} s at most; once more stops at once",
            file=sys.stderr,
        )
        assert self._loop
        self._timer = self._timer or self._loop.call_later(seconds + SECONDS_TO_RECORD, self._give_up)

    def _give_up(self) -> None:
        self._crawler.spider.session.give_up()  # type: ignore[union-attr]
