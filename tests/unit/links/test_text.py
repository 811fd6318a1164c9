"""Text from the web, cleaned once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.text import clean, storable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        (" \t\n\r\f ", ""),
        ("  a \n b\t\tc  ", "a b c"),
        ("a\xa0b\u2003c\u3000d\u2028e", "a b c d e"),
        ("a\x00b", "ab"),
        ("a \x00 b", "a b"),
        ("\x00 a \x00", "a"),
        ("a\ud800b\udfff", "ab"),
        ("\ud83d\ude00", ""),  # two halves of 😀, each alone in Python
        ("😀", "😀"),
        ("é 日本", "é 日本"),
        ("a\u200bb", "a\u200bb"),
        ("<b>&amp;", "<b>&amp;"),
    ],
)
def test_white_space_is_collapsed_and_what_cannot_be_stored_left_out(text, expected):
    assert clean(text, 100) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcdef", 3, "abc"),
        ("ab cdef", 3, "ab"),
        ("  abcdef", 3, "abc"),
        ("日本語", 2, "日本"),
        ("\x00\x00\x00abc", 3, "abc"),
        ("a", 0, ""),
    ],
)
def test_a_text_is_cut_and_never_ends_in_a_space(text, limit, expected):
    assert clean(text, limit) == expected


@given(st.text(st.characters()), st.integers(min_value=0, max_value=50))
def test_neither_nul_nor_lone_surrogates_nor_length_survive(text, limit):
    cleaned = clean(text, limit)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


@given(st.text(st.characters()))
def test_storable_takes_out_nothing_else(text):
    assert storable(text) == "".join(each for each in text if each != "\x00" and not "\ud800" <= each <= "\udfff")
