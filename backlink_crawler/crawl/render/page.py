"""One page that scripts write, rendered by scrapy-playwright's browser; crawl/render/queue.py says which and when.

A page is rendered from the very answer that was read: the browser is handed that, and each thing that its scripts ask
for, by the crawler (crawl/render/resources.py). Its clock is a virtual one, which stands still while something is being
got and runs ahead when nothing is, so that what a page does in five seconds is the same on a fast machine and a slow
one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from importlib import resources
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import playwright
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from backlink_crawler.crawl.render.browser import SECONDS_TO_START, LocalBrowser, kill_browser
from backlink_crawler.crawl.render.job import Answer, Attempt, Rendered, RenderingFailed
from backlink_crawler.crawl.render.resources import Resources

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page, Route
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.feed.other_hosts import OtherHosts
    from backlink_crawler.crawl.render.job import Job


logger = logging.getLogger(__name__)
MOST_NODES = 100_000  # of a page
MOST_CHARACTERS = 10_000_000
_SECONDS = 5.0  # of the page's own time, and
_SECONDS_SCROLLED = 2.0  # after its end has come into view
_STEP = 0.5  # of that time, at least, between two frames: what comes into view is only known when one is drawn
_LONGER, _FAR_LONGER = 2, 4  # is the time between two frames, if the page asks for nothing; and does not change either
_SECONDS_TO_DRAW = 1.0  # when a frame of the page has been waited for in vain before
_SMALLEST_PICTURE = {"format": "jpeg", "clip": {"x": 0, "y": 0, "width": 1, "height": 1, "scale": 1}}
_STARVED = 100_000  # tasks that a page may run without time going on
_MOST_SEEN = 2_000  # requests of one page, those that are refused included
_MOST_DEPARTURES = 50
_VIEWPORT = {"width": 1280, "height": 6000}  # tall, so that what loads when it comes into view does
_SECONDS_TO_CLOSE = 5
_SECONDS_TO_DIE = 0.5
_GONE = "the browser has gone"
_ATTEMPT = "backlinks_attempt"
_PLAYWRIGHT = str(Path(playwright.__file__).parent)
_SERIALISE = resources.files(__package__).joinpath("serialise.js").read_text(encoding="utf-8")


class NotReady(PlaywrightError):
    """The browser did not start, or made no page. No page's fault."""


