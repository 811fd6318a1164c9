"""Pages that scripts write, crawled with a real browser: which links are found, and where they stand."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), reason="there is no browser"
)
LINKS = """
    SELECT domain_to, anchor, link_origin, is_removed_by_scripts, status FROM backlinks ORDER BY domain_to, anchor"""


def script(body: str) -> Answer:
    return Answer(body, headers={"Content-Type": "text/javascript"})


def crawl(crawler: Crawler, pages: dict[str, Any], *arguments: str) -> SmallWeb:
    with SmallWeb(pages) as web:
        code, output = crawler.run("-a", f"seeds={web.url('app.test/')}", *arguments)
        assert code == 0, output
    return web


APP = {
    "app.test/": "<div id=root></div><script src=/app.js></script><a href=http://always.test/>always</a>",
    "app.test/app.js": script(
        """
        fetch('/data.json').then(answer => answer.json()).then(links => {
            root.innerHTML = links.map(link => `<a href="${link}">${link}</a>`).join(' ')
                + '<a href=/two>two</a>';
        });
        """
    ),
    "app.test/data.json": Answer('["http://one.test/"]', headers={"Content-Type": "application/json"}),
    "app.test/two": "<p>two <a href=http://three.test/ rel=nofollow>three</a>",
}


def test_a_page_that_scripts_write_is_rendered_and_its_links_followed(crawler: Crawler, database: Database) -> None:
    web = crawl(crawler, APP)
    assert rows(database, LINKS) == [
        ("always.test", "always", "both", False, "live"),
        ("one.test", "http://one.test/", "rendered", False, "live"),
        ("three.test", "three", "html", False, "live"),
    ]
    assert web.paths("app.test") == ["/", "/app.js", "/data.json", "/two"]
    assert rows(database, "SELECT rendering, rendered_at IS NOT NULL FROM crawled_pages ORDER BY url") == [
        ("empty_app_root", True),
        ("no_scripts", False),
    ]
    assert rows(database, "SELECT renders, render_gains FROM hosts") == [(1.0, 1.0)]
