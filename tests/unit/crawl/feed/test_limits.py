"""The bounds that hosts share, as the settings say."""

from __future__ import annotations

import sys
from typing import Any

from scrapy.settings import Settings

from backlink_crawler import settings as ours
from backlink_crawler.crawl.feed.limits import limits_of
from backlink_crawler.frontier.bounds import Bound


def bounds(**changed: Any) -> dict[str, Bound]:
    settings = Settings()
    settings.setmodule(ours)
    settings.update(changed)
    return dict(limits_of(settings, None, None).bounds)


def test_a_domain_and_an_address_get_four_requests_a_second():
    assert bounds() == {"domain": Bound(2, 0.25), "suffix": Bound(16, 1 / 16), "address": Bound(8, 0.25)}


def test_no_bound_is_tighter_than_what_one_host_is_asked_for():
    assert bounds(DOWNLOAD_DELAY=0.1)["domain"] == Bound(2, 0.1)
    assert bounds(DOWNLOAD_DELAY=0) == {}


def test_each_can_be_set_and_left_out():
    changed = bounds(BACKLINKS_DOMAIN_HOSTS=5, BACKLINKS_SUFFIX_REQUESTS=0, BACKLINKS_ADDRESS_HOSTS=0)
    assert changed["domain"] == Bound(5, 0.25)
    assert changed["suffix"] == Bound(16, 0.0)
    assert changed["address"] == Bound(sys.maxsize, 0.25)
    assert "address" not in bounds(BACKLINKS_ADDRESS_HOSTS=0, BACKLINKS_ADDRESS_REQUESTS=0)
