"""How near the words around a link are to the words of its target: tf-idf and cosine, from the words alone.

Weights are as in Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988): (1 + ln tf) × idf,
normalised to length 1. idf comes from the index itself, so that words which most of its pages have weigh nothing, whatever
their language, and no list of stop words is needed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from backlink_crawler.rank.words import paired, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

LONGEST_WORD = 40  # characters: what is longer is no word that two pages share for a reason
# An address is no word of a text: two naked links would be alike by their `www` and `com`.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_LANGUAGE_END = re.compile("[-_]")

Vector = dict[str, float]  # word → weight, of length 1, or empty
Weight: TypeAlias = "Callable[[str], float]"  # word → its idf


class Basis(IntEnum):
    """Which words of a target were known. Stored; never renumber."""

    PAGE = 1  # its title or headings
    ANCHORS = 2
    BOTH = 3


def terms_of(text: str) -> list[str]:
    """The words that texts are compared by, in order. Addresses are left out."""
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    words = words_of(text)
    return [word for word in (words if text.isascii() else paired(words)) if len(word) <= LONGEST_WORD]


def idf(pages: int, containing: int) -> float:
    """The weight of a word that so many of the pages contain: ln((1 + pages) ÷ (1 + containing)), at least 0."""
    return max(0.0, math.log((1 + pages) / (1 + containing)))


def vector(counts: Mapping[str, int], weight: Weight) -> Vector:
    """counts: how often each word occurs. Empty: none of them weighs anything."""
    return _normalised(
        {
            word: (1.0 if count == 1 else 1.0 + math.log(count)) * value
            for word, count in counts.items()
            if (value := weight(word)) > 0
        }
    )


def blend(*vectors: Vector) -> Vector:
    """All count alike, however many words one has: a title is not drowned by headings, nor the words around a link by those
    of its page.
    """
    some = [each for each in vectors if each]
    if len(some) < 2:
        return some[0] if some else {}
    whole = dict(some[0])
    for each in some[1:]:
        for word, value in each.items():
            whole[word] = whole.get(word, 0.0) + value
    return _normalised(whole)


def cosine(one: Vector, other: Vector) -> float | None:
    """0 (no word in common) to 1 (the same words in the same proportions). None: one of them is empty."""
    if not one or not other:
        return None
    if len(other) < len(one):
        one, other = other, one
    return min(1.0, math.fsum(value * other[word] for word, value in one.items() if word in other))


def counted(*texts: str | None, language: str | None = None) -> Counter[str]:
    """How often the texts' words occur. Where there are any, their language counts as one more, which no text can hold:
    `de-at` as `de:`.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        if text:
            counts.update(terms_of(text))
    if counts and language:
        counts[f"{_LANGUAGE_END.split(language, maxsplit=1)[0]}:"] = 1
    return counts


class TargetWords:
    """What a target is about: its title, its headings, and the words that other domains link to it with.

    anchors: by domain, the words of its anchors; each domain counts once a word. All are empty where nothing is known.
    """

    def __init__(
        self,
        weight: Weight,
        title: Mapping[str, int],
        headings: Mapping[str, int],
        anchors: Mapping[int, Collection[str]],
    ) -> None:
        self._weight = weight
        self._page = (vector(title, weight), vector(headings, weight))
        self._anchors = anchors
        self._said = Counter(word for words in anchors.values() for word in words)
        self._seen: dict[int | None, tuple[Vector, Basis]] = {}

    def as_seen_from(self, domain: int) -> tuple[Vector, Basis]:
        """Without the anchors of that domain, whose links would else be near to themselves."""
        key = domain if self._anchors.get(domain) else None
        if key not in self._seen:
            counts = self._said if key is None else self._said - Counter(self._anchors[domain])
            said = vector(counts, self._weight)
            own, others = any(self._page), bool(said)
            basis = Basis.BOTH if own and others else Basis.PAGE if own else Basis.ANCHORS
            self._seen[key] = (blend(*self._page, said), basis)
        return self._seen[key]


def _normalised(weights: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in weights.values()))
    return {word: value / length for word, value in weights.items()} if length else {}
