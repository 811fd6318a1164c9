"""`scrapy crawl verify`: visit just the pages whose links somebody wants to have verified, out of turn."""

from __future__ import annotations

from backlink_crawler.crawl.spiders.seeds import SeedsSpider


class VerifySpider(SeedsSpider):
    """Arguments: target (left out: all watched targets), max_pages, max_minutes."""

    name = "verify"
