"""Which of a page's links is which, from one visit to the next."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.changes.matching import KnownLink, Matched, match_links
from backlink_crawler.model import AnchorSource, Link, LinkStatus, LinkType, Url

A, B = "https://a.example/", "https://b.example/"


def known(
    link_id: int,
    anchor: str,
    rel: tuple[str, ...] = (),
    *,
    to: str = A,
    status: LinkStatus = LinkStatus.LIVE,
    link_type: LinkType = LinkType.TEXT,
) -> KnownLink:
    return KnownLink(link_id, link_type, to, anchor, rel, None, status, "nofollow" not in rel, AnchorSource.TEXT)


def seen(anchor: str, rel: tuple[str, ...] = (), *, to: str = A, link_type: LinkType = LinkType.TEXT) -> Link:
    link = Link("a", to, link_type, anchor, AnchorSource.TEXT, " ".join(rel), rel=rel)
    link.to = Url(to, to.split("/")[2], to.split("/")[2], to)
    return link


def told(matched: Matched) -> tuple[dict[int, str], list[str], list[int]]:
    """Kept (id → the anchor seen), found (anchors), gone (ids)."""
    kept = {old.link_id: new.anchor for old, new in matched.kept}
    assert len(kept) == len(matched.kept)
    return kept, [new.anchor for new in matched.found], [old.link_id for old in matched.gone]


def test_the_first_visit_finds_all():
    assert told(match_links([], [seen("one"), seen("two", to=B)])) == ({}, ["one", "two"], [])


def test_an_unchanged_page_keeps_all():
    olds = [known(1, "one"), known(2, "two", ("nofollow",)), known(3, "one", to=B)]
    news = [seen("one"), seen("two", ("nofollow",)), seen("one", to=B)]
    assert told(match_links(olds, news)) == ({1: "one", 2: "two", 3: "one"}, [], [])


def test_an_edited_anchor_is_one_change():
    olds = [known(1, "one"), known(2, "two"), known(3, "three")]
    news = [seen("one"), seen("zwei"), seen("three")]
    assert told(match_links(olds, news)) == ({1: "one", 2: "zwei", 3: "three"}, [], [])


def test_a_changed_rel_is_the_same_link():
    assert told(match_links([known(1, "one")], [seen("one", ("nofollow",))])) == ({1: "one"}, [], [])


def test_a_removed_duplicate_is_the_one_that_went():
    olds = [known(1, "one"), known(2, "two"), known(3, "three")]
    assert told(match_links(olds, [seen("one"), seen("three")])) == ({1: "one", 3: "three"}, [], [2])


def test_of_equal_duplicates_the_last_is_the_one_that_went():
    assert told(match_links([known(1, "one"), known(2, "one")], [seen("one")])) == ({1: "one"}, [], [2])


def test_an_added_duplicate_is_the_one_that_is_found():
    assert told(match_links([known(1, "one")], [seen("zero"), seen("one")])) == ({1: "one"}, ["zero"], [])
    assert told(match_links([known(1, "one")], [seen("one"), seen("one")])) == ({1: "one"}, ["one"], [])


def test_links_that_changed_places_are_the_same():
    olds = [known(1, "one"), known(2, "two"), known(3, "three")]
    news = [seen("three"), seen("one"), seen("two")]
    assert told(match_links(olds, news)) == ({1: "one", 2: "two", 3: "three"}, [], [])


def test_what_is_neither_equal_nor_gone_is_paired_in_document_order():
    olds = [known(1, "one"), known(2, "two"), known(3, "three")]
    news = [seen("eins"), seen("three"), seen("zwei")]
    assert told(match_links(olds, news)) == ({1: "eins", 2: "zwei", 3: "three"}, [], [])


def test_an_edit_and_a_removal_at_once_are_told_in_document_order():
    assert told(match_links([known(1, "one"), known(2, "two")], [seen("new")])) == ({1: "new"}, [], [2])


def test_equal_words_with_another_rel_are_not_equal():
    olds = [known(1, "one"), known(2, "one", ("nofollow",))]
    assert told(match_links(olds, [seen("one", ("nofollow",))])) == ({2: "one"}, [], [1])


def test_links_to_different_urls_are_never_the_same():
    assert told(match_links([known(1, "one")], [seen("one", to=B)])) == ({}, ["one"], [1])


def test_links_of_different_types_are_never_the_same():
    old = known(1, "one", link_type=LinkType.IMAGE)
    assert told(match_links([old], [seen("one")])) == ({}, ["one"], [1])
    assert told(match_links([known(1, "", link_type=LinkType.REDIRECT)], [])) == ({}, [], [1])


@pytest.mark.parametrize("status", [LinkStatus.MISSING, LinkStatus.LOST])
def test_a_link_that_is_back_is_the_one_that_was(status):
    assert told(match_links([known(7, "one", status=status)], [seen("one")])) == ({7: "one"}, [], [])
    assert told(match_links([known(7, "one", status=status)], [seen("other words")])) == ({7: "other words"}, [], [])


def test_live_links_are_paired_before_lost_ones():
    olds = [known(1, "one", status=LinkStatus.LOST), known(2, "one")]
    assert told(match_links(olds, [seen("one")])) == ({2: "one"}, [], [])
    olds = [known(1, "old", status=LinkStatus.LOST), known(2, "two")]
    assert told(match_links(olds, [seen("new")])) == ({2: "new"}, [], [])


def test_equal_words_bring_a_lost_link_back_even_beside_a_live_one():
    olds = [known(1, "one"), known(2, "two", status=LinkStatus.LOST)]
    assert told(match_links(olds, [seen("one"), seen("two")])) == ({1: "one", 2: "two"}, [], [])


@pytest.mark.parametrize(
    ("status", "gone"),
    [(LinkStatus.LIVE, [1]), (LinkStatus.MISSING, [1]), (LinkStatus.LOST, [])],
)
def test_what_is_lost_already_does_not_go_again(status, gone):
    assert told(match_links([known(1, "one", status=status)], [])) == ({}, [], gone)


def test_a_kept_link_comes_with_what_it_looks_like_now():
    new = seen("zwei", ("nofollow",))
    old = known(1, "two")
    assert match_links([old], [new]).kept == [(old, new)]


_WORDS = st.tuples(st.sampled_from(["", "one", "two"]), st.sampled_from([(), ("nofollow",)]), st.sampled_from([A, B]))
_STATUSES = st.sampled_from(LinkStatus)


@given(st.lists(st.tuples(_WORDS, _STATUSES)), st.lists(_WORDS))
def test_every_link_is_kept_found_or_gone_exactly_once(old_words, new_words):
    number = count(1)
    olds = [known(next(number), words, rel, to=to, status=status) for (words, rel, to), status in old_words]
    news = [seen(words, rel, to=to) for words, rel, to in new_words]
    matched = match_links(olds, news)
    kept_ids = [old.link_id for old, _ in matched.kept]
    gone_ids = [old.link_id for old in matched.gone]
    assert len(set(kept_ids + gone_ids)) == len(kept_ids + gone_ids)
    assert sorted(map(id, [new for _, new in matched.kept] + matched.found)) == sorted(map(id, news))
    neither = [old for old in olds if old.link_id not in {*kept_ids, *gone_ids}]
    assert all(old.status in {LinkStatus.MISSING, LinkStatus.LOST} for old in neither)
    for old, new in matched.kept:
        assert new.to is not None
        assert (old.link_type, old.url_to) == (new.link_type, new.to.text)


@given(st.lists(_WORDS), st.randoms(use_true_random=False))
def test_a_page_whose_links_only_moved_has_not_changed(words, random):
    olds = [known(number, anchor, rel, to=to) for number, (anchor, rel, to) in enumerate(words)]
    news = [seen(anchor, rel, to=to) for anchor, rel, to in words]
    random.shuffle(news)
    matched = match_links(olds, news)
    assert (matched.found, matched.gone) == ([], [])
    assert all((old.anchor, old.rel) == (new.anchor, new.rel) for old, new in matched.kept)
