"""Pages whose names end like files, and files: what is asked for is what their host's answers say is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

FILE = Answer("PK", headers={"Content-Type": "application/zip"})
PAGES = ["wiki/Node.js", "wiki/ASP.NET", "vercel/next.js", "domain/example.zip", "site.key", "wiki/File:Photo.jpg"]
KNOWN = "SELECT endings FROM crawled_hosts"


def links(*paths: str) -> str:
    return "".join(f"<a href='/{path}'>{path}</a> " for path in paths)


def test_a_page_that_ends_like_a_file_is_visited(crawler: Crawler, database: Database) -> None:
    pages = {"wiki.test/": links(*PAGES), **{f"wiki.test/{path}": f"<title>{path}</title>" for path in PAGES}}
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('wiki.test/')}")
        assert code == 0, output
        assert sorted(web.paths("wiki.test")) == sorted(["/", *(f"/{path}" for path in PAGES)])
    assert rows(database, KNOWN) == [({"js": 0, "net": 0, "zip": 0, "key": 0, "jpg": 0},)]


def test_after_three_files_no_further_one_is_asked_for(crawler: Crawler, database: Database) -> None:
    files = [f"dist/{number}.zip" for number in range(20)]
    site = {"dist.test/": links(*files, "next", "photo.jpg"), **{f"dist.test/{path}": FILE for path in files}}
    site["dist.test/next"] = links("dist/further.zip", "dist/further.gz")
    with SmallWeb(site) as web:
        code, output = crawler.run("-a", f"seeds={web.url('dist.test/')}")
        assert code == 0, output
        asked = web.paths("dist.test")
        assert sum(path.endswith(".zip") for path in asked) == 3
        assert len(asked) == 2 + 3 + 1
        assert f"{len(asked)} pages in" in output
    reasons = "SELECT outcome, reason, http_code, count(*) FROM crawled_pages WHERE right(url, 4) = '.zip' GROUP BY 1, 2, 3 ORDER BY 3"
    assert rows(database, reasons) == [("not_html", "application/zip", 200, 3), ("not_html", "like_others", None, 18)]
    assert rows(database, KNOWN) == [({"zip": 3},)]


def test_the_next_run_knows_it_for_thirty_days(crawler: Crawler, database: Database) -> None:
    files = [f"{number}.zip" for number in range(9)]
    site = {"dist.test/": links(*files), **{f"dist.test/{path}": FILE for path in files}}
    with SmallWeb(site) as web:

        def files_asked_for(since: str) -> int:
            with database.connect() as connection:
                connection.execute("UPDATE crawled_hosts SET endings_since = now() - %s::interval", (since,))
                connection.execute("UPDATE pages SET next_visit = now()")
                connection.execute("UPDATE queue_hosts SET claimable_at = now()")
            before = len(web.paths("dist.test"))
            crawler.run("-a", f"seeds={web.url('dist.test/')}")
            return len(web.paths("dist.test")) - before - 1

        crawler.run("-a", f"seeds={web.url('dist.test/')}")
        assert files_asked_for("29 days") == 0
        assert files_asked_for("31 days") == 3


def test_a_page_that_was_read_is_asked_for_whatever_others_were(crawler: Crawler, database: Database) -> None:
    site = {"wiki.test/": links("Node.js"), "wiki.test/Node.js": "<a href=http://target.test/>word</a>"}
    with SmallWeb(site) as web:
        crawler.run("-a", f"seeds={web.url('wiki.test/')}")
        with database.connect() as connection:
            connection.execute("UPDATE crawled_hosts SET endings = '{\"js\": 3}'")
            connection.execute("UPDATE pages SET next_visit = now()")
            connection.execute("UPDATE queue_hosts SET claimable_at = now()")
        crawler.run("-a", f"seeds={web.url('wiki.test/')}")
        assert web.paths("wiki.test").count("/Node.js") == 2
    assert rows(database, "SELECT status FROM backlinks WHERE domain_to = 'target.test'") == [("live",)]


def test_files_take_no_page_from_a_budget(crawler: Crawler, database: Database) -> None:
    files = [f"{number}.zip" for number in range(30)]
    pages = [str(number) for number in range(9)]
    site = {"dist.test/": links(*files, *pages), **{f"dist.test/{path}": FILE for path in files}}
    site |= {f"dist.test/{path}": path for path in pages}
    with SmallWeb(site) as web:
        seeds = crawler.seeds(f"url,max_pages\n{web.url('dist.test/')},10", "seeds.csv")
        code, output = crawler.run("-a", seeds)
        assert code == 0, output
        assert sorted(web.paths("dist.test")) == ["/", *(f"/{path}" for path in pages)]
    assert rows(database, "SELECT count(*) FROM crawled_pages WHERE http_code = 200") == [(10,)]
