"""The peer: a crawler of backlinks as a decent engineer writes it in an afternoon with what Scrapy brings.

CrawlSpider and LinkExtractor follow the sites' own links; a pipeline keeps pages and their outgoing links in
PostgreSQL through SQLAlchemy's ORM, a hundred pages a commit.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import DropItem
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule
from sqlalchemy import ForeignKey, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from benchmarks.contenders.speed import CONCURRENCY, measured

PAGES_A_COMMIT = 100


class Base(DeclarativeBase):
    pass


class Link(Base):
    __tablename__ = "link"
    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text, index=True)
    anchor: Mapped[str] = mapped_column(Text)
    nofollow: Mapped[bool]


class Page(Base):
    __tablename__ = "page"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    status: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    links: Mapped[list[Link]] = relationship()


class StoreLinks:
    @classmethod
    def from_crawler(cls, crawler):
        pipeline = cls()
        pipeline.url = crawler.settings["DATABASE_URL"]
        return pipeline

    def open_spider(self):
        engine = create_engine(self.url)
        Base.metadata.create_all(engine)
        self.session = Session(engine)
        self.pages = []
        self.seen = set()

    def process_item(self, item):
        if item["url"] in self.seen:  # Scrapy's filter of duplicates lets start URLs and redirects pass
            raise DropItem(item["url"])
        self.seen.add(item["url"])
        links = [Link(**link) for link in item.pop("links")]
        self.pages.append(Page(**item, links=links))
        if len(self.pages) >= PAGES_A_COMMIT:
            self.store()
        return item

    def close_spider(self):
        self.store()
        self.session.close()

    def store(self):
        self.session.add_all(self.pages)
        self.session.commit()
        self.pages = []


class Peer(CrawlSpider):
    name = "peer"
    custom_settings = {"ITEM_PIPELINES": {StoreLinks: 300}}  # noqa: RUF012  Scrapy's way
    rules = (Rule(LinkExtractor(), callback="parse_page", follow=True),)
    every_link = LinkExtractor(unique=False)

    def __init__(self, hosts):
        super().__init__()
        self.allowed_domains = Path(hosts).read_text(encoding="utf-8").split()
        self.start_urls = [f"https://{host}/" for host in self.allowed_domains]

    def parse_start_url(self, response):
        return self.parse_page(response)

    def parse_page(self, response):
        own = urlsplit(response.url).hostname
        links = [
            {"url": link.url, "domain": domain, "anchor": link.text, "nofollow": link.nofollow}
            for link in self.every_link.extract_links(response)
            if (domain := urlsplit(link.url).hostname) and domain != own
        ]
        title = response.css("title::text").get("")
        yield {"url": response.url, "status": response.status, "title": title, "links": links}


if __name__ == "__main__":
    hosts, pages, database_url = sys.argv[1:]
    process = AsyncCrawlerProcess(CONCURRENCY | {"CLOSESPIDER_PAGECOUNT": int(pages), "DATABASE_URL": database_url})
    print(json.dumps(measured(process, Peer, hosts=hosts)))
