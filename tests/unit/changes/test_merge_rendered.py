"""A page's links as its HTML has them and as its rendering has them, in one list."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.changes.matching import merge_rendered
from backlink_crawler.links.stages import tag_link
from backlink_crawler.model import AnchorSource, Link, LinkOrigin, LinkType, Url

A, B, C = "https://a.example/", "https://b.example/", "https://c.example/"
HTML, RENDERED, BOTH, REMOVED = LinkOrigin.HTML, LinkOrigin.RENDERED, LinkOrigin.BOTH, LinkOrigin.REMOVED


def link(anchor: str, rel: str = "", *, to: str = A, link_type: LinkType = LinkType.TEXT) -> Link:
    host = to.split("/")[2]
    made = Link("a", to, link_type, anchor, AnchorSource.TEXT, rel, to=Url(to, host, host, to))
    tag_link(made)
    return made


def told(links: list[Link]) -> list[tuple[str, LinkOrigin]]:
    return [(each.anchor, each.origin) for each in links]


def test_a_page_that_scripts_leave_alone_has_all_in_both():
    html = [link("one"), link("two", "nofollow"), link("one", to=B)]
    merged = merge_rendered(html, [link("one"), link("two", "nofollow"), link("one", to=B)])
    assert told(merged) == [("one", BOTH), ("two", BOTH), ("one", BOTH)]
    assert [each.rendered_rel for each in merged] == [None, None, None]


def test_what_scripts_add_comes_after_the_html():
    merged = merge_rendered([link("one")], [link("zero"), link("one"), link("two", to=B)])
    assert told(merged) == [("one", BOTH), ("zero", RENDERED), ("two", RENDERED)]


def test_an_empty_shell_has_only_what_scripts_write():
    assert told(merge_rendered([], [link("one"), link("two", to=B)])) == [("one", RENDERED), ("two", RENDERED)]


def test_what_scripts_remove_is_kept_and_marked():
    assert told(merge_rendered([link("one"), link("two", to=B)], [])) == [("one", REMOVED), ("two", REMOVED)]
    assert told(merge_rendered([link("one"), link("two")], [link("two")])) == [("one", REMOVED), ("two", BOTH)]


def test_what_a_rendering_lacks_that_is_not_whole_nobody_has_removed():
    merged = merge_rendered([link("one"), link("two", to=B)], [link("one"), link("three")], is_whole=False)
    assert told(merged) == [("one", BOTH), ("two", LinkOrigin.HTML), ("three", RENDERED)]


def test_the_html_s_own_links_come_back_as_the_html_has_them():
    html = [link("one"), link("two", to=B)]
    merged = merge_rendered(html, [link("eins"), link("two", to=B)])
    assert [id(each) for each in merged] == [id(each) for each in html]
    assert told(merged) == [("one", BOTH), ("two", BOTH)]


def test_where_a_link_stands_in_the_rendered_page_does_not_matter():
    html = [link("one"), link("two"), link("three", to=B)]
    merged = merge_rendered(html, [link("three", to=B), link("two"), link("one")])
    assert told(merged) == [("one", BOTH), ("two", BOTH), ("three", BOTH)]


def test_of_equal_links_scripts_have_added_the_rest():
    merged = merge_rendered([link("one")], [link("one"), link("one"), link("one")])
    assert told(merged) == [("one", BOTH), ("one", RENDERED), ("one", RENDERED)]
    assert told(merge_rendered([link("one"), link("one")], [link("one")])) == [("one", BOTH), ("one", REMOVED)]


def test_links_of_another_type_or_to_another_url_are_others():
    image = link("one", link_type=LinkType.IMAGE)
    assert told(merge_rendered([link("one")], [image])) == [("one", REMOVED), ("one", RENDERED)]
    assert told(merge_rendered([link("one")], [link("one", to=B)])) == [("one", REMOVED), ("one", RENDERED)]


@pytest.mark.parametrize(
    ("html", "scripts", "rendered_rel", "flags"),
    [
        ("", "", None, (False, False, False)),
        ("noopener", "noopener", None, (False, False, False)),
        ("", "nofollow", ("nofollow",), (True, False, False)),
        ("nofollow", "", (), (True, False, False)),
        ("nofollow", "ugc", ("ugc",), (True, False, True)),
        ("sponsored noopener", "noopener", ("noopener",), (False, True, False)),
    ],
)
def test_a_rel_that_scripts_change_is_kept_beside_the_html_s_and_a_link_is_what_either_says(
    html: str, scripts: str, rendered_rel: tuple[str, ...] | None, flags: tuple[bool, bool, bool]
):
    (merged,) = merge_rendered([link("one", html)], [link("one", scripts)])
    assert merged.rel == tuple(html.split())
    assert merged.rendered_rel == rendered_rel
    assert (merged.is_nofollow, merged.is_sponsored, merged.is_ugc) == flags


def test_equal_words_with_equal_rel_are_the_same_before_those_with_another():
    merged = merge_rendered([link("one", "nofollow"), link("one")], [link("one")])
    assert told(merged) == [("one", REMOVED), ("one", BOTH)]
    assert merged[1].rendered_rel is None


def test_a_link_that_scripts_add_has_its_own_rel():
    (merged,) = merge_rendered([], [link("one", "ugc nofollow")])
    assert (merged.rel, merged.rendered_rel, merged.is_nofollow) == (("ugc", "nofollow"), None, True)


_LINKS = st.lists(
    st.builds(
        link,
        st.sampled_from(["", "one", "two"]),
        st.sampled_from(["", "nofollow", "ugc"]),
        to=st.sampled_from([A, B, C]),
        link_type=st.sampled_from([LinkType.TEXT, LinkType.IMAGE]),
    ),
    max_size=8,
)


def where(links: list[Link]) -> Counter[tuple[int, str]]:
    return Counter((each.link_type, each.href) for each in links)


@given(_LINKS, _LINKS)
def test_the_origins_add_up_to_the_html_and_to_the_rendering(html: list[Link], rendered: list[Link]):
    of_html, of_rendered = where(html), where(rendered)
    merged = merge_rendered(html, rendered)
    by = {origin: where([each for each in merged if each.origin is origin]) for origin in LinkOrigin}
    assert not by[HTML]
    assert by[BOTH] + by[REMOVED] == of_html
    assert by[BOTH] + by[RENDERED] == of_rendered
    assert not by[REMOVED] & by[RENDERED], "one to the same URL would have been the same"
    assert all(each.rendered_rel is None or each.origin is BOTH for each in merged)


@given(_LINKS, st.randoms(use_true_random=False))
def test_a_page_that_is_only_turned_around_has_all_in_both(links: list[Link], random):
    rendered = [link(each.anchor, each.rel_attribute, to=each.href, link_type=each.link_type) for each in links]
    random.shuffle(rendered)
    merged = merge_rendered(links, rendered)
    assert [id(each) for each in merged] == [id(each) for each in links]
    assert all(each.origin is BOTH and each.rendered_rel is None for each in merged)
