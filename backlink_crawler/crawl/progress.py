"""What a run reports: its progress, and a summary at its end."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from backlink_crawler.crawl.display import SECONDS_ON_TERMINAL, Display, HowFar, listed
from backlink_crawler.crawl.feed.figures import waiting
from backlink_crawler.crawl.together import tell
from backlink_crawler.model import PageKind
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.session import CrawlSession
    from backlink_crawler.store.frontier import Due

SECONDS_BETWEEN_LOOKS = 1.0  # at the number of pages, when there is no terminal


class Progress:
    """On a terminal a table that updates in place, else a line a minute; a summary at the end.

    One of several workers shows nothing: it tells those who started it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._display = Display(Console(stderr=True))
        self._pipe = crawler.settings.getint("BACKLINKS_PROGRESS_PIPE")
        self._loop: Any = None
        self._started = time.monotonic()
        self._reporting: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signals.spider_closed)
        crawler.signals.connect(extension.engine_stopped, signals.engine_stopped)
        return extension

    @property
    def session(self) -> CrawlSession:
        return self._crawler.spider.session  # type: ignore[union-attr, no-any-return]

    def spider_opened(self, spider: Spider) -> None:
        if not hasattr(spider, "session"):
            return
        for problem in self.session.problems:
            self._display.say(problem)
        if not self._pipe:
            self._display.start()
        is_quick = self._display.is_live or self._pipe
        self._loop = create_looping_call(self._look)
        self._loop.start(SECONDS_ON_TERMINAL if is_quick else SECONDS_BETWEEN_LOOKS, now=bool(is_quick))

    def spider_closed(self) -> None:
        if self._loop and self._loop.running:
            self._loop.stop()
        if self._reporting:
            self._reporting.cancel()
        self._display.stop()

    def engine_stopped(self) -> None:
        """By now the run has ended."""
        if hasattr(self._crawler.spider, "session") and (ended := self.session.ended):
            print(self._summary(*ended), file=sys.stderr)

    def _look(self) -> None:
        if not self.session.is_open:
            return
        if self._pipe:
            tell(self._pipe, self.session.queue_id, self._far())
        elif self._display.show(self._far()) and (not self._reporting or self._reporting.done()):
            self._reporting = asyncio.ensure_future(self._report())

    async def _report(self) -> None:
        if self._display.may_count:
            began = time.monotonic()
            try:
                self._display.figures = await self.session.figures()
            finally:
                self._display.counted(began, self.session.limits.workers)
        self._display.report(self._far())

    def _far(self) -> HowFar:
        counts, hosts, queue = self.session.counts, list(self.session.feed.hosts), self.session.render_queue
        return HowFar(
            counts["pages"],
            counts["links"],
            counts["new_referring_domains"],
            len(hosts),
            waiting(hosts),
            queue.pending - queue.waiting,
            queue.waiting,
            self.session.failures.counts(),
        )

    def _errors(self, page: PageKind = PageKind.PAGE, *, asked: bool = True) -> str:
        return listed(self.session.failures.counts(page=page, asked=asked))

    def _summary(self, reason: str, due: Due | None) -> str:
        counts, failures = self.session.counts, self.session.failures
        seconds = max(time.monotonic() - self._started, 0.001)
        visited = counted(counts["pages"], "page") + _also(counts["sitemaps"], "sitemap")
        pace = f"{visited} in {seconds:,.1f} s ({counts['pages'] / seconds:,.1f}/s)"
        found = f"{counted(counts['links'], 'new link')}, {counted(counts['new_referring_domains'], 'new referring domain')}"
        lines = [f"{reason}: {pace}, {found}, {counted(counts['pages_found'], 'new page')} found"]
        for what, errors in (
            ("not read", self._errors()),
            ("not asked for", self._errors(asked=False)),
            ("sitemaps not read", self._errors(PageKind.SITEMAP)),
        ):
            if errors:
                lines.append(f"{what}: {errors}")
        lines += (f"  {line}" for line in failures.lines())
        if dropped := counts["pages_refused_stale_claim"]:
            lines.append(f"not recorded: {counted(dropped, 'page')} of hosts that another worker holds by now")
        rendered, gained, without = (
            self._crawler.stats.get_value(f"rendering/{what}", 0) for what in ("rendered", "gained", "no_browser")
        )
        if rendered:
            lines.append(f"rendered: {counted(rendered, 'page')}, of which {gained:,} gained links or pages")
        if without:
            lines.append(f"not rendered: {counted(without, 'page')} that seem to need a browser, because there is none")
        if refused := counts["hosts_refused"]:
            lines.append(f"not admitted: {counted(refused, 'time')} a host of a domain with too many new ones")
        visits = counts["pages"] + counts["sitemaps"]
        return "\n".join([*lines, *_still_due(due, did_nothing=not visits)])


def _still_due(due: Due | None, *, did_nothing: bool) -> Iterator[str]:
    """None: the database is gone."""
    if due is None:
        return
    at = "" if due.next_at is None else f"{due.next_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    wait = 0.0 if due.next_at is None else (due.next_at - datetime.now(UTC)).total_seconds()
    if due.pages or due.sitemaps:
        said = counted(due.pages, "page") + _also(due.sitemaps, "sitemap")
        rests = f"; the first of them may be asked again at {at}" if did_nothing and wait > 0 else ""
        yield f"still due: {said} on {counted(due.hosts, 'host')}{rests}"
    elif did_nothing and at:
        yield f"nothing is due before {at}, {_waits(wait)} from now; --recrawl (-a recrawl=yes) visits all now"
    elif did_nothing:
        yield "nothing will ever be due: no host of these seeds may be visited"


def _waits(seconds: float) -> str:
    """To the minute below two hours, to the hour below two days."""
    for unit, length in (("day", 86_400), ("hour", 3_600)):
        if seconds >= 2 * length:
            return counted(round(seconds / length), unit)
    return counted(max(1, round(seconds / 60)), "minute")


def _also(number: int, what: str) -> str:
    return f" and {counted(number, what)}" if number else ""
