"""What a run gives to feeds, and to pipelines and extensions of the user's: one item a visit, with the page's links.

The names are those of the views `crawled_pages` and `backlinks`, and mean the same. docs/scrapy.md lists them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydispatch.dispatcher import getAllReceivers, liveReceivers  # type: ignore[import-untyped]
from scrapy.exporters import CsvItemExporter
from scrapy.extensions.corestats import CoreStats
from scrapy.signals import item_scraped

from backlink_crawler.crawl.valid_settings import has_stages
from backlink_crawler.model import AnchorSource, LinkOrigin, LinkType, PageFacts, Position
from backlink_crawler.terminal import no_formula
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

    from backlink_crawler.model import Link, Visit

_NOTHING = PageFacts()
# As the views show them. Looked up: an enum takes long to tell its name, and a page has hundreds of links.
_TYPES = {each: each.name.lower() for each in LinkType}
_POSITIONS = {each: each.name.lower() for each in Position}
_SOURCES = {each: each.name.lower() for each in AnchorSource}
_ORIGINS = {each: each.name.lower() for each in LinkOrigin} | {LinkOrigin.REMOVED: "html"}


def item_of(visit: Visit) -> dict[str, Any]:
    """Of a visit that has gone through the stages. Values are those of JSON; None: not known, or there is none."""
    page, facts = visit.page, visit.facts
    told = facts or _NOTHING
    host = host_of(page.url)
    return {
        "url": page.url,
        "host": host,
        "domain": domain_of(host),
        "kind": page.kind.name.lower(),
        "visited_at": visit.observed_at.isoformat(),
        "outcome": visit.outcome.name.lower(),
        "reason": visit.reason or None,
        "http_code": visit.http_code,
        "depth": min((cover.depth for cover in page.covers), default=None),
        "title": told.title or None,
        "language": told.language or None,
        "canonical": told.canonical or None,
        "page_nofollow": told.robots.nofollow if facts else None,
        "page_noindex": told.robots.noindex if facts else None,
        "links_external": told.links_external if facts else None,
        "links_internal": told.links_internal if facts else None,
        "rendering": visit.render_reason.name.lower() if visit.render_reason is not None else None,
        "links": [_of_link(link, page_nofollow=told.robots.nofollow) for link in visit.links],
    }


def _of_link(link: Link, *, page_nofollow: bool) -> dict[str, Any]:
    assert link.to is not None
    return {
        "url_to": link.to.text,
        "host_to": link.to.host,
        "domain_to": link.to.domain,
        "anchor": link.anchor,
        "anchor_source": _SOURCES[link.anchor_source],
        "rel": list(link.rel),
        "is_dofollow": not (page_nofollow or link.is_nofollow or link.is_sponsored or link.is_ugc),
        "is_nofollow": link.is_nofollow,
        "is_sponsored": link.is_sponsored,
        "is_ugc": link.is_ugc,
        "link_type": _TYPES[link.link_type],
        "link_origin": _ORIGINS[link.origin],
        "is_removed_by_scripts": link.origin is LinkOrigin.REMOVED,
        "snippet_left": link.snippet_left or None,
        "snippet_right": link.snippet_right or None,
        "position": link.position,
        "link_position": _POSITIONS[link.placement.position],
        "block_words": link.placement.block_words,
        "link_density": None if link.placement.density is None else link.placement.density / 100,
        "order_on_page": None if link.placement.order is None else link.placement.order / 1000,
    }


def takes_items(crawler: Crawler) -> bool:
    """Does anybody? To make an item takes a tenth of the time that its page does, and most runs have no use for it."""
    receivers = liveReceivers(getAllReceivers(crawler.signals.sender, item_scraped))
    return has_stages(crawler.settings) or any(not _only_counts(receiver) for receiver in receivers)


def _only_counts(receiver: object) -> bool:
    return isinstance(getattr(receiver, "__self__", None), CoreStats)


class PagesCsv(CsvItemExporter):
    """A line a page, without its links unless FEED_EXPORT_FIELDS names them: then as JSON. No text is a formula."""

    def export_item(self, item: Any) -> None:
        if self.fields_to_export is None and isinstance(item, dict):
            self.fields_to_export = [name for name in item if name != "links"]
        super().export_item(item)

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            return json.dumps(value, ensure_ascii=False)
        value = super().serialize_field(field, name, value)
        return no_formula(value) if isinstance(value, str) else value
