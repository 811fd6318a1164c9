"""The mission, in its order: NormalizeLinks → TagLinks → RecordLinks. One item a visit."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import CloseSpider

from backlink_crawler.changes.matching import merge_rendered
from backlink_crawler.errors import BacklinksError
from backlink_crawler.links.stages import normalise_link, tag_link
from backlink_crawler.model import LinkOrigin, Outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.session import CrawlSession
    from backlink_crawler.model import Link, Visit


logger = logging.getLogger(__name__)
# A visit weighs one, and its rows come on top: a sitemap may list 50,000 pages.
ROWS_A_BATCH = 20_000


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
        item.links = self._kept(item.links, item)
        if item.rendering:
            item.rendering.links = self._kept(item.rendering.links, item)
        return item

    def _kept(self, links: list[Link], item: Visit) -> list[Link]:
        kept = []
        for link in links:
            refused = normalise_link(link, self.session.normalise)
            if refused:
                item.refused[f"links/{refused}"] = item.refused.get(f"links/{refused}", 0) + 1
            else:
                kept.append(link)
        return kept


class TagLinks(_Stage):
    """rel tokens and what they say: nofollow, sponsored, ugc; and where a link stands: in HTML, rendered, or both."""

    def process_item(self, item: Visit) -> Visit:
        for link in item.links:
            tag_link(link)
        if item.rendering:
            for link in item.rendering.links:
                tag_link(link)
            before = {each.url.hash for each in item.found}
            item.links = merge_rendered(item.links, item.rendering.links)
            item.rendering.gained |= any(link.origin is LinkOrigin.RENDERED for link in item.links)
            item.rendering.gained |= any(each.url.hash not in before for each in item.rendering.found)
            if item.rendering.gained or item.rendering.is_whole:
                self.session.feed.learn_gain(item.page.host_id, gained=item.rendering.gained)
        return item


class RecordLinks(_Stage):
    """Visits go to the database in batches of whole pages. An item that was recorded is never lost."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._batch_pages = crawler.settings.getint("BACKLINKS_BATCH_PAGES")
        self._batch_seconds = crawler.settings.getfloat("BACKLINKS_BATCH_SECONDS")
        self._buffer: deque[Visit] = deque()
        self._rows = 0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._cannot_record = False

    async def open_spider(self) -> None:
        self._crawler.signals.connect(self._item_error, signals.item_error)
        try:
            await self.session.open(self._crawler, self.flush)
        except BacklinksError as error:
            self.session.error = error
            raise CloseSpider("database_unavailable") from None

    async def process_item(self, item: Visit) -> Visit:
        self._add(item)
        if self._rows >= 4 * ROWS_A_BATCH or len(self._buffer) >= 4 * self._batch_pages:
            await self._written()  # the database is behind: fetch no faster than it stores
        return item

    def flush(self) -> None:
        """Write what has come so far, in the background."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._write())

    async def close_spider(self) -> None:
        await self._written()
        await self._write()

    async def _written(self) -> None:
        if self._task:
            await asyncio.wait([self._task])

    def _add(self, visit: Visit) -> None:
        self._count(visit)
        self._buffer.append(visit)
        self._rows += _weight(visit)
        if self._rows >= ROWS_A_BATCH or len(self._buffer) >= self._batch_pages:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._batch_seconds, self.flush)

    def _item_error(self, item: Visit) -> None:
        """A stage failed on this visit, which is a bug of ours: the page says so, and the run goes on."""
        item.outcome, item.reason, item.facts, item.links = Outcome.INVALID_RESPONSE, "unreadable", None, []
        item.rendering = None
        self._add(item)

    async def _write(self) -> None:
        while self._buffer and not self._cannot_record:
            batch = self._next_batch()
            try:
                await self.session.recorder.record(batch, self.session.hop_seeds)
            except BacklinksError as error:
                self._cannot_record = True
                self.session.fail(error)
            except Exception as error:  # a run that cannot record must not go on as if it could
                self._cannot_record = True
                logger.exception("cannot record")
                self.session.fail(BacklinksError(f"visits cannot be recorded ({type(error).__name__})."))
            finally:
                self.session.feed.recorded(visit.page for visit in batch)

    def _next_batch(self) -> list[Visit]:
        """From the front of the buffer: at most so many pages, and rows unless one page alone has more."""
        batch: list[Visit] = []
        rows = 0
        while self._buffer and len(batch) < self._batch_pages and (not batch or rows < ROWS_A_BATCH):
            batch.append(self._buffer.popleft())
            rows += _weight(batch[-1])
        self._rows -= rows
        return batch

    def _count(self, visit: Visit) -> None:
        stats = self._crawler.stats
        stats.inc_value(f"visits/{visit.outcome.name.lower()}")
        if visit.reason and visit.outcome is not Outcome.NOT_HTML:  # that reason is the server's own text
            stats.inc_value(f"visits/{visit.outcome.name.lower()}/{visit.reason}")
        for reason, number in visit.refused.items():
            stats.inc_value(reason, number)
        if visit.render_reason is not None:
            stats.inc_value(f"rendering/{visit.render_reason.name.lower()}")
        if visit.rendering:
            stats.inc_value("rendering/rendered")
            stats.inc_value("rendering/gained", int(visit.rendering.gained))


def _weight(visit: Visit) -> int:
    found = len(visit.rendering.found) if visit.rendering else 0
    return 1 + len(visit.links) + len(visit.found) + found
