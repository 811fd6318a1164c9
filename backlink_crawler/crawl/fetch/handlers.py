"""How requests go over the wire: Scrapy's HTTP/1.1, with connections that are not kept long and heads that end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.web._newclient import ParseError

from backlink_crawler.crawl.fetch.outcomes import BadAnswer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

KEEP_ALIVE_SECONDS = 20  # longer than most delays between two requests to a host
MAX_HEAD = 256 * 1024  # bytes of status lines and headers; browsers stop there too


class BriefKeepAlive(HTTP11DownloadHandler):
    """Twisted keeps an idle connection for 240 s: a crawl that meets 20 new hosts a second would hold 4,800 of them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.cachedConnectionTimeout = KEEP_ALIVE_SECONDS
        self._pool._factory = _Factory  # noqa: SLF001  as Scrapy does
        # What a stranger's server does wrong is the visit's reason, and no news for the log.
        logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)


class _Parser(_LenientHTTPClientParser):
    """Twisted bounds a line of the head, at 16 KiB, and not the head."""

    MAX_LENGTH = MAX_HEAD
    _head = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  Twisted's interface
        self._head += len(line) + 1
        if self._head > MAX_HEAD:
            raise BadAnswer("head_too_large")
        super().lineReceived(line)

    def lineLengthExceeded(self, _line: bytes) -> None:  # noqa: N802
        raise BadAnswer("head_too_large")

    def statusReceived(self, status: bytes) -> None:  # noqa: N802
        try:
            super().statusReceived(status)
        except ParseError:
            raise BadAnswer("not_http") from None

    def allHeadersReceived(self) -> None:  # noqa: N802
        try:
            super().allHeadersReceived()
        except KeyError:
            raise BadAnswer("transfer_encoding") from None
        except ValueError:
            raise BadAnswer("content_length") from None


class _Protocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answered = super().request(request)
        self._parser.__class__ = _Parser  # as Scrapy does: the parser's class is not a parameter
        return answered


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, _address: Any) -> _Protocol:  # noqa: N802
        return _Protocol(self._quiescentCallback)
