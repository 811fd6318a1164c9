"""Which page may be asked for next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.crawl.feed.feed import Feed
from backlink_crawler.crawl.feed.limits import Limits
from backlink_crawler.manners.robots import RobotsPolicy
from backlink_crawler.model import DuePage, Outcome, PageKind, Visit
from backlink_crawler.store.claims import ClaimedHost

if TYPE_CHECKING:
    from backlink_crawler.crawl.feed.host import Turn


class OneHost:
    """A frontier with one host and one page, whose lease is always over: it can be claimed again and again."""

    has_more = False

    def __init__(self) -> None:
        self.claims = 0

    async def claim(self, *_: Any) -> list[ClaimedHost]:
        self.claims += 1
        return [ClaimedHost(1, "a.test", self.claims, None, 0)]

    async def release(self, _: Any) -> None:
        pass

    async def due_pages(self, hosts: list[ClaimedHost], handed: Any, *_: Any) -> dict[int, list[DuePage]]:
        return {} if 7 in handed else {1: [DuePage(7, "http://a.test/", 1, hosts[0].claim, PageKind.PAGE, 0)]}


async def soon(feed: Feed) -> Turn | None:
    """What there is to ask for now, or when the pages that are due are known."""
    for _ in range(3):
        if turn := await feed._turn():
            return turn
        await asyncio.sleep(0.01)
    return None


def test_a_page_is_not_handed_out_twice_because_its_visit_under_an_older_claim_was_refused() -> None:
    async def pages() -> list[int | None]:
        feed = Feed(OneHost(), Limits(8, 8, 0.0, None, None), lambda: None)  # type: ignore[arg-type]
        feed._take(await feed._intake.now(0, feed._up_to))
        handed = []
        for _ in range(3):
            turn = await soon(feed)
            while turn and turn.page is None:
                turn.host.robots, turn.host.robots_until = RobotsPolicy(), float("inf")
                feed.done(turn.host)
                turn = await soon(feed)
            handed.append(turn.page.claim if turn and turn.page else None)
            if len(handed) == 1:
                assert turn
                assert turn.page
                old = turn.page
                feed._take(await feed._intake.now(0, feed._up_to))  # the lease ends while the page is on its way
            elif len(handed) == 2:
                feed.recorded([Visit(old, Outcome.OK)])
        return handed

    assert asyncio.run(pages()) == [1, 2, None]


@pytest.mark.parametrize(
    ("refused", "counted"),
    [
        (None, 1),
        ((Outcome.DNS_ERROR, ""), 1),  # robots.txt could not be had: the page's visit says so
        ((Outcome.ROBOTS_FORBIDDEN, "disallowed"), 0),
    ],
)
def test_the_budget_counts_what_the_summary_calls_pages(refused: tuple[Outcome, str] | None, counted: int) -> None:
    async def handed() -> int:
        feed = Feed(OneHost(), Limits(8, 8, 0.0, 100, None), lambda: None)  # type: ignore[arg-type]
        turn = await feed.next()
        while turn and turn.page is None:
            turn.host.robots, turn.host.robots_until = RobotsPolicy(refused=refused), float("inf")
            feed.done(turn.host)
            turn = await feed.next()
        assert turn
        assert turn.refused == refused
        return feed.pages_handed

    assert asyncio.run(handed()) == counted


class Suspect(OneHost):
    """A host with two pages, of which a worker has died."""

    def __init__(self, begun: int) -> None:
        super().__init__()
        self.begun = begun

    async def claim(self, *_: Any) -> list[ClaimedHost]:
        return [ClaimedHost(1, "a.test", 1, None, 0, is_suspect=True)]

    async def due_pages(self, hosts: list[ClaimedHost], handed: Any, limit: int, *_: Any) -> dict[int, list[DuePage]]:
        pages = [
            DuePage(number, f"http://a.test/{number}", 1, hosts[0].claim, PageKind.PAGE, 0, begun=self.begun)
            for number in (7, 8)
            if number not in handed
        ]
        return {1: pages[:limit]}


@pytest.mark.parametrize(("begun", "refused"), [(0, None), (1, (Outcome.TOO_COMPLEX, "worker_died"))])
def test_of_a_suspect_one_page_is_in_hand_at_a_time(begun: int, refused: tuple[Outcome, str] | None) -> None:
    async def handed() -> list[int]:
        feed = Feed(Suspect(begun), Limits(8, 8, 0.0, None, None), lambda: None)  # type: ignore[arg-type]
        numbers = []
        while len(numbers) < 2 and (turn := await feed.next()):
            if turn.page is None:
                turn.host.robots, turn.host.robots_until = RobotsPolicy(), float("inf")
            else:
                assert (turn.page.is_suspect, turn.refused, turn.host.handed) == (True, refused, {turn.page.page_id})
                numbers.append(turn.page.page_id)
                feed.recorded([Visit(turn.page, Outcome.OK)])
            feed.done(turn.host)
        return numbers

    assert asyncio.run(handed()) == [7, 7]


def test_a_host_that_was_let_go_of_asks_for_no_pages() -> None:
    """Its pages would have been given to a later claim of it, with the older one's number, and their visits dropped."""

    async def claims() -> list[int]:
        frontier = OneHost()
        feed = Feed(frontier, Limits(8, 8, 0.0, None, None), lambda: None)  # type: ignore[arg-type]
        feed._take(await feed._intake.now(0, feed._up_to))
        (old,) = feed.hosts
        feed._supply.want(old)
        old.held_until = 0.0
        feed.let_go_of_ended()  # and it still stands in line
        feed._take(await feed._intake.now(0, feed._up_to))
        handed = []
        while (turn := await soon(feed)) and len(handed) < 2:
            if turn.page is None:
                turn.host.robots, turn.host.robots_until = RobotsPolicy(), float("inf")
            else:
                handed.append(turn.page.claim)
            feed.done(turn.host)
        return handed

    assert asyncio.run(claims()) == [2]
