"""What a page says of itself: title, language, canonical, frames, refreshes, robots."""

from __future__ import annotations

import pytest

from backlink_crawler.links.html import ParsedPage, parse_page
from backlink_crawler.model import AnchorSource, LinkType, RobotsFacts

PAGE = "https://example.com/blog/post"


def parse(text: str, canonical_header: str | None = None) -> ParsedPage:
    return parse_page(text, PAGE, canonical_header=canonical_header)


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
