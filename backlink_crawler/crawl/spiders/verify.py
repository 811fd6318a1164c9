"""`scrapy crawl verify`: visit only the pages with links to a target, now."""

from __future__ import annotations

from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.crawl.spiders.seeds import SeedsSpider


class VerifySpider(SeedsSpider):
    """Arguments: target (left out: all watched targets), max_pages, max_minutes."""

    name = "verify"
    arguments = frozenset({"target", "max_pages", "max_minutes"})
    session_of = CrawlSession.prepare_verification
