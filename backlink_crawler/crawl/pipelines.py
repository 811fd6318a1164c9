"""The mission, in its order: NormalizeLinks → TagLinks → RecordLinks. One item a visit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backlink_crawler.errors import BacklinksError
from backlink_crawler.links.stages import normalise_link, tag_link

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.session import CrawlSession
    from backlink_crawler.model import Visit


class _Stage:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Stage:
        return cls(crawler)

    @property
    def session(self) -> CrawlSession:
        return self._crawler.spider.session  # type: ignore[union-attr, no-any-return]


class NormalizeLinks(_Stage):
    """Each link's href becomes the identity of a page; one that has none is counted by reason and dropped."""

    def process_item(self, item: Visit) -> Visit:
        kept = []
        for link in item.links:
            refused = normalise_link(link, self.session.normalise)
            if refused:
                item.refused[f"links/{refused}"] = item.refused.get(f"links/{refused}", 0) + 1
            else:
                kept.append(link)
        item.links = kept
        return item


class TagLinks(_Stage):
    """rel tokens and what they say: nofollow, sponsored, ugc."""

    def process_item(self, item: Visit) -> Visit:
        for link in item.links:
            tag_link(link)
        return item


class RecordLinks(_Stage):
    """Visits go to the database in batches of whole pages. An item that was recorded is never lost."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._batch_pages = crawler.settings.getint("BACKLINKS_BATCH_PAGES")
        self._batch_seconds = crawler.settings.getfloat("BACKLINKS_BATCH_SECONDS")
        self._buffer: list[Visit] = []
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def open_spider(self) -> None:
        await self.session.open(self._crawler, self.flush)

    async def process_item(self, item: Visit) -> Visit:
        self._count(item)
        self._buffer.append(item)
        if len(self._buffer) >= self._batch_pages:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._batch_seconds, self.flush)
        if len(self._buffer) >= 4 * self._batch_pages and self._task:
            await asyncio.wait([self._task])  # the database is behind: fetch no faster than it stores
        return item

    def flush(self) -> None:
        """Write what has come so far, in the background."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._write())

    async def close_spider(self) -> None:
        if self._task:
            await asyncio.wait([self._task])
        await self._write()

    async def _write(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._buffer and self.session.error is None:
            batch, self._buffer = self._buffer[: self._batch_pages], self._buffer[self._batch_pages :]
            try:
                await self.session.recorder.record(batch, self.session.hop_seeds)
            except BacklinksError as error:
                self.session.fail(error)
                return
            self.session.feed.recorded(visit.page for visit in batch)

    def _count(self, visit: Visit) -> None:
        stats = self._crawler.stats
        stats.inc_value(f"visits/{visit.outcome.name.lower()}")
        if visit.reason and not visit.facts:
            stats.inc_value(f"visits/{visit.outcome.name.lower()}/{visit.reason}")
        for reason, number in visit.refused.items():
            stats.inc_value(reason, number)
