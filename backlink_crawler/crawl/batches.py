"""Visits go to the database in batches of whole pages. A visit that was added is lost only with its claim."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from backlink_crawler.errors import BacklinksError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from backlink_crawler.crawl.feed.feed import Feed
    from backlink_crawler.model import Visit
    from backlink_crawler.store.recording import Recorder

logger = logging.getLogger(__name__)
# A visit weighs one, and its rows come on top: a sitemap may list 50,000 pages.
ROWS_A_BATCH = 10_000
MOST_WAITING = 2  # batches, before whoever adds a visit waits too


class Batches:
    """feed: is told of each batch, stored or given up. fail: ends the run."""

    def __init__(
        self,
        settings: BaseSettings,
        recorder: Recorder,
        feed: Feed,
        fail: Callable[[BacklinksError], None],
    ) -> None:
        self._pages = settings.getint("BACKLINKS_BATCH_PAGES")
        self._seconds = settings.getfloat("BACKLINKS_BATCH_SECONDS")
        self._recorder = recorder
        self._feed = feed
        self._fail = fail
        self._waiting: deque[Visit] = deque()
        self._rows = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._cannot_record = False
        self._in_writing = 0

    def add(self, visit: Visit) -> None:
        self._waiting.append(visit)
        self._rows += _weight(visit)
        is_full = self._rows >= ROWS_A_BATCH or len(self._waiting) >= self._pages
        if is_full or visit.page.is_suspect:  # the next page of a suspect waits for this one to be stored
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.flush)

    @property
    def unrecorded(self) -> int:
        """Visits, as far as is known."""
        return len(self._waiting) + self._in_writing

    @property
    def are_behind(self) -> bool:
        """More waits than the database can take at once: fetch no faster than it stores."""
        return self._rows >= MOST_WAITING * ROWS_A_BATCH or len(self._waiting) >= MOST_WAITING * self._pages

    @property
    def are_recorded(self) -> bool:
        """All visits so far: what they lead to may be asked for."""
        return not self._waiting and (self._writing is None or self._writing.done())

    async def room(self) -> None:
        if self.are_behind:
            await self._written()

    def flush(self) -> None:
        """Write what has come so far, in the background."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())

    async def written(self) -> None:
        """All that has been added."""
        await self._written()
        self.flush()
        await self._written()

    async def close(self) -> None:
        """Write what is left."""
        if self._timer:
            self._timer.cancel()
        await self._written()
        await self._write()

    async def _written(self) -> None:
        if self._writing:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._waiting and not self._cannot_record:
            batch = self._next()
            self._in_writing = len(batch)
            try:
                await self._recorder.record(ours := [visit for visit in batch if self._feed.holds(visit)])
                self._recorder.counts["pages_refused_stale_claim"] += len(batch) - len(ours)
            except BacklinksError as error:
                self._cannot_record = True
                self._fail(error)
            except Exception as error:  # a run that cannot record must not go on as if it could
                self._cannot_record = True
                logger.exception("cannot record")
                self._fail(BacklinksError(f"visits cannot be recorded ({type(error).__name__})."))
            else:
                self._in_writing = 0
            finally:
                self._feed.recorded(batch)

    def _next(self) -> list[Visit]:
        """From the front: at most so many pages, and rows unless one page alone has more."""
        batch: list[Visit] = []
        rows = 0
        while self._waiting and len(batch) < self._pages and (not batch or rows < ROWS_A_BATCH):
            batch.append(self._waiting.popleft())
            rows += _weight(batch[-1])
        self._rows -= rows
        return batch


def _weight(visit: Visit) -> int:
    found = len(visit.rendering.found) if visit.rendering else 0
    return 1 + len(visit.links) + len(visit.found) + found
