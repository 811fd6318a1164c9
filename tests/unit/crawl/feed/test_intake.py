"""Hosts are claimed ahead and given back together, in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.crawl.feed import intake
from backlink_crawler.crawl.feed.host import HostInWork
from backlink_crawler.crawl.feed.intake import AT_ONCE, Intake
from backlink_crawler.crawl.feed.limits import Limits
from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.model import Priority
from backlink_crawler.store.claims import ClaimedHost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.store.frontier import ReleasedHost


class Steps:
    """A frontier that says what was asked of it; hosts without end, or `left` of them."""

    has_more = False

    def __init__(self, left: int = 10_000, error: Exception | None = None) -> None:
        self.left = left
        self.error = error
        self.asked: list[tuple[str, int]] = []

    async def claim(self, limit: int, _: Priority) -> list[ClaimedHost]:
        if self.error:
            raise self.error
        self.asked.append(("claim", limit))
        number, self.left = min(limit, self.left), max(0, self.left - limit)
        return [ClaimedHost(each, f"{each}.test", 1, None, 0) for each in range(number)]

    async def release(self, hosts: Iterable[ReleasedHost]) -> None:
        if given := list(hosts):
            self.asked.append(("release", len(given)))


def in_intake(steps: Any, frontier: Steps) -> Any:
    async def run() -> Any:
        return await steps(Intake(frontier, Limits(128, 1, 0.0, None, None), lambda: None))  # type: ignore[arg-type]

    return asyncio.run(run())


def host() -> HostInWork:
    return HostInWork(ClaimedHost(1, "a.test", 1, None, 0), 0.0, 0.0, float("inf"))


def test_a_claim_is_begun_ahead_and_taken_when_it_has_come() -> None:
    async def steps(hosts: Intake) -> list[int | None]:
        came = []
        for _ in range(2):
            claimed = hosts.ahead(0, Priority.OTHER)
            came.append(claimed and len(claimed.hosts))
            await asyncio.sleep(0.01)
        return came

    assert in_intake(steps, Steps()) == [None, AT_ONCE]


@pytest.mark.parametrize(("held", "claims"), [(0, 1), (192, 1), (193, 0), (256, 0)])
def test_hosts_are_claimed_when_there_is_room_for_many(held: int, claims: int) -> None:
    async def steps(hosts: Intake) -> None:
        hosts.ahead(held, Priority.OTHER)
        await asyncio.sleep(0.01)

    frontier = Steps()
    in_intake(steps, frontier)
    assert len(frontier.asked) == claims


def test_when_there_were_no_more_it_is_not_asked_again_at_once_unless_nothing_is_in_work() -> None:
    async def steps(hosts: Intake) -> list[bool]:
        short = [(await hosts.now(0, Priority.OTHER)).is_short]
        hosts.ahead(3, Priority.OTHER)
        await asyncio.sleep(0.01)
        assert len(frontier.asked) == 1
        hosts.ahead(0, Priority.OTHER)
        await asyncio.sleep(0.01)
        assert len(frontier.asked) == 2
        return short

    frontier = Steps(left=3)
    assert in_intake(steps, frontier) == [True]


def test_hosts_are_given_back_together_before_the_next_claim() -> None:
    async def steps(hosts: Intake) -> None:
        for _ in range(5):
            hosts.leave(host())
        await hosts.now(0, Priority.OTHER)

    frontier = Steps()
    in_intake(steps, frontier)
    assert frontier.asked == [("release", 5), ("claim", AT_ONCE)]


def test_a_host_is_given_back_soon_although_there_is_no_room_to_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "LONGEST_WAIT", 0.1)

    async def steps(hosts: Intake) -> None:
        hosts.leave(host())
        hosts.ahead(256, Priority.OTHER)
        await asyncio.sleep(0.01)
        assert frontier.asked == []
        await asyncio.sleep(0.15)
        hosts.ahead(256, Priority.OTHER)
        await asyncio.sleep(0.01)

    frontier = Steps()
    in_intake(steps, frontier)
    assert frontier.asked == [("release", 1)]


def test_the_end_gives_all_back() -> None:
    async def steps(hosts: Intake) -> None:
        hosts.leave(host())
        await hosts.close([host(), host()])

    frontier = Steps()
    in_intake(steps, frontier)
    assert frontier.asked == [("release", 3)]


def test_a_claim_that_fails_fails_the_run() -> None:
    async def steps(hosts: Intake) -> None:
        hosts.ahead(0, Priority.OTHER)
        await asyncio.sleep(0.01)
        hosts.ahead(0, Priority.OTHER)

    with pytest.raises(DatabaseUnavailable):
        in_intake(steps, Steps(error=DatabaseUnavailable("gone")))
