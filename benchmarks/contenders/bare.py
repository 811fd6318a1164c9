"""Bare Scrapy: its default middlewares and loop fetch a list of URLs, and nothing is read or kept.

It is the ceiling that a Scrapy crawl which stores everything is measured against. Redirects are off and every status
is an answer, so that it fetches exactly the URLs of the list, in their order; `with-robots`: after each host's
robots.txt, every host under .test being on this machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import succeed

from benchmarks.contenders.speed import CONCURRENCY, UVLOOP, measured


class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {"REDIRECT_ENABLED": False}  # noqa: RUF012  Scrapy's way
    handle_httpstatus_all = True

    async def start(self):
        for url in self.urls:
            yield scrapy.Request(url, dont_filter=True, meta={"handle_httpstatus_all": True})

    def parse(self, response):
        pass


class Loopback(CachingThreadedResolver):
    """Every name under .test is on this machine."""

    def getHostByName(self, name, timeout=()):  # noqa: N802  Twisted's name
        return succeed("127.0.0.1") if name.endswith(".test") else super().getHostByName(name, timeout)


if __name__ == "__main__":
    urls = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    with_robots = {"ROBOTSTXT_OBEY": True, "TWISTED_DNS_RESOLVER": Loopback} if sys.argv[2:] == ["with-robots"] else {}
    process = AsyncCrawlerProcess(CONCURRENCY | UVLOOP | with_robots)
    print(json.dumps(measured(process, Bare, urls=urls)))
