"""The mission, in its order: NormalizeLinks → TagLinks → RecordLinks. One item a visit."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured

from backlink_crawler.crawl.items import item_of, takes_items
from backlink_crawler.links.stages import normalise_links, tag_link
from backlink_crawler.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from backlink_crawler.crawl.batches import Batches
    from backlink_crawler.crawl.failures import Failures
    from backlink_crawler.crawl.session import CrawlSession
    from backlink_crawler.model import Visit
    from backlink_crawler.urls.normalise import Normaliser


def _session(crawler: Crawler) -> CrawlSession:
    """Scrapy makes pipelines by itself, when the spider is there. `scrapy shell` has none of ours, and no run."""
    if not hasattr(crawler.spider, "session"):
        raise NotConfigured
    return crawler.spider.session  # type: ignore[union-attr, no-any-return]


class NormalizeLinks:
    """Each link's href becomes the identity of a page; one that has none is counted by reason and dropped."""

    def __init__(self, normalise: Normaliser) -> None:
        self._normalise = normalise

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NormalizeLinks:
        return cls(_session(crawler).normalise)

    def process_item(self, item: Visit) -> Visit:
        item.links, refused = normalise_links(item.links, self._normalise)
        for reason, number in refused.items():
            item.refused[f"links/{reason}"] = item.refused.get(f"links/{reason}", 0) + number
        return item


class TagLinks:
    """rel tokens and what they say: nofollow, sponsored, ugc."""

    def process_item(self, item: Visit) -> Visit:
        for link in item.links:
            tag_link(link)
        return item


class RecordLinks:
    """Visits are counted and go to the database. Feeds, and stages and extensions of the user's, get items of them."""

    def __init__(
        self,
        stats: StatsCollector,
        failures: Failures,
        batches: Callable[[], Batches],
        takes_items: Callable[[], bool],
    ) -> None:
        """batches, takes_items: not there, and not known, before the run has begun."""
        self._stats = stats
        self._failures = failures
        self._batches = batches
        self._takes_items = takes_items

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RecordLinks:
        session = _session(crawler)
        assert crawler.stats
        takes = cache(partial(takes_items, crawler))
        pipeline = cls(crawler.stats, session.failures, lambda: session.batches, takes)
        crawler.signals.connect(pipeline.item_error, signals.item_error)
        return pipeline

    async def process_item(self, item: Visit) -> Visit | dict[str, Any]:
        self._count(item)
        item.is_handed_over = True
        self._batches().add(item)
        await self._batches().room()
        return item_of(item) if self._takes_items() else item

    def item_error(self, item: Visit) -> None:
        """A stage failed on this visit. One of ours: that is a bug, the page says so, and the run goes on."""
        if item.is_handed_over:
            return
        item.outcome, item.reason, item.facts, item.links = Outcome.INVALID_RESPONSE, "unreadable", None, []
        item.rendering = None
        self._count(item)
        self._batches().add(item)

    def _count(self, visit: Visit) -> None:
        self._failures.see(visit)
        count = self._stats.inc_value
        count(f"visits/{visit.outcome.name.lower()}")
        if visit.reason and visit.outcome is not Outcome.NOT_HTML:  # that reason is the server's own text
            count(f"visits/{visit.outcome.name.lower()}/{visit.reason}")
        for reason, number in visit.refused.items():
            count(reason, number)
        if visit.render_reason is not None:
            count(f"rendering/{visit.render_reason.name.lower()}")
        if visit.rendering:
            count("rendering/rendered")
            count("rendering/gained", int(visit.rendering.gained))
