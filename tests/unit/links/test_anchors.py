"""The words of a link, and the words around it, as a reader sees them."""

from __future__ import annotations

import pytest

from backlink_crawler.links.html import parse_page
from backlink_crawler.model import AnchorSource, Link, LinkType


def link_of(text: str) -> Link:
    """The first link of a page."""
    return parse_page(text, "https://example.com/").links[0]


def anchor(inner: str, attributes: str = "") -> str:
    return link_of(f"<a href=//other.example/ {attributes}>{inner}</a>").anchor


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("words", "words"),
        ("  two \n\t words\xa0\u3000here ", "two words here"),
        ("a<b>b</b>c", "abc"),
        ("<span>a</span><span>b</span>", "ab"),
        ("a &amp; b &lt;i&gt; &eacute;&#x1F600;", "a & b <i> é😀"),
        ("日本語の<em>リンク</em>", "日本語のリンク"),
        ("a<!-- not seen -->b", "ab"),
        ("a&#0;b", "a�b"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_an_anchor_is_the_text_with_its_white_space_collapsed(inner, words):
    assert anchor(inner) == words


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("a<br>b", "a b"),
        ("a<br/> <br>b", "a b"),
        ("<div>a</div><div>b</div>", "a b"),
        ("a<div>b</div>c", "a b c"),
        ("<h2>a</h2>b", "a b"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("<p>a</p>b", "a b"),
        ("<section>a<section>b</section></section>", "a b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<b>a<br></b>b", "a b"),
        ("a<wbr>b", "ab"),
        ("a<span> </span>b", "a b"),
    ],
)
def test_words_part_where_a_browser_shows_a_break(inner, words):
    assert anchor(inner) == words


@pytest.mark.parametrize(
    "inner",
    [
        "<script>not seen</script>a",
        "<style>.not-seen{}</style>a",
        "<template>not seen<b>nor this</b></template>a",
        "<b>a<script>not seen</script></b>",
        "<div><style>not seen</style>a</div>",
    ],
)
def test_script_style_and_template_are_left_out(inner):
    assert anchor(inner) == "a"


def test_the_text_as_it_stands_is_kept_beside_the_words():
    link = link_of("<a href=//other.example/> a\n<b>b</b><br>c<script>d</script> </a>")
    assert link.text == " a\nbc "
    assert link.anchor == "a b c"


@pytest.mark.parametrize(
    ("html", "words", "source", "link_type"),
    [
        ("<a href={0}>text<img alt=alt></a>", "text", AnchorSource.TEXT, LinkType.TEXT),
        ("<a href={0} title=title>text</a>", "text", AnchorSource.TEXT, LinkType.TEXT),
        ("<a href={0} title=title><img alt=' an  alt '></a>", "an alt", AnchorSource.ALT, LinkType.IMAGE),
        ("<a href={0}><img alt=one><b><img alt=two></b></a>", "one two", AnchorSource.ALT, LinkType.IMAGE),
        ("<a href={0}> \n <img alt=alt></a>", "alt", AnchorSource.ALT, LinkType.IMAGE),
        ("<a href={0} title=title><img></a>", "title", AnchorSource.TITLE, LinkType.IMAGE),
        ("<a href={0} title=title><img alt=''></a>", "title", AnchorSource.TITLE, LinkType.IMAGE),
        ("<a href={0}><img src=a.png></a>", "", AnchorSource.NONE, LinkType.IMAGE),
        ("<a href={0} title='a  title'></a>", "a title", AnchorSource.TITLE, LinkType.TEXT),
        ("<a href={0}></a>", "", AnchorSource.NONE, LinkType.TEXT),
        ("<a href={0} title></a>", "", AnchorSource.NONE, LinkType.TEXT),
        ("<a href={0}><svg><title>icon</title></svg></a>", "icon", AnchorSource.TEXT, LinkType.TEXT),
        ("<a href={0}><script>x</script><img alt=alt></a>", "alt", AnchorSource.ALT, LinkType.IMAGE),
        ("<map><area href={0} alt='an area' title=title></map>", "an area", AnchorSource.ALT, LinkType.IMAGE),
        ("<map><area href={0} title=title></map>", "title", AnchorSource.TITLE, LinkType.IMAGE),
        ("<map><area href={0}></map>", "", AnchorSource.NONE, LinkType.IMAGE),
    ],
)
def test_without_text_the_alt_speaks_and_without_that_the_title(html, words, source, link_type):
    link = link_of(html.format("//other.example/"))
    assert (link.anchor, link.anchor_source, link.link_type) == (words, source, link_type)


