"""In which part of its page a link stands."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.html import parse_page
from backlink_crawler.model import NOWHERE, Link, Position

LINK = '<a href="//to.test/">the shop</a>'
WORDS = "Every morning we walk to a small place by the river where people roast beans and talk about them for hours. "
TEXT = f"<p>{WORDS}</p><p>{WORDS}{WORDS}</p>"
PLACES = {
    "in a paragraph of the text": (
        f"<main><article>{TEXT}<p>{WORDS} Go to {LINK} and taste them.</p></article></main>",
        "content",
    ),
    "in a text without landmarks": (
        f"<div class=post>{TEXT}<p>{WORDS} Go to {LINK} and taste them.</p></div>",
        "content",
    ),
    "in a menu": (f"<nav><ul><li>{LINK}</ul></nav><main>{TEXT}</main>", "nav"),
    "in a menu by its role": (f"<div role=navigation>{LINK}</div><main>{TEXT}</main>", "nav"),
    "in a menu by its class": (f'<div class="main-navigation">{LINK}</div>{TEXT}', "nav"),
    "in a menu in the header": (f"<header><nav>{LINK}</nav></header>{TEXT}", "nav"),
    "in the header": (f"<header><b>{LINK}</b></header>{TEXT}", "header"),
    "in a header by its German name": (f"<div id=kopfzeile>{LINK}</div>{TEXT}", "header"),
    "in the footer": (f"{TEXT}<footer><p>{WORDS} {LINK} {WORDS}</p></footer>", "footer"),
    "in a footer by its class": (f'{TEXT}<div class="siteFooter_inner">{LINK}</div>', "footer"),
    "in a footer by its role": (f"{TEXT}<div role=contentinfo>{LINK}</div>", "footer"),
    "in a sidebar": (f"<main>{TEXT}</main><aside><ul><li>{LINK}</ul></aside>", "sidebar"),
    "in a teaser in a sidebar": (f"<main>{TEXT}</main><aside><article>{LINK}</article></aside>", "sidebar"),
    "in a sidebar by its class": (f'{TEXT}<div class="sidebar-left"><li>{LINK}</div>', "sidebar"),
    "in a page that has a sidebar": (f'<div class="has-sidebar">{TEXT}<ul><li>{LINK}</ul></div>', "list"),
    "in a comment": (f"<main>{TEXT}<ol class=comments><li>{LINK}</ol></main>", "comments"),
    "in a comment by its French name": (f"{TEXT}<div class=commentaires><div>{LINK}</div></div>", "comments"),
    "in a list": (f"<main>{TEXT}<ul><li>{LINK}<li>{LINK}</ul></main>", "list"),
    "in a table": (f"<main>{TEXT}<table><tr><td>{LINK}</table></main>", "list"),
    "nobody knows": (f"<main>{TEXT}<div>{LINK}</div></main>", "unknown"),
}


def links_of(html: str) -> list[Link]:
    return parse_page(html, "https://from.test/").links


@pytest.mark.parametrize("name", PLACES)
def test_its_part_of_the_page(name: str) -> None:
    html, position = PLACES[name]
    assert links_of(html)[0].placement.position.name.lower() == position


def test_words_and_density_are_those_of_the_block_that_it_stands_in() -> None:
    (link,) = links_of(
        '<div>not <p>one <b>two</b> <a href="//to.test/">three<i> four</i></a> five<br>six</p> this</div>'
    )
    assert (link.placement.block_words, link.placement.density) == (6, 33)


def test_order_goes_from_the_first_link_of_the_page_to_the_last() -> None:
    html = "<a href=/a>a</a><a href=//to.test/1>b</a><a href=/c>c</a><a href=/d>d</a><a href=//to.test/2>e</a>"
    assert [link.placement.order for link in links_of(html)] == [250, 1000]
    assert links_of(LINK)[0].placement.order == 0


def test_links_of_one_slot_have_equal_paths_on_every_page() -> None:
    one, two = (
        '<div class=box><a class=x href="//to.test/">a</a></div>',
        '<div class=box id=b><p></p><a class=x href="//b.test/">',
    )
    other = '<div class=boxes><a class=x href="//to.test/">a</a></div>'
    assert links_of(one)[0].placement.path == links_of(two)[0].placement.path
    assert links_of(one)[0].placement.path != links_of(other)[0].placement.path


def test_what_is_no_link_of_the_text_has_no_place() -> None:
    page = '<link rel=canonical href="//to.test/"><iframe src="//to.test/"></iframe>'
    assert {link.placement for link in links_of(page)} == {NOWHERE}


@given(
    st.recursive(
        st.sampled_from([LINK, "<p>text", "<br>", "<!--x-->", "<script>x</script>", WORDS]),
        _nested := lambda inner: st.tuples(
            st.sampled_from("div p nav main article footer ul li table td svg a template noscript header b".split()),
            st.lists(inner, max_size=4),
        ).map(lambda made: f"<{made[0]} class='{made[0]} x'>{''.join(made[1])}</{made[0]}>"),
        max_leaves=30,
    )
)
def test_any_tree_has_a_place_for_each_link(html: str) -> None:
    for link in links_of(html):
        place = link.placement
        assert isinstance(place.position, Position)
        assert place.order is not None
        assert 0 <= place.order <= 1000
        assert place.density is None or 0 <= place.density <= 100
        assert place.path is None or -(1 << 15) <= place.path < 1 << 15


HOSTILE = {
    "many links in blocks in one another": "<div>" * 300
    + "".join(f"<div>{WORDS}<a href=//a{n}.test>x</a>" for n in range(300)),
    "100,000 links": "".join(f"<a href=//a{n}.test>x</a>" for n in range(100_000)),
    "a paragraph each": "".join(f"<div><p>{WORDS}<a href=//a{n}.test>x</a></div>" for n in range(9_000)),
    "paragraphs in one another": f"<p>{WORDS}<table><td>" * 250 + LINK,
    "empty elements beside each link": "".join(
        f"<div>{'<i></i>' * 50}{WORDS}<a href=//a{n}.test>x</a>" for n in range(400)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_takes_no_longer_than_its_size_allows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.thread_time()
    links_of(HOSTILE[name])
    took = time.thread_time() - began
    monkeypatch.setattr("backlink_crawler.links.html.Placements.place", lambda *_: NOWHERE)
    began = time.thread_time()
    links_of(HOSTILE[name])
    assert took < 4 * (time.thread_time() - began) + 1
