"""Bodies that come at once have so much room together."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.exceptions import StopDownload

from backlink_crawler.crawl.fetch.guards import RoomForBodies
from backlink_crawler.crawl.fetch.request import orders

MEGABYTE = 1_000_000


def request(**bounds: int) -> Request:
    return Request("http://example.com/", meta=orders("example.com", lambda: None, **bounds))


def comes(room: RoomForBodies, size: int, **bounds: int) -> bool | None:
    """Is the download ended as a failure, as a success, or not at all?"""
    try:
        room.bytes_received(bytes(size), request(**bounds))
    except StopDownload as stopped:
        return stopped.fail
    return None


def test_beside_large_bodies_there_is_room_for_small_ones_and_for_beginnings():
    room, page = RoomForBodies(), request()
    room.bytes_received(bytes(25 * MEGABYTE), page)
    assert comes(room, 300_000) is True
    assert comes(room, 200_000) is None
    assert comes(room, 300_000, enough=500_000) is None
    assert comes(room, 600_000, enough=500_000) is False


def test_when_a_large_body_has_gone_there_is_room_again():
    room, page = RoomForBodies(), request()
    with pytest.raises(StopDownload):
        room.bytes_received(bytes(40 * MEGABYTE), page)
    assert comes(room, 300_000) is True
    del page
    assert comes(room, 300_000) is None


def test_a_large_sitemap_takes_no_room_from_pages():
    room, sitemap = RoomForBodies(), request(largest=50 * MEGABYTE)
    room.bytes_received(bytes(40 * MEGABYTE), sitemap)
    assert comes(room, 300_000) is None
    assert comes(room, 40 * MEGABYTE, largest=50 * MEGABYTE) is True
