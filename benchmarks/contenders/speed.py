"""How a contender's speed is taken: answers a second, from the spider's start to its end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from scrapy import signals

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import AsyncCrawlerProcess

# The same for all contenders; the rest is Scrapy's default for those that are not ours.
CONCURRENCY = {
    "CONCURRENT_REQUESTS": 128,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0,
    "LOG_LEVEL": "ERROR",
    "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the sites link to hosts that are not there
    "TELNETCONSOLE_ENABLED": False,
}

UVLOOP = {"ASYNCIO_EVENT_LOOP": "uvloop.Loop"}  # as ours


def measured(process: AsyncCrawlerProcess, spider: type[Spider], **arguments: object) -> dict[str, float]:
    """Run the spider to its end: {"pages": answers received, "seconds": from its opening to its closing}.

    A contender that stumbles is no measure: an error that it logs ends the process with 1.
    """
    crawler = process.create_crawler(spider)
    times: dict[str, float] = {}
    # Bound to names: signals hold their receivers weakly.
    opened, closed = _stamp(times, "opened"), _stamp(times, "closed")
    crawler.signals.connect(opened, signals.spider_opened)
    crawler.signals.connect(closed, signals.spider_closed)
    process.crawl(crawler, **arguments)
    process.start()
    if crawler.stats.get_value("log_count/ERROR", 0):
        sys.exit(1)
    pages = crawler.stats.get_value("response_received_count", 0)
    return {"pages": pages, "seconds": times["closed"] - times["opened"]}


def _stamp(times: dict[str, float], name: str):
    def stamp() -> None:
        times[name] = time.monotonic()

    return stamp
