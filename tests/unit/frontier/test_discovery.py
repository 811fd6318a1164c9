"""Which of a page's links inside its site become pages of the frontier?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backlink_crawler.config import TRACKING_PARAMETERS
from backlink_crawler.frontier.discovery import discover, discover_listed, one_deeper, start_url_of_fallback
from backlink_crawler.links.sitemaps import SitemapEntry
from backlink_crawler.model import Cover, PageKind, Refusal, Scope, Seed, Url
from backlink_crawler.urls.normalise import Normaliser

normalise = Normaliser(TRACKING_PARAMETERS)


def seed(
    url: str = "https://example.com/", scope: Scope = Scope.HOST, max_depth: int | None = None, *, bare: bool = False
) -> Seed:
    normal = normalise(url)
    assert isinstance(normal, Url)
    return Seed(normal, scope, max_depth=max_depth, bare=bare)


def found_and_refused(links: dict[str, bool], of: Seed | None = None, *, depth: int = 1, page_nofollow: bool = False):
    found, refused = discover(links, {Cover(7, depth): of or seed()}, normalise, page_nofollow=page_nofollow)
    assert all(each.kind is PageKind.PAGE and each.lastmod is None for each in found)
    return [(each.url.text, cover.depth) for each in found for cover in each.covers], dict(refused)


def test_what_is_in_scope_is_found_normalised_at_the_depth_that_is_given():
    links = {"https://example.com/b?utm_source=x": False, "http://www.example.com/a#top": False}
    assert found_and_refused(links, depth=3) == ([("https://example.com/b", 3), ("http://www.example.com/a", 3)], {})


def test_two_spellings_of_a_url_are_one_page():
    links = {"https://example.com/a": False, "https://example.com/a#b": False, "https://example.com/a?gclid=1": False}
    assert found_and_refused(links) == ([("https://example.com/a", 1)], {})


@pytest.mark.parametrize(
    ("url", "of", "reason"),
    [
        ("https://blog.example.com/", seed(), Refusal.OTHER_HOST),
        ("https://other.example/", seed(scope=Scope.DOMAIN), Refusal.OTHER_DOMAIN),
        ("https://example.com/shop", seed("https://example.com/blog/", Scope.PREFIX), Refusal.OUTSIDE_PREFIX),
        ("https://example.com/a", seed(max_depth=0), Refusal.TOO_DEEP),
        ("https://example.com/a.pdf", seed(), Refusal.NOT_HTML),
        ("https://example.com/a/a/a/a", seed(), Refusal.REPEATED_SEGMENTS),
        ("https://example.com/" + "a" * 2_048, seed(), Refusal.URL_TOO_LONG),
    ],
)
def test_what_is_not_wanted_is_refused_with_its_reason(url, of, reason):
    assert found_and_refused({url: False}, of) == ([], {reason: 1})


def test_refusals_are_counted():
    links = {"https://a.example/": False, "https://b.example/": False, "https://example.com/a.pdf": False}
    assert found_and_refused(links) == ([], {Refusal.OTHER_HOST: 2, Refusal.NOT_HTML: 1})


def test_a_nofollow_link_is_not_followed():
    links = {"https://example.com/a": True, "https://example.com/b": False}
    assert found_and_refused(links) == ([("https://example.com/b", 1)], {Refusal.NOFOLLOW: 1})


def test_no_link_of_a_nofollow_page_is_followed():
    links = {"https://example.com/a": True, "https://example.com/b": False}
    assert found_and_refused(links, page_nofollow=True) == ([], {Refusal.NOFOLLOW: 2})


def test_a_page_is_found_for_each_seed_that_wants_it():
    covers = one_deeper(
        {
            Cover(1, 0): seed("https://example.com/", Scope.DOMAIN),
            Cover(2, 4): seed("https://example.com/blog/", Scope.PREFIX),
            Cover(3, 1): seed("https://example.com/", max_depth=1),
        }
    )
    links = ("https://example.com/blog/a", "https://www.example.com/", "https://elsewhere.example/")
    found, refused = discover(dict.fromkeys(links, False), covers, normalise, page_nofollow=False)
    assert [(each.url.text, each.covers) for each in found] == [
        ("https://example.com/blog/a", (Cover(1, 1), Cover(2, 5))),
        ("https://www.example.com/", (Cover(1, 1),)),
    ]
    assert refused == {Refusal.OTHER_DOMAIN: 1}


# Sitemaps


def listed(entries: list[tuple[str, PageKind]], of: Seed | None = None):
    found, refused = discover_listed(
        [SitemapEntry(url, kind, None) for url, kind in entries], {Cover(7, 1): of or seed()}, normalise
    )
    return [(each.url.text, each.kind) for each in found], dict(refused)


def test_a_sitemaps_pages_are_found_with_their_lastmod():
    lastmod = datetime(2026, 3, 1, tzinfo=UTC)
    entry = SitemapEntry("https://example.com/a#b", PageKind.PAGE, lastmod)
    found, refused = discover_listed([entry, entry], {Cover(7, 1): seed()}, normalise)
    assert [(each.url.text, each.covers, each.kind, each.lastmod) for each in found] == [
        ("https://example.com/a", (Cover(7, 1),), PageKind.PAGE, lastmod),
    ]
    assert refused == {}


def test_a_sitemaps_pages_outside_the_scope_are_refused_with_their_reason():
    entries = [
        ("https://other.example/", PageKind.PAGE),
        ("https://blog.example.com/", PageKind.PAGE),
        ("https://example.com/a.pdf", PageKind.PAGE),
        ("https://example.com/" + "a" * 2_048, PageKind.PAGE),
        ("https://example.com/a", PageKind.PAGE),
    ]
    assert listed(entries) == (
        [("https://example.com/a", PageKind.PAGE)],
        {Refusal.OTHER_HOST: 2, Refusal.NOT_HTML: 1, Refusal.URL_TOO_LONG: 1},
    )
    assert listed([("https://example.com/a", PageKind.PAGE)], seed(max_depth=0)) == ([], {Refusal.TOO_DEEP: 1})


@pytest.mark.parametrize(("depth", "page_depth", "sitemap_depth"), [(0, 1, 1), (1, 1, 2), (4, 1, 5), (5, 1, None)])
def test_sitemaps_stand_in_one_another_so_deep_and_their_pages_are_one_click_away(depth, page_depth, sitemap_depth):
    entries = [
        SitemapEntry("https://example.com/a", PageKind.PAGE, None),
        SitemapEntry("https://example.com/b.xml", PageKind.SITEMAP, None),
    ]
    found, refused = discover_listed(entries, {Cover(7, depth): seed(max_depth=1)}, normalise)
    depths = [page_depth] if sitemap_depth is None else [page_depth, sitemap_depth]
    assert [cover.depth for each in found for cover in each.covers] == depths
    assert refused == ({Refusal.TOO_DEEP: 1} if sitemap_depth is None else {})


def test_a_further_sitemap_may_stand_on_any_host_of_the_domain():
    entries = [
        ("https://static.example.com/one.xml.gz", PageKind.SITEMAP),
        ("https://example.com/two.xml", PageKind.SITEMAP),
        ("https://other.example/three.xml", PageKind.SITEMAP),
    ]
    assert listed(entries, seed("https://example.com/blog/", Scope.PREFIX)) == (
        [
            ("https://static.example.com/one.xml.gz", PageKind.SITEMAP),
            ("https://example.com/two.xml", PageKind.SITEMAP),
        ],
        {Refusal.OTHER_DOMAIN: 1},
    )


# https, then http


@pytest.mark.parametrize(
    ("of", "url"),
    [
        (seed("https://example.com/", Scope.DOMAIN, bare=True), "http://example.com/"),
        (seed("https://example.com:8443/", bare=True), "http://example.com:8443/"),
        (seed("https://example.com/", bare=False), None),
        (seed("https://example.com/", Scope.PREFIX, bare=True), None),
        (seed("http://example.com/", bare=True), None),
    ],
)
def test_a_bare_name_that_does_not_answer_over_https_is_tried_over_http(of, url):
    assert start_url_of_fallback(of) == url
