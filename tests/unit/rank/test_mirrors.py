"""Which pages are one voice."""

from __future__ import annotations

import random

import pytest

from backlink_crawler.links.simhash import bits_apart
from backlink_crawler.rank.mirrors import Mirror, MirrorPage, mirrors

A, B, C = 1, 2, 3  # domains
TEXT = 0x0123_4567_89AB_CDEF


def turned(simhash: int, *bits: int) -> int:
    """Signed, as they are stored."""
    for bit in bits:
        simhash ^= 1 << bit
    return simhash - (1 << 64) if simhash >> 63 else simhash


def found(*pages: MirrorPage) -> list[Mirror]:
    return sorted(mirrors(pages))


def test_the_same_text_on_two_domains_is_a_mirror_and_on_one_it_is_none():
    assert found(MirrorPage(10, A, TEXT, None), MirrorPage(11, A, TEXT, None)) == []
    assert found(MirrorPage(10, A, TEXT, None), MirrorPage(11, B, TEXT, None), MirrorPage(12, B, TEXT, None)) == [
        Mirror(10, 10, 0, 2),
        Mirror(11, 10, 0, 2),
        Mirror(12, 10, 0, 2),
    ]


@pytest.mark.parametrize("seed", range(50))
def test_any_three_bits_are_found_and_four_are_not(seed: int):
    chance = random.Random(seed)
    text = chance.getrandbits(63)
    bits = chance.sample(range(64), 4)
    near, far = turned(text, *bits[:3]), turned(text, *bits)
    assert found(MirrorPage(10, A, text, None), MirrorPage(11, B, near, None)) == [
        Mirror(10, 10, 0, 2),
        Mirror(11, 10, 3, 2),
    ]
    assert found(MirrorPage(10, A, text, None), MirrorPage(11, B, far, None)) == []


def test_ten_bits_are_enough_where_both_link_to_the_same_urls():
    near, far = turned(TEXT, *range(10)), turned(TEXT, *range(11))
    assert found(MirrorPage(10, A, TEXT, 7), MirrorPage(11, B, near, 7)) == [
        Mirror(10, 10, 0, 2),
        Mirror(11, 10, 10, 2),
    ]
    assert found(MirrorPage(10, A, TEXT, 7), MirrorPage(11, B, near, 8)) == []
    assert found(MirrorPage(10, A, TEXT, None), MirrorPage(11, B, near, None)) == []
    assert found(MirrorPage(10, A, TEXT, 7), MirrorPage(11, B, far, 7)) == []


def test_small_differences_make_no_chain():
    """The third differs by three bits from the second, and by six from the first."""
    pages = [MirrorPage(10 + n, domain, turned(TEXT, *range(3 * n)), None) for n, domain in enumerate((A, B, C))]
    assert found(*pages) == [Mirror(10, 10, 0, 2), Mirror(11, 10, 3, 2)]


def test_what_is_found_does_not_hang_on_the_order_of_the_pages():
    chance = random.Random(5)
    pages = [
        MirrorPage(
            n, chance.randrange(5), turned(TEXT * (1 + n % 3) % 2**63, *chance.sample(range(64), 2)), n % 2 or None
        )
        for n in range(60)
    ]
    wanted = found(*pages)
    chance.shuffle(pages)
    assert found(*pages) == wanted


@pytest.mark.parametrize("seed", range(5))
def test_all_pairs_are_found_that_looking_at_all_of_them_finds(seed: int):
    chance = random.Random(seed)
    texts = [chance.getrandbits(63) for _ in range(40)]
    pages = [
        MirrorPage(n, n, turned(chance.choice(texts), *chance.sample(range(64), chance.randrange(3))), None)
        for n in range(120)
    ]
    groups = {mirror.page_id: mirror.first_page_id for mirror in mirrors(pages)}
    by_id = {page.page_id: page for page in pages}
    for page in pages:
        near = [o for o in pages if o.domain_id != page.domain_id and bits_apart(o.simhash, page.simhash) <= 3]
        if near and page.page_id not in groups:  # each page near to it is in the group of another one
            assert all(groups[other.page_id] != other.page_id for other in near)
    for page_id, first in groups.items():
        assert bits_apart(by_id[page_id].simhash, by_id[first].simhash) <= 3


def test_thousands_of_parked_pages_are_one_group_in_bounded_time():
    """Identical ones cost one look, however many they are."""
    chance = random.Random(1)
    same = [MirrorPage(n, n, TEXT, 7) for n in range(20_000)]
    assert {(each.first_page_id, each.domains) for each in mirrors(same)} == {(0, 20_000)}
    alike = [MirrorPage(n, n, turned(TEXT, *chance.sample(range(64), 1)), 7) for n in range(20_000)]
    assert {each.domains for each in mirrors(alike)} == {20_000}
