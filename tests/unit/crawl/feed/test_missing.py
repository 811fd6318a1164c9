"""What a host answers for an address that cannot exist."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from backlink_crawler.crawl.feed.feed import Feed
from backlink_crawler.crawl.feed.host import HostInWork
from backlink_crawler.crawl.feed.limits import Limits
from backlink_crawler.crawl.feed.missing import MissingPages, missing_url
from backlink_crawler.links.cost import FEW_BYTES
from backlink_crawler.links.html import parse_body
from backlink_crawler.manners.robots import RobotsPolicy
from backlink_crawler.model import DuePage, Outcome, PageKind, Visit
from backlink_crawler.store.claims import ClaimedHost

SORRY = "<title>Our site</title><a href=/>Start</a></body>"


class Site:
    """A host, its frontier and the engine that asks it: `body` with `status`, or `error`, is what it answers."""

    def __init__(self, body: str = SORRY, status: int = 200, error: Exception | None = None) -> None:
        self.body, self.status, self.error = body, status, error
        self.asked: list[str] = []
        self.read_apart = 0
        self.kept: int | None = None
        self.engine = self.frontier = self
        self.seconds = 0.0
        self.feed = Feed(self, Limits(8, 1, 0.0, None, None), lambda: None)  # type: ignore[arg-type]
        self.host = HostInWork(ClaimedHost(1, "a.test", 1, None, 0), 0.0, 0.0, float("inf"), robots=RobotsPolicy())
        self.feed._hosts[1] = self.host
        apart = SimpleNamespace(do=self.do)
        self.missing = MissingPages(self, self.feed, self, apart)  # type: ignore[arg-type]

    async def missing_page(self, _: ClaimedHost) -> int | None:
        return self.kept

    async def remember_missing_page(self, _: ClaimedHost, digest: int) -> None:
        self.kept = digest

    async def download_async(self, request: Request) -> HtmlResponse:
        self.asked.append(request.url)
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return HtmlResponse(request.url, self.status, {"Content-Type": "text/html"}, self.body.encode())

    async def do(self, call: Any, _: bytes) -> Any:
        self.read_apart += 1
        return call()

    async def looks_missing(self, number: int = 0, body: str | None = None) -> bool:
        url = f"http://a.test/{number}"
        facts = parse_body((body or self.body).encode(), url, "text/html").facts
        page = DuePage(number, url, 1, 1, PageKind.PAGE, 1, doubted=True)
        return await self.missing.looks_missing(Visit(page, Outcome.OK, facts=facts), self.host)


async def answers(site: Site) -> list[bool]:
    """Of three pages that look like what it answers, two of them at the same time, and of one that does not."""
    alike = await asyncio.gather(site.looks_missing(1), site.looks_missing(2))
    return [*alike, await site.looks_missing(3), await site.looks_missing(4, "<title>About</title></body>")]


def test_a_host_is_asked_once() -> None:
    site = Site()
    assert asyncio.run(answers(site)) == [True, True, True, False]
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "site",
    [
        Site(error=OSError()),
        Site("<title>Log in</title></body>"),
        Site("<title>Our site</title><form><input type=password></form></body>"),
        Site(status=429),
        Site(status=503),
    ],
    ids=["no answer", "log-in by its title", "log-in by its form", "429", "503"],
)
def test_when_nothing_is_known_it_is_not_asked_again(site: Site) -> None:
    assert asyncio.run(answers(site)) == [False] * 4
    assert len(site.asked) == 1
    assert site.kept is None
    assert site.host.given_up is (site.status in {429, 503})


def test_what_may_take_long_is_read_in_a_child_process() -> None:
    site = Site(SORRY + " " * FEW_BYTES)
    assert asyncio.run(site.looks_missing()) is True
    assert site.read_apart == 1


def test_what_cannot_be_read_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("backlink_crawler.crawl.feed.missing.parse_body", fails)
    assert asyncio.run(Site().looks_missing()) is False


def test_who_ends_the_run_waits_for_no_answer() -> None:
    async def end() -> list[bool]:
        site = Site()
        site.seconds = 60.0
        asking = asyncio.ensure_future(site.looks_missing(1))
        await asyncio.sleep(0.01)
        site.missing.end()
        return [await asking, await site.looks_missing(2)]

    assert asyncio.run(asyncio.wait_for(end(), 5)) == [False, False]


@pytest.mark.parametrize(
    ("page", "folder"),
    [
        ("https://a.test/", "https://a.test/"),
        ("https://a.test/x/y", "https://a.test/x/"),
        ("https://a.test/p?u=http://b.test/c", "https://a.test/"),
    ],
)
def test_the_address_lies_beside_the_page(page: str, folder: str) -> None:
    assert missing_url(page).startswith(folder)
    assert len(missing_url(page)) == len(folder) + len("0123456789abcdef.html")
