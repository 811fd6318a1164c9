"""tf-idf and cosine: values by hand, and what holds for any words."""

from __future__ import annotations

from math import e, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.rank.relevance import (
    Basis,
    TargetWords,
    blend,
    cosine,
    counted,
    idf,
    terms_of,
    vector,
)

WORDS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9), max_size=6)


def weight(word: str) -> float:
    """Words weigh 1 to 8 by their letter, and `h` nothing."""
    return 0.0 if word == "h" else float(ord(word[0]) - 96)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fresh-roasted COFFEE, 2 kg!", ["fresh", "roasted", "coffee", "2", "kg"]),
        ("Über die Röstung: Straße ﬁne", ["uber", "die", "rostung", "strasse", "fine"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("e\u0301te\u0301 été", ["ete", "ete"]),
        ("東京のcoffee店", ["東京", "京の", "coffee", "店"]),
        ("ร้านกาแฟ", ["ร้า", "าน", "นก", "กา", "าแ", "แฟ"]),
        ("한국어 커피", ["한국어", "커피"]),
        ("see https://www.example.com/a?b=c and www.example.org/x, now", ["see", "and", "now"]),
        ("Bean Shop’s beans", ["bean", "shop", "beans"]),
        ("x" * 41 + " y", ["y"]),
        ("snake_case – ☕ …", ["snake", "case"]),
        ("", []),
    ],
    ids=[
        "ASCII",
        "Latin",
        "marks inside",
        "composed",
        "Han and kana",
        "Thai",
        "Hangul",
        "addresses",
        "possessive",
        "long",
        "signs",
        "none",
    ],
)
def test_words_are_runs_of_letters_and_digits_and_pairs_where_no_spaces_are(text: str, words: list[str]) -> None:
    assert terms_of(text) == words


def test_idf_by_hand() -> None:
    assert idf(pages=99, containing=9) == pytest.approx(log(10))
    assert idf(pages=99, containing=99) == 0.0
    assert idf(pages=99, containing=200) == 0.0


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_more_pages_have_a_word_the_less_it_weighs(pages: int, some: int, more: int) -> None:
    assert idf(pages, min(some, more)) >= idf(pages, max(some, more)) >= 0


def test_a_vector_by_hand() -> None:
    """One `a`, of weight 1: 1. Three `b`, of weight 2: 2 × (1 + ln 3). `h` weighs nothing."""
    b = 2 * (1 + log(3))
    length = sqrt(1 + b * b)
    assert vector({"a": 1, "b": 3, "h": 5}, weight) == {
        "a": pytest.approx(1 / length),
        "b": pytest.approx(b / length),
    }


def test_a_cosine_by_hand() -> None:
    """(1, 2, 0) and (0, 2, 3): 4 ÷ √5 ÷ √13."""
    one, other = vector({"a": 1, "b": 1}, weight), vector({"b": 1, "c": 1}, weight)
    assert cosine(one, other) == pytest.approx(4 / sqrt(5) / sqrt(13))


def test_parts_count_alike_however_many_words_they_have() -> None:
    """(1, 0) and (0, 1) to (1, 1) ÷ √2, though one of them said it e times as often."""
    long, short = vector({"a": 100}, lambda _: e), vector({"b": 1}, lambda _: 1.0)
    assert blend(long, short) == {"a": pytest.approx(1 / sqrt(2)), "b": pytest.approx(1 / sqrt(2))}
    assert blend({}, short) == short
    assert blend({}, {}) == {}


@given(WORDS, WORDS)
def test_a_cosine_is_from_0_to_1_and_the_same_both_ways(one: dict[str, int], other: dict[str, int]) -> None:
    first, second = vector(one, weight), vector(other, weight)
    found = cosine(first, second)
    assert found == pytest.approx(cosine(second, first)) if found is not None else cosine(second, first) is None
    assert (found is None) == (not first or not second)
    assert found is None or 0 <= found <= 1


@given(WORDS)
def test_a_text_is_nearest_to_itself(counts: dict[str, int]) -> None:
    made = vector(counts, weight)
    assert cosine(made, made) == (pytest.approx(1) if made else None)


def test_a_language_is_a_word_of_a_text_that_has_words() -> None:
    assert counted("Kaffee", language="de-at") == {"kaffee": 1, "de:": 1}
    assert counted("Kaffee", language="de_AT") == {"kaffee": 1, "de:": 1}
    assert counted("", None, language="de") == {}


def test_a_target_is_seen_without_the_anchors_of_the_domain_that_looks() -> None:
    target = TargetWords(weight, {}, {}, {1: {"a"}, 2: {"a", "b"}})
    assert target.as_seen_from(1) == (vector({"a": 1, "b": 1}, weight), Basis.ANCHORS)
    assert target.as_seen_from(2) == ({"a": 1.0}, Basis.ANCHORS)
    assert target.as_seen_from(3) == (vector({"a": 2, "b": 1}, weight), Basis.ANCHORS)


def test_of_a_target_that_nobody_else_links_to_nothing_is_known() -> None:
    assert TargetWords(weight, {}, {}, {1: {"a"}}).as_seen_from(1)[0] == {}


def test_title_headings_and_anchors_count_alike() -> None:
    target = TargetWords(weight, {"a": 1}, {"b": 1}, {1: {"c"}, 2: set()})
    third = pytest.approx(1 / sqrt(3))
    assert target.as_seen_from(2) == ({"a": third, "b": third, "c": third}, Basis.BOTH)
    assert target.as_seen_from(1) == ({"a": pytest.approx(1 / sqrt(2)), "b": pytest.approx(1 / sqrt(2))}, Basis.PAGE)
