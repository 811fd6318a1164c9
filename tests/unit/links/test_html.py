"""From a page's text to its links and facts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.html import MAX_LINKS, ParsedPage, parse_page
from backlink_crawler.model import AnchorSource, LinkType, Refusal, RobotsFacts

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


# Title and language


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<title> A \n title &amp; more </title>", "A title & more"),
        ("<body><title>Late</title>", "Late"),
        ("<title>First</title><title>Second</title>", "First"),
        ("<title></title><title>Second</title>", ""),
        ("<svg><title>Icon</title></svg><title>Page</title>", "Page"),
        ("<svg><g><title>Icon</title></g></svg>", ""),
        ("<title>a<b>c</title>", "a<b>c"),
        ("<title>&#0;a&#xD800;</title>", "�a�"),
        ("", ""),
        (f"<title>{'a' * 500}</title>", "a" * 300),
    ],
)
def test_the_title_is_the_documents(text, title):
    assert parse(text).facts.title == title


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("<html lang=de-AT>", "de-at"),
        ("<html lang=' en '>", "en"),
        ("<html>", ""),
        ("<html lang>", ""),
        ("<p lang=fr>", ""),
        (f"<html lang={'x' * 50}>", "x" * 35),
    ],
)
def test_the_language_is_the_root_elements(text, language):
    assert parse(text).facts.language == language


# Canonicals


def canonicals(page: ParsedPage) -> tuple[str, list[str]]:
    links = [link for link in page.links if link.link_type is LinkType.CANONICAL]
    assert all(link.tag == "link" and link.anchor_source is AnchorSource.NONE for link in links)
    return page.facts.canonical, [link.href for link in links]


@pytest.mark.parametrize(
    ("text", "header", "canonical", "links"),
    [
        ("<link rel=canonical href=/a>", None, "https://example.com/a", []),
        ("<link rel='x CANONICAL' href=//other.example/>", None, "https://other.example/", ["https://other.example/"]),
        ("<link rel=canonical href=/a><link rel=canonical href=//other.example/>", None, "https://example.com/a", []),
        ("<link rel=canonical href=mailto:a><link rel=canonical href=/b>", None, "https://example.com/b", []),
        ("<link rel=canonical>", None, "", []),
        ("<title>t</title><link rel=canonical href=/a><p>", None, "https://example.com/a", []),
        ("<head></head><link rel=canonical href=/a>", None, "https://example.com/a", []),
        ("<p>comment <link rel=canonical href=//other.example/>", None, "", []),
        ("<head><span></span><link rel=canonical href=/a></head>", None, "", []),
        ("<head><noscript><link rel=canonical href=/a></noscript></head>", None, "", []),
        ("<template><link rel=canonical href=/a></template>", None, "", []),
        ("<link rel=canonical-x href=/a>", None, "", []),
        ("", "https://other.example/a", "https://other.example/a", ["https://other.example/a"]),
        ("", "/a", "https://example.com/a", []),
        ("<base href=//other.example/>", "/a", "https://example.com/a", []),
        ("<link rel=canonical href=/element>", "//other.example/header", "https://example.com/element", []),
        ("<link rel=canonical href=javascript:1>", "/header", "https://example.com/header", []),
        ("", "mailto:a", "", []),
    ],
)
def test_the_first_canonical_counts_an_element_before_the_header(text, header, canonical, links):
    assert canonicals(parse(text, canonical_header=header)) == (canonical, links)


def test_a_canonical_inside_the_domain_is_a_page_to_visit():
    assert parse("<link rel=canonical href=/a>").internal == {"https://example.com/a": False}


# Frames and meta refresh


def test_a_frame_that_shows_another_domain_is_a_link_of_its_own_type():
    page = parse(
        "<iframe src=//other.example/a title=' A  map '></iframe><iframe src=/b></iframe><iframe src=about:blank></iframe>",
    )
    assert [(link.tag, link.href, link.link_type, link.anchor, link.anchor_source) for link in page.links] == [
        ("iframe", "https://other.example/a", LinkType.FRAME, "A map", AnchorSource.TITLE),
    ]
    assert page.internal == {"https://example.com/b": False}
    assert (page.facts.links_external, page.facts.links_internal) == (0, 0)


def test_frames_of_a_frameset_count():
    page = parse("<frameset><frame src=//other.example/a><frame src=/menu></frameset>")
    assert [(link.tag, link.href, link.link_type) for link in page.links] == [
        ("frame", "https://other.example/a", LinkType.FRAME),
    ]
    assert page.internal == {"https://example.com/menu": False}


@pytest.mark.parametrize(
    ("content", "href"),
    [
        ("0;url=https://other.example/a", "https://other.example/a"),
        ("0; URL = https://other.example/a", "https://other.example/a"),
        ("5,url=https://other.example/a", "https://other.example/a"),
        ("5 url=https://other.example/a", "https://other.example/a"),
        ("0;https://other.example/a", "https://other.example/a"),
        (".5;url=//other.example/a", "https://other.example/a"),
        ("  0 ; url='https://other.example/a' ", "https://other.example/a"),
        ("0;url=&quot;https://other.example/a&quot;b", "https://other.example/a"),
        ("0;url='https://other.example/&quot;", "https://other.example/%22"),
        ("0;url=https://other.example/it's", "https://other.example/it's"),
        ("0;url=https://other.example/a?b=c;d", "https://other.example/a?b=c;d"),
    ],
)
def test_a_meta_refresh_to_another_domain_is_a_redirect(content, href):
    page = parse(f'<meta http-equiv="Refresh" content="{content}">')
    assert [(link.tag, link.href, link.link_type) for link in page.links] == [("meta", href, LinkType.REDIRECT)]


@pytest.mark.parametrize(
    "content", ["0", "0;", "0;url=", "a;url=//other.example/", "5//other.example/", "", "0;url=''"]
)
def test_a_meta_refresh_without_an_address_is_none(content):
    page = parse(f'<meta http-equiv="refresh" content="{content}">')
    assert (page.links, page.internal) == ([], {})


@pytest.mark.parametrize(
    ("html", "header", "href"),
    [
        ("<meta name=refresh http-equiv=refresh content='0;url=//a.example/'>", None, "https://a.example/"),
        ("<body><p><meta http-equiv=refresh content='0;url=//a.example/'>", None, "https://a.example/"),
        ("", "0; url=//a.example/", "https://a.example/"),
        ("", "5, https://a.example/", "https://a.example/"),
        ("", "30", None),
        ("", "0;url=/blog/post#top", None),
        ("<meta http-equiv=refresh content='900; url=https://example.com/blog/post'>", None, None),
        ("<meta http-equiv=refresh content='900'>", None, None),
        ("<noscript><meta http-equiv=refresh content='0;url=//a.example/'></noscript>", None, None),
        ("<body><noscript><b><meta http-equiv=refresh content='0;url=//a.example/'></b></noscript>", None, None),
        ("<template><meta http-equiv=refresh content='0;url=//a.example/'></template>", None, None),
        ("<meta http-equiv=refresh content='0;url=//b.example/'>", "0;url=//a.example/", "https://b.example/"),
        ("<meta http-equiv=refresh content='1;url=//b.example/'>", "0;url=//a.example/", "https://a.example/"),
        ("<meta http-equiv=refresh content='0'>", "1;url=//a.example/", None),
        ("<meta http-equiv=refresh content='0;url=//['>", "1;url=//a.example/", "https://a.example/"),
    ],
)
def test_the_soonest_refresh_counts_unless_it_only_loads_the_page_again(html, header, href):
    """The last of those as soon. In noscript it is for those without scripts, who do not see what scripts write either."""
    page = parse_page(html, PAGE, refresh_header=header)
    assert [link.href for link in page.links] == ([href] if href else [])
    assert page.internal == {}
    assert page.hints.refreshes is (href is not None)


def test_a_header_is_resolved_on_the_pages_url_and_a_meta_on_its_base():
    base = "<base href=/sub/>"
    assert list(parse_page(base, PAGE, refresh_header="0;url=new").internal) == ["https://example.com/blog/new"]
    meta = "<meta http-equiv=refresh content='0;url=new'>"
    assert list(parse(base + meta).internal) == ["https://example.com/sub/new"]


def test_a_refresh_that_comes_late_does_not_keep_a_page_from_being_rendered():
    page = parse("<meta http-equiv=refresh content='1800;url=//login.example/'>")
    assert [link.href for link in page.links] == ["https://login.example/"]
    assert not page.hints.refreshes


def test_a_meta_refresh_inside_the_domain_is_a_page_to_visit():
    assert parse('<meta http-equiv=refresh content="0;url=/new">').internal == {"https://example.com/new": False}


def test_links_of_the_page_itself_come_after_those_of_its_text():
    page = parse(
        "<link rel=canonical href=//one.example/><iframe src=//two.example/></iframe><a href=//three.example/>3</a>",
        canonical_header="//four.example/",
    )
    assert [(link.position, link.href) for link in page.links] == [
        (0, "https://three.example/"),
        (1, "https://one.example/"),
        (2, "https://two.example/"),
    ]


# Robots


def test_robots_metas_of_the_page_are_read():
    page = parse("<meta name=robots content=noindex><meta name=Backlink-Crawler content=nofollow>")
    assert page.facts.robots == RobotsFacts(nofollow=True, noindex=True)
    assert parse("<meta name=googlebot content=none>").facts.robots == RobotsFacts()
    assert parse("<meta property=robots content=none>").facts.robots == RobotsFacts()


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
