"""Pages that scripts write: rendered by one browser, beside the plain fetching, which never waits for it.

A page is rendered from the very answer that was read: the browser is handed that, and each thing that its scripts ask
for, by the crawler (crawl/resources.py). Its clock is a virtual one, which stands still while something is being got and
runs ahead when nothing is, so that what a page does in five seconds is the same on a fast machine and a slow one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from backlink_crawler.crawl.browser import LocalBrowser, NoBrowser, browser_processes, kill_browser, kill_large_pages
from backlink_crawler.crawl.resources import Answer, Resources
from backlink_crawler.frontier.rendering import RenderBudget, decide
from backlink_crawler.model import RenderMode, RenderReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import BrowserContext, CDPSession, Page, Route
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.host import HostInWork
    from backlink_crawler.frontier.rendering import RenderHistory
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.model import DuePage

logger = logging.getLogger(__name__)
MOST_NODES = 100_000  # of a page
MOST_CHARACTERS = 10_000_000
_SECONDS = 5.0  # of the page's own time, and
_SECONDS_SCROLLED = 2.0  # after its end has come into view
_SECONDS_A_FRAME = 0.5  # of that time, at most: what comes into view is only known when a frame is drawn
_SECONDS_TO_DRAW = 1.0
_SMALLEST_PICTURE = {"format": "jpeg", "clip": {"x": 0, "y": 0, "width": 1, "height": 1, "scale": 1}}
_STARVED = 100_000  # tasks that a page may run without time going on
_VIEWPORT = {"width": 1280, "height": 6000}  # tall, so that what loads when it comes into view does
_SECONDS_TO_CLOSE = 5
_MOST_ATTEMPTS = 8  # a browser that dies takes its pages with it: that is not their fault
_SECONDS_BETWEEN_TRIES = 0.3
_ROOM = 64 * 1024 * 1024  # bytes of pages that wait
_JOB = "backlinks_job"
_SERIALISE = resources.files(__package__).joinpath("serialise.js").read_text(encoding="utf-8")


class RenderingFailed(Exception):
    """reason: of the visit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Rendered:
    """html: what the page has become, shadow roots included. url: what it calls itself now. left_for: where its scripts
    tried to go. refused: requests, by reason.
    """

    html: str
    url: str
    seconds: float
    left_for: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class Job:
    """One page to be rendered. answer: what was fetched of it. done: is called with what became of it, or why nothing."""

    url: str
    answer: Answer
    host: HostInWork | None
    done: Callable[[Rendered | RenderingFailed], Awaitable[None]]
    attempts: int = 0
    is_over: bool = False
    left_for: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    requests: count[int] = field(default_factory=lambda: count(1))


