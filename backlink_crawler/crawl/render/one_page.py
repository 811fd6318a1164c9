"""One page, got and rendered as a crawl would, without a database: for `backlinks extract --render`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings
from twisted.python.failure import Failure

from backlink_crawler import settings as ours
from backlink_crawler.crawl.feed.other_hosts import OtherHosts
from backlink_crawler.crawl.fetch.answers import content_type_of, document_of_answer, redirect_of
from backlink_crawler.crawl.fetch.identity import require_contact, sign
from backlink_crawler.crawl.fetch.outcomes import outcome_of_failure, outcome_of_status
from backlink_crawler.crawl.render.job import Answer, Job, Rendered, RenderingFailed
from backlink_crawler.crawl.render.queue import RenderQueue
from backlink_crawler.crawl.render.resources import answer_headers, page_answer
from backlink_crawler.errors import BacklinksError
from backlink_crawler.links.documents import Document
from backlink_crawler.links.encoding import decode
from backlink_crawler.manners.robots import MAX_REDIRECTS, PATH, RobotsAnswer, RobotsPolicy, policy_of, robot_of
from backlink_crawler.model import Outcome, Refusal
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from backlink_crawler.config import Config


@dataclass(slots=True)
class OnePage:
    """answer: what the server says of it, or what the user has saved. became: after `render`."""

    url: str
    answer: Answer | None = None
    became: Rendered | None = None
    refused: dict[str, int] = field(default_factory=dict)
    error: BacklinksError | None = None


def render(page: OnePage, config: Config, browser: str = "") -> None:
    """Get the page, if that is not done, and render it. Raises BacklinksError. Once in a process."""
    if page.answer is None:
        require_contact(config, [host_of(page.url)])
    settings = Settings()
    settings.setmodule(ours, priority="project")
    nothing: dict[str, Any] = {"ITEM_PIPELINES_BASE": {}, "BACKLINKS_BROWSER": browser}
    settings.setdict(nothing, priority="cmdline")
    settings.set("EXTENSIONS", {"backlink_crawler.crawl.progress.Progress": None})
    process = CrawlerProcess(settings)
    process.crawl(_Spider, page=page)
    process.start()
    if page.error:
        raise page.error
    if page.became is None:
        raise BacklinksError(f"{page.url} was not rendered: it was stopped first.")


def _for_browser(answer: Answer) -> Answer:
    declared = {name.lower(): value for name, value in answer.headers.items()}.get("content-type")
    _, encoding = decode(answer.body, declared)
    return page_answer(answer.status, answer.headers, answer.body, encoding)


class _Spider(Spider):
    name = "one page"

    def __init__(self, page: OnePage) -> None:
        super().__init__()
        self._page = page

    @classmethod
    def update_settings(cls, settings: Any) -> None:
        super().update_settings(settings)
        sign(settings)

    async def start(self) -> AsyncIterator[Any]:
        queue = RenderQueue(self.crawler, OtherHosts(self.crawler), is_alone=lambda _: True)
        try:
            robots = None
            if self._page.answer is None:
                robots = await self._policy(self._page.url)
                self._page.answer = await self._got(self._page.url, robots)
            job = Job(self._page.url, _for_browser(self._page.answer), None, self._done, robots)
            queue.submit(job)
            await queue.finish(at_once=False)
            self._page.refused = dict(job.refused)
            if queue.no_browser:
                self._page.error = queue.no_browser
        except BacklinksError as error:
            self._page.error = error
        finally:
            await queue.close()
        return
        yield  # which makes it what Scrapy wants

    async def _done(self, became: Rendered | RenderingFailed) -> None:
        if isinstance(became, Rendered):
            self._page.became = became
        else:
            self._page.error = BacklinksError(f"{self._page.url} cannot be rendered ({became.reason}).")

    async def _got(self, url: str, robots: RobotsPolicy) -> Answer:
        if refused := robots.refusal(url):
            raise BacklinksError(f"{url} is not requested: {refused[0].name.lower()} ({refused[1]}).")
        response = await self._response(url)
        outcome = outcome_of_status(response.status)
        if outcome is Outcome.REDIRECT:
            raise BacklinksError(f"{url} redirects to {redirect_of(response)}; render that instead.")
        content_type = content_type_of(response.headers)
        if outcome is not Outcome.OK or document_of_answer(response) is Document.OTHER:
            raise BacklinksError(f"{url} is not an HTML page ({response.status}, {content_type or 'no content type'}).")
        return Answer(response.status, answer_headers(response), response.body)

    async def _policy(self, url: str) -> RobotsPolicy:
        url = f"{url.partition(':')[0]}://{host_of(url)}{PATH}"
        for _ in range(1 + MAX_REDIRECTS):
            response = await self._response(url)
            target = redirect_of(response)
            if not 300 <= response.status < 400 or isinstance(target, Refusal):
                break
            url = target
        text = response.body.decode("utf-8-sig", "replace") if response.status < 300 else None
        return policy_of(RobotsAnswer(response.status, text), robot_of(self.settings["USER_AGENT"] or ""))

    async def _response(self, url: str) -> Response:
        try:
            return await self.crawler.engine.download_async(Request(url, callback=NO_CALLBACK, dont_filter=True))
        except Exception as error:
            outcome, reason = outcome_of_failure(Failure(error), url)
            why = f", {reason}" if reason else ""
            raise BacklinksError(f"{url} cannot be fetched: {outcome.name.lower()}{why}.") from error
