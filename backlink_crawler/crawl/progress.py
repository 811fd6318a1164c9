"""What a run reports: its progress, and a summary at its end."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.session import CrawlSession

SECONDS_ON_TERMINAL = 0.5
SECONDS_IN_LOG = 60.0
SECONDS_BETWEEN_COUNTS = 30.0  # counting what is due reads an index as long as the frontier
ERRORS_SHOWN = 6


class Progress:
    """On a terminal a table that updates in place, else a line a minute; a summary at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._loop: Any = None
        self._started = time.monotonic()
        self._due: int | None = None
        self._counted_at = 0.0
        self._counting: asyncio.Future[None] | None = None

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
            self._console.print(f"seeds, {problem}", markup=False, highlight=False, soft_wrap=True)
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        self._loop = create_looping_call(self._show)
        self._loop.start(SECONDS_ON_TERMINAL if self._live else SECONDS_IN_LOG, now=bool(self._live))

    def spider_closed(self) -> None:
        if self._loop and self._loop.running:
            self._loop.stop()
        if self._live:
            self._live.stop()

    def engine_stopped(self) -> None:
        """By now the run has ended."""
        if hasattr(self._crawler.spider, "session") and (ended := self.session.ended):
            print(self._summary(*ended), file=sys.stderr)

    def _show(self) -> None:
        if not self.session.is_open:
            return
        if time.monotonic() - self._counted_at >= SECONDS_BETWEEN_COUNTS and (
            not self._counting or self._counting.done()
        ):
            self._counting = asyncio.ensure_future(self._count_due())
        if self._live:
            table = Table.grid(padding=(0, 2))
            for name, value in self._figures().items():
                table.add_row(name, value)
            self._live.update(table)
        else:
            self._console.print(
                "  ".join(f"{name} {value}" for name, value in self._figures().items()),
                highlight=False,
                soft_wrap=True,  # a line stays one in a log
            )

    async def _count_due(self) -> None:
        if due := await self.session.count_due():
            self._due, _ = due
        self._counted_at = time.monotonic()

    def _figures(self) -> dict[str, str]:
        counts, feed = self.session.counts, self.session.feed
        seconds = max(time.monotonic() - self._started, 0.001)
        return {
            "pages": f"{counts['pages']:,} ({counts['pages'] / seconds:,.1f}/s)",
            "links": f"{counts['links']:,}",
            "new referring domains": f"{counts['new_referring_domains']:,}",
            "hosts in work": f"{sum(1 for _ in feed.hosts):,}",
            "due": "…" if self._due is None else f"{self._due:,}",
            "errors": self._errors() or "none",
        }

    def _errors(self) -> str:
        good = {"visits/ok", "visits/redirect", "visits/not_modified"}
        stats = self._crawler.stats.get_stats()
        counts = {
            key.removeprefix("visits/"): value
            for key, value in stats.items()
            if key.startswith("visits/") and key.count("/") == 1 and key not in good
        }
        most = sorted(counts.items(), key=lambda item: -item[1])
        return ", ".join(f"{reason} {number:,}" for reason, number in most[:ERRORS_SHOWN])

    def _summary(self, reason: str, due: tuple[int, int] | None) -> str:
        counts = self.session.counts
        seconds = max(time.monotonic() - self._started, 0.001)
        pace = f"{counts['pages']:,} pages in {seconds:,.1f} s ({counts['pages'] / seconds:,.1f}/s)"
        found = f"{counts['links']:,} new links, {counts['new_referring_domains']:,} new referring domains"
        lines = [f"{reason}: {pace}, {found}, {counts['pages_found']:,} pages found"]
        if errors := self._errors():
            lines.append(f"not read: {errors}")
        rendered, gained, without = (
            self._crawler.stats.get_value(f"rendering/{what}", 0) for what in ("rendered", "gained", "no_browser")
        )
        if rendered:
            lines.append(f"rendered: {rendered:,} pages, of which {gained:,} gained links or pages")
        if without:
            lines.append(f"not rendered: {without:,} pages that seem to need a browser, because there is none")
        if refused := counts["hosts_refused"]:
            lines.append(f"not admitted: {refused:,} times a host of a domain with too many new ones")
        if due and due[0]:
            lines.append(f"still due: {due[0]:,} pages on {due[1]:,} hosts")
        return "\n".join(lines)