def _draw(page: DuePage) -> float:
    """In [0, 1): the same for the same visit of a page, so that a run that is repeated decides alike."""
    digest = hashlib.blake2b(f"{page.visits} {page.url}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


class Renderer:
    """The browser's queue. Its tasks begin with the first job, and so does the browser."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._pages = crawler.settings.getint("BACKLINKS_RENDER_PAGES")
        self._limit = crawler.settings.getfloat("BACKLINKS_RENDER_TIMEOUT")
        self._budget = RenderBudget(
            crawler.settings.getfloat("BACKLINKS_RENDER_SHARE"),
            crawler.settings.getint("BACKLINKS_RENDER_FEW"),
            60 * crawler.settings.getfloat("BACKLINKS_RENDER_MINUTES"),
        )
        self._waiting: deque[Job] = deque()
        self._submitted = self._pending = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._browser: _Browser | None = None
        self.no_browser: NoBrowser | None = None
        self.seconds = 0.0

    def reason(self, mode: RenderMode, hints: Hints, host: RenderHistory, page: DuePage, pages: int) -> RenderReason:
        """Why this page is to be rendered, or not. pages: of this run, so far."""
        reason = decide(mode, hints, host, page_gained=page.gained, draw=_draw(page))
        if not reason.renders:
            return reason
        if self.no_browser:
            return RenderReason.NO_BROWSER
        if mode is RenderMode.AUTO and self._budget.is_spent(pages, self._submitted, self.seconds):
            return RenderReason.BUDGET_SPENT
        return reason if self._bytes < _ROOM else RenderReason.NO_ROOM

    def submit(self, job: Job) -> None:
        self._submitted += 1
        self._pending += 1
        self._idle.clear()
        self._waiting.append(job)
        self._bytes += len(job.answer.body)
        self._wake.set()
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(self._work()) for _ in range(self._pages)]
            self._tasks.append(asyncio.ensure_future(self._watch()))

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
        if self._browser:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(_SECONDS_TO_CLOSE):
                    await self._browser.close()
            kill_browser()

    async def _work(self) -> None:
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            job = self._waiting.popleft()
            became = await self._rendered(job)
            if became is None:
                self._waiting.append(job)
            else:
                await self._end(job, became)

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
        try:
            self._browser = self._browser or _Browser(self._crawler)
            rendered = await self._browser.render(job, self._limit)
        except RenderingFailed as error:
            failed = error
        except NoBrowser as error:
            self._say_none(error)
            failed = RenderingFailed("no_browser")
        except Exception as error:  # noqa: BLE001  when Playwright's own process dies, it raises what it likes
            logger.debug("%s: %r", job.url, error)
            if not isinstance(error, PlaywrightError):
                kill_browser()
                self._browser = None
            failed = failed if job.attempts >= _MOST_ATTEMPTS else None
            await asyncio.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return rendered
        finally:
            self.seconds += time.monotonic() - started
        return failed

    def _say_none(self, error: NoBrowser) -> None:
        if not self.no_browser:
            self.no_browser = error
            logger.warning("%s", error)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self._browser and self._browser.working:
                kill_large_pages()


class _Browser(ScrapyPlaywrightDownloadHandler):
    """scrapy-playwright starts the browser, again when it has died, and makes contexts and pages; the rest is ours."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.browser_provider_cls = LocalBrowser
        self.config.launch_options = {"executable_path": crawler.settings["BACKLINKS_BROWSER"]}
        self._resources = Resources(crawler)
        self._starting = asyncio.Lock()
        self._contexts = count(1)
        self._agent = crawler.settings["USER_AGENT"]
        self.working = 0

    async def render(self, job: Job, limit: float) -> Rendered:
        """Raises RenderingFailed, NoBrowser, or PlaywrightError when the browser has died."""
        async with self._starting:
            if not hasattr(self, "browser_provider"):
                await self._launch()
        name = f"{next(self._contexts)}"
        meta = {
            "playwright": True,
            "playwright_include_page": True,  # we close it
            "playwright_context": name,
            "playwright_context_kwargs": {
                "user_agent": self._agent,
                "viewport": _VIEWPORT,
                "service_workers": "block",
                "accept_downloads": False,
                "ignore_https_errors": True,  # as the fetcher does
            },
            _JOB: job,
        }
        job.left_for, job.refused, job.requests, job.is_over = [], Counter(), count(1), False
        self.working += 1
        started = time.monotonic()
        try:
            async with asyncio.timeout(limit):
                read = (await self.download_request(Request(job.url, meta=meta, dont_filter=True))).meta_result
        except TimeoutError:
            if not any(True for _ in browser_processes()):
                raise PlaywrightError("the browser has gone") from None
            raise RenderingFailed("render_timeout") from None
        finally:
            self.working -= 1
            job.is_over = True
            await self._closed(name)
        if not read:
            raise RenderingFailed("render_failed")  # it has done away with its root element
        if len(read.get("html", "")) > MOST_CHARACTERS or "html" not in read:
            raise RenderingFailed("render_too_large")
        return Rendered(read["html"], read["url"], time.monotonic() - started, job.left_for, job.refused)

    async def _closed(self, name: str) -> None:
        if context := self.context_wrappers.get(name):
            try:
                async with asyncio.timeout(_SECONDS_TO_CLOSE):
                    await context.context.close()
            except TimeoutError:
                kill_browser()
            except PlaywrightError:
                self.context_wrappers.pop(name, None)

    async def _download_request_with_page(self, request: Request, page: Page, spider: object) -> Response:  # noqa: ARG002
        job: Job = request.meta[_JOB]
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()  # why there is nothing to be read
        page.once("crash", lambda _: lost.done() or lost.set_result("render_crashed"))
        page.once("close", lambda _: lost.done() or lost.set_exception(PlaywrightError("the browser has gone")))
        page.context.on("page", lambda other: asyncio.ensure_future(_close_quietly(other)))
        await page.route("**/*", lambda route, asked: self._answer(route, asked, page, job))
        reading = asyncio.ensure_future(_read(page, job.url, lost))
        try:
            await asyncio.wait([reading, lost], return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise RenderingFailed(lost.result())
            response = _Read(request.url, request=request)
            response.meta_result = reading.result()
            return response
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _answer(self, route: Route, asked: BrowserRequest, page: Page, job: Job) -> None:
        with suppress(PlaywrightError):  # the page has gone meanwhile
            if asked.is_navigation_request():
                await self._navigated(route, asked, page, job)
                return
            answer = await self._resources.get(asked, job)
            if isinstance(answer, str):
                job.refused[answer] += 1
                await route.abort("blockedbyclient")
            else:
                await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)

    async def _navigated(self, route: Route, asked: BrowserRequest, page: Page, job: Job) -> None:
        """The page itself is what was fetched. Frames are pages of their own; and it may not go elsewhere."""
        if asked.frame != page.main_frame:
            job.refused["refused_frame"] += 1
            await route.abort("blockedbyclient")
        elif page.url == "about:blank" and not job.left_for and next(job.requests) == 1:
            await route.fulfill(status=job.answer.status, headers=job.answer.headers, body=job.answer.body)
        else:
            if asked.url.startswith("http"):
                job.left_for.append(asked.url)
            await route.fulfill(status=204)  # a browser stays where it is


class _Read(Response):
    """What a page has become travels on the response."""

    meta_result: dict[str, Any]


async def _read(page: Page, url: str, lost: asyncio.Future[str]) -> dict[str, Any]:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Emulation.setVirtualTimePolicy", {"policy": "pause"})
    await page.goto(url, wait_until="commit", timeout=0)
    await cdp.send("Page.enable")
    cdp.on("Page.frameNavigated", lambda event: _navigated_away(event, lost))
    await _let_run(cdp, _SECONDS)
    await _evaluate(cdp, "scrollTo(0, document.documentElement.scrollHeight)")
    await _draw_a_frame(cdp)
    await _let_run(cdp, _SECONDS_SCROLLED)
    read: dict[str, Any] = await _evaluate(cdp, f"({_SERIALISE})({MOST_NODES})")
    return read


def _navigated_away(event: dict[str, Any], lost: asyncio.Future[str]) -> None:
    """To what needs no request, such as about:blank."""
    if "parentId" not in event["frame"] and not lost.done():
        lost.set_result("render_failed")


async def _let_run(cdp: CDPSession, seconds: float) -> None:
    """So much of the page's own time."""
    for _ in range(round(seconds / _SECONDS_A_FRAME)):
        over = asyncio.Event()
        cdp.once("Emulation.virtualTimeBudgetExpired", lambda _, over=over: over.set())
        policy = {"policy": "pauseIfNetworkFetchesPending", "budget": 1000 * _SECONDS_A_FRAME}
        await cdp.send("Emulation.setVirtualTimePolicy", policy | {"maxVirtualTimeTaskStarvationCount": _STARVED})
        await over.wait()
        await _draw_a_frame(cdp)


async def _draw_a_frame(cdp: CDPSession) -> None:
    """While a page's time stands still, one is only drawn to be looked at."""
    with suppress(TimeoutError):  # a page that is not to be drawn yet
        async with asyncio.timeout(_SECONDS_TO_DRAW):
            await cdp.send("Page.captureScreenshot", _SMALLEST_PICTURE)


async def _evaluate(cdp: CDPSession, expression: str) -> Any:
    tree = await cdp.send("Page.getFrameTree")
    world = await cdp.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
    call = {"contextId": world["executionContextId"], "expression": expression, "returnByValue": True}
    return (await cdp.send("Runtime.evaluate", call))["result"].get("value")


async def _close_quietly(page: Page | BrowserContext) -> None:
    with suppress(PlaywrightError):
        await page.close()
