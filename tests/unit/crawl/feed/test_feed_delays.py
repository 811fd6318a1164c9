"""How fast the feed lets a host be asked, whatever comes between. The database is made up, the clock is not."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from backlink_crawler.crawl.feed.feed import Feed
from backlink_crawler.crawl.feed.limits import Limits
from backlink_crawler.manners.back_off import BackOff
from backlink_crawler.manners.robots import RobotsPolicy
from backlink_crawler.model import DuePage, Outcome, PageKind, Visit
from backlink_crawler.store.claims import ClaimedHost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.store.frontier import ReleasedHost


class MadeUpFrontier:
    """One host, with many pages due."""

    has_more = False

    def __init__(self, since: float | None = None, back_offs: int = 0) -> None:
        self.waiting = [ClaimedHost(1, "from.test", 1, since, back_offs)]
        self.released: list[ReleasedHost] = []
        self.renewals = 0
        self.ours = {1}

    async def claim(self, *_: object) -> list[ClaimedHost]:
        claimed, self.waiting = self.waiting, []
        return claimed

    async def due_pages(self, _: object, handed: Iterable[int], *__: object) -> dict[int, list[DuePage]]:
        taken = set(handed)
        pages = [
            DuePage(number, f"http://from.test/{number}", 1, 1, PageKind.PAGE, 0)
            for number in range(100)
            if number not in taken
        ]
        return {1: pages[:64]}

    async def renew(self, hosts: Iterable[ClaimedHost], *_: object) -> set[int]:
        self.renewals += 1
        return {host.host_id for host in hosts} & self.ours

    async def release(self, hosts: Iterable[ReleasedHost]) -> None:
        self.released.extend(hosts)

    async def is_any_held(self, *_: object) -> bool:
        return False

    async def held_back(self, *_: object) -> bool:
        return False

    async def wake_missed(self, *_: object) -> bool:
        return False


def visit(number: int) -> Visit:
    return Visit(DuePage(number, "", 1, 1, PageKind.PAGE, 0), Outcome.OK)


def feed_of(frontier: Any, delay: float = 0.0, **limits: Any) -> Feed:
    return Feed(frontier, Limits(8, 1, delay, None, None, **limits), lambda: None)


async def first_page(feed: Feed, delay: float = 0.0) -> HostInWork:
    """Lets it know of a robots.txt, and takes a page."""
    turn = await feed.next()
    assert turn is not None
    assert turn.page is None
    turn.host.robots, turn.host.robots_until = RobotsPolicy(), float("inf")
    turn.host.learn_delay(delay)
    feed.done(turn.host)
    turn = await feed.next()
    assert turn is not None
    assert turn.page is not None
    return turn.host


def test_the_delay_is_counted_from_when_a_request_may_have_arrived():
    async def crawl() -> float:
        feed = feed_of(MadeUpFrontier())
        host = await first_page(feed, 0.2)
        await asyncio.sleep(0.3)
        host.requested()  # its answer's headers came
        answered = time.monotonic()
        feed.done(host)
        await feed.next()
        return time.monotonic() - answered

    assert asyncio.run(crawl()) >= 0.2


def test_a_request_of_another_worker_counts_from_the_claim_on():
    async def crawl() -> float:
        started = time.monotonic()
        await first_page(feed_of(MadeUpFrontier(since=1.0)), 1.4)
        return time.monotonic() - started

    assert asyncio.run(crawl()) >= 0.4


def test_robots_txt_may_shorten_the_delay_again_but_not_below_the_setting():
    async def crawl() -> list[float]:
        feed = feed_of(MadeUpFrontier(), delay=0.1)
        host = await first_page(feed)
        delays = []
        for asked in (5.0, 0.3, 0.0):
            host.learn_delay(asked)
            delays.append(host.delay)
        return delays

    assert asyncio.run(crawl()) == [5.0, 0.3, 0.1]


def test_who_has_slept_looks_whether_the_host_is_still_its_own():
    async def crawl() -> tuple[int, list[str]]:
        frontier = MadeUpFrontier()
        feed = feed_of(frontier)
        host = await first_page(feed)
        host.held_until, frontier.ours = time.monotonic(), set()
        feed.done(host)
        assert await feed.next() is None
        return frontier.renewals, [each.claimed.name for each in feed.hosts]

    assert asyncio.run(crawl()) == (1, [])


def test_a_robots_txt_of_a_host_that_is_held_for_days_is_asked_for_again():
    async def crawl() -> bool:
        feed = feed_of(MadeUpFrontier())
        host = await first_page(feed)
        host.robots_until = time.monotonic()
        feed.done(host)
        turn = await feed.next()
        return turn is not None and turn.page is None

    assert asyncio.run(crawl())


def test_a_host_that_asks_to_be_left_alone_is_given_back_at_once():
    """Though its delay is long; two answers that say so at the same time are one back-off."""

    async def crawl() -> list[ReleasedHost]:
        frontier = MadeUpFrontier(back_offs=2)
        feed = feed_of(frontier, back_off=BackOff(first=60.0, longest=86_400.0, longest_asked=604_800.0))
        host = await first_page(feed, 50.0)
        feed.back_off(host, 1000.0)
        feed.back_off(host, 2000.0)
        feed.done(host)
        feed.recorded([visit(page) for page in host.handed.copy()])
        assert await asyncio.wait_for(feed.next(), 5) is None
        return frontier.released

    ((host, since, rests, back_offs, *_),) = asyncio.run(crawl())
    assert (host.name, rests, back_offs) == ("from.test", 1000.0, 3)
    assert since is not None
    assert 0 <= since < 5


def test_a_host_that_is_lost_while_its_pages_are_looked_up_is_not_asked_and_ends_no_run_late():
    """Another worker has taken it meanwhile, as happens when the database was away for longer than a lease."""

    class Slow(MadeUpFrontier):
        async def due_pages(self, hosts: object, handed: Iterable[int], *_: object) -> dict[int, list[DuePage]]:
            pages = await super().due_pages(hosts, handed)
            self.ours = set()
            await feed.renew()
            return pages

    async def crawl() -> object:
        nonlocal feed
        feed = feed_of(Slow())
        return await asyncio.wait_for(feed.next(), 5)

    feed: Any = None
    assert asyncio.run(crawl()) is None


def test_a_host_that_wants_to_rest_while_its_pages_are_looked_up_gives_none_of_them():
    class Slow(MadeUpFrontier):
        async def due_pages(self, hosts: object, handed: Iterable[int], *_: object) -> dict[int, list[DuePage]]:
            (in_work,) = feed.hosts
            feed.back_off(in_work, 60.0)
            return await super().due_pages(hosts, handed)

    async def crawl() -> object:
        nonlocal feed
        feed = feed_of(Slow())
        return await asyncio.wait_for(feed.next(), 5)

    feed: Any = None
    assert asyncio.run(crawl()) is None


def test_a_host_that_is_lined_up_twice_is_asked_once():
    """A visit is recorded while the next pages are looked up: both line the host up."""

    class Slow(MadeUpFrontier):
        async def due_pages(self, hosts: object, handed: Iterable[int], *_: object) -> dict[int, list[DuePage]]:
            pages = await super().due_pages(hosts, handed)
            feed.recorded([visit(0)])
            return {1: pages[1][:2]}

    async def crawl() -> bool:
        nonlocal feed
        feed = feed_of(Slow())
        host = await first_page(feed)
        feed.done(host)
        assert await asyncio.wait_for(feed.next(), 5)
        try:
            await asyncio.wait_for(feed.next(), 0.3)
        except TimeoutError:
            return host.in_flight == 1
        return False

    feed: Any = None
    assert asyncio.run(crawl())


def test_who_asks_in_between_has_a_turn_before_the_next_page():
    async def crawl() -> tuple[float, float, float]:
        feed = feed_of(MadeUpFrontier())
        host = await first_page(feed, 0.2)
        busy = feed.take_turn_between(host)
        feed.done(host)
        await asyncio.sleep(0.1)
        early = feed.take_turn_between(host)
        await asyncio.sleep(early)
        return busy, early, feed.take_turn_between(host)

    busy, early, late = asyncio.run(crawl())
    assert busy > 0
    assert 0 < early <= 0.1
    assert late == 0


def test_a_host_that_is_not_in_work_is_asked_once_a_delay_also_when_it_is_claimed_afterwards():
    async def crawl() -> tuple[float, float, float]:
        feed = feed_of(MadeUpFrontier(), delay=0.3)
        first, second = feed.elsewhere.take_turn("from.test"), feed.elsewhere.take_turn("from.test")
        asked = time.monotonic()
        turn = await feed.next()  # it is claimed
        assert turn is not None
        return first, second, turn.host.ready_at - asked

    first, second, ready = asyncio.run(crawl())
    assert first == 0
    assert 0 < second <= 0.3
    assert 0.25 < ready <= 0.31
