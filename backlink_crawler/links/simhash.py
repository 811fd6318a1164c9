"""A fingerprint of a page's words: of two pages that say almost the same, almost all bits are the same.

Charikar's simhash ("Similarity Estimation Techniques from Rounding Algorithms", 2002) of 64 bits: each word has a hash, and
a bit of the page's is what the words, each by its weight, vote for. docs/methods.md says how weights were chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from hashlib import shake_128
from itertools import pairwise
from operator import mul
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

FEWEST_WORDS = 100  # of less the bits say little
MAX_TEXT = 4_000  # characters that are looked at: more tell no more pages apart, and take longer
_UNSEEN = ["script", "style", "template", "noscript"]
# A word counts so often at most: three times, or once in 60 words. Else what fills a list decides alone.
_LEAST_COUNT, _SHARE = 3, 60
# What is said again and again outlives that words are changed.
_VOTES = [round(count**1.5) for count in range(2 * MAX_TEXT // _SHARE + 1)]
_BITS = 64
# A lane of 16 bits for each bit. Its lowest bit is what a word says.
_LANES = int.from_bytes(b"\0\1" * _BITS)
_SUMS = Struct(f"<{_BITS}H")
_MOST_VOTES = 0xFFFF  # of all words together
# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer; kana and Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# In UTF-8, so that it takes a third of the time: what is ASCII and no letter or digit parts words.
_PARTING = bytes(code if code >= 0x80 or chr(code).isalnum() else 0x20 for code in range(256))
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_MAY_BE_UNSPACED = re.compile(
    rb"[\xe0\xe1\xe3-\xe9\xef\xf0]"
)  # what these characters begin with in UTF-8, and few others
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def simhash_of(tree: LexborHTMLParser) -> int | None:
    """Of a page that nobody reads any more. As of `simhash`."""
    return simhash(seen_text_of(tree))


def seen_text_of(tree: LexborHTMLParser) -> str:
    """What a reader does not see is taken out of the tree."""
    tree.strip_tags(_UNSEEN)
    return tree.body.text(separator=" ") if tree.body else ""


def simhash(text: str) -> int | None:
    """64 bits, signed. None: the text has too few words for two of it to be told apart."""
    words = _words(text[:MAX_TEXT].lower())
    number = words.total()
    if number < FEWEST_WORDS:
        return None
    most = max(_LEAST_COUNT, number // _SHARE)
    weights = [_VOTES[min(count, most)] * len(word) for word, count in words.items()]
    if (total := sum(weights)) > _MOST_VOTES:
        weights = [weight * _MOST_VOTES // total for weight in weights]
    votes = _SUMS.unpack(sum(map(mul, map(_lanes, words), weights)).to_bytes(_SUMS.size, "little"))
    half = sum(weights) // 2
    bits = sum(1 << place for place, vote in enumerate(votes) if vote > half)
    return bits - (1 << _BITS) if bits >> (_BITS - 1) else bits


def bits_apart(one: int, other: int) -> int:
    """In how many of the 64 bits two of them differ."""
    return ((one ^ other) & ((1 << _BITS) - 1)).bit_count()


def _words(text: str) -> Counter[bytes]:
    """How often each occurs, in UTF-8. Of scripts without spaces every two neighbours."""
    encoded = text.encode("utf-8", "replace")
    words = Counter(encoded.translate(_PARTING).split())
    if not _MAY_BE_UNSPACED.search(encoded):
        return words
    for run in [word for word in words if not word.isascii()]:
        count = words.pop(run)
        for part in _RUNS.findall(run.decode()):
            pairs = len(part) > 1 and _IS_UNSPACED.match(part)
            for word in map("".join, pairwise(part)) if pairs else (part,):
                words[word.encode()] += count
    return words


@lru_cache(40_000)  # pages have most of their words in common
def _lanes(word: bytes) -> int:
    return int.from_bytes(shake_128(word).digest(_SUMS.size)) & _LANES
