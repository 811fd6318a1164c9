"""Two texts that say almost the same have almost the same simhash; other texts do not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.links.html import parse_page
from backlink_crawler.links.simhash import FEWEST_WORDS, bits_apart, simhash

SYLLABLES = "ba be co da fi go hu ka le mo na pe ri so tu va zu shi dra quo".split()


def words(seed: int, number: int) -> list[str]:
    """By Zipf's law, as words of a page come: a few of them often, most of them once."""
    chance = random.Random(seed)
    known = ["".join(chance.choices(SYLLABLES, k=chance.randrange(1, 4))) for _ in range(number)]
    return chance.choices(known, [1 / (place + 1) for place in range(number)], k=number)


def hashed(some: list[str]) -> int:
    found = simhash(" ".join(some))
    assert found is not None
    return found


def test_a_known_value_stays_what_it_is():
    """It is stored: another value would make strangers of all pages that were read before."""
    assert simhash("the quick brown fox jumps over the lazy dog " * 20) == -3188644346565270507


@pytest.mark.parametrize("seed", range(5))
def test_the_same_text_has_the_same_one_whatever_its_capitals_signs_and_spaces(seed: int):
    some = words(seed, 300)
    assert simhash(", ".join(some).upper() + "!") == simhash("\n".join(some))


@pytest.mark.parametrize("seed", range(5))
def test_one_word_of_a_thousand_turns_three_bits_at_most(seed: int):
    some = words(seed, 1_000)
    changed = [*some[:500], "elsewhere", *some[501:]]
    assert bits_apart(hashed(some), hashed(changed)) <= 3


@pytest.mark.parametrize("seed", range(5))
def test_a_tenth_of_its_words_turns_ten_bits_at_most(seed: int):
    some = words(seed, 1_000)
    for place in random.Random(seed).sample(range(1_000), 100):
        some[place] = f"new{place}"
    assert bits_apart(hashed(words(seed, 1_000)), hashed(some)) <= 10


@pytest.mark.parametrize("seed", range(5))
def test_other_texts_are_far(seed: int):
    assert bits_apart(hashed(words(seed, 300)), hashed(words(seed + 100, 300))) > 15


def test_a_text_of_few_words_has_none():
    some = words(1, FEWEST_WORDS)
    assert simhash(" ".join(some)) is not None
    assert simhash(" ".join(some[1:])) is None
    assert simhash("") is None


def test_words_are_told_apart_where_a_script_has_no_spaces():
    text = (
        "山の上の焙煎所では、朝六時に窓がひとつだけ明るい。豆のはぜる音を聞くのに九十秒しかない。その間は誰とも話さない。"
        * 2
    )
    other = (
        "港の市場では、夕方になると魚を売る声が遠くまで響く。網を直す老人は海の色だけを見て、明日の風を知るのだという。"
        * 2
    )
    changed = text.replace("窓", "扉", 1)
    assert None not in (simhash(text), simhash(changed), simhash(other))
    assert bits_apart(simhash(text) or 0, simhash(changed) or 0) <= 5
    assert bits_apart(simhash(text) or 0, simhash(other) or 0) > 15


def test_one_word_that_fills_a_page_does_not_decide_alone():
    one, other = words(1, 200), words(2, 200)
    assert bits_apart(hashed([*one, *["item"] * 400]), hashed([*other, *["item"] * 400])) > 10


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=200, max_size=2_000))
def test_any_text_has_64_bits_or_none(text: str):
    found = simhash(text)
    assert found is None or -(2**63) <= found < 2**63
    assert found == simhash(text)


@settings(max_examples=100, deadline=None)
@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_bits_are_counted_whatever_the_sign(one: int, other: int):
    assert bits_apart(one, other) == bits_apart(other, one) == f"{(one ^ other) % 2**64:b}".count("1")


PARAGRAPH = f"<p>{' '.join(words(3, 200))}</p>"


def test_of_a_page_it_is_of_what_a_reader_sees():
    link = "<a href=http://to.test/>to</a>"
    seen = parse_page(f"<body>{PARAGRAPH}{link}", "http://a.test/").facts.text_simhash
    unseen = "<script>var a = 'unseen words of a script'</script><style>b { color: red }</style>"
    again = parse_page(f"<title>Other</title><body>{unseen}{PARAGRAPH}{link}", "http://b.test/").facts.text_simhash
    assert seen is not None
    assert seen == again


def test_a_page_that_links_nowhere_else_has_none():
    assert parse_page(f"{PARAGRAPH}<a href=/x>x</a>", "http://a.test/").facts.text_simhash is None
