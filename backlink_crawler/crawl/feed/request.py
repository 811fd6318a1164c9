"""Requests of the feed's, and what travels with them, typed: the one place that knows these keys of `request.meta`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from scrapy import Request

from backlink_crawler.crawl.fetch.request import orders
from backlink_crawler.links.sitemaps import MAX_BYTES as MAX_SITEMAP_BYTES
from backlink_crawler.manners.robots import MAX_BYTES
from backlink_crawler.model import PageKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.model import DuePage

_PAGE = "backlinks_page"
_HOST = "backlinks_host"
_ROBOTS = "backlinks_robots"


class ForRobots(NamedTuple):
    """A request for the robots.txt of host, after so many redirects. elsewhere: the host in work in whose turn it is sent."""

    host: HostInWork
    redirects: int
    elsewhere: HostInWork | None = None


def page_request(
    page: DuePage, host: HostInWork, callback: Callable[..., object], errback: Callable[..., object]
) -> Request:
    largest = MAX_SITEMAP_BYTES if page.kind is PageKind.SITEMAP else None
    meta = orders(host.claimed.name, host.requested, any_type=largest is not None, largest=largest)
    conditions = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
    headers = {name: value for name, value in conditions.items() if value}
    if largest:
        headers["Accept-Encoding"] = "gzip"  # what parse_sitemap undoes as it reads
    meta |= {_PAGE: page, _HOST: host}
    return Request(page.url, callback=callback, errback=errback, meta=meta, headers=headers, dont_filter=True)


def robots_request(
    url: str,
    about: ForRobots,
    arrived: Callable[[], None],
    callback: Callable[..., object],
    errback: Callable[..., object],
) -> Request:
    meta = orders(about.host.claimed.name, arrived, any_type=True, enough=MAX_BYTES) | {_ROBOTS: about}
    return Request(url, callback=callback, errback=errback, meta=meta, dont_filter=True)


def page_of(request: Request) -> DuePage:
    return cast("DuePage", request.meta[_PAGE])


def host_of_request(request: Request) -> HostInWork:
    """Of a request for a page."""
    return cast("HostInWork", request.meta[_HOST])


def about_robots(request: Request) -> ForRobots:
    return cast("ForRobots", request.meta[_ROBOTS])
