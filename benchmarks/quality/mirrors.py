"""Mirrors: are copies of real pages found when words of them are changed, and which pages are taken for copies that are none?

Each page is planted once more on a domain of its own, with some of its words in the place of others: 1, 5 and 10 % are words of
other pages. A page's host stands for its domain here, since eighteen of the twenty sites are hosts of one.
"""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backlink_crawler.links.simhash import FEWEST_WORDS, MAX_TEXT, bits_apart, simhash
from backlink_crawler.rank.mirrors import (
    FEWEST_LINKS,
    MOST_BITS,
    MOST_BITS_WITH_LINKS,
    MirrorPage,
    mirrors,
)
from backlink_crawler.urls.normalise import host_of
from benchmarks.quality._sites import page_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEED = 13
_BITS = (0, 3, 5, 6, 8, 10, 12)
_SHARES = (0.01, 0.05, 0.1)
_SHOWN = 20  # false pairs, the nearest first
_PIECES = re.compile(r"\w+|\W+")


class Text(NamedTuple):
    """links: what stands for the URLs on other domains to which it links; None: they are fewer than FEWEST_LINKS."""

    url: str
    host: str
    text: str
    links: int | None
    simhash: int


def report() -> Iterator[str]:
    pages, seconds = _texts()
    texts = [page for page in pages if page is not None]
    links = sum(text.links is not None for text in texts)
    yield f"{len(pages):,} pages of 20 sites and 399 single ones; {len(texts):,} have at least {FEWEST_WORDS} words, and {links:,}"
    yield f"of these link to {FEWEST_LINKS} URLs elsewhere or more; {1000 * seconds / len(pages):.2f} ms CPU time a page"
    yield from _recall(texts)
    yield from _false_pairs(texts)


def _texts() -> tuple[list[Text | None], float]:
    """Of each page, None: it has too few words. And the CPU time of all simhashes."""
    found: list[Text | None] = []
    read = list(page_texts())
    started = time.process_time()
    hashes = [simhash(text) for _, text, _ in read]
    took = time.process_time() - started
    for (url, text, links), simhash_ in zip(read, hashes, strict=True):
        key = hash(frozenset(links)) if len(links) >= FEWEST_LINKS else None
        found.append(None if simhash_ is None else Text(url, host_of(url), text[:MAX_TEXT], key, simhash_))
    return found, took


def _recall(texts: Sequence[Text]) -> Iterator[str]:
    """Found: the copy is in a group with the page by `mirrors`, which compares it with all pages and all copies."""
    chance = random.Random(_SEED)
    words = [piece for text in texts for piece in _PIECES.findall(text.text) if piece[0].isalnum()]
    bits = " | ".join(f"≤ {most}" for most in _BITS)
    yield f"| words changed | {bits} | found | of those with {FEWEST_LINKS} links or more |"
    yield f"|{'---|' * (len(_BITS) + 3)}"
    for share in _SHARES:
        copies = [simhash(_changed(text.text, share, words, chance)) or 0 for text in texts]
        apart = [bits_apart(text.simhash, copy) for text, copy in zip(texts, copies, strict=True)]
        found = [
            bits <= (MOST_BITS if text.links is None else MOST_BITS_WITH_LINKS)
            for text, bits in zip(texts, apart, strict=True)
        ]
        linking = [is_found for text, is_found in zip(texts, found, strict=True) if text.links is not None]
        shares = " | ".join(f"{_percent(sum(each <= most for each in apart), len(apart))}" for most in _BITS)
        yield (
            f"| {share:.0%} | {shares} | {_percent(sum(found), len(found))} | {_percent(sum(linking), len(linking))} |"
        )


def _changed(text: str, share: float, words: Sequence[str], chance: random.Random) -> str:
    pieces = _PIECES.findall(text)
    places = [place for place, piece in enumerate(pieces) if piece[0].isalnum()]
    for place in chance.sample(places, max(1, round(share * len(places)))):
        pieces[place] = chance.choice(words)
    return "".join(pieces)


def _false_pairs(texts: Sequence[Text]) -> Iterator[str]:
    hashes = np.array([text.simhash for text in texts], dtype=np.int64).view(np.uint64)
    hosts = np.unique([text.host for text in texts], return_inverse=True)[1]
    near = [
        (int(bits), place, place + 1 + int(other))
        for place in range(len(texts))
        for other, bits in _others(hashes, hosts, place)
    ]
    pairs = sum(int((hosts[place + 1 :] != hosts[place]).sum()) for place in range(len(texts)))
    counts = ", ".join(f"≤ {most}: {sum(bits <= most for bits, _, _ in near):,}" for most in _BITS)
    yield f"pairs of real pages on different hosts, of {pairs:,}, by bits: {counts}"
    taken = [pair for pair in near if _is_taken(texts, *pair)]
    yield f"of these taken for mirrors, by bits or by bits and links: {len(taken):,}"
    for bits, one, other in sorted(taken)[:_SHOWN]:
        yield f"  {bits} bits: {texts[one].url} {texts[other].url}"
    started = time.process_time()
    pages = [MirrorPage(n, int(hosts[n]), text.simhash, text.links) for n, text in enumerate(texts)]
    found = list(mirrors(pages))
    took = time.process_time() - started
    yield f"as `backlinks rank` groups them: {len(found):,} pages in {len({each.first_page_id for each in found}):,} groups, {took:.1f} s"


def _others(hashes: np.ndarray, hosts: np.ndarray, place: int) -> Iterator[tuple[int, int]]:
    apart = np.bitwise_count(hashes[place + 1 :] ^ hashes[place])
    chosen = np.flatnonzero((apart <= _BITS[-1]) & (hosts[place + 1 :] != hosts[place]))
    return zip(chosen.tolist(), apart[chosen].tolist(), strict=True)


def _is_taken(texts: Sequence[Text], bits: int, one: int, other: int) -> bool:
    links = texts[one].links
    same = links is not None and links == texts[other].links
    return bits <= (MOST_BITS_WITH_LINKS if same else MOST_BITS)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"
