"""Hosts that are asked beside pages, as their scripts want: robots.txt, opt-outs and delays hold for them as for pages."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from backlink_crawler.crawl.feed.host import REST_AFTER_FAILURE
from backlink_crawler.crawl.feed.permission import KEPT, LONGEST_DELAY, obeyed, robots_answer
from backlink_crawler.crawl.fetch.answers import redirect_of
from backlink_crawler.crawl.fetch.outcomes import outcome_of_failure, slows_down
from backlink_crawler.crawl.fetch.request import orders
from backlink_crawler.manners.robots import MAX_BYTES, MAX_REDIRECTS, PATH, RobotsPolicy, robot_of
from backlink_crawler.model import Outcome, Refusal
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scrapy.crawler import Crawler

    from backlink_crawler.crawl.feed.feed import Feed
    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.store.frontier import Frontier

_MOST_KNOWN = 2_000  # hosts
_UNAVAILABLE = RobotsPolicy(refused=(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable"))


class OtherHosts:
    """Of one run. What is known of a robots.txt is shared with other workers, through the database."""

    def __init__(
        self,
        crawler: Crawler,
        feed: Feed | None = None,
        frontier: Frontier | None = None,
        opted_out: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """feed, frontier: None without a database; then only what this run has asked for is known."""
        self._crawler = crawler
        self._robot = robot_of(crawler.settings["USER_AGENT"] or "")
        self._feed = feed
        self._frontier = frontier
        self._opted_out = opted_out
        self._known: OrderedDict[str, tuple[float, RobotsPolicy]] = OrderedDict()
        self._learning: dict[str, asyncio.Task[RobotsPolicy]] = {}

    async def refusal(self, url: str) -> str | None:
        """Why this is not to be asked for, or None."""
        if self._opted_out(host_of(url)):
            return "refused_opt_out"
        policy = await self._policy(url)
        if refused := policy.refusal(url):
            outcome, reason = refused
            return reason if outcome is Outcome.ADDRESS_REFUSED else "refused_robots"
        return "refused_rests" if policy.delay > LONGEST_DELAY else None

    @asynccontextmanager
    async def turn(self, name: str, host: HostInWork | None = None) -> AsyncIterator[bool]:
        """For one request, when its delay is over. False: none is to be had. host: when it is in work."""
        feed, delay = self._feed, self._delay(name)
        if feed is None:  # Scrapy waits for DOWNLOAD_DELAY
            yield True
            return
        while not (host := host or feed.in_work(name)):
            if not (wait := feed.elsewhere.take_turn(name, delay)):
                break
            await asyncio.sleep(wait)
        if host and not await feed.turn_between(host):
            yield False
            return
        try:
            yield True
        finally:
            if host:
                feed.done_between(host)
            else:
                feed.say_requested_elsewhere(name)

    async def close(self) -> None:
        learning = list(self._learning.values())
        for task in learning:
            task.cancel()
        await asyncio.gather(*learning, return_exceptions=True)

    def _delay(self, name: str) -> float:
        return self._known[name][1].delay if name in self._known else 0.0

    async def _policy(self, url: str) -> RobotsPolicy:
        """Asked for once, however many wait for it, and whoever of them does not any more."""
        name = host_of(url)
        if (known := self._known.get(name)) and known[0] > time.monotonic():
            return known[1]
        if not (task := self._learning.get(name)):
            task = self._learning[name] = asyncio.ensure_future(self._learnt(name, f"{url.partition(':')[0]}://{name}"))
            task.add_done_callback(partial(self._learnt_of, name))
        return await asyncio.shield(task)

    def _learnt_of(self, name: str, task: asyncio.Task[RobotsPolicy]) -> None:
        """Its error is told to those who wait, if anybody still does."""
        del self._learning[name]
        if not task.cancelled():
            task.exception()

    async def _learnt(self, name: str, origin: str) -> RobotsPolicy:
        known = await self._frontier.robots.known(name) if self._frontier else None
        if known and known.seconds_left > 0:
            policy, seconds = obeyed(known.answer, self._robot), known.seconds_left
        else:
            policy = await self._asked(name, origin + PATH)
            seconds = REST_AFTER_FAILURE if policy.refused else KEPT
        if len(self._known) >= _MOST_KNOWN:
            self._known.popitem(last=False)
        self._known[name] = time.monotonic() + seconds, policy
        return policy

    async def _asked(self, name: str, url: str) -> RobotsPolicy:
        """As crawl/feed/permission.py asks: an error of the server or none of it forbids, and is not kept."""
        for _ in range(1 + MAX_REDIRECTS):
            at = host_of(url)
            if self._opted_out(at):
                return _UNAVAILABLE
            meta = orders(at, lambda: None, any_type=True, enough=MAX_BYTES)
            async with self.turn(at) as has_turn:
                if not has_turn:
                    return _UNAVAILABLE
                request = Request(url, callback=NO_CALLBACK, meta=meta, dont_filter=True)
                try:
                    response = await self._crawler.engine.download_async(request)
                except Exception as error:  # noqa: BLE001  whatever it is, no answer came
                    return RobotsPolicy(refused=outcome_of_failure(Failure(error), url))
            target = redirect_of(response)
            if not 300 <= response.status < 400 or isinstance(target, Refusal):
                break
            url = target
        if slows_down(response):
            return _UNAVAILABLE
        answer = robots_answer(response)
        if self._frontier:
            await self._frontier.robots.remember_of(name, answer)
        return obeyed(answer, self._robot)
