"""`scrapy crawl verify`: visit only the pages with links to a target, now."""

from __future__ import annotations

import asyncio

from backlink_crawler.crawl.session import CrawlSession
from backlink_crawler.crawl.spiders.seeds import SeedsSpider


class VerifySpider(SeedsSpider):
    """Arguments: target, or pairs (a file of pages and the targets that they should link to); left out: all watched
    targets. max_pages, max_minutes.
    """

    name = "verify"
    arguments = frozenset({"target", "pairs", "max_pages", "max_minutes"})
    session_of = CrawlSession.prepare_verification
    _asked_again = False

    async def goes_on(self) -> bool:
        """Links that are missing are asked for once more: so it is known in this run whether they are lost."""
        session = self.session
        if self._asked_again:
            return False
        self._asked_again = True
        await session.feed.settle()
        await session.render_queue.finish(at_once=False)
        await session.batches.written()
        pages = await session.frontier.pages_missing_links(session.crawl_id)
        if pages and not session.feed.limit_reached():
            await asyncio.sleep(self.crawler.settings.getfloat("BACKLINKS_VERIFY_AGAIN_SECONDS"))
            if not session.feed.limit_reached():
                await session.frontier.ask_again(pages)
        return bool(pages)
