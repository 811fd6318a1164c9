"""A page that kills or stalls whoever reads it: what nobody has thought of. It stops no crawl."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.crawl.conftest import SECONDS
from tests.crawl.small_web import SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import site

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

pytestmark = pytest.mark.slow
SPIDER = """
import os
import time

from backlink_crawler.crawl.spiders.seeds import SeedsSpider

class Fragile(SeedsSpider):
    name = "seeds"

    async def page(self, response):
        if "one.test" in response.url and response.url.endswith("/7"):
            {fault}
        async for visit in super().page(response):
            yield visit
"""
PAGES = 12
ENDED = """
SELECT c.outcome, c.reason, p.begun, c.next_visit > now() + interval '2 days'
FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id INNER JOIN crawled_pages AS c USING (url)
WHERE u.url ~ 'one.test.*/7$'"""
READ = "SELECT count(*) FROM pages WHERE outcome = 0"
SUSPECTS = "SELECT count(*) FROM crawled_hosts WHERE is_suspect OR worker IS NOT NULL"


@pytest.fixture
def fragile(crawler: Crawler) -> Crawler:
    (crawler.folder / "deadly.py").write_text(SPIDER.format(fault="os.kill(os.getpid(), 9)"), encoding="utf-8")
    (crawler.folder / "stalling.py").write_text(SPIDER.format(fault="time.sleep(5)"), encoding="utf-8")
    return crawler


def crawl(crawler: Crawler, web: SmallWeb, spider: str, hosts: tuple[str, ...] = ("one.test", "two.test")) -> int:
    settings = ("-s", f"SPIDER_MODULES={spider}", "-s", "BACKLINKS_LEASE_SECONDS=2")
    run = crawler.start(
        "-a", f"seeds={','.join(web.url(f'{host}/') for host in hosts)}", "-a", "render=never", *settings
    )
    output, _ = run.communicate(timeout=SECONDS)
    assert "Traceback" not in output, output
    return run.returncode


def test_the_third_worker_does_not_ask_for_a_page_of_which_two_have_died(fragile: Crawler, database: Database) -> None:
    """It has a host of its own to read, as the two may have read all other pages before they died."""
    with SmallWeb(site("one.test", PAGES) | site("two.test", PAGES) | site("three.test", PAGES)) as web:
        codes = [crawl(fragile, web, "deadly") for _ in range(2)]
        codes.append(crawl(fragile, web, "deadly", ("one.test", "two.test", "three.test")))
        assert web.paths("one.test").count("/7") == 2
    assert codes == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert rows(database, ENDED) == [("too_complex", "worker_died", 1, True)]
    # and perhaps the page of the other host that was in hand when the second worker died
    assert rows(database, READ)[0][0] in {3 * PAGES - 1, 3 * PAGES - 2}
    assert rows(database, SUSPECTS) == [(0,)]


def test_a_page_that_stalls_its_worker_is_set_aside_within_one_run(fragile: Crawler, database: Database) -> None:
    with SmallWeb(site("one.test", PAGES)) as web:
        assert crawl(fragile, web, "stalling") == 0
        assert web.paths("one.test").count("/7") == 2
    assert rows(database, ENDED) == [("too_complex", "worker_died", 1, True)]
    assert rows(database, SUSPECTS) == [(0,)]
