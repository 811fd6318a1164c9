"""Bare Scrapy: its default middlewares and loop fetch a list of URLs, and nothing is read or kept.

It is the ceiling that a Scrapy crawl which stores everything is measured against. Redirects are off and every status
is an answer, so that it fetches exactly the URLs of the list, in their order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from benchmarks.contenders.speed import CONCURRENCY, measured


class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {"REDIRECT_ENABLED": False}  # noqa: RUF012  Scrapy's way
    handle_httpstatus_all = True

    async def start(self):
        for url in self.urls:
            yield scrapy.Request(url, dont_filter=True, meta={"handle_httpstatus_all": True})

    def parse(self, response):
        pass


if __name__ == "__main__":
    urls = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    process = AsyncCrawlerProcess(CONCURRENCY)
    print(json.dumps(measured(process, Bare, urls=urls)))