class Renderer(ScrapyPlaywrightDownloadHandler):
    """scrapy-playwright starts the browser, again when it has died, and makes contexts and pages; the rest is ours."""

    def __init__(self, crawler: Crawler, others: OtherHosts) -> None:
        super().__init__(crawler)
        self.browser_provider_cls = LocalBrowser
        self.config.target_closed_max_retries = 0  # an attempt is one page's; the queue tries again
        self.config.launch_options = {"executable_path": crawler.settings["BACKLINKS_BROWSER"]}
        self._resources = Resources(crawler, others)
        self._starting = asyncio.Lock()
        self._contexts = count(1)
        self._aborting: set[asyncio.Task[Any]] = set()
        self._agent = crawler.settings["USER_AGENT"]
        self._gone = asyncio.Event()
        self.working = 0

    async def render(self, job: Job, limit: float) -> Rendered:
        """limit: seconds, from when the browser is ready for it. Raises RenderingFailed, NoBrowser, or PlaywrightError
        when the browser has died: NotReady when it had not even begun.
        """
        attempt, name = Attempt(job), f"{next(self._contexts)}"
        ready = asyncio.ensure_future(attempt.ready.wait())
        reading = asyncio.ensure_future(self._read(attempt, name))
        gone = asyncio.ensure_future(self._gone.wait())
        self.working += 1
        try:
            if not await _first({ready, reading}, gone, SECONDS_TO_START):
                kill_browser()  # it hangs
            started = time.monotonic()
            if attempt.ready.is_set() and not await _first({reading}, gone, limit):
                raise RenderingFailed("render_timeout")
            read = _result(reading)
        except PlaywrightError as error:
            if not attempt.ready.is_set():
                raise NotReady(error.message) from error
            raise error if await self._has_died(error) else RenderingFailed("render_failed", again=True) from error
        finally:
            for task in (ready, reading, gone):
                task.cancel()
            await asyncio.gather(ready, reading, gone, attempt.end(), return_exceptions=True)
            self.working -= 1
            job.refused = attempt.refused
            await self._closed(name)
        if read is None:
            raise RenderingFailed("render_failed")  # it has done away with its root element
        if "html" not in read:
            raise RenderingFailed("render_too_large")
        seconds = time.monotonic() - started
        return Rendered(read["html"], read["url"], seconds, attempt.left_for, attempt.is_whole, attempt.refused)

    async def _read(self, attempt: Attempt, name: str) -> dict[str, Any] | None:
        async with self._starting:
            if not hasattr(self, "browser_provider"):
                await self._launch()
            if hasattr(self, "browser") and not self.browser.is_connected():
                del self.browser  # it died before anybody listened; another one is started
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
            _ATTEMPT: attempt,
        }
        response = await self.download_request(Request(attempt.job.url, meta=meta, dont_filter=True))
        read: dict[str, Any] | None = response.meta_result
        return read

    async def _has_died(self, error: PlaywrightError) -> bool:
        """Else it is the page that did what a browser does not follow. That it has died is known a moment later."""
        if error.message == _GONE or "has been closed" in error.message:
            return True
        await asyncio.sleep(_SECONDS_TO_DIE)
        return not (hasattr(self, "browser") and self.browser.is_connected())

    async def close(self) -> None:
        """What still waits for a browser that has gone, or for Playwright's own process, would wait without end."""
        try:
            async with asyncio.timeout(_SECONDS_TO_CLOSE):
                await super().close()
        finally:
            kill_browser()
            left = {task for task in asyncio.all_tasks() if _is_of_playwright(task)} | self._aborting
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

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
        attempt: Attempt = request.meta[_ATTEMPT]
        attempt.ready.set()
        page.once("crash", lambda _: attempt.lose(RenderingFailed("render_crashed", again=True)))
        page.once("close", lambda _: attempt.lose(PlaywrightError(_GONE)))
        page.on("websocket", lambda socket: self._resources.refuse_socket(socket.url, attempt))
        page.context.on("page", lambda other: asyncio.ensure_future(_close_quietly(other)))
        await page.route("**/*", lambda route, asked: attempt.answer(self._answer(route, asked, page, attempt)))
        reading = asyncio.ensure_future(_read(page, attempt))
        try:
            awaited: set[asyncio.Future[Any]] = {reading, attempt.lost}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if attempt.lost.done():
                raise attempt.lost.result()
            response = _Read(request.url, request=request)
            response.meta_result = reading.result()
            return response
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _answer(self, route: Route, asked: BrowserRequest, page: Page, attempt: Attempt) -> None:
        """It ends with the route, as Playwright waits for that."""
        attempt.seen += 1
        if attempt.seen > _MOST_SEEN or len(attempt.left_for) > _MOST_DEPARTURES:
            attempt.lose(RenderingFailed("render_failed"))
            return
        try:
            if asked.is_navigation_request():
                await self._navigated(route, asked, page, attempt)
                return
            answer = await self._resources.get(asked, attempt)
            if isinstance(answer, Answer):
                await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)
                return
            attempt.refused[answer] += 1
            await route.abort("blockedbyclient")
        except asyncio.CancelledError:
            aborting = asyncio.ensure_future(_abort(route))
            self._aborting.add(aborting)
            aborting.add_done_callback(self._aborting.discard)
            raise
        except Exception as error:  # noqa: BLE001  a request that is never answered would keep the page waiting
            logger.debug("%s: %r", asked.url, error)
            attempt.is_whole = False
            await _abort(route)

    async def _navigated(self, route: Route, asked: BrowserRequest, page: Page, attempt: Attempt) -> None:
        """The page itself is what was fetched. Frames are pages of their own; and it may not go elsewhere."""
        if asked.frame != page.main_frame:
            attempt.refused["refused_frame"] += 1
            await route.abort("blockedbyclient")
        elif page.url == "about:blank" and attempt.seen == 1:
            answer = attempt.job.answer
            await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)
        else:
            if asked.url.startswith("http"):
                attempt.left_for.append(asked.url)
            await route.fulfill(status=204)  # a browser stays where it is


