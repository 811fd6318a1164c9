"""What a run reports: its progress, and a summary at its end."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from backlink_crawler.crawl.feed.figures import waiting
from backlink_crawler.model import PageKind
from backlink_crawler.store.figures import KINDS
from backlink_crawler.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.session import CrawlSession
    from backlink_crawler.store.figures import Figures, Number
    from backlink_crawler.store.frontier import Due

SECONDS_ON_TERMINAL = 0.5
SECONDS_IN_LOG = 60.0
SECONDS_BETWEEN_LOOKS = 1.0  # at the number of pages, when there is no terminal
SECONDS_OF_NOW = 10.0
SECONDS_BETWEEN_COUNTS = 3.0  # on a terminal, of what only the database knows; more, when they would take more than
SHARE_OF_COUNTING = 0.02  # of the server's time, those of all workers together
ERRORS_SHOWN = 6


class Rate:
    """Pages a second, of the last SECONDS_OF_NOW and of the run. All moments are monotonic seconds."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._seen = deque([(started, 0)])

    def see(self, at: float, pages: int) -> None:
        """So many have been recorded until this moment."""
        self._seen.append((at, pages))
        while self._seen[1][0] <= at - SECONDS_OF_NOW:
            self._seen.popleft()

    def __str__(self) -> str:
        (since, before), (at, pages) = self._seen[0], self._seen[-1]
        now = (pages - before) / max(at - since, 0.001)
        return f"{now:,.1f}/s now, {pages / max(at - self._started, 0.001):,.1f}/s of the run"


class Progress:
    """On a terminal a table that updates in place, else a line a minute; a summary at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._loop: Any = None
        self._started = time.monotonic()
        self._rate = Rate(self._started)
        self._figures: Figures | None = None
        self._next_report = self._next_count = 0.0
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
            self._console.print(problem, markup=False, highlight=False, soft_wrap=True)
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        else:
            self._next_report = time.monotonic() + SECONDS_IN_LOG
        self._loop = create_looping_call(self._look)
        self._loop.start(SECONDS_ON_TERMINAL if self._live else SECONDS_BETWEEN_LOOKS, now=bool(self._live))

    def spider_closed(self) -> None:
        if self._loop and self._loop.running:
            self._loop.stop()
        if self._reporting:
            self._reporting.cancel()
        if self._live:
            self._live.stop()

    def engine_stopped(self) -> None:
        """By now the run has ended."""
        if hasattr(self._crawler.spider, "session") and (ended := self.session.ended):
            print(self._summary(*ended), file=sys.stderr)

    def _look(self) -> None:
        if not self.session.is_open:
            return
        now = time.monotonic()
        self._rate.see(now, self.session.counts["pages"])
        if now >= self._next_report and (not self._reporting or self._reporting.done()):
            self._next_report = now + (SECONDS_BETWEEN_COUNTS if self._live else SECONDS_IN_LOG)
            self._reporting = asyncio.ensure_future(self._report())
        if self._live:
            self._live.update(self._table())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, value in self._told().items():
            table.add_row(name, value)
        return table

    async def _report(self) -> None:
        if time.monotonic() >= self._next_count:
            await self._count()
        if not self._live:
            line = "  ".join(f"{name} {value}" for name, value in self._told().items())
            self._console.print(line, highlight=False, soft_wrap=True)  # a line stays one in a log

    async def _count(self) -> None:
        began = time.monotonic()
        try:
            self._figures = await self.session.figures()
        finally:
            ended = time.monotonic()
            self._next_count = ended + (ended - began) * self.session.limits.workers / SHARE_OF_COUNTING

    def _told(self) -> dict[str, str]:
        counts = self.session.counts
        told = {
            "pages": f"{counts['pages']:,} ({self._rate})",
            "links": f"{counts['links']:,}",
            "new referring domains": f"{counts['new_referring_domains']:,}",
            "hosts in work": self._in_work(),
            **_of_database(self._figures),
        }
        queue = self.session.render_queue
        if queue.pending:
            told["browser"] = f"{queue.pending - queue.waiting:,} being rendered, {queue.waiting:,} waiting"
        return told | {"errors": self._errors() or "none"}

    def _in_work(self) -> str:
        hosts = list(self.session.feed.hosts)
        return f"{len(hosts):,} ({waiting(hosts):,} waiting for their delay)"

    def _errors(self, page: PageKind = PageKind.PAGE, *, asked: bool = True) -> str:
        most = list(self.session.failures.counts(page=page, asked=asked).items())
        return ", ".join(f"{outcome} {number:,}" for outcome, number in most[:ERRORS_SHOWN])

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


def _of_database(figures: Figures | None) -> dict[str, str]:
    """None: it has not told, or cannot."""
    if figures is None:
        return dict.fromkeys(("due", "resting", "held back"), "…")
    held = [f"{kind} {number}" for kind in KINDS if (number := figures.held(kind)).counted]
    return {
        "due": f"{_counted(figures.pages, 'page')} on {_counted(figures.hosts, 'host')}",
        "resting": _counted(figures.resting, "host"),
        "held back": f"{', '.join(held)} hosts" if held else "0 hosts",
    }


def _counted(number: Number, what: str) -> str:
    return f"{number} {what}{'' if number == (1, False) else 's'}"


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
