"""`scrapy crawl seeds`: visit what is due of the seeds' sites, and hand what each page says to the pipelines."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import Spider, signals

from backlink_crawler.crawl.feed.host import REST_AFTER_FAILURE
from backlink_crawler.crawl.feed.permission import Permission, asked_to_wait
from backlink_crawler.crawl.feed.request import host_of_request, page_of, page_request, seconds_taken
from backlink_crawler.crawl.fetch.outcomes import (
    NO_ANSWER_OVER_HTTPS,
    NO_ROOM,
    UNREACHABLE,
    challenge_of,
    outcome_of_failure,
    outcome_of_status,
    status_of,
)
from backlink_crawler.crawl.reading import becomes_page, read_page, read_redirect, read_rendered, read_sitemap
from backlink_crawler.crawl.render.job import Job, Rendered, RenderingFailed
from backlink_crawler.crawl.render.resources import answer_headers, page_answer
from backlink_crawler.crawl.session import CrawlSession, sign
from backlink_crawler.errors import BacklinksError
from backlink_crawler.frontier.discovery import start_url_of_fallback
from backlink_crawler.links.headers import is_html
from backlink_crawler.links.text import clean
from backlink_crawler.manners.back_off import SLOW_DOWN
from backlink_crawler.model import Discovery, Outcome, PageKind, Refusal, RenderMode, RenderReason, Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.crawl.reading import ReadHtml
    from backlink_crawler.model import DuePage, Seed

logger = logging.getLogger(__name__)
MOST_UNREACHABLE = 10  # pages in a row that a host does not answer: it is down, and the rest need not be tried
NOT_RENDERED = {"no_browser": RenderReason.NO_BROWSER, "no_time": RenderReason.BUDGET_SPENT}
_WELL = frozenset({Outcome.OK, Outcome.REDIRECT, Outcome.NOT_MODIFIED, Outcome.NOT_HTML, Outcome.GONE})


class SeedsSpider(Spider):
    """Arguments: seeds (a file or a comma-separated list; left out: the kept seeds), max_pages, max_minutes, render."""

    name = "seeds"

    def __init__(self, session: CrawlSession, **_arguments: object) -> None:
        super().__init__()
        self.session = session
        self._permission = Permission(session)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        sign(settings)

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *_: Any, session: CrawlSession | None = None, **arguments: Any
    ) -> SeedsSpider:
        # Scrapy words and drops two debug messages a page unless its logger itself says that nobody listens.
        logging.getLogger("scrapy").setLevel(crawler.settings["LOG_LEVEL"])
        # A crawler reads pages behind invalid certificates as search engines do; once a request is no news.
        logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)
        spider = cls(session or CrawlSession.prepare(crawler.settings, **arguments))
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.session.fail_for_a_bug, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        feed = self.session.feed
        try:
            while turn := await feed.next():
                host, page, refused = turn
                if page is None:
                    if request := await self._permission.request(host):
                        yield request
                    continue
                await self.session.seed(page.seed_id)
                if refused:
                    feed.done(host)
                    yield self._visit(page, host, *refused)
                else:
                    yield page_request(self._asked(page), host, self.page, self.no_page)
            await feed.settle()
            await self.session.render_queue.finish(at_once=feed.stopped_by == "max_minutes")
        except BacklinksError as error:
            self.session.fail(error)

    def _asked(self, page: DuePage) -> DuePage:
        """Of what will be rendered the HTML is needed: a 304 would not do."""
        mode = self.session.render_mode(self.session.known_seed(page.seed_id))
        if mode is RenderMode.ALWAYS or (mode is RenderMode.AUTO and page.gained):
            return replace(page, etag="", last_modified="")
        return page

    def page(self, response: Response) -> Iterator[Visit]:
        request = response.request
        assert request is not None
        page, host = page_of(request), host_of_request(request)
        if response.status in SLOW_DOWN:
            self.session.feed.set_back(host, asked_to_wait(response))
        self.session.feed.done(host)
        visit = self._visit(page, host, outcome_of_status(response.status), "")
        visit.http_code = status_of(response)
        visit.size, visit.elapsed = len(response.body), seconds_taken(request)
        html = None
        try:
            html = self._read(response, visit)
        except Exception as error:  # a page that we fail on is a bug of ours; the run goes on and the page says so
            logger.exception("cannot read %s", page.url)
            visit.outcome, visit.reason = Outcome.INVALID_RESPONSE, type(error).__name__
            visit.facts, visit.links = None, []
        if visit.outcome in _WELL and not host.given_up:
            host.setbacks = 0
        host.unreachable = 0
        if html is None or not self._renders(response, visit, html, host):
            yield visit

    def _renders(self, response: Response, visit: Visit, html: ReadHtml, host: HostInWork) -> bool:
        """Is the page to be rendered? Then its visit is recorded when it has been."""
        session, queue = self.session, self.session.render_queue
        mode = session.render_mode(session.known_seed(visit.page.seed_id))
        reason = queue.reason(mode, html.hints, host.renders, visit.page, session.feed.pages_handed)
        visit.render_reason = reason
        if reason.renders:
            host.found[visit.page.seed_id] += visit.found  # they need not wait for the browser
            answer = page_answer(response.status, answer_headers(response), response.body, html.encoding)
            queue.submit(Job(visit.page.url, answer, host, partial(self._rendered, visit, html)))
        return reason.renders

    async def _rendered(self, visit: Visit, html: ReadHtml, became: Rendered | RenderingFailed) -> None:
        if isinstance(became, Rendered) and visit.page.gained and not became.is_whole:
            became = RenderingFailed("render_incomplete")  # what it gained last time may only have failed to come
        if isinstance(became, RenderingFailed):
            visit.render_reason = NOT_RENDERED.get(became.reason, visit.render_reason)
            visit.reason = visit.reason or ("" if became.reason in NOT_RENDERED else became.reason)
        else:
            try:
                read_rendered(became, html, visit, self.session.known_seed(visit.page.seed_id), self.session.normalise)
            except MemoryError:
                visit.reason = visit.reason or "render_too_large"
            except Exception:  # a bug of ours; what its HTML says is recorded all the same
                logger.exception("cannot read what %s was rendered to", visit.page.url)
                visit.reason = visit.reason or "render_failed"
        await self.crawler.engine.scraper.start_itemproc_async(visit, response=None)

    def no_page(self, failure: Failure) -> Iterator[Visit]:
        request: Request = failure.request
        page, host = page_of(request), host_of_request(request)
        host.asked()  # it may have arrived all the same
        outcome, reason = outcome_of_failure(failure, page.url)
        if outcome in UNREACHABLE and reason != NO_ROOM:
            host.unreachable += 1
            if host.unreachable >= MOST_UNREACHABLE and not host.given_up:
                host.give_up(REST_AFTER_FAILURE, pages=0)
        self.session.feed.done(host)
        yield self._visit(page, host, outcome, reason)

    def _visit(self, page: DuePage, host: HostInWork, outcome: Outcome, reason: str) -> Visit:
        visit = Visit(page, outcome, reason, host_rests=host.rests)
        visit.told = host.tell(page.seed_id)
        seed = self.session.known_seed(page.seed_id)
        if (
            outcome in NO_ANSWER_OVER_HTTPS
            and page.depth == 0
            and page.url == seed.url.text
            and (url := start_url_of_fallback(seed))
        ):
            normal = self.session.normalise(url)
            if not isinstance(normal, Refusal):
                visit.told.append(Discovery(normal, 0))
        return visit

    def _read(self, response: Response, visit: Visit) -> ReadHtml | None:
        seed, normalise = self.session.known_seed(visit.page.seed_id), self.session.normalise
        if wall := challenge_of(response):
            visit.outcome, visit.reason = Outcome.FORBIDDEN, f"challenge_{wall}"
        elif visit.outcome is Outcome.REDIRECT:
            read_redirect(response, visit, seed, normalise)
        elif visit.outcome is Outcome.OK:
            return self._read_body(response, visit, seed)
        return None

    def _read_body(self, response: Response, visit: Visit, seed: Seed) -> ReadHtml | None:
        content_type, normalise = (
            (response.headers.get(b"Content-Type") or b"").decode("latin-1"),
            self.session.normalise,
        )
        if visit.page.kind is PageKind.SITEMAP and is_html(content_type):
            becomes_page(response, visit, seed, normalise)
        if visit.page.kind is PageKind.SITEMAP:
            read_sitemap(response, visit, seed, normalise)
        elif is_html(content_type):
            return read_page(response, content_type, visit, seed, normalise)
        else:
            visit.outcome, visit.reason = Outcome.NOT_HTML, clean(content_type.partition(";")[0], 100)
        return None
