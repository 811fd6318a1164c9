"""Which hosts wait, and which ask for a longer delay than we would keep."""

from __future__ import annotations

import time

from backlink_crawler.crawl.feed.figures import long_delays, waiting
from backlink_crawler.crawl.feed.host import HostInWork
from backlink_crawler.crawl.feed.shares import SharedPace
from backlink_crawler.frontier.bounds import Shared
from backlink_crawler.model import DuePage, PageKind
from backlink_crawler.store.claims import ClaimedHost

PAGE = DuePage(7, "http://a.test/", 1, 1, PageKind.PAGE, 0)


def host(name: str = "a.test", *, delay: float = 1.0, pages: int = 1) -> HostInWork:
    claimed = ClaimedHost(1, name, 1, None, 0, pages=[PAGE] * pages)
    made = HostInWork.of(claimed, 1.0, held_until=time.monotonic() + 60.0, requested_elsewhere=None, careful=0)
    made.delay = delay
    return made


def test_who_has_just_been_asked_waits_and_who_never_was_does_not() -> None:
    asked, new = host(), host()
    asked.requested()
    assert (asked.waits, new.waits) == (True, False)
    assert waiting([asked, new, asked]) == 2


def test_who_is_being_asked_or_has_nothing_to_ask_for_does_not_wait() -> None:
    being_asked, empty, given_up = host(), host(pages=0), host()
    for each in (being_asked, empty, given_up):
        each.requested()
    being_asked.in_flight = 1
    given_up.give_up(60.0, pages=0)
    assert waiting([being_asked, empty, given_up]) == 0


def test_who_shares_a_bound_with_one_that_was_asked_waits() -> None:
    pace = SharedPace(Shared("address", "192.0.2.1"), 0.25)
    asked, other = host(), host()
    asked.paces = other.paces = [pace]
    asked.requested()
    assert other.waits


def test_delays_are_those_that_are_asked_for_the_longest_hundred() -> None:
    usual = host("usual.test")
    slow = [host(f"slow{number}.test", delay=2.0 + number) for number in range(101)]
    told = long_delays([usual, *slow])
    assert len(told) == 100
    assert (told["slow100.test"], "slow0.test" in told, "usual.test" in told) == (102.0, False, False)