class _Read(Response):
    """What a page has become travels on the response."""

    meta_result: dict[str, Any] | None


async def _read(page: Page, attempt: Attempt) -> dict[str, Any] | None:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Emulation.setVirtualTimePolicy", {"policy": "pause"})
    await page.goto(attempt.job.url, wait_until="commit", timeout=0)
    await cdp.send("Page.enable")
    await cdp.send("Performance.enable")
    cdp.on("Page.frameNavigated", lambda event: _left(event, attempt))
    await _let_run(cdp, attempt, _SECONDS)
    await _evaluate(cdp, "scrollTo(0, document.documentElement.scrollHeight)")
    await _draw_a_frame(cdp, attempt)
    await _let_run(cdp, attempt, _SECONDS_SCROLLED)
    read: dict[str, Any] | None = await _evaluate(cdp, f"({_SERIALISE})({MOST_NODES}, {MOST_CHARACTERS})")
    return read


def _left(event: dict[str, Any], attempt: Attempt) -> None:
    """For a place that needs no request, such as about:blank."""
    if "parentId" not in event["frame"]:
        attempt.lose(RenderingFailed("render_failed"))


async def _let_run(cdp: CDPSession, attempt: Attempt, seconds: float) -> None:
    """So much of the page's own time. As long as it asks for things, frames are drawn often."""
    step, nodes = _STEP, await _nodes(cdp)
    while seconds > 0:
        step, seen, over = min(step, seconds), attempt.seen, asyncio.Event()
        cdp.once("Emulation.virtualTimeBudgetExpired", lambda _, over=over: over.set())
        policy = {"policy": "pauseIfNetworkFetchesPending", "budget": 1000 * step}
        await cdp.send("Emulation.setVirtualTimePolicy", policy | {"maxVirtualTimeTaskStarvationCount": _STARVED})
        await over.wait()
        if seconds := seconds - step:
            await _draw_a_frame(cdp, attempt)
        before, nodes = nodes, await _nodes(cdp)
        longer = _FAR_LONGER if nodes == before else _LONGER
        step = _STEP if attempt.seen > seen else longer * step


async def _nodes(cdp: CDPSession) -> float:
    """How many the page has, shadow roots included, and those that nobody has swept up yet."""
    metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
    return next((metric["value"] for metric in metrics if metric["name"] == "Nodes"), 0.0)


async def _draw_a_frame(cdp: CDPSession, attempt: Attempt) -> None:
    """While a page's time stands still, one is only drawn to be looked at.

    A busy machine may take long for it, and a page that is not to be drawn yet takes for ever: that is found out once.
    """
    try:
        async with asyncio.timeout(attempt.seconds_to_draw):
            await cdp.send("Page.captureScreenshot", _SMALLEST_PICTURE)
    except TimeoutError:
        attempt.seconds_to_draw = _SECONDS_TO_DRAW


async def _evaluate(cdp: CDPSession, expression: str) -> Any:
    tree = await cdp.send("Page.getFrameTree")
    world = await cdp.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
    call = {"contextId": world["executionContextId"], "expression": expression, "returnByValue": True}
    return (await cdp.send("Runtime.evaluate", call))["result"].get("value")


def _is_of_playwright(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and code.co_filename.startswith(_PLAYWRIGHT)


def _result(reading: asyncio.Future[dict[str, Any] | None]) -> dict[str, Any] | None:
    if not reading.done():
        raise PlaywrightError(_GONE)
    return reading.result()


async def _first(awaited: set[asyncio.Future[Any]], gone: asyncio.Future[Any], seconds: float) -> bool:
    """Until one of them is done, or the browser has gone. False: neither in so many seconds."""
    done, _ = await asyncio.wait(awaited | {gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


async def _abort(route: Route) -> None:
    with suppress(PlaywrightError):  # the page has gone meanwhile
        await route.abort()


async def _close_quietly(page: Page | BrowserContext) -> None:
    with suppress(PlaywrightError):
        await page.close()
