"""The browser itself: nothing leads out of it, nothing wears it out, and it may be killed."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from benchmarks import browser_kills
from tests.crawl import rendered_hostile as hostile
from tests.crawl.rendered_pages import ADD, both, html, links, rendered
from tests.crawl.rendering import ALWAYS, APP, BROWSER, crawl, ended, expected, links_found, of_start_pages, visits
from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER, reason="there is no browser"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def doors() -> Iterator[hostile.Doors]:
    made = hostile.Doors()
    yield made
    made.close()


def test_nothing_leads_out_of_the_browser(crawler: Crawler, database: Database, doors: hostile.Doors) -> None:
    """127.0.0.2 is open, so that a name may lead there first. The web itself is reached by names that we named."""
    (crawler.folder / "sitecustomize.py").write_text(hostile.LOOK_UPS)
    paths = [str(crawler.folder), os.environ.get("PYTHONPATH", "")]
    crawler.environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    moved = Answer(status=302, headers={"Location": f"http://127.0.0.1:{doors.port('redirect')}/"})
    plain = {
        "ways.test/": hostile.ways_out(doors, "http"),
        "ways.test/slow": hostile.slow,
        "inside.test/": hostile.inside(doors),
        "inside.test/moved": moved,
        "rebinding.test/": hostile.rebinding(doors),
        "sockets.test/": hostile.MANY_REQUESTS,
    }
    secure = {"secure.test/": hostile.ways_out(doors, "https"), "secure.test/slow": hostile.slow}
    with SmallWeb(plain) as web, hostile.SecureWeb(secure) as secure_web:
        seeds = of_start_pages(web, plain) + "," + secure_web.url("secure.test/")
        code, output = ended(crawler.start("-a", seeds, *ALWAYS, BACKLINKS_ALLOW_NETWORKS="127.0.0.2/32"))
    assert code == 0, output
    assert doors.knocked() == {"open at first"}


def test_without_a_guard_a_browser_takes_those_ways(doors: hostile.Doors) -> None:
    pages = {"ways.test/": hostile.ways_out(doors, "https"), "ways.test/slow": hostile.slow}
    arguments = ["--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-features=LocalNetworkAccessChecks"]
    with hostile.SecureWeb(pages) as web, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=arguments, chromium_sandbox=False)
        page = browser.new_page(ignore_https_errors=True)
        page.goto(web.url("ways.test/"), wait_until="commit")
        deadline = time.monotonic() + 20
        while len(doors.knocked()) < 45 and time.monotonic() < deadline:
            page.wait_for_timeout(200)
        browser.close()
    assert doors.knocked() >= {
        f"https: {way}"
        for way in (
            *("script", "image", "style", "frame", "frame's script", "font", "video", "prefetch", "fetch", "xhr"),
            *("beacon", "event source", "websocket", "worker's fetch", "worker's websocket", "shared worker", "cache"),
            *("ping", "form", "window", "blank window", "stun", "turn", "turn over tcp", "webtransport", "Link"),
        )
    }


def test_a_page_that_wears_the_browser_out_is_its_html(crawler: Crawler, database: Database) -> None:
    pages = {page: f"{ADD}{links('kept')}<script>{code}</script>" for page, (_, code) in hostile.WEARING.items()}
    with SmallWeb(pages) as web:
        crawl(crawler, web, pages, *ALWAYS, "-s", "BACKLINKS_RENDER_TIMEOUT=25")
    assert visits(database) == {page: ("ok", reason) for page, (reason, _) in hostile.WEARING.items()}
    found = {page: html("kept") if reason else both("kept") for page, (reason, _) in hostile.WEARING.items()}
    found["never.test/"] += rendered("at1", "at2", "at3", "at4", "at5", "at6", "at7")
    assert links_found(database) == expected(found)


def test_a_browser_that_is_slow_to_start_costs_no_page(crawler: Crawler, database: Database) -> None:
    """A page's time begins when the browser is ready for it."""
    browser = crawler.folder / "slow"
    browser.write_text(f'#!/bin/sh\nsleep 20\nexec {BROWSER} "$@"\n')
    browser.chmod(0o755)
    limits = ("-s", f"BACKLINKS_BROWSER={browser}", "-s", "BACKLINKS_RENDER_TIMEOUT=15")
    with SmallWeb(APP) as web:
        crawl(crawler, web, APP, *ALWAYS, *limits)
    assert visits(database) == dict.fromkeys(("app.test/", "app.test/two"), ("ok", None))
    assert rows(database, "SELECT max(rendered_ms) < 15_000 FROM visits") == [(True,)]


def test_a_browser_that_starts_only_at_times_is_tried_again(crawler: Crawler, database: Database) -> None:
    """Its first start fails."""
    browser, tried = crawler.folder / "rare", crawler.folder / "tried"
    browser.write_text(f'#!/bin/sh\n[ -e {tried} ] || {{ touch {tried}; exit 1; }}\nexec {BROWSER} "$@"\n')
    browser.chmod(0o755)
    with SmallWeb(APP) as web:
        crawl(crawler, web, APP, *ALWAYS, "-s", f"BACKLINKS_BROWSER={browser}")
    assert visits(database) == dict.fromkeys(("app.test/", "app.test/two"), ("ok", None))


def test_a_browser_that_is_killed_again_and_again_costs_no_link() -> None:
    """The long form is `python -m benchmarks.browser_kills`."""
    quiet, killed, wrong = browser_kills.compare(pages=1, kills=3, moments=random.Random(7))
    assert wrong == []
    assert killed.killed == 3
    assert quiet.outcomes == killed.outcomes == {("ok", None): 10}
    assert len(quiet.state["links"]) == 300


def test_a_crawl_that_is_killed_leaves_no_browser_behind(crawler: Crawler) -> None:
    with SmallWeb(APP) as web:
        process = crawler.start("-a", of_start_pages(web, APP), *ALWAYS)
        assert browser_kills.wait_for_browser(process)
        time.sleep(1)
        process.kill()
        process.communicate(timeout=30)
    assert browser_kills.left_behind(crawler.environment["BACKLINKS_DATABASE_URL"]) == []
