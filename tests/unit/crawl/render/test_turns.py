"""When the browser may begin a page, and with which one: in time that passes as the test says."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.settings import Settings

from backlink_crawler import settings as ours
from backlink_crawler.crawl.render import queue as module
from backlink_crawler.crawl.render.job import Answer, Job, Rendered, RenderingFailed
from backlink_crawler.crawl.render.queue import RenderQueue
from backlink_crawler.frontier.rendering import RenderHistory
from backlink_crawler.links.hints import Hints
from backlink_crawler.links.scripts import Scripts
from backlink_crawler.model import DuePage, PageKind, RenderMode, RenderReason

NEXT = Hints(12, scripts=True, writing=Scripts(files=("/_next/main.js",), maker="next"))
HUGO = Hints(12, scripts=True, writing=Scripts(links=("menu",), maker="hugo"))


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def queue() -> RenderQueue:
    settings = Settings()
    settings.setmodule(ours, priority="project")
    crawler = SimpleNamespace(settings=settings, stats=SimpleNamespace(inc_value=lambda *_: None))
    return RenderQueue(cast("Any", crawler), cast("Any", None))


class Ended(dict[str, str]):
    """Page → why it was not rendered."""

    def job(self, url: str, reason: RenderReason, hints: Hints = NEXT, host: Any = None) -> Job:
        async def done(became: Rendered | RenderingFailed) -> None:
            assert isinstance(became, RenderingFailed)
            self[url] = became.reason

        return Job(url, Answer(200, {}, b""), host, done, reason=reason, hints=hints, since=1000.0)


def waiting(queue: RenderQueue, *jobs: Job) -> None:
    """As `submit`, but that the browser's tasks do not begin."""
    queue._tasks = [cast("Any", None)]
    for job in jobs:
        queue.submit(job)


def test_beside_a_busy_crawl_the_browser_has_a_share_of_the_run(clock: Clock) -> None:
    crawl, always = queue(), queue()
    waiting(crawl, Ended().job("https://a.test/", RenderReason.EMPTY_APP_ROOT))
    waiting(always, Ended().job("https://a.test/", RenderReason.ALWAYS))
    for seconds, may, may_always in [(0, False, False), (10, False, True), (59, False, True), (61, True, True)]:
        clock.now = 1000 + seconds
        assert (crawl._may_begin(), always._may_begin()) == (may, may_always)
    crawl._seconds_beside = 3
    assert not crawl._may_begin()


def test_what_the_user_wants_does_not_wait_behind_what_has_a_smaller_share(clock: Clock) -> None:
    both, ended = queue(), Ended()
    first, wanted = (
        ended.job("https://a.test/", reason) for reason in (RenderReason.EMPTY_APP_ROOT, RenderReason.ALWAYS)
    )
    waiting(both, first, wanted)
    clock.now = 1010
    assert both._may_begin()
    assert [both._next(), both._next()] == [wanted, first]


def test_a_crawl_that_idles_and_the_tail_have_no_bound(clock: Clock) -> None:
    idles, tail = queue(), queue()
    for each in (idles, tail):
        waiting(each, Ended().job("https://a.test/", RenderReason.EMPTY_APP_ROOT))
        assert not each._may_begin()
    idles._busy_looks = 0
    tail._tail.is_over(1010, is_alone=True)
    assert idles._may_begin()
    assert tail._may_begin()


def test_in_the_tail_samples_come_last_and_of_them_applications_first() -> None:
    ended, tail = Ended(), queue()
    jobs = [
        ended.job("https://menu.test/", RenderReason.SAMPLE, HUGO),
        ended.job("https://app.test/", RenderReason.SAMPLE),
        ended.job("https://shell.test/", RenderReason.EMPTY_APP_ROOT),
    ]
    waiting(tail, *jobs)
    tail._tail.is_over(1e9, is_alone=True)
    assert [tail._next() for _ in jobs] == jobs[::-1]


def test_samples_that_wait_are_not_rendered_once_it_is_known_that_they_gain_nothing() -> None:
    ended, full = Ended(), queue()
    job = ended.job("https://late.test/", RenderReason.SAMPLE)
    for _ in range(4):
        full._learnt.end("next", NEXT.writing)

    async def take() -> None:
        waiting(full, job)
        await full._take(full._next())

    asyncio.run(take())
    assert ended == {"https://late.test/": "enough"}
    assert full.pending == full._submitted == 0


@pytest.mark.parametrize(("is_on_hold", "seconds", "let_go"), [(True, 6, True), (True, 4, False), (False, 6, False)])
def test_a_host_is_not_held_up_by_a_sample(clock: Clock, is_on_hold: bool, seconds: float, let_go: bool) -> None:
    ended, busy = Ended(), queue()
    host = SimpleNamespace(is_on_hold=is_on_hold)
    clock.now = 1000 + seconds

    async def look() -> None:
        waiting(
            busy,
            ended.job("https://menu.test/", RenderReason.SAMPLE, HUGO, host),
            ended.job("https://shell.test/", RenderReason.EMPTY_APP_ROOT, host=host),
        )
        await busy._let_go()

    asyncio.run(look())
    assert ended == ({"https://menu.test/": "no_time"} if let_go else {})


def test_samples_leave_room_for_what_looks_as_if_it_needed_a_browser() -> None:
    ended, full = Ended(), queue()
    page = DuePage(1, "https://a.test/", 1, 1, PageKind.PAGE, 0)
    waiting(full, *(ended.job(f"https://a{number}.test/", RenderReason.SAMPLE) for number in range(64)))
    reasons = [
        full.reason(RenderMode.AUTO, hints, RenderHistory(), page, 10_000)
        for hints in (NEXT, Hints(0, scripts=True, app_root=True))
    ]
    assert reasons == [RenderReason.NO_ROOM, RenderReason.EMPTY_APP_ROOT]
