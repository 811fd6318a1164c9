"""A site that moves permanently to another of its hosts: its links are as old there as they were, not lost and found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_later_runs import all_is_due
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

PAGE = '<a href="http://to.test/{}">To {}</a><a href="/two?a=1">two</a>'


def test_links_of_a_page_that_has_moved_permanently_come_along(crawler: Crawler, database: Database) -> None:
    old = {"one.test/": PAGE.format(1, 1), "one.test/two?a=1": PAGE.format(2, 2)}
    pages = dict(old)
    with SmallWeb(pages) as web:
        seeds = f"url,scope\n{web.url('one.test/')},domain\n"
        assert crawler.run("-a", crawler.seeds(seeds, "seeds.csv"))[0] == 0
        before = rows(database, "SELECT url_to, first_seen FROM backlinks ORDER BY url_to")
        for path, page in old.items():
            place = path.removeprefix("one.test")
            pages[path] = Answer("", 301, {"Location": "http://www.one.test:{port}" + place})
            pages[f"www.one.test{place}"] = page
        for _ in range(3):
            all_is_due(database)
            assert crawler.run("-a", crawler.seeds(seeds, "seeds.csv"))[0] == 0
    assert len(before) == 2
    assert rows(database, "SELECT url_to, first_seen FROM backlinks WHERE status = 'live' ORDER BY url_to") == before
    hosts = "SELECT DISTINCT split_part(host_from, ':', 1), status FROM backlinks WHERE domain_to = 'to.test'"
    assert rows(database, hosts) == [("www.one.test", "live")]
    assert rows(database, "SELECT sum(new_links), sum(lost_links) FROM new_lost_daily") == [(2, 0)]
