"""One page that scripts write, rendered by scrapy-playwright's browser; crawl/render_queue.py says which and when.

A page is rendered from the very answer that was read: the browser is handed that, and each thing that its scripts ask
for, by the crawler (crawl/resources.py). Its clock is a virtual one, which stands still while something is being got and
runs ahead when nothing is, so that what a page does in five seconds is the same on a fast machine and a slow one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from backlink_crawler.crawl.browser import LocalBrowser, kill_browser
from backlink_crawler.crawl.resources import Answer, Resources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import BrowserContext, CDPSession, Page, Route
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.host import HostInWork

MOST_NODES = 100_000  # of a page
MOST_CHARACTERS = 10_000_000
_SECONDS = 5.0  # of the page's own time, and
_SECONDS_SCROLLED = 2.0  # after its end has come into view
_STEP = 0.5  # of that time, at least, between two frames: what comes into view is only known when one is drawn
_SECONDS_TO_DRAW = 1.0
_SMALLEST_PICTURE = {"format": "jpeg", "clip": {"x": 0, "y": 0, "width": 1, "height": 1, "scale": 1}}
_STARVED = 100_000  # tasks that a page may run without time going on
_VIEWPORT = {"width": 1280, "height": 6000}  # tall, so that what loads when it comes into view does
_SECONDS_TO_CLOSE = 5
_GONE = "the browser has gone"
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
    asked: int = 0


class Browser(ScrapyPlaywrightDownloadHandler):
    """scrapy-playwright starts the browser, again when it has died, and makes contexts and pages; the rest is ours."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.browser_provider_cls = LocalBrowser
        self.config.launch_options = {"executable_path": crawler.settings["BACKLINKS_BROWSER"]}
        self._resources = Resources(crawler)
        self._starting = asyncio.Lock()
        self._contexts = count(1)
        self._agent = crawler.settings["USER_AGENT"]
        self._gone = asyncio.Event()
        self.working = 0

    async def render(self, job: Job, limit: float) -> Rendered:
        """Raises RenderingFailed, NoBrowser, or PlaywrightError when the browser has died."""
        async with self._starting:
            if not hasattr(self, "browser_provider"):
                await self._launch()
            if hasattr(self, "browser") and not self.browser.is_connected():
                del self.browser  # it died before anybody listened; another one is started
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
        job.left_for, job.refused, job.asked, job.is_over = [], Counter(), 0, False
        self.working += 1
        started = time.monotonic()
        request = asyncio.ensure_future(self.download_request(Request(job.url, meta=meta, dont_filter=True)))
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait([request, gone], timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                raise PlaywrightError(_GONE) if gone.done() else RenderingFailed("render_timeout")
            read = request.result().meta_result
        finally:
            for task in (request, gone):
                task.cancel()
            await asyncio.gather(request, gone, return_exceptions=True)
            self.working -= 1
            job.is_over = True
            await self._closed(name)
        if not read:
            raise RenderingFailed("render_failed")  # it has done away with its root element
        if len(read.get("html", "")) > MOST_CHARACTERS or "html" not in read:
            raise RenderingFailed("render_too_large")
        return Rendered(read["html"], read["url"], time.monotonic() - started, job.left_for, job.refused)

    async def _browser_disconnected_callback(self) -> None:
        """What was asked of a browser that dies may never be answered."""
        self._gone.set()
        self._gone = asyncio.Event()
        self.context_wrappers.clear()

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
        lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()  # why nothing can be read

        def lose(why: Exception) -> None:
            if not lost.done():
                lost.set_result(why)

        page.once("crash", lambda _: lose(RenderingFailed("render_crashed")))
        page.once("close", lambda _: lose(PlaywrightError(_GONE)))
        page.context.on("page", lambda other: asyncio.ensure_future(_close_quietly(other)))
        await page.route("**/*", lambda route, asked: self._answer(route, asked, page, job))
        reading = asyncio.ensure_future(_read(page, job, lose))
        try:
            awaited: set[asyncio.Future[Any]] = {reading, lost}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise lost.result()
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
        elif page.url == "about:blank" and not job.left_for and not job.asked:
            job.asked += 1
            await route.fulfill(status=job.answer.status, headers=job.answer.headers, body=job.answer.body)
        else:
            if asked.url.startswith("http"):
                job.left_for.append(asked.url)
            await route.fulfill(status=204)  # a browser stays where it is


class _Read(Response):
    """What a page has become travels on the response."""

    meta_result: dict[str, Any]


async def _read(page: Page, job: Job, lose: Callable[[Exception], None]) -> dict[str, Any]:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Emulation.setVirtualTimePolicy", {"policy": "pause"})
    await page.goto(job.url, wait_until="commit", timeout=0)
    await cdp.send("Page.enable")
    cdp.on("Page.frameNavigated", lambda event: _left(event, lose))
    await _let_run(cdp, job, _SECONDS)
    await _evaluate(cdp, "scrollTo(0, document.documentElement.scrollHeight)")
    await _draw_a_frame(cdp)
    await _let_run(cdp, job, _SECONDS_SCROLLED)
    read: dict[str, Any] = await _evaluate(cdp, f"({_SERIALISE})({MOST_NODES})")
    return read


def _left(event: dict[str, Any], lose: Callable[[Exception], None]) -> None:
    """For a place that needs no request, such as about:blank."""
    if "parentId" not in event["frame"]:
        lose(RenderingFailed("render_failed"))


async def _let_run(cdp: CDPSession, job: Job, seconds: float) -> None:
    """So much of the page's own time. As long as it asks for things, frames are drawn often."""
    step = _STEP
    while seconds > 0:
        step, asked, over = min(step, seconds), job.asked, asyncio.Event()
        cdp.once("Emulation.virtualTimeBudgetExpired", lambda _, over=over: over.set())
        policy = {"policy": "pauseIfNetworkFetchesPending", "budget": 1000 * step}
        await cdp.send("Emulation.setVirtualTimePolicy", policy | {"maxVirtualTimeTaskStarvationCount": _STARVED})
        await over.wait()
        if seconds := seconds - step:
            await _draw_a_frame(cdp)
        step = _STEP if job.asked > asked else 2 * step


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
