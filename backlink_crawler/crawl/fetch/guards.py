"""What ends a download before its end: what no browser shows as a page, and bodies that are too large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.exceptions import StopDownload

from backlink_crawler.crawl.fetch.answers import content_type_of, is_nosniff
from backlink_crawler.crawl.fetch.memory import give_back_large_blocks
from backlink_crawler.crawl.fetch.request import enough_of, largest_of, say_arrived, takes_any_type
from backlink_crawler.links.documents import ENOUGH_TO_SNIFF, Document, begins_page, document_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http.headers import Headers

SMALL_BODY = 256 * 1024  # bytes for which there is always room
ROOM_FOR_BODIES = 24 * 1024 * 1024  # bytes of bodies at once, before a large one is sent away


class HtmlOnly:
    """Ends a download at its headers when what comes is no page, or at its first bytes where the headers do not decide.

    From the headers on the host's delay is counted.
    """

    def __init__(self) -> None:
        self._undecided: WeakKeyDictionary[Request, tuple[str, bytearray]] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HtmlOnly:
        extension = cls()
        crawler.signals.connect(extension.headers_received, signals.headers_received)
        crawler.signals.connect(extension.bytes_received, signals.bytes_received)
        return extension

    def headers_received(self, headers: Headers, request: Request, **_: Any) -> None:
        say_arrived(request)
        if takes_any_type(request):
            return
        content_type = content_type_of(headers)
        document = document_of(content_type, nosniff=is_nosniff(headers))
        if document is Document.OTHER:
            raise StopDownload(fail=False)
        if document is not Document.HTML and b"Content-Encoding" not in headers:
            self._undecided[request] = content_type, bytearray()

    def bytes_received(self, data: bytes, request: Request, **_: Any) -> None:
        if not self._undecided or request not in self._undecided:
            return
        content_type, first = self._undecided[request]
        first += data[: ENOUGH_TO_SNIFF - len(first)]
        if not begins_page(bytes(first), content_type):
            raise StopDownload(fail=False)
        if len(first) >= ENOUGH_TO_SNIFF:
            del self._undecided[request]


class RoomForBodies:
    """Ends a download when enough of it has come, or when all large bodies together are too large."""

    def __init__(self) -> None:
        self._sizes: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        give_back_large_blocks()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RoomForBodies:
        extension = cls()
        crawler.signals.connect(extension.bytes_received, signals.bytes_received)
        return extension

    def bytes_received(self, data: bytes, request: Request, **_: Any) -> None:
        size = self._sizes[request] = self._sizes.get(request, 0) + len(data)
        if enough := enough_of(request):  # there is always room for it: without robots.txt no page of a host is read
            if size >= enough:
                raise StopDownload(fail=False)
            return
        if size > SMALL_BODY and self._together(request) > ROOM_FOR_BODIES + largest_of(request):
            raise StopDownload(fail=True)

    def _together(self, request: Request) -> int:
        """Bytes of bodies beside which this one must find room. Sitemaps, which may be larger, take none from pages."""
        is_sitemap = largest_of(request) > 0
        return sum(size for other, size in self._sizes.items() if is_sitemap or not largest_of(other))
