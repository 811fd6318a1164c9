"""What travels with a request, typed: the one place that knows the keys of `request.meta`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scrapy import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlink_crawler.crawl.feed.host import HostInWork
    from backlink_crawler.model import DuePage

_PAGE = "backlinks_page"
_HOST = "backlinks_host"
_ANY_TYPE = "backlinks_any_type"
_REDIRECTS = "backlinks_robots_redirects"


def page_request(
    page: DuePage, host: HostInWork, callback: Callable[..., object], errback: Callable[..., object]
) -> Request:
    meta = {_PAGE: page, _HOST: host, _ANY_TYPE: bool(page.kind), "download_slot": host.claimed.name}
    headers = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
    asked = {name: value for name, value in headers.items() if value}
    return Request(page.url, callback=callback, errback=errback, meta=meta, headers=asked, dont_filter=True)


def robots_request(
    url: str,
    host: HostInWork,
    redirects: int,
    callback: Callable[..., object],
    errback: Callable[..., object],
) -> Request:
    meta = {_HOST: host, _ANY_TYPE: True, _REDIRECTS: redirects, "download_slot": host.claimed.name}
    meta["download_maxsize"] = 0  # of a large one the beginning is read: RoomForBodies ends it
    return Request(url, callback=callback, errback=errback, meta=meta, dont_filter=True)


def page_of(request: Request) -> DuePage:
    return cast("DuePage", request.meta[_PAGE])


def host_of_request(request: Request) -> HostInWork:
    return cast("HostInWork", request.meta[_HOST])


def say_asked(request: Request) -> None:
    """The request has arrived, at some moment up to now. (Not every request is one of ours.)"""
    if host := request.meta.get(_HOST):
        cast("HostInWork", host).asked()


def takes_any_type(request: Request) -> bool:
    """robots.txt and sitemaps; pages are HTML only."""
    return bool(request.meta.get(_ANY_TYPE, True))


def is_for_robots(request: Request) -> bool:
    return _REDIRECTS in request.meta


def robots_redirects(request: Request) -> int:
    return cast("int", request.meta[_REDIRECTS])


def seconds_taken(request: Request) -> float:
    """From request to first byte; 0 when nothing came."""
    return cast("float", request.meta.get("download_latency", 0.0))
