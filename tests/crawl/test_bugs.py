"""A bug of ours ends a run with a sentence and an exit code. It is not waited for until somebody looks."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.crawl.small_web import SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import reset, site

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

# `scrapy crawl seeds`, but for one method each.
SPIDER = """
from backlink_crawler.crawl.spiders.seeds import SeedsSpider

class Buggy(SeedsSpider):
    name = "seeds"
"""
BUGS = {
    "a callback": """
    def page(self, response):
        raise ZeroDivisionError("ours")
""",
    "a callback that has begun": """
    async def page(self, response):
        async for visit in super().page(response):
            yield visit
        raise ZeroDivisionError("ours")
""",
    "an errback": """
    def no_page(self, failure):
        raise ZeroDivisionError("ours")
""",
    "robots.txt": """
    async def answer(self, response):
        raise ZeroDivisionError("ours")

    async def opened(self):
        await super().opened()
        self.session.permission.answer = self.answer
""",
    "the requests": """
    async def start(self):
        async for request in super().start():
            yield request
            raise ZeroDivisionError("ours")
""",
}


@pytest.mark.parametrize("where", BUGS)
def test_a_bug_ends_a_run_with_a_sentence(crawler: Crawler, database: Database, where: str) -> None:
    (crawler.folder / "buggy.py").write_text(SPIDER + BUGS[where], encoding="utf-8")
    pages = site("one.test", 20) | {"one.test/7": reset}
    with SmallWeb(pages) as web:
        run = crawler.start("-a", f"seeds={web.url('one.test/')}", "-s", "SPIDER_MODULES=buggy")
        try:
            output, _ = run.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            run.kill()
            output, _ = run.communicate()
            pytest.fail(f"it runs on:\n{output}")
    assert run.returncode == 1, output
    sentence = "backlinks: the crawl failed because of a bug in this program (ZeroDivisionError('ours')); see the log."
    assert output.splitlines()[-1] == sentence
    assert rows(database, "SELECT reason, finished_at IS NOT NULL FROM sources") == [("failed", True)]
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]
