"""`scrapy crawl seeds`: fetch the pages of the seeds that are due, and hand each visit to the pipelines."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Spider, signals
from scrapy.exceptions import CloseSpider

from backlink_crawler.crawl.feed.request import host_of_request, page_of, page_request
from backlink_crawler.crawl.fetch.identity import sign
from backlink_crawler.crawl.fetch.outcomes import NO_ROOM, UNREACHABLE, retry_after_of, slows_down
from backlink_crawler.crawl.reading import read, read_rendering, unanswered
from backlink_crawler.crawl.render.job import Job
from backlink_crawler.crawl.render.resources import answer_headers, page_answer
from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.crawl.valid_settings import require_valid
from backlink_crawler.errors import BacklinksError, InvalidInput
from backlink_crawler.manners.stand_ins import SOFT_404
from backlink_crawler.model import RenderMode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.crawl.reading import ReadHtml
    from backlink_crawler.crawl.render.job import Rendered, RenderingFailed
    from backlink_crawler.model import DuePage, Visit

logger = logging.getLogger(__name__)


class SeedsSpider(Spider):
    """Arguments: seeds (a file or a comma-separated list; left out: the kept seeds), max_pages, max_minutes, render,
    recrawl (yes: all that the run covers is due now).

    It opens the session and closes it, whatever pipelines and extensions are switched on.
    """

    name = "seeds"
    arguments = frozenset({"seeds", "max_pages", "max_minutes", "render", "recrawl"})

    def __init__(self, session: CrawlSession, **_arguments: object) -> None:
        super().__init__()
        self.session = session

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        sign(settings)

    @classmethod
    def prepare(cls, settings: BaseSettings, arguments: dict[str, str]) -> CrawlSession:
        """The run that it is to make. settings: its own among them. Raises BacklinksError."""
        require_valid(settings)
        if unknown := arguments.keys() - cls.arguments:
            exist = ", ".join(sorted(cls.arguments))
            raise InvalidInput(f"-a {min(unknown)}: there is no such argument; these exist: {exist}.")
        return cls.session_of(settings, **arguments)

    session_of: ClassVar[Callable[..., CrawlSession]] = CrawlSession.prepare

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *_: Any, session: CrawlSession | None = None, **arguments: Any
    ) -> SeedsSpider:
        # Scrapy words and drops two debug messages a page unless its logger itself says that nobody listens.
        logging.getLogger("scrapy").setLevel(crawler.settings["LOG_LEVEL"])
        # A crawler reads pages behind invalid certificates as search engines do; once a request is no news.
        logging.getLogger("scrapy.core.downloader.tls").setLevel(logging.ERROR)
        spider = cls(session or cls.prepare(crawler.settings, arguments))
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.opened, signals.spider_opened)
        crawler.signals.connect(spider.session.fail_for_a_bug, signals.spider_error)
        return spider

    async def opened(self) -> None:
        """Before the first request."""
        try:
            await self.session.open(self.crawler)
        except BacklinksError as error:
            self.session.error = error
            raise CloseSpider("database_unavailable") from None
        except Exception as error:
            logger.exception("cannot start the run")
            self.session.error = BacklinksError(f"the run could not start ({error!r}).")
            raise CloseSpider("failed") from None

    async def closed(self, reason: str) -> None:
        """After the last item."""
        await self.session.close(reason, self.crawler.stats.get_stats())

    async def start(self) -> AsyncIterator[Any]:
        session, feed = self.session, self.session.feed
        try:
            async for asked in self._turns():
                yield asked
            while not feed.stopped_by and await self.goes_on():
                async for asked in self._turns():
                    yield asked
            if feed.stopped_by == "max_minutes":
                session.missing.end()
            await feed.settle()
            await session.render_queue.finish(at_once=feed.stopped_by == "max_minutes")
        except BacklinksError as error:
            session.fail(error)
        finally:
            session.missing.end()  # who ends the run waits for no host's turn

    async def _turns(self) -> AsyncIterator[Any]:
        session, feed = self.session, self.session.feed
        while turn := await feed.next():
            host, page, refused = turn
            if page is None:
                if request := await session.permission.request(host):
                    yield request
                continue
            if refused:
                feed.done(host)
                visit = unanswered(page, refused, page.seeds, session.normalise)
                host.complete(visit)
                yield visit
            else:
                if page.is_suspect:
                    await session.frontier.begin(page)
                yield page_request(self._asked(page), host, self.page, self.no_page)

    async def goes_on(self) -> bool:
        """When nothing is due any more: is something due again?"""
        return False

    def _asked(self, page: DuePage) -> DuePage:
        """Of what will be rendered the HTML is needed: a 304 would not do."""
        mode = self.session.render_mode(page)
        if mode is RenderMode.ALWAYS or (mode is RenderMode.AUTO and page.is_worth_rendering):
            return replace(page, etag="", last_modified="")
        return page

    async def page(self, response: Response) -> AsyncIterator[Visit]:
        with self.session.feed.reading():
            visit = await self._read(response)
        if visit:
            yield visit

    async def _read(self, response: Response) -> Visit | None:
        """None: its page is to be rendered, and its visit is recorded when it has been."""
        session, request = self.session, response.request
        assert request is not None
        page, host = page_of(request), host_of_request(request)
        # Its host is asked for no more while the page waits for a child: so it is one page of a host that does.
        visit, html = await read(response, page, page.seeds, session.normalise, session.apart, session.limits.robot)
        session.feed.answered(host, slow_down=slows_down(response), retry_after=retry_after_of(response))
        if html is not None and self._renders(visit, html, host):
            host.complete(visit)
            self._render(response, visit, html, host)
            return None
        if page.doubted and not visit.stand_in and await self._looks_missing(visit, host):
            visit.stand_in = SOFT_404
        host.complete(visit)
        return visit

    async def _looks_missing(self, visit: Visit, host: HostInWork) -> bool:
        """Is this what the host answers for a page that does not exist?"""
        try:
            return await self.session.missing.looks_missing(visit, host)
        except BacklinksError as error:
            self.session.fail(error)
            return False

    async def no_page(self, failure: Failure) -> AsyncIterator[Visit]:
        request: Request = failure.request
        page, host = page_of(request), host_of_request(request)
        session = self.session
        visit, _ = await read(failure, page, page.seeds, session.normalise, session.apart, session.limits.robot)
        is_down = visit.outcome in UNREACHABLE and visit.reason != NO_ROOM
        self.session.feed.unanswered(host, is_down=is_down)
        host.complete(visit)
        yield visit

    def _renders(self, visit: Visit, html: ReadHtml, host: HostInWork) -> bool:
        """Is the page to be rendered? The visit says why, or why not."""
        session, queue = self.session, self.session.render_queue
        mode = session.render_mode(visit.page)
        try:
            reason = queue.reason(mode, html.hints, host.renders, visit.page, session.feed.pages_handed)
        except Exception:  # a page that we fail on is a bug of ours; the run goes on
            logger.exception("cannot tell whether to render %s", visit.page.url)
            return False
        visit.render_reason = reason
        return reason.renders

    def _render(self, response: Response, visit: Visit, html: ReadHtml, host: HostInWork) -> None:
        session = self.session
        session.feed.learn_pages(host, visit.found)  # they need not wait for the browser
        answer = page_answer(response.status, answer_headers(response), response.body, html.encoding)
        assert visit.render_reason is not None
        done = partial(self._rendered, visit, html)
        session.render_queue.submit(Job(visit.page.url, answer, host, done, None, visit.render_reason, html.hints))

    async def _rendered(self, visit: Visit, html: ReadHtml, became: Rendered | RenderingFailed) -> None:
        session, covers = self.session, visit.page.seeds
        await read_rendering(became, html, visit, covers, session.normalise, session.apart, session.limits.robot)
        if visit.rendering:
            session.feed.learn_rendering(visit.page.host_id, visit.rendering)
            session.render_queue.learn(visit.page, html.hints, visit.rendering, visit.render_reason)
        await self.crawler.engine.scraper.start_itemproc_async(visit, response=None)
        session.feed.look_again()
