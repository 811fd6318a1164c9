"""The pages that a browser is to render, and whether a page is one. Plain fetching never waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import Error as PlaywrightError

from backlink_crawler.crawl.render.browser import NoBrowser, kill_large_pages
from backlink_crawler.crawl.render.job import RenderingFailed
from backlink_crawler.crawl.render.page import NotReady, Renderer
from backlink_crawler.crawl.render.trackers import is_tracker
from backlink_crawler.frontier.rendering import Learnt, RenderBudget, RenderHistory, Tail, decide
from backlink_crawler.links.scripts import NO_SCRIPTS, file_mark
from backlink_crawler.model import Refusal, RenderMode, RenderReason
from backlink_crawler.urls.normalise import host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.feed.other_hosts import OtherHosts
    from backlink_crawler.crawl.render.job import Job, Rendered
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.links.scripts import Scripts
    from backlink_crawler.model import DuePage, Rendering

logger = logging.getLogger(__name__)
_MOST_ATTEMPTS = 8  # a browser that dies takes its pages with it: that is not their fault
_MOST_FAILURES = 4  # of one page, while the browser goes on: from there a process that is killed looks like that too
_SECONDS_BETWEEN_TRIES = 0.3
_ROOM = 64 * 1024 * 1024  # bytes of pages that wait
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_ON_HOLD = 5.0  # of a host by a sample
_SECONDS_BETWEEN_GLANCES = 0.2  # whether only the browser works
_FEW = 2  # pages that are rendered even then, a sample among them
_BUSY = 0.8  # the crawl uses so much of a processor: a browser beside it would slow it down
_LOOKS = 3  # one after the other that must say that it does not; if it does
_BESIDE = 1 / 20  # of the run is the most that it renders, one page at a time
_BESIDE_ALWAYS = 1 / 3  # if that is to be rendered whatever it takes
_SECONDS_A_PAGE = 3.0  # at least, as each step waits for a busy loop: the first page waits until that is such a share
_MOST_WAITING = 128  # pages, where the crawler decides: as long as they wait, their hosts take the place of others
_MOST_SAMPLES = 64  # of those


def _draw(page: DuePage) -> float:
    """In [0, 1): the same for the same visit of a page, so that a run that is repeated decides alike."""
    digest = hashlib.blake2b(f"{page.visits} {page.url}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def _writing(page: str, hints: Hints) -> Scripts:
    """Files by what is left of their names from one build to the next, without those that count visitors."""
    files: list[str] = []
    for address in hints.writing.files:
        url = resolve(address, page)
        if isinstance(url, Refusal):
            if url is not Refusal.INVALID_URL:  # `data:`, say, whose text nobody has looked at
                files.append(url)
        elif not is_tracker(url):
            files.append(file_mark(url, page))
    return hints.writing._replace(files=tuple(files))


def _makes(page: str, hints: Hints) -> tuple[str, Scripts]:
    """Whose work the page is, and with which scripts."""
    return hints.writing.maker or host_of(page), _writing(page, hints)


def _seconds_wanted() -> float:
    """Of a processor, by this process: those that it got, and those that it had to wait for, where the system tells."""
    waited = 0
    with suppress(OSError, ValueError, IndexError):
        waited = int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1])
    return time.process_time() + waited / 1e9


class RenderQueue:
    """The browser's queue. Its tasks begin with the first job, and so does the browser.

    is_alone: does nothing but the browser work? It is told whether that was so. stop: end the run, for this reason.
    """

    def __init__(
        self,
        crawler: Crawler,
        others: OtherHosts,
        is_alone: Callable[[bool], bool] = lambda _: False,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._crawler = crawler
        self._is_alone = is_alone
        self._stop = stop
        self._tail = Tail(crawler.settings.getfloat("BACKLINKS_RENDER_TAIL"), time.monotonic())
        self._learnt = Learnt()
        self._worth = RenderHistory()  # of pages that looked as if they needed it
        self._sampled = RenderHistory()
        self._others = others
        self._pages = crawler.settings.getint("BACKLINKS_RENDER_PAGES")
        self._limit = crawler.settings.getfloat("BACKLINKS_RENDER_TIMEOUT")
        self._few = crawler.settings.getint("BACKLINKS_RENDER_FEW")
        self._budget = RenderBudget(
            crawler.settings.getfloat("BACKLINKS_RENDER_SHARE"),
            self._few,
            60 * crawler.settings.getfloat("BACKLINKS_RENDER_MINUTES"),
        )
        self._waiting: deque[Job] = deque()
        self._running: dict[Job, asyncio.Task[Rendered | RenderingFailed | None]] = {}
        self._submitted = self._pending = self._begun = self._samples = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._bytes = 0
        self._busy_looks = _LOOKS  # until it is known
        self._seconds_beside = 0.0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._renderer: Renderer | None = None
        self.no_browser: NoBrowser | None = None
        self.seconds = 0.0

    def reason(self, mode: RenderMode, hints: Hints, host: RenderHistory, page: DuePage, pages: int) -> RenderReason:
        """Why this page is to be rendered, or not. pages: of this run, so far."""
        maker, writing = _makes(page.url, hints) if mode is RenderMode.AUTO else ("", NO_SCRIPTS)
        sampled = self._learnt.chance(maker, writing)
        reason = decide(mode, hints, host, page_gained=page.is_worth_rendering, draw=_draw(page), sampled=sampled)
        if not reason.renders:
            return reason
        if self.no_browser:
            return RenderReason.NO_BROWSER
        if mode is RenderMode.AUTO and self._budget.is_spent(pages, self._submitted, self.seconds):
            return RenderReason.BUDGET_SPENT
        if self._bytes >= _ROOM or (mode is RenderMode.AUTO and not self._has_place(reason)):
            return RenderReason.NO_ROOM
        if reason is RenderReason.SAMPLE:
            self._learnt.choose(maker, writing)
        return reason

    def _has_place(self, reason: RenderReason) -> bool:
        if len(self._waiting) >= _MOST_WAITING:
            return False
        return reason is not RenderReason.SAMPLE or sum(map(_is_sample, self._waiting)) < _MOST_SAMPLES

    def learn(self, page: DuePage, hints: Hints, rendering: Rendering, reason: RenderReason | None) -> None:
        """One that did not come whole tells nothing unless it gained something."""
        if reason is RenderReason.SAMPLE:
            self._sampled = self._sampled.after(gained=rendering.gained)
        else:
            self._worth = self._worth.after(gained=rendering.gained)
        if rendering.gained or rendering.is_whole:
            self._learnt.rendered(_makes(page.url, hints)[0], gained=rendering.gained)

    def submit(self, job: Job) -> None:
        self._submitted += 1
        self._pending += 1
        self._idle.clear()
        self._waiting.append(job)
        self._bytes += len(job.answer.body)
        self._wake.set()
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(self._work()) for _ in range(self._pages)]
            self._tasks += [asyncio.ensure_future(self._watch()), asyncio.ensure_future(self._watch_tail())]

    @property
    def waiting(self) -> int:
        """Pages that wait for the browser."""
        return len(self._waiting)

    @property
    def pending(self) -> int:
        """Those, and the ones that are being rendered."""
        return self._pending

    async def finish(self, *, at_once: bool) -> None:
        """Until every job has ended; at once: those that wait are not begun."""
        while at_once and self._waiting:
            await self._end(self._waiting.popleft(), RenderingFailed("no_time"))
        await self._idle.wait()

    async def close(self) -> None:
        """What waits is dropped: its pages stay due."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._renderer:
            await self._give_up(self._renderer)
        await self._others.close()

    async def _work(self) -> None:
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            elif not self._may_begin():
                await asyncio.sleep(_SECONDS_BETWEEN_GLANCES)
            else:
                await self._take(self._next())

    def _is_beside(self) -> bool:
        """Would a browser slow down a crawl that uses up its processor?"""
        return bool(self._busy_looks) and not self._tail.is_now

    def _may_begin(self) -> bool:
        if self.no_browser or not self._is_beside():
            return True
        share = _BESIDE_ALWAYS if self._first().reason is RenderReason.ALWAYS else _BESIDE
        most = share * (time.monotonic() - self._tail.run_began)
        return not self._running and self._seconds_beside + _SECONDS_A_PAGE < most

    def _next(self) -> Job:
        job = self._first()
        self._waiting.remove(job)
        return job

    def _first(self) -> Job:
        """Beside a crawl, of those that the user wants, which get a larger share; in the tail, which may be cut, of those
        that gain most.
        """
        if self._tail.is_now:
            return min(self._waiting, key=_rank)
        wanted = (job for job in self._waiting if job.reason is RenderReason.ALWAYS and self._is_beside())
        return next(wanted, self._waiting[0])

    async def _take(self, job: Job) -> None:
        if job.hints and _is_sample(job) and self._learnt.is_enough(*_makes(job.url, job.hints)):
            self._submitted -= 1
            await self._end(job, RenderingFailed("enough"))
            return
        started, is_beside = time.monotonic(), self._is_beside()
        became = await self._begin(job)
        self._seconds_beside += is_beside * (time.monotonic() - started)
        if became is None:
            self._waiting.append(job)
            return
        await self._end(job, became)
        if job.hints and _is_sample(job):
            self._samples += 1
            self._learnt.end(*_makes(job.url, job.hints))

    async def _begin(self, job: Job) -> Rendered | RenderingFailed | None:
        """It may be given up while it goes on."""
        self._begun += _is_bounded(job) and not job.attempts
        task = self._running[job] = asyncio.ensure_future(self._rendered(job))
        try:
            await asyncio.wait([task])
        finally:
            del self._running[job]
            if task.cancel():
                await asyncio.gather(task, return_exceptions=True)
        return RenderingFailed("no_time") if task.cancelled() else task.result()

    async def _end(self, job: Job, became: Rendered | RenderingFailed) -> None:
        self._bytes -= len(job.answer.body)
        self._pending -= 1
        for reason, number in job.refused.items():
            self._crawler.stats.inc_value(f"rendering/{reason}", number)
        try:
            await job.done(became)
        except Exception:  # a bug of ours; the other pages are rendered all the same
            logger.exception("cannot take what %s was rendered to", job.url)
        if not self._pending:
            self._idle.set()

    async def _rendered(self, job: Job) -> Rendered | RenderingFailed | None:
        """None: the browser died, which is not the page's fault. It is tried again."""
        if self.no_browser:
            return RenderingFailed("no_browser")
        job.attempts += 1
        started = time.monotonic()
        failed: RenderingFailed | None = RenderingFailed("render_failed")
        renderer = self._renderer
        try:
            renderer = self._renderer = self._renderer or Renderer(self._crawler, self._others)
            rendered = await renderer.render(job, self._limit)
        except RenderingFailed as error:
            job.failures += 1
            failed = None if error.again and job.failures < _MOST_FAILURES else error
        except NoBrowser as error:
            self._say_none(error)
            failed = RenderingFailed("no_browser")
        except Exception as error:  # noqa: BLE001  when Playwright's own process dies, it raises what it likes
            logger.debug("%s: %r", job.url, error)
            if not isinstance(error, PlaywrightError) and renderer and renderer is self._renderer:
                await self._give_up(renderer)
            if job.attempts < _MOST_ATTEMPTS:
                failed = None
            elif isinstance(error, NotReady):
                failed = RenderingFailed("no_browser")
            await asyncio.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return rendered
        finally:
            self.seconds += time.monotonic() - started
        return failed

    async def _give_up(self, renderer: Renderer) -> None:
        """Its processes end, whatever state they are in."""
        self._renderer = None
        with suppress(Exception):
            await renderer.close()

    def _say_none(self, error: NoBrowser) -> None:
        if not self.no_browser:
            self.no_browser = error
            logger.warning("%s", error)

    async def _watch_tail(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_GLANCES)
            is_alone = bool(self._pending) and self._is_alone(self._tail.is_now)
            if self._tail.is_over(time.monotonic(), is_alone=is_alone):
                await self._cut()

    async def _cut(self) -> None:
        """Unless most of them gained something, samples are not rendered any more, and what looks as if it needed it stays
        due; but for the first few of both, and what the user wants.
        """
        if self._samples and self._samples + self._begun >= _FEW and not self._sampled.mostly_gains:
            await self._end_samples()
        left = [job for job in self._waiting if _is_bounded(job)][max(0, self._few - self._begun) :]
        if left and len(left) == len(self._waiting) and not self._worth.is_certain:
            self._leave(left)

    async def _end_samples(self) -> None:
        for job in [*self._running, *self._waiting]:
            if not _is_sample(job):
                continue
            if job in self._running:
                self._running[job].cancel()
            elif job in self._waiting:  # else it has ended meanwhile
                self._waiting.remove(job)
                await self._end(job, RenderingFailed("no_time"))

    def _leave(self, left: list[Job]) -> None:
        """All that waits. The others, which come first, may still lead to something."""
        self._waiting.clear()
        self._pending -= len(left)
        self._bytes -= sum(len(job.answer.body) for job in left)
        self._crawler.stats.inc_value("rendering/left_due", len(left))
        self._stop("render_tail")
        if not self._pending:
            self._idle.set()

    async def _let_go(self) -> None:
        """Hosts that are done until a sample has been rendered, whose turn may be long in coming. Others may be it."""
        latest = time.monotonic() - _SECONDS_ON_HOLD
        for job in [job for job in self._waiting if _is_sample(job) and job.since < latest]:
            if job.host and job.host.is_on_hold and job.hints and job in self._waiting:
                self._waiting.remove(job)
                self._submitted -= 1
                self._learnt.give_up(*_makes(job.url, job.hints))
                await self._end(job, RenderingFailed("no_time"))

    async def _watch(self) -> None:
        while True:
            before, started = _seconds_wanted(), time.monotonic()
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            share = (_seconds_wanted() - before) / (time.monotonic() - started)
            self._busy_looks = _LOOKS if share > _BUSY else max(0, self._busy_looks - 1)
            if self._is_beside():
                await self._let_go()
            if self._renderer and self._renderer.working:
                kill_large_pages()


def _is_sample(job: Job) -> bool:
    return job.reason is RenderReason.SAMPLE


def _rank(job: Job) -> int:
    """Samples last, and first of them those that have a framework which runs in the browser."""
    return _is_sample(job) + (_is_sample(job) and not (job.hints and job.hints.writing.are_an_application))


def _is_bounded(job: Job) -> bool:
    """Whether the page is worth it is the crawler's guess, and a good one."""
    return job.reason not in {RenderReason.ALWAYS, RenderReason.SAMPLE}
