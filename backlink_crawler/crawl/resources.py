"""What a page's scripts ask for while it is rendered: refused with a reason, or got by the crawler's own fetcher.

So everything that the browser sees has come past the address guard, with the crawler's name on it, by GET, without
cookies, within the crawler's limits, and no faster than the host of the page may be asked.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from backlink_crawler.crawl.outcomes import outcome_of_failure
from backlink_crawler.crawl.trackers import is_tracker
from backlink_crawler.model import Outcome, Refusal
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of, resolve

if TYPE_CHECKING:
    from playwright.async_api import Request as BrowserRequest
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlink_crawler.crawl.rendering import Job

logger = logging.getLogger(__name__)
MOST_REQUESTS = 200  # of one page
MOST_BYTES = 5 * 1024 * 1024  # of one answer
_MOST_REDIRECTS = 5
_KEPT = 32 * 1024 * 1024  # bytes of scripts and styles: the pages of a site share theirs
_LOADED = frozenset({"script", "stylesheet", "fetch", "xhr"})
_KEPT_TYPES = frozenset({"script", "stylesheet"})
# Of what the browser would send: what an interface may depend on. Cookies and credentials never.
_SENT = frozenset({"accept", "accept-language", "content-type", "origin", "referer", "x-requested-with"})
_DROPPED = frozenset({"set-cookie", "content-encoding", "content-length", "transfer-encoding", "connection"})


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Resources:
    """Of one run. `get` for each request that a page makes."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._kept_bytes = 0

    async def get(self, asked: BrowserRequest, job: Job) -> Answer | str:
        """The answer, or why there is none."""
        job.asked += 1
        if refused := refusal(asked.resource_type, asked.method, asked.url, job.url, job.asked):
            return refused
        if kept := self._kept.get(asked.url):
            self._kept.move_to_end(asked.url)
            return kept
        headers = {name: value for name, value in asked.headers.items() if name in _SENT}
        answer = await self._followed(asked.url, headers, job)
        if isinstance(answer, Answer) and answer.status == 200 and asked.resource_type in _KEPT_TYPES:
            self._keep(asked.url, answer)
        return answer

    async def _followed(self, url: str, headers: dict[str, str], job: Job) -> Answer | str:
        for _ in range(1 + _MOST_REDIRECTS):
            response = await self._fetch(url, headers, job)
            if isinstance(response, str):
                return response
            location = response.headers.get(b"Location")
            if not 300 <= response.status < 400 or not location:
                return Answer(response.status, answer_headers(response), response.body)
            target = resolve(location.decode("utf-8", "replace"), url)
            if isinstance(target, Refusal):
                return target.value
            if is_tracker(target):
                return "refused_tracker"
            url = target
        return "refused_redirects"

    async def _fetch(self, url: str, headers: dict[str, str], job: Job) -> Response | str:
        host = job.host if job.host and host_of(url) == job.host.claimed.name else None
        if host and host.robots and host.robots.refusal(url):
            return "refused_robots"
        meta = {"download_slot": host_of(url), "download_maxsize": MOST_BYTES}
        request = Request(url, headers=headers, callback=NO_CALLBACK, meta=meta, dont_filter=True)
        feed = self._crawler.spider.session.feed if host else None  # type: ignore[union-attr]
        if feed and host and not await feed.turn_between(host):
            return "refused_rests"
        try:
            if job.is_over:
                return "refused_late"
            return await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001  whatever it is, the page sees a request that has failed
            logger.debug("%s: %r", url, error)
            outcome, reason = outcome_of_failure(Failure(error), url)
            return reason if outcome is Outcome.ADDRESS_REFUSED else "failed"
        finally:
            if feed and host:
                host.asked()
                feed.done(host)

    def _keep(self, url: str, answer: Answer) -> None:
        self._kept[url] = answer
        self._kept_bytes += len(answer.body)
        while self._kept_bytes > _KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.body)


def refusal(kind: str, method: str, url: str, page: str, number: int) -> str | None:
    """Why a request of a page's is not made, or None. kind: Playwright's resource type."""
    if number > MOST_REQUESTS:
        return "refused_too_many"
    if kind not in _LOADED:
        return f"refused_{kind}"
    if method != "GET":
        return "refused_method"
    if not url.startswith(("http://", "https://")):
        return "refused_scheme"
    if is_tracker(url) and domain_of(host_of(url)) != domain_of(host_of(page)):
        return "refused_tracker"
    return None


def answer_headers(response: Response) -> dict[str, str]:
    """As the browser gets them: the body is decompressed, and cookies are not wanted."""
    return {
        name.decode("latin-1"): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
        if name.decode("latin-1").lower() not in _DROPPED
    }
