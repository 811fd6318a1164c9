"""A small index to ask: four sites that link to shop.test and its hosts, and one domain with a quote in its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.model import Seed
from backlink_crawler.store.seeds import add_seeds
from tests.integration.worker import Worker, link, page_found, url, visit

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

STRANGE = "100% 'quoted' %s %(x)s \\ ; DROP TABLE links; --"
EVIL = "\x1b[31mred\x07 \u202egnp \x9b1m"


def fill_shop(database: Database) -> None:
    addresses = ("http://blog.alpha.test/a", "http://beta.test/", "http://gamma.test/", "http://delta.test/")
    with database.connect() as connection:
        add_seeds(connection, [Seed(url(address)) for address in addresses], kept=True)
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://blog.alpha.test/a", found=[page_found("http://blog.alpha.test/b")])
        worker.read("http://beta.test/", link("http://shop.test/gone", "Gone"), title="Beta’s page")
        worker.record(
            visit(
                worker.page("http://blog.alpha.test/a"),
                link("http://shop.test/", "Shop"),
                link("http://shop.test/blog/one", "Blog", "nofollow"),
            ),
            visit(
                worker.page("http://blog.alpha.test/b"),
                link("http://shop.test/", "Shop"),
                link("http://news.shop.test/x", "News", "sponsored"),
            ),
            visit(
                worker.page("http://beta.test/"),
                link("https://shop.test/blog/two?x=1", "Two"),
                link("http://shop.test/", "=HYPERLINK(1)"),
                link("http://shop.test/blog_x/", "Shop"),
                title="Beta’s page",
            ),
            visit(
                worker.page("http://gamma.test/"),
                link("http://shop.test/", "Shop", "nofollow ugc"),
                link("http://it's.test/100%25?a=%25s", STRANGE),
                link("http://newsxshop.test/x", "not a subdomain"),
            ),
            visit(worker.page("http://delta.test/"), link("http://evil.test/", EVIL)),
        )
