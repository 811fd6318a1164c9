"""rel attributes and robots directives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.tags import header_robots, is_nofollow, meta_robots, most_restrictive, rel_tokens
from backlink_crawler.model import RobotsFacts

NEITHER = RobotsFacts(nofollow=False, noindex=False)
NOFOLLOW = RobotsFacts(nofollow=True, noindex=False)
NOINDEX = RobotsFacts(nofollow=False, noindex=True)
BOTH = RobotsFacts(nofollow=True, noindex=True)


@pytest.mark.parametrize(
    ("rel", "tokens"),
    [
        ("nofollow", ("nofollow",)),
        ("NoFollow UGC", ("nofollow", "ugc")),
        ("nofollow,sponsored", ("nofollow", "sponsored")),
        (" nofollow ,\n\tugc,, ", ("nofollow", "ugc")),
        ("me noopener noreferrer", ("me", "noopener", "noreferrer")),
        ("nofollow nofollow ugc NOFOLLOW", ("nofollow", "ugc")),
        ("no-follow nofollow2", ("no-follow", "nofollow2")),
        ("http://other.example/rel#x", ("http://other.example/rel#x",)),
        ("", ()),
        (" , ", ()),
    ],
)
def test_rel_is_split_on_white_space_and_commas_lower_cased_all_tokens_kept(rel, tokens):
    assert rel_tokens(rel) == tokens


def test_a_rel_of_a_thousand_tokens_is_cut():
    assert rel_tokens(" ".join(f"token{number}" for number in range(1_000))) == tuple(f"token{n}" for n in range(32))


@pytest.mark.parametrize(
    "rest", ["a" * 10_000, "é" * 10_000, "İ" * 10_000, "😀" * 10_000, "日本 " * 5_000, "\ud800" * 10_000]
)
def test_all_tokens_of_a_rel_together_fit_a_row_of_an_index(rest):
    tokens = rel_tokens(f"NoFollow ugc {rest}")
    assert tokens[:2] == ("nofollow", "ugc")
    assert sum(len(token.encode("utf-8")) for token in tokens) <= 2_000


def test_white_space_takes_no_room_in_a_rel():
    assert rel_tokens(" " * 5_000 + "nofollow") == ("nofollow",)


@pytest.mark.parametrize(
    ("rel", "expected"),
    [
        ("nofollow", True),
        ("ugc,NOFOLLOW", True),
        ("nofollow-me", False),
        ("xnofollow", False),
        ("ugc sponsored", False),
        ("", False),
    ],
)
def test_nofollow_is_a_token_of_its_own(rel, expected):
    assert is_nofollow(rel) is expected


@pytest.mark.parametrize(
    ("metas", "expected"),
    [
        ([], NEITHER),
        ([("robots", "nofollow")], NOFOLLOW),
        ([("robots", "noindex")], NOINDEX),
        ([("robots", "noindex, nofollow")], BOTH),
        ([("robots", "noindex nofollow")], BOTH),
        ([("robots", "none")], BOTH),
        ([("ROBOTS", "NoIndex,NOFOLLOW")], BOTH),
        ([(" robots ", " none ")], BOTH),
        ([("robots", "all")], NEITHER),
        ([("robots", "index, follow")], NEITHER),
        ([("robots", "")], NEITHER),
        ([("robots", "nofollowing")], NEITHER),
        ([("robots", "max-snippet:-1, max-image-preview:large, noarchive")], NEITHER),
        ([("robots", "unavailable_after: 25 Jun 2027 15:00:00 PST, nofollow")], NOFOLLOW),
        ([("googlebot", "none")], NEITHER),
        ([("description", "nofollow")], NEITHER),
        ([("backlink-crawler", "nofollow")], NOFOLLOW),
        ([("robots", "noindex"), ("backlink-crawler", "nofollow")], BOTH),
        ([("robots", "nofollow"), ("backlink-crawler", "all")], NOFOLLOW),
        ([("robots", "index,follow"), ("robots", "noindex")], NOINDEX),
        ([("robots", "noindex"), ("robots", "index,follow")], NOINDEX),
    ],
)
def test_meta_robots(metas, expected):
    assert meta_robots(metas, "backlink-crawler") == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], NEITHER),
        (["nofollow"], NOFOLLOW),
        (["noindex, nofollow"], BOTH),
        (["NONE"], BOTH),
        (["noindex", "nofollow"], BOTH),
        (["noarchive"], NEITHER),
        (["otherbot: none"], NEITHER),
        (["otherbot: noindex, nofollow"], NEITHER),
        (["noindex, otherbot: nofollow"], NOINDEX),
        (["otherbot: noindex", "nofollow"], NOFOLLOW),
        (["backlink-crawler: nofollow"], NOFOLLOW),
        (["Backlink-Crawler: noindex, nofollow"], BOTH),
        (["otherbot: noindex, backlink-crawler: nofollow"], NOFOLLOW),
        (["backlink-crawler: nofollow, otherbot: noindex"], NOFOLLOW),
        (["unavailable_after: 25 Jun 2027 15:00:00 PST"], NEITHER),
        (["unavailable_after: Friday, 25-Jun-27 15:00:00 GMT, nofollow"], NOFOLLOW),
        (["otherbot: unavailable_after: 25 Jun 2027 15:00:00 PST, nofollow"], NEITHER),
        (["max-snippet: 50, nofollow"], NOFOLLOW),
        (["max-image-preview: large, max-video-preview: -1, noindex"], NOINDEX),
        ([""], NEITHER),
        ([", ,"], NEITHER),
        ([":"], NEITHER),
    ],
)
def test_x_robots_tag(headers, expected):
    assert header_robots(headers, "backlink-crawler") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("foobot", NOFOLLOW), ("FooBot", NOFOLLOW), ("robots", NOFOLLOW), ("backlink-crawler", NEITHER), ("bot", NEITHER)],
)
def test_a_rule_is_for_the_name_that_the_crawler_goes_by(name, expected):
    assert meta_robots([(name, "nofollow")], "FooBot") == expected
    assert header_robots([f"{name}: nofollow" if name != "robots" else "nofollow"], "FooBot") == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(NEITHER, NEITHER, NEITHER), (NOFOLLOW, NEITHER, NOFOLLOW), (NOFOLLOW, NOINDEX, BOTH), (BOTH, NEITHER, BOTH)],
)
def test_of_meta_and_header_the_most_restrictive_wins(first, second, expected):
    assert most_restrictive(first, second) == expected
    assert most_restrictive(second, first) == expected


@given(st.text(st.characters()))
def test_no_text_makes_them_fail(text):
    assert len(rel_tokens(text)) <= 32
    meta_robots([(text, text), ("robots", text)], "foobot")
    header_robots([text, text], "foobot")
