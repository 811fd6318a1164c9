"""From a page's text to its links and facts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.html import MAX_LINKS, ParsedPage, parse_page
from backlink_crawler.model import Ending, Refusal

PAGE = "https://example.com/blog/post"


def parse(text: str, url: str = PAGE, encoding: str = "utf-8", canonical_header: str | None = None) -> ParsedPage:
    return parse_page(text, url, encoding, canonical_header=canonical_header)


def hrefs(page: ParsedPage) -> list[str]:
    return [link.href for link in page.links]


# What counts as a link


def test_a_and_area_with_an_href_are_links_in_document_order():
    page = parse(
        '<map><area href="https://one.example/"></map><a href="//two.example/">2</a><a name="x">no</a>'
        '<p><a HREF=https://three.example/ >3</a><svg><a href="https://four.example/">4</a></svg>',
    )
    assert [(link.tag, link.href, link.position) for link in page.links] == [
        ("area", "https://one.example/", 0),
        ("a", "https://two.example/", 1),
        ("a", "https://three.example/", 2),
        ("a", "https://four.example/", 3),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<!-- <a href="https://other.example/">a</a> -->',
        '<script>"<a href=https://other.example/>"</script>',
        "<style><a href=https://other.example/></style>",
        "<textarea><a href=https://other.example/></textarea>",
        "<title><a href=https://other.example/></title>",
        "<template><a href=https://other.example/>a</a><base href=https://other.example/></template>",
        '<a hrefs="https://other.example/">a</a>',
        '<link rel="stylesheet" href="https://other.example/a.css">',
        '<img src="https://other.example/a.png"><script src="https://other.example/a.js"></script>',
        '<form action="https://other.example/"></form>',
        "<iframe srcdoc='<a href=https://other.example/>'></iframe>",
    ],
)
def test_what_a_reader_cannot_click_is_no_link(text):
    page = parse(text)
    assert page.links == []
    assert page.internal == {}
    assert page.facts.links_external == 0


def test_a_link_of_svg_has_its_href_or_else_its_xlink_href():
    page = parse(
        "<svg><a xlink:href=https://north.example/ xlink:title=N><text>North</text></a>"
        "<a href=https://east.example/new xlink:href=https://east.example/old>East</a></svg>"
        "<a xlink:href=https://html.example/>no link of HTML</a>"
    )
    assert [(link.href, link.anchor) for link in page.links] == [
        ("https://north.example/", "North"),
        ("https://east.example/new", "East"),
    ]
    assert page.internal == {}


def test_scripts_are_off_so_noscript_holds_links():
    assert hrefs(parse("<noscript><a href=https://other.example/>a</a></noscript>")) == ["https://other.example/"]


def test_every_instance_is_kept():
    page = parse("<a href=//other.example/>a</a><a href=//other.example/>a</a><a href=//other.example/#b>b</a>")
    assert hrefs(page) == ["https://other.example/", "https://other.example/", "https://other.example/#b"]
    assert page.facts.links_external == 3


def test_a_link_inside_the_domain_is_counted_and_found_but_not_kept():
    page = parse('<a href="/a">a</a><a href="https://www.example.com/b">b</a><a href="">self</a><a href="/a">again</a>')
    assert page.links == []
    assert page.facts.links_internal == 4
    assert page.internal == {
        "https://example.com/a": False,
        "https://www.example.com/b": False,
        "https://example.com/blog/post": False,
    }


def test_every_link_is_kept_when_asked_for():
    page = parse_page('<a href="/a">a</a><a href="https://other.example/">b</a>', PAGE, every_link=True)
    assert [(link.href, link.external) for link in page.links] == [
        ("https://example.com/a", False),
        ("https://other.example/", True),
    ]


def test_another_site_of_the_same_hosting_platform_is_another_domain():
    assert hrefs(parse("<a href=https://b.github.io/>", "https://a.github.io/")) == ["https://b.github.io/"]


@pytest.mark.parametrize(
    ("links", "nofollow"),
    [
        ('<a href="/a" rel="nofollow">', True),
        ('<a href="/a" rel="NoFollow,noopener"><a href="/a" rel="ugc nofollow">', True),
        ('<a href="/a" rel="nofollow"><a href="/a">', False),
        ('<a href="/a"><a href="/a" rel="nofollow">', False),
        ('<a href="/a" rel="nofollow-me">', False),
        ('<a href="/a" rel="nofollow"><iframe src="/a"></iframe>', False),
    ],
)
def test_an_internal_url_is_nofollow_when_every_link_to_it_is(links, nofollow):
    assert parse(links).internal == {"https://example.com/a": nofollow}


def test_what_is_no_http_link_is_counted_by_reason():
    page = parse(
        "<a href=mailto:a@b.c><a href=MAILTO:d@e.f><a href=tel:1><a href=javascript:void(0)><a href=data:,x>"
        "<a href=ftp://other.example/><a href=skype:a?call><a href='https://'><a href=http://a:b/>",
    )
    assert page.links == []
    assert (page.facts.links_external, page.facts.links_internal) == (0, 0)
    assert dict(page.refused) == {
        Refusal.SCHEME_MAILTO: 2,
        Refusal.SCHEME_TEL: 1,
        Refusal.SCHEME_JAVASCRIPT: 1,
        Refusal.SCHEME_DATA: 1,
        Refusal.SCHEME_OTHER: 2,
        Refusal.INVALID_URL: 2,
    }


def test_more_links_than_a_page_may_have_are_counted_and_not_kept():
    page = parse("<a href=//other.example/>a</a>" * (MAX_LINKS + 5))
    assert len(page.links) == MAX_LINKS == 10_000
    assert page.facts.links_external == 10_005
    assert dict(page.refused) == {Refusal.TOO_MANY_LINKS: 5}


def test_rel_is_kept_as_written():
    assert parse('<a href=//other.example/ rel=" NoFollow, ugc">').links[0].rel_attribute == " NoFollow, ugc"
    assert parse("<a href=//other.example/ rel>").links[0].rel_attribute == ""


def test_a_query_is_read_in_the_encoding_of_the_page():
    page = parse("<a href='https://other.example/ä?q=ä'>", encoding="cp1252")
    assert hrefs(page) == ["https://other.example/%C3%A4?q=%E4"]


# <base href>


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("<base href='https://other.example/x/'>", "https://other.example/x/a"),
        ("<base href='//other.example/x'>", "https://other.example/a"),
        ("<base href='/x/'>", "https://example.com/x/a"),
        ("<base href='x/'>", "https://example.com/blog/x/a"),
        ("<base href=''>", "https://example.com/blog/a"),
        ("<base target=_blank>", "https://example.com/blog/a"),
        ("<base target=_blank><base href=/x/>", "https://example.com/x/a"),
        ("<base href=/x/><base href=/y/>", "https://example.com/x/a"),
        ("<base href='https://'><base href=/y/>", "https://example.com/blog/a"),
        ("<base href='data:text/html,x'><base href=/y/>", "https://example.com/blog/a"),
        ("<base href='javascript:1'>", "https://example.com/blog/a"),
        ("<p>late</p><base href=/x/>", "https://example.com/x/a"),
        ("<template><base href=/x/></template>", "https://example.com/blog/a"),
        ("<svg><base href=/x/></svg>", "https://example.com/blog/a"),
        ("<svg><g><desc><base href=/x/></desc></g></svg>", "https://example.com/x/a"),
        ("<svg><foreignObject><base href=/x/></foreignObject></svg>", "https://example.com/x/a"),
    ],
)
def test_links_are_resolved_after_the_first_base_with_an_href(base, expected):
    page = parse_page(f"{base}<a href=a>", PAGE, every_link=True)
    assert hrefs(page) == [expected]


def test_a_base_after_the_link_counts_too():
    assert hrefs(parse("<a href=a>a</a><base href=https://other.example/>")) == ["https://other.example/a"]


def test_nothing_relative_resolves_on_a_base_that_is_no_hierarchy():
    page = parse("<base href='mailto:a@b.c'><a href=a><a href=https://other.example/>")
    assert hrefs(page) == ["https://other.example/"]
    assert page.refused == {Refusal.INVALID_URL: 1}


def test_the_base_does_not_change_which_domain_the_page_belongs_to():
    page = parse("<base href=https://other.example/><a href=/a></a><a href=https://example.com/b></a>")
    assert hrefs(page) == ["https://other.example/a"]
    assert list(page.internal) == ["https://example.com/b"]


# Hostile pages


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 10_000 + "<a href=//other.example/>x</a>",
        "<a href=//other.example/>" + "<b>" * 10_000 + "x",
        "<a href=//other.example/>" + "<div>" * 10_000 + "x",
        "<a href=//other.example/>" * 2_000 + "x",
        "<a href=//other.example/><object>" * 3_000 + "x",
        "<a href=//other.example/><table><tr><td>" * 3_000 + "x",
        "<svg>" + "<a href=//other.example/>" * 3_000 + "x",
        "<a href=//other.example/>" + "x" * 2_000_000,
        "<meta http-equiv=refresh content='0" + " " * 1_000_000 + "'>",
        "<a href='//other.example/" + "x" * 2_000_000 + "'>",
    ],
    ids=lambda text: text[:30],
)
def test_a_page_that_nests_or_repeats_without_end_takes_less_than_a_second(text):
    start = time.process_time()
    parse(text)
    assert time.process_time() - start < 1


_PIECES = st.sampled_from(
    "<a|href=|>|</a>|<base href=|http://|//other.example/|?|#|&|%|<meta name=robots content=|<title>|<svg>|<template>|"
    "<meta http-equiv=refresh content=|0;url=|<iframe src=|<link rel=canonical href=|'|\"| |\x00|\ud800|\\|<table>|<td>|"
    "<frameset>|<frame src=|<noscript>|<img alt=|<area href=|<map>|data:|mailto:|&#0;|&#xD800;|<br>|<html lang=|title=".split(
        "|"
    ),
)


@given(st.lists(_PIECES | st.text(st.characters()), max_size=30).map("".join), st.booleans())
def test_no_text_makes_it_fail_and_all_that_is_stored_can_be(text, every_link):
    page = parse_page(text, PAGE, every_link=every_link)
    stored = [page.facts.title, page.facts.language]
    for link in page.links:
        stored += [link.anchor, link.snippet_left, link.snippet_right]
        assert link.href.startswith(("http://", "https://"))
    for each in stored:
        assert "\x00" not in each
        each.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("<body><p>a</body></html>", Ending.ENDED),
        ("<body><p>a</BODY>\n<!-- cached at noon -->\n", Ending.ENDED),
        ("<frameset><frame src=/a></frameset></html>", Ending.ENDED),
        ("<p>a", Ending.UNENDED),
        ("<table><tr><td>a", Ending.UNENDED),
        ("<select><option>a", Ending.UNENDED),
        ("<p>a<a hre", Ending.OPEN),
        ("<p>a<a href='/b", Ending.OPEN),
        ("<!-- <p>a</body></html>", Ending.OPEN),
        ("<title>a</body></html>", Ending.OPEN),
        ("<script>a</body></html>", Ending.OPEN),
        ("<style>a</body></html>", Ending.OPEN),
        ("<textarea>a</body></html>", Ending.OPEN),
        ("<plaintext>a</body></html>", Ending.OPEN),
        ("<template><p>a</body></html>", Ending.OPEN),
        ("<svg><![CDATA[ a</svg></body></html>", Ending.OPEN),
    ],
)
def test_how_a_page_ends(text: str, ending: Ending) -> None:
    assert parse(text).ending is ending


@pytest.mark.parametrize("end", ["", "<title>b", "<p title='b", "<textarea>b", "<!-- b", "<plaintext>b"])
def test_what_tells_how_a_page_ends_is_not_read_as_the_page(end: str) -> None:
    page = parse(f"<a href=//other.example/>a</a>{end}")
    assert [link.text for link in page.links] == ["a"]
    assert "<!--" not in page.facts.title + "".join(link.snippet_right for link in page.links)
