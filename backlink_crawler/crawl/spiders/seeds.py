"""`scrapy crawl seeds`: visit what is due of the seeds' sites, and hand what each page says to the pipelines."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from scrapy import Spider

from backlink_crawler.config import Config
from backlink_crawler.crawl.feed import REST_AFTER_FAILURE
from backlink_crawler.crawl.outcomes import outcome_of_failure, outcome_of_status, status_of
from backlink_crawler.crawl.reading import read_page, read_redirect, read_sitemap
from backlink_crawler.crawl.request import (
    host_of_request,
    page_of,
    page_request,
    robots_redirects,
    robots_request,
    seconds_taken,
)
from backlink_crawler.crawl.robots import MAX_BYTES, MAX_REDIRECTS, PATH, RobotsPolicy, policy_of
from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.errors import BacklinksError
from backlink_crawler.frontier.discovery import start_url_of_fallback
from backlink_crawler.links.headers import is_html
from backlink_crawler.links.text import clean
from backlink_crawler.model import Discovery, Outcome, PageKind, Refusal, Visit
from backlink_crawler.store.frontier import RobotsAnswer
from backlink_crawler.urls.normalise import resolve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed import HostInWork
    from backlink_crawler.model import DuePage

logger = logging.getLogger(__name__)
LONGEST_DELAY = 120.0  # seconds between two requests to a host for which a run still waits
MAX_SITEMAPS_NAMED = 50  # by one robots.txt
_NO_ANSWER_OVER_HTTPS = frozenset({Outcome.CONNECTION_ERROR, Outcome.TLS_ERROR, Outcome.TIMEOUT})


class SeedsSpider(Spider):
    """Arguments: seeds (a file or a comma-separated list; left out: the kept seeds), max_pages, max_minutes."""

    name = "seeds"

    def __init__(self, session: CrawlSession, **_arguments: object) -> None:
        super().__init__()
        self.session = session

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        contact = Config.from_environment().contact
        agent = settings.get("USER_AGENT")
        if contact and agent and contact not in agent:
            settings.set("USER_AGENT", f"{agent} (+{contact})", priority="cmdline")

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
        return spider

    async def start(self) -> AsyncIterator[Any]:
        feed = self.session.feed
        try:
            while turn := await feed.next():
                host, page, refused = turn
                if page is None:
                    if request := await self._robots_of(host):
                        yield request
                    continue
                await self.session.seed(page.seed_id)
                if refused:
                    feed.done(host)
                    yield self._visit(page, host, *refused)
                else:
                    yield page_request(page, host, self.page, self.no_page)
        except BacklinksError as error:
            self.session.fail(error)

    def page(self, response: Response) -> Iterator[Visit]:
        request = response.request
        assert request is not None
        page, host = page_of(request), host_of_request(request)
        self.session.feed.done(host)
        visit = self._visit(page, host, outcome_of_status(response.status), "")
        visit.http_code = status_of(response)
        visit.size, visit.elapsed = len(response.body), seconds_taken(request)
        try:
            self._read(response, visit)
        except Exception as error:  # a page that we fail on is a bug of ours; the run goes on and the page says so
            logger.exception("cannot read %s", page.url)
            visit.outcome, visit.reason = Outcome.INVALID_RESPONSE, type(error).__name__
            visit.facts, visit.links = None, []
        yield visit

    def no_page(self, failure: Failure) -> Iterator[Visit]:
        request: Request = failure.request
        page, host = page_of(request), host_of_request(request)
        self.session.feed.done(host)
        yield self._visit(page, host, *outcome_of_failure(failure, page.url))

    async def robots(self, response: Response) -> AsyncIterator[Any]:
        request = response.request
        assert request is not None
        host, redirects = host_of_request(request), robots_redirects(request)
        location = response.headers.get(b"Location")
        if 300 <= response.status < 400 and location and redirects < MAX_REDIRECTS:
            target = resolve(location.decode("utf-8", "replace"), response.url)
            if not isinstance(target, Refusal):
                self.session.feed.asked(host)
                yield robots_request(target, host, redirects + 1, self.robots, self.no_robots)
                return
        body = (
            response.body[:MAX_BYTES].decode("utf-8-sig", "replace").replace("\0", "")
            if response.status < 300
            else None
        )
        answer = RobotsAnswer(status_of(response) or 599, body)
        await self._remember(host, answer)
        self._obey(host, self._policy(answer))

    async def no_robots(self, failure: Failure) -> AsyncIterator[Any]:
        request: Request = failure.request
        host = host_of_request(request)
        outcome, reason = outcome_of_failure(failure, request.url)
        if outcome in _NO_ANSWER_OVER_HTTPS and request.url.startswith("https://") and not robots_redirects(request):
            # A host that speaks http only is a host all the same.
            self.session.feed.asked(host)
            yield robots_request("http://" + request.url.removeprefix("https://"), host, 1, self.robots, self.no_robots)
            return
        self._obey(host, RobotsPolicy(refused=(outcome, reason)))

    async def _robots_of(self, host: HostInWork) -> Request | None:
        """The request for its robots.txt, or None when the database knows what that says."""
        answer = await self.session.frontier.robots(host.claimed)
        if answer is None:
            self.session.feed.asked(host)
            scheme = host.queue[0].url.partition(":")[0]
            return robots_request(f"{scheme}://{host.claimed.name}{PATH}", host, 0, self.robots, self.no_robots)
        self._obey(host, self._policy(answer))
        return None

    async def _remember(self, host: HostInWork, answer: RobotsAnswer) -> None:
        try:
            await self.session.frontier.remember_robots(host.claimed, answer)
        except BacklinksError as error:
            self.session.fail(error)

    def _policy(self, answer: RobotsAnswer) -> RobotsPolicy:
        try:
            return policy_of(answer)
        except Exception:  # a robots.txt that we fail on is a bug of ours; until it is mended, nothing is fetched there
            logger.exception("cannot read a robots.txt")
            return RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unreadable"))

    def _obey(self, host: HostInWork, policy: RobotsPolicy) -> None:
        """From now on the host's pages may be asked for, as its robots.txt allows."""
        host.robots = policy
        self.session.feed.learn_delay(host, policy.delay)
        for location in policy.sitemaps[:MAX_SITEMAPS_NAMED]:
            url = resolve(location, f"https://{host.claimed.name}/")
            normal = url if isinstance(url, Refusal) else self.session.normalise(url)
            if not isinstance(normal, Refusal):
                host.found.append(Discovery(normal, 0, PageKind.SITEMAP))
        if policy.refused:
            self.session.feed.give_up(host, REST_AFTER_FAILURE)
        elif host.delay > LONGEST_DELAY:
            # A run does not wait for it: it comes back for one page when the delay is over.
            self.session.feed.give_up(host, host.delay, pages=0 if host.ready_at > time.monotonic() else 1)
        self.session.feed.done(host)

    def _visit(self, page: DuePage, host: HostInWork, outcome: Outcome, reason: str) -> Visit:
        visit = Visit(page, outcome, reason)
        visit.told, host.found = host.found, []
        seed = self.session.known_seed(page.seed_id)
        if (
            outcome in _NO_ANSWER_OVER_HTTPS
            and page.depth == 0
            and page.url == seed.url.text
            and (url := start_url_of_fallback(seed))
        ):
            normal = self.session.normalise(url)
            if not isinstance(normal, Refusal):
                visit.told.append(Discovery(normal, 0))
        return visit

    def _read(self, response: Response, visit: Visit) -> None:
        seed, normalise = self.session.known_seed(visit.page.seed_id), self.session.normalise
        if visit.outcome is Outcome.REDIRECT:
            read_redirect(response, visit, seed, normalise)
        elif visit.outcome is Outcome.OK and visit.page.kind is PageKind.SITEMAP:
            read_sitemap(response, visit, seed, normalise)
        elif visit.outcome is Outcome.OK:
            content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
            if is_html(content_type):
                read_page(response, content_type, visit, seed, normalise)
            else:
                visit.outcome, visit.reason = Outcome.NOT_HTML, clean(content_type.partition(";")[0], 100)
