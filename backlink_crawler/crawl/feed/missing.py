"""What a host answers for an address that cannot exist: a page that suddenly looks like that has gone, or is hidden.

Asked only for a host with a page in doubt, in a turn of its own, as its robots.txt permits, and kept as a digest for a
week. A host that answers with another status than 200 has no such page.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections import defaultdict
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlink_crawler.crawl.fetch.answers import content_type_of, document_of_answer
from backlink_crawler.crawl.fetch.request import orders
from backlink_crawler.links.documents import Document
from backlink_crawler.links.html import parse_body

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlink_crawler.crawl.feed.feed import Feed
    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.model import PageFacts, Visit
    from backlink_crawler.store.frontier import Frontier

_MOST_BYTES = 512 * 1024  # of a page that says that there is none
_OK = 200
_DIGITS = re.compile(r"\d+")


class MissingPages:
    def __init__(self, crawler: Crawler, feed: Feed, frontier: Frontier) -> None:
        self._crawler = crawler
        self._feed = feed
        self._frontier = frontier
        self._asking: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def looks_missing(self, visit: Visit, host: HostInWork) -> bool:
        """Does the host answer like this for an address that cannot exist? False: no, or that cannot be known now."""
        if visit.facts is None:
            return False
        async with self._asking[host.claimed.host_id]:
            known = await self._frontier.missing_page(host.claimed)
            if known is None:
                known = await self._ask(visit.page.url, host)
                if known is None:
                    return False
                await self._frontier.remember_missing_page(host.claimed, known)
        return known == _digest(visit.facts)

    async def _ask(self, page: str, host: HostInWork) -> int | None:
        """The digest; 0: it says by its status that there is no such page. None: it could not be asked."""
        url = f"{page.rpartition('/')[0]}/{secrets.token_hex(8)}.html"
        if host.robots is None or host.robots.refusal(url) or not await self._feed.turn_between(host):
            return None
        meta = orders(host.claimed.name, host.requested) | {"download_maxsize": _MOST_BYTES}
        request = Request(url, callback=NO_CALLBACK, meta=meta, dont_filter=True)
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception:  # noqa: BLE001  whatever it is, nothing is known
            return None
        finally:
            self._feed.done_between(host)
        return _digest_of(response)


def _digest_of(response: Response) -> int:
    document = document_of_answer(response)
    if response.status != _OK or document is Document.OTHER:
        return 0
    content_type = content_type_of(response.headers)
    return _digest(parse_body(response.body, response.url, content_type, is_xml=document is Document.XML).facts)


def _digest(facts: PageFacts) -> int:
    """Of its title, numbers left out, and of how many links it has. Never 0."""
    shape = f"{_DIGITS.sub('', facts.title)}\0{facts.links_external}\0{facts.links_internal}"
    return int.from_bytes(hashlib.blake2b(shape.encode("utf-8", "replace"), digest_size=8).digest(), signed=True) or 1
