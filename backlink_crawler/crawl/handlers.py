"""How requests go over the wire: Scrapy's HTTP/1.1, with connections that are not kept long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

KEEP_ALIVE_SECONDS = 20  # longer than most delays between two requests to a host


class BriefKeepAlive(HTTP11DownloadHandler):
    """Twisted keeps an idle connection for 240 s: a crawl that meets 20 new hosts a second would hold 4,800 of them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.cachedConnectionTimeout = KEEP_ALIVE_SECONDS
