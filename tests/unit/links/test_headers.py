"""What response headers say of a page."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.headers import canonical_link, redirect_url
from backlink_crawler.model import Refusal


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"/new", "https://news.example/new"),
        (b"new", "https://news.example/a/new"),
        (b"//other.example/new", "https://other.example/new"),
        (b"/caf\xc3\xa9", "https://news.example/caf%C3%A9"),
        (b"/caf\xe9?q=\xe9", "https://news.example/caf%E9?q=%E9"),
        (b"https://caf\xc3\xa9.example/", "https://xn--caf-dma.example/"),
        (b"https://caf\xe9.example/", Refusal.INVALID_URL),
        (b"http%3A//news.example/quoted", "https://news.example/a/http%3A//news.example/quoted"),
        (b"  /with space ", "https://news.example/with%20space"),
        (b"\\\\other.example\\new", "https://other.example/new"),
        (b"https://user:secret@other.example/", "https://other.example/"),
        (b"javascript:alert(1)", Refusal.SCHEME_JAVASCRIPT),
    ],
)
def test_where_a_location_leads_is_what_chromium_156_makes_of_its_bytes(location, expected):
    assert redirect_url(location, "https://news.example/a/b") == expected


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
    redirect_url(text.encode("utf-8", "replace"), "https://example.com/")
    canonical_link([text, f"<{text}>; rel=canonical"])
