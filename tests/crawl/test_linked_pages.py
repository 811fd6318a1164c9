"""Broken backlinks are found: a page that only others link to is visited, of seeds and of watched targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows
from tests.crawl.test_manners import site
from tests.crawl.test_workers import ended

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler, Start

NOW = ("-s", "DOWNLOAD_DELAY=0", "-a", "render=never")


def linking(*urls: str) -> str:
    return "".join(f'<a href="http://{url}">to</a>' for url in urls).replace(".test/", ".test:{port}/")


def broken(database: Database) -> list[str]:
    found = rows(database, "SELECT url_to FROM broken_backlinks ORDER BY url_to")
    return [url.split("/", 3)[2].split(":")[0] + "/" + url.split("/", 3)[3] for (url,) in found]


def test_a_dead_page_of_a_seed_that_only_others_link_to_is_found(crawler: Crawler, database: Database) -> None:
    pages = site("shop.test", 2) | {
        "blog.test/": linking("shop.test/old", "www.shop.test/older", "sub.shop.test/no", "else.test/no"),
    }
    with SmallWeb(pages) as web:
        seeds = f"seeds={web.url('shop.test/')},{web.url('blog.test/')}"
        code, output = crawler.run("-a", seeds, *NOW)
        assert code == 0, output
        assert broken(database) == ["shop.test/old", "www.shop.test/older"]
        assert {asked.host for asked in web.asked} == {"shop.test", "www.shop.test", "blog.test"}


def test_such_pages_are_outside_the_budget_of_depth_and_inside_that_of_pages(
    crawler: Crawler, database: Database
) -> None:
    links = [f"shop.test/{name}" for name in ("a", "b", "c", "d")]
    pages = {"blog.test/": linking(*links), "shop.test/": "<a href=/first>first</a>"}
    pages |= dict.fromkeys(links, "<a href=/further>further</a>")
    with SmallWeb(pages) as web:
        listed = f"url,max_depth,max_pages\n{web.url('shop.test/')},0,3\n{web.url('blog.test/')},,\n"
        code, output = crawler.run("-a", crawler.seeds(listed, "seeds.csv"), *NOW)
        assert code == 0, output
        asked = web.paths("shop.test")
        assert len(asked) == 3  # of the start and four others, none of which leads any further
        assert set(asked) < {"/", "/a", "/b", "/c", "/d"}


def test_links_that_were_known_before_the_seed_count_too(start: Start, database: Database) -> None:
    with SmallWeb(site("shop.test", 2) | {"blog.test/": linking("shop.test/old")}) as web:
        ended(start("crawl", "--seeds", web.url("blog.test/"), "-s", "DOWNLOAD_DELAY=0"))
        assert broken(database) == []
        ended(start("seeds", "add", web.url("shop.test/")))
        ended(start("crawl", "-s", "DOWNLOAD_DELAY=0"))
        assert broken(database) == ["shop.test/old"]


def test_of_a_watched_target_just_the_pages_that_others_link_to_are_checked(start: Start, database: Database) -> None:
    pages: dict[str, Any] = {
        "blog.test/": linking("shop.test/old", "shop.test/new", "shop.test/secret", "other.test/old"),
        "shop.test/robots.txt": Answer(
            "User-agent: *\nDisallow: /secret\nSitemap: http://shop.test:{port}/map.xml",
            headers={"Content-Type": "text/plain"},
        ),
        "shop.test/new": "<a href=/further>further</a> <a href=/>home</a>",
        "shop.test/map.xml": "<urlset><url><loc>http://shop.test:{port}/listed</loc></url></urlset>",
    }
    with SmallWeb(pages) as web:
        ended(start("targets", "add", "shop.test"))
        ended(start("seeds", "add", web.url("blog.test/")))
        ended(start("crawl", "-s", "DOWNLOAD_DELAY=0"))
        assert sorted(web.paths("shop.test")) == ["/new", "/old"]
        assert web.paths("other.test") == []
        assert broken(database) == ["shop.test/old"]
        assert "shop.test" not in "".join(ended(start("seeds", "list")))
        # of one that is watched later, what is known by then; and of its pages some, or none
        ended(start("targets", "add", "other.test", "--check-pages", 0))
        ended(start("crawl", "-s", "DOWNLOAD_DELAY=0"))
        assert web.paths("other.test") == []
        ended(start("targets", "add", "other.test"))
        ended(start("crawl", "-s", "DOWNLOAD_DELAY=0"))
        assert (web.paths("other.test"), broken(database)) == (["/old"], ["other.test/old", "shop.test/old"])
        # nobody's any more
        ended(start("targets", "remove", "shop.test"))
        due = "SELECT u.url FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE p.next_visit IS NOT NULL"
        assert {url.split("/")[2].split(":")[0] for (url,) in rows(database, due)} == {"blog.test", "other.test"}
        assert rows(database, "SELECT count(*) FROM queues WHERE name LIKE 'removed%%'") == [(0,)]


def test_a_target_that_is_a_url_has_just_that_one_checked(start: Start, database: Database) -> None:
    with SmallWeb({"blog.test/": linking("shop.test/old", "shop.test/other")}) as web:
        ended(start("targets", "add", web.url("shop.test/old")))
        ended(start("crawl", "--seeds", web.url("blog.test/"), "-s", "DOWNLOAD_DELAY=0"))
        ended(start("seeds", "add", web.url("blog.test/")))
        ended(start("crawl", "-s", "DOWNLOAD_DELAY=0"))
        assert web.paths("shop.test") == ["/old"]
