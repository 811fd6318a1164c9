"""Between Scrapy's downloader and the spider."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from backlink_crawler.crawl.fetch.answers import content_type_of
from backlink_crawler.crawl.fetch.compression import undo
from backlink_crawler.crawl.fetch.outcomes import BadAnswer
from backlink_crawler.crawl.fetch.request import largest_of
from backlink_crawler.links.documents import Document, document_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

MAX_ENCODINGS = 5  # of one body, each undone in its turn
_GZIP = ([b"gzip"], [b"x-gzip"])
ROOM_FOR_DECOMPRESSED = 24 * 1024 * 1024  # bytes of large bodies in hand: 10 MB may wait for the patient child
_LARGE = 256 * 1024  # bytes
_SECONDS_BETWEEN_LOOKS = 0.05


class Decompress(HttpCompressionMiddleware):
    """Scrapy's, for servers that lie about what they have compressed, and for bodies that stay bytes.

    Scrapy's copies the response, and guesses its type and the encoding of its text.

    A small body may become a large one: while those in hand take too much room, the next one waits.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_hand: WeakKeyDictionary[Request, int] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # What a stranger's server does wrong is the visit's reason, and no news for the log.
        logging.getLogger("scrapy.downloadermiddlewares.httpcompression").setLevel(logging.ERROR)
        return super().from_crawler(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        encodings = response.headers.getlist(b"Content-Encoding")
        if sum(each.count(b",") + 1 for each in encodings) > MAX_ENCODINGS:
            raise BadAnswer("content_encoding")
        if not largest_of(request):
            request.meta.pop("download_maxsize", None)  # robots.txt may be of any size, and a bomb none the less
        elif (
            response.status == 200 and [each.strip().lower() for each in encodings] in _GZIP and not _is_html(response)
        ):
            return response
        if not encodings:
            return response
        while sum(self._in_hand.values()) > ROOM_FOR_DECOMPRESSED:  # noqa: ASYNC110  nobody says when one goes
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        whole = self._undone(request, response, encodings)
        if len(whole.body) > _LARGE:
            self._in_hand[request] = len(whole.body)
        return whole

    def _undone(self, request: Request, response: Response, encodings: list[bytes]) -> Response:
        largest = request.meta.get("download_maxsize", self._max_size)
        try:
            body, response.headers[b"Content-Encoding"] = self._handle_encoding(response.body, encodings, largest)
        except _DecompressionMaxSizeExceeded as error:
            raise IgnoreRequest from error
        except BadAnswer:
            raise
        except Exception as error:
            raise BadAnswer("content_encoding") from error
        if not response.headers.getlist(b"Content-Encoding"):
            del response.headers[b"Content-Encoding"]
        whole = Response(response.url, response.status, body=body, flags=response.flags, request=request)
        whole.headers = response.headers
        return whole

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        return undo(body, encoding, max_size)


def _is_html(response: Response) -> bool:
    return document_of(content_type_of(response.headers)) is Document.HTML
