"""Gets each host's robots.txt, from the database or from the host, and tells the feed what may be asked, and how fast.

Every request counts for the host's delay: the first one, each redirect, and http where https does not answer. One step
is one turn of the feed, so that the host's delay lies between two of them.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backlink_crawler.crawl.feed.host import REST_AFTER_FAILURE, RobotsAt
from backlink_crawler.crawl.feed.request import host_of_request, robots_redirects, robots_request
from backlink_crawler.crawl.fetch.outcomes import NO_ANSWER_OVER_HTTPS, outcome_of_failure, status_of
from backlink_crawler.errors import BacklinksError
from backlink_crawler.manners.back_off import SLOW_DOWN, retry_after
from backlink_crawler.manners.robots import MAX_BYTES, MAX_REDIRECTS, PATH, RobotsAnswer, RobotsPolicy, policy_of
from backlink_crawler.model import Discovery, Outcome, PageKind, Refusal
from backlink_crawler.urls.normalise import host_of, resolve

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.crawl.session import CrawlSession

logger = logging.getLogger(__name__)
LONGEST_DELAY = 120.0  # seconds between two requests to a host for which a run still waits
MAX_SITEMAPS_NAMED = 50  # by one robots.txt
KEPT = 24 * 3600.0  # seconds that a robots.txt is used without asking again (RFC 9309, 2.4)
LONGEST_LOAN = 60.0  # seconds that a request to a borrowed host may take; longer than DOWNLOAD_TIMEOUT
SECONDS_BETWEEN_TRIES = 1.0  # to borrow a host that somebody else is asking
MOST_TRIES = 30
REST_WHEN_NOT_LENT = 300.0  # seconds


def asked_to_wait(response: Response) -> float | None:
    """Seconds, by its Retry-After."""
    value = response.headers.get(b"Retry-After")
    return retry_after(value.decode("latin-1") if value else None, datetime.now(UTC))


def _is_robots_txt(url: str) -> bool:
    """Is it a host's own, and not what another's has been moved to?"""
    return url.partition("://")[2] == host_of(url) + PATH


class Permission:
    def __init__(self, session: CrawlSession) -> None:
        self._session = session

    async def request(self, host: HostInWork) -> Request | None:
        """The next request for its robots.txt. None: the turn is over, as it is known, or cannot be asked for yet."""
        start = f"{host.queue[0].url.partition(':')[0]}://{host.claimed.name}{PATH}"
        if host.robots_at is None:
            known = await self._session.frontier.robots(host.claimed.name)
            if known and known.seconds_left > 0:
                self._obey(host, self._policy(known.answer), known.seconds_left)
                return None
            if known:  # too old to allow anything; the delay that it asked for is the best we know
                self._learn_delay(host, self._policy(known.answer))
            host.robots_at = RobotsAt(start, 0)
        if host.ready_at > time.monotonic():
            if host.delay > LONGEST_DELAY:
                host.give_up(host.delay, pages=0)
            self._session.feed.done(host)
            return None
        if host_of(host.robots_at.url) != host.claimed.name and not await self._borrowed(host, host.robots_at):
            return None
        host.asked()
        return robots_request(host.robots_at.url, host, host.robots_at.redirects, self.answer, self.no_answer)

    async def answer(self, response: Response) -> None:
        """A callback."""
        request = response.request
        assert request is not None
        host, redirects = host_of_request(request), robots_redirects(request)
        await self._give_back(request, host)
        location = response.headers.get(b"Location")
        if 300 <= response.status < 400 and location and redirects < MAX_REDIRECTS:
            target = resolve(location.decode("utf-8", "replace"), response.url)
            if not isinstance(target, Refusal):
                self._go_on(host, RobotsAt(target, redirects + 1))
                return
        if response.status in SLOW_DOWN:
            # By RFC 9309 a 429 allows all, as any 4xx. What it says is that we ask too much.
            self._session.feed.set_back(host, asked_to_wait(response), pages=1)
            reason = "robots_rate_limited" if response.status == 429 else "robots_unavailable"
            self._obey(host, RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, reason)), KEPT)
            return
        text = response.body[:MAX_BYTES].decode("utf-8-sig", "replace").replace("\0", "")
        answer = RobotsAnswer(status_of(response) or 599, text if response.status < 300 else None)
        await self._remember(host, answer, request.url)
        self._obey(host, self._policy(answer), KEPT)

    async def no_answer(self, failure: Failure) -> None:
        """An errback."""
        request: Request = failure.request
        host, redirects = host_of_request(request), robots_redirects(request)
        await self._give_back(request, host)
        outcome, reason = outcome_of_failure(failure, request.url)
        host.asked()  # it may have arrived all the same
        if outcome in NO_ANSWER_OVER_HTTPS and request.url.startswith("https://") and not redirects:
            # A host that speaks http only is a host all the same.
            self._go_on(host, RobotsAt("http://" + request.url.removeprefix("https://"), 1))
            return
        self._obey(host, RobotsPolicy(refused=(outcome, reason)), KEPT)

    def _go_on(self, host: HostInWork, where: RobotsAt) -> None:
        """With the host's next turn."""
        host.robots_at = where
        self._session.feed.done(host)

    async def _borrowed(self, host: HostInWork, at: RobotsAt) -> bool:
        """May another host be asked now, where a redirect leads to? False: the turn is over.

        It is some worker's, perhaps our own, or nobody's; whoever it is, its delay holds. What is known of it is used.
        """
        lender, frontier = host_of(at.url), self._session.frontier
        if _is_robots_txt(at.url):
            known = await frontier.robots(lender)
            if known and known.seconds_left > 0:
                await frontier.copy_robots(host.claimed, lender)
                self._obey(host, self._policy(known.answer), known.seconds_left)
                return False
        if await frontier.borrow(lender, self._session.limits.delay, LONGEST_LOAN):
            return True
        if at.tries >= MOST_TRIES:  # that says nothing of the host: it is tried again later
            host.robots_at = None
            host.give_up(REST_WHEN_NOT_LENT, pages=0)
            self._session.feed.done(host)
            return False
        host.ready_at = time.monotonic() + SECONDS_BETWEEN_TRIES
        self._go_on(host, at._replace(tries=at.tries + 1))
        return False

    async def _give_back(self, request: Request, host: HostInWork) -> None:
        if (lender := host_of(request.url)) != host.claimed.name:
            try:
                await self._session.frontier.give_back(lender)
            except BacklinksError as error:
                self._session.fail(error)

    async def _remember(self, host: HostInWork, answer: RobotsAnswer, url: str) -> None:
        lender = host_of(url) if _is_robots_txt(url) else None
        try:
            await self._session.frontier.remember_robots(host.claimed, answer, lender)
        except BacklinksError as error:
            self._session.fail(error)

    def _policy(self, answer: RobotsAnswer) -> RobotsPolicy:
        try:
            return policy_of(answer)
        except Exception:  # a robots.txt that we fail on is a bug of ours; until it is mended, nothing is fetched there
            logger.exception("cannot read a robots.txt")
            return RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unreadable"))

    def _obey(self, host: HostInWork, policy: RobotsPolicy, seconds: float) -> None:
        """From now on, and for so many seconds, the host's pages may be asked for, as its robots.txt allows."""
        host.robots, host.robots_until, host.robots_at = policy, time.monotonic() + seconds, None
        self._learn_delay(host, policy)
        self._tell_of_sitemaps(host, policy)
        if policy.refused and not host.given_up:
            host.give_up(REST_AFTER_FAILURE)
        elif host.delay > LONGEST_DELAY and not host.given_up:
            # A run does not wait for it: it comes back for one page when the delay is over.
            host.give_up(host.delay, pages=0 if host.ready_at > time.monotonic() else 1)
        self._session.feed.done(host)

    def _learn_delay(self, host: HostInWork, policy: RobotsPolicy) -> None:
        host.learn_delay(min(policy.delay, self._session.limits.back_off.longest_asked))

    def _tell_of_sitemaps(self, host: HostInWork, policy: RobotsPolicy) -> None:
        for location in policy.sitemaps[:MAX_SITEMAPS_NAMED]:
            url = resolve(location, f"https://{host.claimed.name}/")
            normal = url if isinstance(url, Refusal) else self._session.normalise(url)
            if not isinstance(normal, Refusal):
                host.found[None].append(Discovery(normal, 0, PageKind.SITEMAP))
