"""A host with a page in doubt is asked once what it answers for an address that cannot exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import all_is_due, text

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

MENU = "".join(f"<a href=/#{number}>{number}</a>" for number in range(12))
GOOD = f"<title>About coffee</title>{MENU}<a href=http://to.test/>To</a></body>"
SORRY = f"<title>Our site</title>{MENU}</body>"


class _Site(SmallWeb):
    """Answers every path alike, once it is `sorry`; `missing` is what it answers for other ones until then."""

    sorry = False
    sorry_text = SORRY
    robots = ""

    def page(self, host: str, path: str) -> Answer:
        if path == "/robots.txt":
            return text(self.robots)
        if self.sorry:
            return Answer(self.sorry_text)
        return Answer(GOOD) if path == "/" else Answer("gone", 404)


def crawl(crawler: Crawler, database: Database, web: SmallWeb) -> tuple[str, str | None, list[str]]:
    """(outcome, reason, links by their state) of the start page after one more night."""
    all_is_due(database)
    code, output = crawler.run("-a", f"seeds={web.url('one.test/')}", "-a", "render=never")
    assert code == 0, output
    ((outcome, reason),) = rows(database, "SELECT outcome, reason FROM crawled_pages WHERE right(url, 1) = '/'")
    return outcome, reason, [status for (status,) in rows(database, "SELECT status FROM backlinks")]


def test_a_page_that_looks_like_one_that_does_not_exist_is_a_soft_404(crawler: Crawler, database: Database) -> None:
    with _Site({}) as web:
        assert crawl(crawler, database, web) == ("ok", None, ["live"])
        web.sorry = True
        assert crawl(crawler, database, web) == ("ok", None, ["missing"])
        assert web.paths("one.test") == ["/", "/"]  # nothing was in doubt before
        assert crawl(crawler, database, web)[:2] == ("not_whole", "soft_404")
        assert crawl(crawler, database, web)[:2] == ("not_whole", "soft_404")
        assert len(web.paths("one.test")) == 5  # four nights, and one page that cannot exist
        web.sorry = False
        assert crawl(crawler, database, web) == ("ok", None, ["live"])


def test_it_is_not_asked_where_robots_txt_forbids_it(crawler: Crawler, database: Database) -> None:
    with _Site({}) as web:
        web.robots = "User-agent: *\nDisallow: /\nAllow: /$"
        crawl(crawler, database, web)
        web.sorry = True
        for _ in range(2):
            assert crawl(crawler, database, web) == ("ok", None, ["missing"])
        assert web.paths("one.test") == ["/", "/", "/"]


def test_a_log_in_before_all_pages_is_no_soft_404(crawler: Crawler, database: Database) -> None:
    with _Site({}) as web:
        crawl(crawler, database, web)
        web.sorry, web.sorry_text = True, "<title>Our site</title><form><input type=password></form></body>"
        for _ in range(3):
            assert crawl(crawler, database, web)[:2] == ("not_whole", "login")
        assert web.paths("one.test") == ["/"] * 4  # what it answers otherwise is not asked
