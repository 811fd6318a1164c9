"""What a host answers for an address that cannot exist: a page that suddenly looks like that has gone, or is hidden.

Asked only for a host with a page in doubt, in a turn of its own, as its robots.txt permits, and kept as a digest for a
week. A host that answers with another status than 200 has no such page. Of one that answers with a log-in, a consent
form or the like, whatever it is asked for, nothing is known; it is not asked again while it is held.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
from functools import partial
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlink_crawler.crawl.fetch.answers import content_type_of, document_of_answer
from backlink_crawler.crawl.fetch.outcomes import retry_after_of, slows_down
from backlink_crawler.crawl.fetch.request import orders
from backlink_crawler.links.cost import may_be_dear
from backlink_crawler.links.documents import Document
from backlink_crawler.links.html import parse_body
from backlink_crawler.manners.stand_ins import SOFT_404, kind_of_page, kind_of_title

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlink_crawler.crawl.apart.pool import Apart
    from backlink_crawler.crawl.feed.feed import Feed
    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.links.html import ParsedPage
    from backlink_crawler.model import PageFacts, Visit
    from backlink_crawler.store.frontier import Frontier

logger = logging.getLogger(__name__)
_MOST_BYTES = 512 * 1024  # of a page that says that there is none
_OK = 200
_DIGITS = re.compile(r"\d+")


class MissingPages:
    def __init__(self, crawler: Crawler, feed: Feed, frontier: Frontier, apart: Apart) -> None:
        self._crawler = crawler
        self._feed = feed
        self._frontier = frontier
        self._apart = apart
        self._asking: set[asyncio.Task[int | None]] = set()
        self._has_ended = False

    async def looks_missing(self, visit: Visit, host: HostInWork) -> bool:
        """Does the host answer like this for an address that cannot exist? False: no, or that cannot be known now."""
        if visit.facts is None or self._has_ended:
            return False
        asking = host.missing or self._begin(visit.page.url, host)
        await asyncio.wait([asking])
        return not asking.cancelled() and asking.result() == _digest(visit.facts)

    def end(self) -> None:
        """The run ends: no host is asked any more, and nobody waits for a turn."""
        self._has_ended = True
        for asking in self._asking:
            asking.cancel()

    def _begin(self, page: str, host: HostInWork) -> asyncio.Task[int | None]:
        asking = asyncio.ensure_future(self._known(page, host))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        host.ask_missing(asking)
        return asking

    async def _known(self, page: str, host: HostInWork) -> int | None:
        """The digest; 0: it says by its status that there is no such page. None: nothing is known."""
        known = await self._frontier.missing_page(host.claimed)
        if known is None:
            known = await self._ask(missing_url(page), host)
            if known is not None:
                await self._frontier.remember_missing_page(host.claimed, known)
        return known

    async def _ask(self, url: str, host: HostInWork) -> int | None:
        if host.robots is None or host.robots.refusal(url) or not await self._feed.turn_between(host):
            return None
        try:
            response = await self._answer(url, host)
            return None if slows_down(response) else await self._digest_of(response)
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is known
            logger.debug("%s: %r", url, error)
            return None

    async def _answer(self, url: str, host: HostInWork) -> Response:
        meta = orders(host.claimed.name, host.requested) | {"download_maxsize": _MOST_BYTES}
        try:
            response = await self._crawler.engine.download_async(
                Request(url, callback=NO_CALLBACK, meta=meta, dont_filter=True)
            )
            if slows_down(response):
                self._feed.back_off(host, retry_after_of(response))
            return response
        finally:
            self._feed.done_between(host)

    async def _digest_of(self, response: Response) -> int | None:
        document = document_of_answer(response)
        if response.status != _OK or document is Document.OTHER:
            return 0
        content_type = content_type_of(response.headers)
        call = partial(parse_body, response.body, response.url, content_type, is_xml=document is Document.XML)
        parsed = await self._apart.do(call, response.body) if may_be_dear(response.body) else call()
        return None if _stands_for_any(parsed, response.url) else _digest(parsed.facts)


def missing_url(page: str) -> str:
    """An address beside that of a page, at which there can be none."""
    return f"{page.partition('?')[0].rpartition('/')[0]}/{secrets.token_hex(8)}.html"


def _stands_for_any(parsed: ParsedPage, url: str) -> bool:
    """Does it look like what a site answers for any address, whether there is a page or not?"""
    is_application = parsed.hints.waits_for_scripts
    kind = parsed.text and kind_of_page(parsed.text, url, leads_to=parsed.leads_to, is_application=is_application)
    return bool({kind, kind_of_title(parsed.facts.title)} - {"", SOFT_404})


def _digest(facts: PageFacts) -> int:
    """Of its title, numbers left out, and of how many links it has. Never 0."""
    shape = f"{_DIGITS.sub('', facts.title)}\0{facts.links_external}\0{facts.links_internal}"
    return int.from_bytes(hashlib.blake2b(shape.encode("utf-8", "replace"), digest_size=8).digest(), signed=True) or 1