def test_an_anchor_is_cut_at_a_thousand_characters():
    assert anchor("a" * 1_500) == "a" * 1_000
    assert anchor("<b>" + "a" * 1_500 + "</b>c") == "a" * 1_000
    assert anchor("a " * 600) == ("a " * 500).rstrip()
    assert anchor(f"<img alt='{'é' * 1_500}'>") == "é" * 1_000
    assert anchor("", f"title='{'é' * 1_500}'") == "é" * 1_000


def test_the_text_beside_it_is_cut_at_four_thousand():
    assert link_of(f"<a href=//other.example/>{'a' * 9_000}</a>").text == "a" * 4_000
    assert link_of(f"<a href=//other.example/><b>{'a' * 3_000}</b>{'b' * 9_000}</a>").text == "a" * 3_000 + "b" * 1_000


def test_a_link_in_a_link_ends_the_outer_one_as_in_a_browser():
    page = parse_page("<a href=//one.example/>one <a href=//two.example/>two</a> three</a>", "https://example.com/")
    assert [(link.href, link.anchor) for link in page.links] == [
        ("https://one.example/", "one"),
        ("https://two.example/", "two"),
    ]


def test_where_links_can_stand_in_links_the_outer_one_has_the_words_of_both():
    page = parse_page(
        "<a href=//one.example/>one<table><tr><td><a href=//two.example/>two</a></table></a>",
        "https://example.com/",
    )
    assert [(link.href, link.anchor) for link in page.links] == [
        ("https://one.example/", "one two"),
        ("https://two.example/", "two"),
    ]


def test_an_unclosed_link_goes_on_to_the_end_of_what_holds_it():
    assert link_of("<p><a href=//other.example/>a<b>b</b> c</p>").anchor == "ab c"


# Snippets


@pytest.mark.parametrize(
    ("html", "left", "right"),
    [
        ("<p>Before {0} after.</p>", "Before", "after."),
        ("<p>One</p><p>Before {0} after.</p><p>Two</p>", "Before", "after."),
        ("<p>A <b>bold {0} word</b> here</p>", "A bold", "word here"),
        ("<p>A<i>b</i>{0}<i>c</i>d</p>", "Ab", "cd"),
        ("<p>Line<br>before {0} after<br>line</p>", "before", "after"),
        ("<ul><li>One</li><li>{0}</li><li>Two</li></ul>", "", ""),
        ("<p>a<script>b</script>{0}<style>c</style>d</p>", "a", "d"),
        ("<p><a href=/x>other</a> {0} <a href=/y>link</a></p>", "other", "link"),
        ("<table><tr><td>a</td><td>b {0} c</td></tr></table>", "b", "c"),
        ("{0}", "", ""),
        ("Before\n {0}\n after", "Before", "after"),
    ],
)
def test_a_snippet_is_what_a_reader_sees_beside_the_link_in_its_block(html, left, right):
    link = link_of(html.format("<a href=//other.example/>link</a>"))
    assert (link.snippet_left, link.snippet_right) == (left, right)


def test_a_snippet_has_at_most_eighty_characters_those_nearest_to_the_link():
    link = link_of(f"<p>{'a' * 100}{'b' * 80}<a href=//other.example/>link</a>{'c' * 80}{'d' * 100}</p>")
    assert link.snippet_left == "b" * 80
    assert link.snippet_right == "c" * 80


def test_only_links_that_leave_the_domain_have_snippets():
    page = parse_page("<p>Before <a href=/a>link</a> after</p>", "https://example.com/", every_link=True)
    assert (page.links[0].snippet_left, page.links[0].snippet_right) == ("", "")
