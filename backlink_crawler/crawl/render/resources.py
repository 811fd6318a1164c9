"""What a page's scripts ask for while it is rendered: refused with a reason, or got by the crawler's own fetcher.

So everything that the browser sees has come past SSRF protection, with the crawler's name on it, by GET, without
cookies, within the crawler's limits, as robots.txt allows, and no faster than the host that it comes from may be asked.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from backlink_crawler.crawl.fetch.answers import redirect_of
from backlink_crawler.crawl.fetch.outcomes import outcome_of_failure, outcome_of_status
from backlink_crawler.crawl.render.job import Answer
from backlink_crawler.crawl.render.request_headers import headers_to_send
from backlink_crawler.crawl.render.trackers import is_tracker
from backlink_crawler.links.labels import encoding_of_codec
from backlink_crawler.model import Outcome, Refusal
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlink_crawler.crawl.feed.other_hosts import OtherHosts
    from backlink_crawler.crawl.render.job import Attempt, Job

logger = logging.getLogger(__name__)
MOST_REQUESTS = 200  # of one page
MOST_BYTES = 5 * 1024 * 1024  # of one answer
_MOST_REDIRECTS = 5
_KEPT = 32 * 1024 * 1024  # bytes of scripts and styles: the pages of a site share theirs
_LOADED = frozenset({"script", "stylesheet", "fetch", "xhr"})
_KEPT_TYPES = frozenset({"script", "stylesheet"})
_AWAITED = frozenset({"script", "fetch", "xhr", "eventsource", "websocket"})  # what links may depend on
_AS_ANY_BROWSER = frozenset(
    {"refused_tracker", "refused_scheme", "refused_cors"}
)  # no link depends on it, or none gets it
_TELLING = frozenset({Outcome.OK, Outcome.GONE, Outcome.REDIRECT, Outcome.NOT_MODIFIED})  # as of pages
_OK = 200
_SUCCESS = range(200, 300)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DROPPED = frozenset({"set-cookie", "content-encoding", "content-length", "transfer-encoding", "connection"})


class Resources:
    """Of one run. `get` for each request that a page makes."""

    def __init__(self, crawler: Crawler, others: OtherHosts) -> None:
        self._crawler = crawler
        self._others = others
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._kept_bytes = 0

    async def get(self, asked: BrowserRequest, attempt: Attempt) -> Answer | str:
        """The answer, or why there is none. Without what a browser would have got, the attempt is not whole."""
        answer = await self._got(asked, attempt)
        attempt.is_whole &= is_as_in_a_browser(asked.resource_type, answer)
        return answer

    def refuse_socket(self, url: str, attempt: Attempt) -> None:
        """A WebSocket, which the browser itself fails to open."""
        refused = refusal("websocket", "GET", url, attempt.job.url, attempt.asked) or ""
        attempt.refused[refused] += 1
        attempt.is_whole &= is_as_in_a_browser("websocket", refused)

    async def _got(self, asked: BrowserRequest, attempt: Attempt) -> Answer | str:
        page = attempt.job.url
        if refused := refusal(asked.resource_type, asked.method, asked.url, page, attempt.asked):
            return refused
        attempt.asked += 1
        if kept := self._kept.get(asked.url):
            self._kept.move_to_end(asked.url)
            return kept
        async with attempt.slots:
            url, answer = await self._followed(asked.url, asked.headers, attempt)
        kind = asked.resource_type
        if not isinstance(answer, Answer):
            return answer
        if answer.status == _OK and kind in _KEPT_TYPES:
            self._keep(asked.url, answer)
        return answer if kind in _KEPT_TYPES or may_read(page, url, answer) else "refused_cors"

    async def _followed(self, url: str, headers: dict[str, str], attempt: Attempt) -> tuple[str, Answer | str]:
        """Also where it came from in the end."""
        for _ in range(1 + _MOST_REDIRECTS):
            sent, withheld = headers_to_send(headers, is_own=host_of(url) == host_of(attempt.job.url))
            if withheld:
                attempt.is_whole = False
                attempt.refused["refused_headers"] += 1
            response = await self._fetch(url, sent, attempt.job)
            if isinstance(response, str):
                return url, response
            if not 300 <= response.status < 400 or b"Location" not in response.headers:
                return url, Answer(response.status, answer_headers(response), response.body)
            target = redirect_of(response)
            if isinstance(target, Refusal):
                return url, target.value
            if _is_foreign_tracker(target, attempt.job.url):
                return url, "refused_tracker"
            url = target
        return url, "refused_redirects"

    async def _fetch(self, url: str, headers: dict[str, str], job: Job) -> Response | str:
        name = host_of(url)
        is_own = name == host_of(job.url)
        if refused := _own_refusal(url, job) if is_own else await self._others.refusal(url):
            return refused
        meta = {"download_slot": name, "download_maxsize": MOST_BYTES}
        request = Request(url, headers=headers, callback=NO_CALLBACK, meta=meta, dont_filter=True)
        async with self._others.turn(name, job.host if is_own else None) as has_turn:
            if not has_turn:
                return "refused_rests"
            try:
                return await self._crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001  whatever it is, the page sees a request that has failed
                logger.debug("%s: %r", url, error)
                outcome, reason = outcome_of_failure(Failure(error), url)
                if outcome is Outcome.DNS_ERROR:
                    return "no_such_host"
                return reason if outcome is Outcome.ADDRESS_REFUSED else "failed"

    def _keep(self, url: str, answer: Answer) -> None:
        if old := self._kept.pop(url, None):  # two pages have asked for it at once
            self._kept_bytes -= len(old.body)
        self._kept[url] = answer
        self._kept_bytes += len(answer.body)
        while self._kept_bytes > _KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.body)


def _own_refusal(url: str, job: Job) -> str | None:
    """By the page's own host. Without its robots.txt nothing is asked of a host in work."""
    robots = job.host.robots if job.host else job.robots
    return "refused_robots" if (robots.refusal(url) if robots else job.host) else None


