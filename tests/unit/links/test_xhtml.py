"""XHTML is read as XML. Expected values are what Chromium 156 shows, but for pages that are not well-formed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.html import ParsedPage, parse_body

XHTML = "application/xhtml+xml"
DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
    '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n'
)


def parse(body: str, head: str = "<title>T</title>", prolog: str = DOCTYPE) -> ParsedPage:
    page = f'{prolog}<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head>{head}</head><body>{body}</body></html>'
    return parse_body(page.encode(), "https://garden.example/", XHTML, every_link=True)


def links(page: ParsedPage) -> list[tuple[str, str]]:
    return [(link.href.removeprefix("https://"), link.anchor) for link in page.links]


def test_an_empty_element_ends_at_once():
    page = parse('<a id="top"/>Friends: <a href="https://roses.example/">Roses</a>', '<script src="/menu.js"/>')
    assert links(page) == [("roses.example/", "Roses")]
    assert page.hints.scripts


def test_facts_of_the_page():
    head = (
        "<title>Garden &amp; club</title><meta name='robots' content='nofollow'/><base href='/sub/'/>"
        "<link rel='canonical' href='https://garden.example/c'/>"
    )
    page = parse('<a href="rel" rel="ugc">r</a>', head)
    assert (page.facts.title, page.facts.language, page.facts.canonical) == (
        "Garden & club",
        "en",
        "https://garden.example/c",
    )
    assert page.facts.robots.nofollow
    assert links(page)[0] == ("garden.example/sub/rel", "r")
    assert page.links[0].rel_attribute == "ugc"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<a href='https://x.example/?a=1&amp;b=&#233;'>x&nbsp;&eacute; &lt;b&gt;</a>",
            ("x.example/?a=1&b=%C3%A9", "x é <b>"),
        ),
        ("<a href='https://x.example/'><![CDATA[<b>&amp;]]></a>", ("x.example/", "<b>&amp;")),
        ("<p><table><a href='https://x.example/'>x<div>y</div></a></table></p>", ("x.example/", "x y")),
        ("<noscript><a href='https://x.example/'>x</a></noscript>", ("x.example/", "x")),
        ("<noframes><a href='https://x.example/'>x</a></noframes>", ("x.example/", "x")),
        ("<textarea><a href='https://x.example/'>x</a></textarea>", ("x.example/", "x")),
        ("<h:a xmlns:h='http://www.w3.org/1999/xhtml' href='https://x.example/'>x</h:a>", ("x.example/", "x")),
        (
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink'><a x:href='https://x.example/'>x</a></svg>",
            ("x.example/", "x"),
        ),
        ("<div><template shadowrootmode='open'><a href='https://no.example/'>n</a></template></div>", None),
        ("<A href='https://no.example/'>n</A>", None),
        ("<a xmlns='urn:other' href='https://no.example/'>n</a>", None),
        ("<!-- <a href='https://no.example/'>n</a> -->", None),
        ("<script><![CDATA[<a href='https://no.example/'>n</a>]]></script>", None),
    ],
)
def test_what_counts_as_a_link(body, expected):
    assert links(parse(body)) == ([expected] if expected else [])


def test_a_link_in_a_link_is_one_of_its_own():
    body = "<a href='https://out.example/'>out<a href='https://in.example/'>in</a></a>"
    assert links(parse(body)) == [("out.example/", "outin"), ("in.example/", "in")]


@pytest.mark.parametrize(
    "wrong",
    [
        "<p>a < b",
        "<br>",
        "<p>1<p>2",
        "<p class=x>",
        "<o:p>office</o:p>",
        "<b><i></b></i>",
        "\x0b",
        "<p a='1' a='2'/>",
        "&",
    ],
)
def test_a_page_that_is_not_well_formed_is_read_as_html_and_loses_no_link(wrong):
    before, after = "<a href='https://before.example/'>b</a>", "<a href='https://after.example/?a=1&b=2'>a</a>"
    page = parse(before + wrong + after, "<title/><script src='/a.js' />")
    assert [link.href for link in page.links] == ["https://before.example/", "https://after.example/?a=1&b=2"]


def test_no_entity_is_expanded_or_loaded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    declared = f'<!ENTITY secret SYSTEM "{secret.as_uri()}"><!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    )
    start = time.process_time()
    page = parse("<a href='https://x.example/'>&secret;&a11;</a>", prolog=f"<!DOCTYPE html [{declared}]>")
    assert time.process_time() - start < 0.5
    assert links(page) == [("x.example/", "&secret;&a11;")]


@pytest.mark.parametrize(
    "body",
    [
        "<a " * 100_000,
        "<a '" * 100_000,
        "<!--" * 100_000,
        "<![CDATA[" * 100_000,
        "&amp" * 100_000,
        "<?" * 100_000,
    ],
    ids=lambda body: body[:9],
)
def test_a_hostile_page_takes_less_than_a_second(body):
    start = time.process_time()
    parse(body)
    assert time.process_time() - start < 1


_PIECES = "<a href='/x'>|</a>|<p>|</p>|<br/>|&amp;|&nbsp;|&|<![CDATA[|]]>|<!--|-->|<?x ?>|<|>|x|\x00|\ud800|<svg:a>|xmlns='u'|é".split(
    "|"
)


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_no_page_makes_it_fail(body):
    parse_body(
        f'<html xmlns="http://www.w3.org/1999/xhtml">{body}'.encode("utf-8", "replace"), "https://x.example/", XHTML
    )
    parse_body(body.encode("utf-8", "replace"), "https://x.example/", XHTML)
