"""Gets each host's robots.txt, from the database or from the host, and tells the feed what may be requested, how fast.

Every request counts for the host's delay: the first one, each redirect, and http where https does not answer. One step
is one turn of the feed, so that the host's delay lies between two of them. A redirect to another host counts for that
host's delay too (docs/decisions/0011-robots-txt-elsewhere.md).
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from backlink_crawler.crawl.feed.host import REST_AFTER_FAILURE, RobotsAt
from backlink_crawler.crawl.feed.request import ForRobots, about_robots, robots_request
from backlink_crawler.crawl.fetch.answers import redirect_of
from backlink_crawler.crawl.fetch.outcomes import (
    NO_ANSWER_OVER_HTTPS,
    outcome_of_failure,
    retry_after_of,
    slows_down,
    status_of,
)
from backlink_crawler.manners.robots import MAX_BYTES, MAX_REDIRECTS, PATH, RobotsAnswer, RobotsPolicy, policy_of
from backlink_crawler.model import Outcome, Refusal
from backlink_crawler.urls.normalise import host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed.feed import Feed
    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.crawl.feed.limits import Limits
    from backlink_crawler.store.frontier import Frontier
    from backlink_crawler.urls.normalise import Normaliser

logger = logging.getLogger(__name__)
LONGEST_DELAY = 120.0  # seconds between two requests to a host for which a run still waits
MAX_SITEMAPS_NAMED = 50  # by one robots.txt
KEPT = 24 * 3600.0  # seconds that a robots.txt is used without asking again (RFC 9309, 2.4)
MOST_TRIES = 30  # to have a turn of another host
REST_WITHOUT_TURN = 300.0  # seconds
_SECONDS_TO_ANSWER = 1.0  # after which it is looked whether another host has told its robots.txt
_UNAVAILABLE = RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable"))


def _robots_txt(host: HostInWork) -> str:
    """By the scheme of its pages, or of the first of them."""
    scheme = "http" if host.queue and host.queue[0].url.startswith("http://") else "https"
    return f"{scheme}://{host.claimed.name}{PATH}"


def _is_robots_txt(url: str) -> bool:
    """Is it a host's own, and not what another's has been moved to?"""
    return url.split("/", 3)[3] == PATH[1:]


def robots_answer(response: Response) -> RobotsAnswer:
    text = response.body[:MAX_BYTES].decode("utf-8-sig", "replace").replace("\0", "")
    return RobotsAnswer(status_of(response) or 599, text if response.status < 300 else None)


def obeyed(answer: RobotsAnswer, robot: str) -> RobotsPolicy:
    """What a robots.txt allows this robot. Never fails."""
    try:
        return policy_of(answer, robot)
    except Exception:  # a robots.txt that we fail on is a bug of ours; until it is mended, nothing is fetched there
        logger.exception("cannot read a robots.txt")
        return RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unreadable"))


class Permission:
    """opted_out: is never to be asked, this host?"""

    def __init__(
        self,
        feed: Feed,
        frontier: Frontier,
        normalise: Normaliser,
        limits: Limits,
        opted_out: Callable[[str], bool],
    ) -> None:
        self._feed = feed
        self._frontier = frontier
        self._normalise = normalise
        self._limits = limits
        self._opted_out = opted_out
        self._asked_by_others: set[str] = set()  # hosts whose robots.txt is on its way, asked for by another's redirect

    async def request(self, host: HostInWork) -> Request | None:
        """The next request for its robots.txt. None: the turn is over, as it is known, or cannot be asked for yet."""
        if host.robots_at is None and not await self._begins(host):
            return None
        assert host.robots_at is not None
        if host.may_ask_at > time.monotonic():
            if host.delay > LONGEST_DELAY:
                host.give_up(host.delay, pages=0)
            self._feed.done(host)
            return None
        if host_of(host.robots_at.url) != host.claimed.name:
            return await self._request_elsewhere(host, host.robots_at)
        host.requested()
        return self._request(host.robots_at.url, ForRobots(host, host.robots_at.redirects), host.requested)

    async def _begins(self, host: HostInWork) -> bool:
        """Is it to be asked for? False: it is known or on its way, and the turn is over."""
        was_asked_for = host.claimed.name in self._asked_by_others
        known = await host.known_robots(self._frontier)
        if known and known.seconds_left > 0:
            self._obey(host, obeyed(known.answer, self._limits.robot), known.seconds_left)
            return False
        # An answer may have come while the database was asked, which did not have it yet.
        if was_asked_for or host.claimed.name in self._asked_by_others:
            host.wait(_SECONDS_TO_ANSWER)
            self._feed.done(host)
            return False
        if known:  # stale, so that it allows nothing; the delay that it asked for is the best we know
            self._learn_delay(host, obeyed(known.answer, self._limits.robot))
        host.look_for_robots(RobotsAt(_robots_txt(host), 0))
        return True

    def _request(self, url: str, about: ForRobots, arrived: Callable[[], None]) -> Request:
        return robots_request(url, about, arrived, self.answer, self.no_answer)

    async def answer(self, response: Response) -> None:
        """A callback."""
        request = response.request
        assert request is not None
        host, redirects, _ = self._ended(request)
        if 300 <= response.status < 400 and redirects < MAX_REDIRECTS:
            target = redirect_of(response)
            if not isinstance(target, Refusal):
                self._go_on(host, RobotsAt(target, redirects + 1))
                return
        if slows_down(response):
            # By RFC 9309 a 429 allows all, as any 4xx. What it says is that we ask too much.
            self._feed.back_off(host, retry_after_of(response), pages=1)
            reason = "robots_rate_limited" if response.status == 429 else "robots_unavailable"
            self._obey(host, RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, reason)), KEPT)
            return
        answer = robots_answer(response)
        other = host_of(request.url) if _is_robots_txt(request.url) else None
        self._frontier.robots.remember(host.claimed.name, answer, other)
        self._obey(host, obeyed(answer, self._limits.robot), KEPT)

    async def no_answer(self, failure: Failure) -> None:
        """An errback."""
        request: Request = failure.request
        host, redirects, _ = self._ended(request)
        outcome, reason = outcome_of_failure(failure, request.url)
        host.requested()  # it may have arrived all the same
        if outcome in NO_ANSWER_OVER_HTTPS and request.url.startswith("https://") and not redirects:
            # A host that speaks http only is a host all the same.
            self._go_on(host, RobotsAt("http://" + request.url.removeprefix("https://"), 1))
            return
        self._obey(host, RobotsPolicy(refused=(outcome, reason)), KEPT)

    def _ended(self, request: Request) -> ForRobots:
        """Another host's turn is over too."""
        about, name = about_robots(request), host_of(request.url)
        if name != about.host.claimed.name and _is_robots_txt(request.url):
            self._asked_by_others.discard(name)
        if about.elsewhere:
            self._feed.done_between(about.elsewhere)
        elif name != about.host.claimed.name:
            self._feed.say_requested_elsewhere(name)
        return about

    def _go_on(self, host: HostInWork, where: RobotsAt) -> None:
        """With the host's next turn."""
        host.look_for_robots(where)
        self._feed.done(host)

    async def _request_elsewhere(self, host: HostInWork, at: RobotsAt) -> Request | None:
        """To another host, where a redirect leads to. What is known of its robots.txt is used without asking."""
        name = host_of(at.url)
        is_robots_txt = _is_robots_txt(at.url)
        was_asked_for = self._is_asked_for(name)
        known = await self._frontier.robots.known(name) if is_robots_txt else None
        other = self._feed.in_work(name)
        if known and known.seconds_left > 0:
            await self._frontier.robots.copy(host.claimed.name, name)
            self._obey(host, obeyed(known.answer, self._limits.robot), known.seconds_left)
        elif is_robots_txt and (was_asked_for or self._is_asked_for(name)):
            self._try_again(host, at, _SECONDS_TO_ANSWER)
        elif self._opted_out(name) or (other and other.given_up):
            self._obey(host, _UNAVAILABLE, KEPT)
        elif wait := self._feed.take_turn_between(other) if other else self._feed.elsewhere.take_turn(name):
            self._try_again(host, at, wait)
        else:
            host.requested()
            if is_robots_txt:
                self._asked_by_others.add(name)
            arrived = other.requested if other else partial(self._feed.say_requested_elsewhere, name)
            return self._request(at.url, ForRobots(host, at.redirects, other), arrived)
        return None

    def _is_asked_for(self, name: str) -> bool:
        """Is its robots.txt on its way, to itself or to another host?"""
        other = self._feed.in_work(name)
        return name in self._asked_by_others or (other is not None and other.asks_for_own_robots)

    def _try_again(self, host: HostInWork, at: RobotsAt, wait: float) -> None:
        """The other host has no turn to give before so many seconds."""
        if at.tries < MOST_TRIES:
            host.wait(wait)
            self._go_on(host, at._replace(tries=at.tries + 1))
            return
        host.look_for_robots(None)  # that says nothing of the host: it is tried again later
        host.give_up(REST_WITHOUT_TURN, pages=0)
        self._feed.done(host)

    def _obey(self, host: HostInWork, policy: RobotsPolicy, seconds: float) -> None:
        """For so many seconds. The turn is over."""
        host.obey(policy, seconds)
        self._learn_delay(host, policy)
        self._tell_of_sitemaps(host, policy)
        if policy.refused and not host.given_up:
            host.give_up(REST_AFTER_FAILURE)
        elif host.delay > LONGEST_DELAY and not host.given_up:
            # A run does not wait for it: it comes back for one page when the delay is over.
            host.give_up(host.delay, pages=0 if host.ready_at > time.monotonic() else 1)
        self._feed.done(host)

    def _learn_delay(self, host: HostInWork, policy: RobotsPolicy) -> None:
        host.learn_delay(min(policy.delay, self._limits.back_off.longest_asked))

    def _tell_of_sitemaps(self, host: HostInWork, policy: RobotsPolicy) -> None:
        found = []
        for location in policy.sitemaps[:MAX_SITEMAPS_NAMED]:
            url = resolve(location, _robots_txt(host))
            normal = url if isinstance(url, Refusal) else self._normalise(url)
            if not isinstance(normal, Refusal):
                found.append(normal)
        self._feed.learn_sitemaps(host, found)
