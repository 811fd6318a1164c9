"""Between Scrapy's downloader and the spider."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

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


class PlainResponse:
    """Takes the text out of responses: bytes are what links/ reads.

    HttpCompressionMiddleware copies a response through `replace`, which asks a TextResponse for its encoding, which
    guesses it from the compressed bytes: a fifth of a crawl's time (measured), for nothing.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        return Response(
            response.url,
            response.status,
            headers=response.headers,
            body=response.body,
            flags=response.flags,
            request=request,
            protocol=response.protocol,
        )


class Decompress(HttpCompressionMiddleware):
    """Scrapy's, for servers that lie about what they have compressed.

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
        while encodings and sum(self._in_hand.values()) > ROOM_FOR_DECOMPRESSED:  # noqa: ASYNC110  nobody says when one goes
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        try:
            whole = super().process_response(request, response)
        except (IgnoreRequest, BadAnswer):
            raise
        except Exception as error:
            raise BadAnswer("content_encoding") from error
        if encodings and isinstance(whole, Response) and len(whole.body) > _LARGE:
            self._in_hand[request] = len(whole.body)
        return whole

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        return undo(body, encoding, max_size)


def _is_html(response: Response) -> bool:
    return document_of(content_type_of(response.headers)) is Document.HTML
