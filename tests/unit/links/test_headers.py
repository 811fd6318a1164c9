"""What response headers say of a page."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.headers import canonical_link, is_html


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "TEXT/HTML; charset=utf-8", " text/html ;x", "application/xhtml+xml", "", None, "; charset=utf-8"],
)
def test_html_is_what_a_browser_shows_as_a_page(content_type):
    assert is_html(content_type)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/pdf", "image/svg+xml", "application/xml", "text/xml", "text/html5", "application/json"],
)
def test_everything_else_is_not(content_type):
    assert not is_html(content_type)


@pytest.mark.parametrize(
    ("headers", "href"),
    [
        ([], None),
        (['<https://example.com/>; rel="canonical"'], "https://example.com/"),
        (["<https://example.com/>; rel=canonical"], "https://example.com/"),
        (["<https://example.com/>;rel=Canonical"], "https://example.com/"),
        (['</a>; REL = "canonical"'], "/a"),
        (['< /a >; rel="alternate CANONICAL"'], "/a"),
        (['</a>; title="x"; rel="canonical"; type="text/html"'], "/a"),
        (['</a>; title="a, b; c"; rel=canonical'], "/a"),
        (['</style.css>; rel=preload; as=style, </a>; rel="canonical"'], "/a"),
        (["</a?b,c;d>; rel=canonical"], "/a?b,c;d"),
        (["</a>; crossorigin; rel=canonical"], "/a"),
        (["</next>; rel=next", "</a>; rel=canonical"], "/a"),
        (["</a>; rel=canonical", "</b>; rel=canonical"], "/a"),
        (["</a>; rel=canonical, </b>; rel=canonical"], "/a"),
        (["<>; rel=canonical"], ""),
        (["</a>; rel=canonically"], None),
        (["</a>; rel=alternate"], None),
        (["</a>; x-rel=canonical"], None),
        (["</a>"], None),
        (["/a; rel=canonical"], None),
        (["rel=canonical"], None),
        (["</a; rel=canonical"], None),
        ([""], None),
    ],
)
def test_the_first_canonical_of_the_link_headers(headers, href):
    assert canonical_link(headers) == href


@pytest.mark.parametrize(
    "header",
    [
        "<" * 16_000,
        "<a>;b" + " " * 16_000,
        "<a>" + " ;" * 8_000,
        '<a>;b="' + "a" * 16_000,
        "<a>;b" * 3_000,
        "<a" * 8_000,
    ],
    ids=lambda header: header[:8],
)
def test_a_hostile_header_takes_no_time(header):
    start = time.process_time()
    assert canonical_link([header]) is None
    assert time.process_time() - start < 0.5


@given(st.text(st.characters()))
def test_no_text_makes_them_fail(text):
    is_html(text)
    canonical_link([text, f"<{text}>; rel=canonical"])