def is_as_in_a_browser(kind: str, answer: Answer | str) -> bool:
    """Does a request's end say as much as it would in a browser, to those who wait for it? kind: Playwright's."""
    if kind not in _AWAITED:
        return True
    if not isinstance(answer, Answer):
        return answer in _AS_ANY_BROWSER
    return answer.status in _SUCCESS or outcome_of_status(answer.status) in _TELLING


def refusal(kind: str, method: str, url: str, page: str, made: int) -> str | None:
    """Why a request of a page's is not made, or None. kind: Playwright's resource type. made: requests, so far."""
    if not url.startswith(("http://", "https://", "ws://", "wss://")):
        return "refused_scheme"
    if _is_foreign_tracker(url, page):
        return "refused_tracker"
    if kind not in _LOADED:
        return f"refused_{kind}"
    if method != "GET":
        return "refused_method"
    return "refused_too_many" if made >= MOST_REQUESTS else None


def _is_foreign_tracker(url: str, page: str) -> bool:
    return is_tracker(url) and domain_of(host_of(url)) != domain_of(host_of(page))


def may_read(page: str, url: str, answer: Answer) -> bool:
    """May the scripts of a page read what came from there? Playwright would let them."""
    origins = ["/".join(each.split("/", 3)[:3]) for each in (page, url)]
    allowed = {name.lower(): value for name, value in answer.headers.items()}.get("access-control-allow-origin")
    return origins[0] == origins[1] or allowed in {"*", origins[0]}


def page_answer(status: int, headers: dict[str, str], body: bytes, encoding: str) -> Answer:
    """A page for the browser, which is to read it in the encoding that we have found, and as HTML."""
    kept = {
        name: value for name, value in headers.items() if name.lower() not in {"content-type", "content-disposition"}
    }
    is_xhtml = any("xhtml" in value for name, value in headers.items() if name.lower() == "content-type")
    kind = "application/xhtml+xml" if is_xhtml else "text/html"
    return Answer(status, kept | {"Content-Type": f"{kind}; charset={encoding_of_codec(encoding)}"}, body)


def answer_headers(response: Response) -> dict[str, str]:
    """As the browser gets them: the body is decompressed, and cookies are not wanted. It takes no control characters."""
    headers = {
        name.decode("latin-1"): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
    }
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _DROPPED and not _CONTROL.search(name + value)
    }
