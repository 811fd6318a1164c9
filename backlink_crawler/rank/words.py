"""Anchors, titles and names as words that can be compared: whatever the capitals, accents and signs."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Words = tuple[str, ...]

_ASCII_WORDS = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"['’]s\b")
# Of Latin, Greek and Cyrillic letters, and the vowels and the tatweel that Arabic may be written with or without. Marks
# of other scripts tell words apart. Then what is not seen: soft hyphens, joiners, marks of direction.
_UNWRITTEN = re.compile(
    "[\u0300-\u036f\u064b-\u0652\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
# Letters with a stroke, which Unicode does not take apart; and as German, Danish and others spell out what they have no
# key for, `muenchen.de`.
_STROKES = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# Scripts that put no spaces between words: each character with its marks is a word. Thai, Lao, Burmese, Khmer; kana and
# Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_FIRST_UNSPACED = "\u0e00"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


class Names(NamedTuple):
    """Squashed. longest: characters of the longest."""

    all: frozenset[str]
    longest: int


class Phrases(NamedTuple):
    """generic: squashed. fillers: words that say nothing of a topic. companies: words that names of firms
    end with. services: first labels of hosts that are no name.
    """

    generic: frozenset[str]
    fillers: Names
    companies: Names
    services: frozenset[str]


def folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _UNWRITTEN.sub("", parts)).translate(_STROKES)


def words_of(text: str) -> Words:
    """`Bean Shop’s` → bean, shop. What is no letter, digit or mark parts words."""
    plain = folded(text)
    if "'" in plain or "’" in plain:
        plain = _POSSESSIVE.sub("", plain)
    return tuple((_ASCII_WORDS if plain.isascii() else _any_words()).findall(plain))


def paired(words: Sequence[str]) -> Iterator[str]:
    """The words; of scripts without spaces each two neighbours, since a character alone says little."""
    for has_no_spaces, run in groupby(words, is_unspaced):
        some = list(run)
        yield from map("".join, pairwise(some)) if has_no_spaces and len(some) > 1 else some


def spelt_out(text: str) -> str:
    """`München` → `muenchen`; itself where nothing is to be spelt out."""
    return unicodedata.normalize("NFC", text).casefold().translate(_SPELT_OUT)


def squashed(words: Iterable[str]) -> str:
    """As one: `cold-brew`, `cold brew` and `coldbrew` are the same."""
    return "".join(words)


def is_unspaced(word: str) -> bool:
    return word[0] >= _FIRST_UNSPACED and _IS_UNSPACED.match(word) is not None


def content(words: Sequence[str]) -> frozenset[str]:
    """What says something of a topic: words of more than a character that are no fillers."""
    fillers = phrases().fillers.all
    said = words if squashed(words).isascii() else paired(words)
    return frozenset([word for word in said if len(word) > 1 and word not in fillers])


def trimmed(words: Words) -> Words:
    """Without fillers at its ends; whole when there is nothing else."""
    fillers = phrases().fillers.all
    kept = [place for place, word in enumerate(words) if word not in fillers]
    return words[kept[0] : kept[-1] + 1] if kept else words


def names_of(squashed_names: Iterable[str]) -> Names:
    names = frozenset(squashed_names) - {""}
    return Names(names, max(map(len, names), default=0))


def without(words: Words, names: Names) -> Words:
    """The words that are left when each run of words that is one of the names has been taken out."""
    known, longest = names
    left: list[str] = []
    place, number = 0, len(words)
    while place < number:
        run, found = "", 0
        for end in range(place, number):
            run += words[end]
            if len(run) > longest:
                break
            if run in known:
                found = end + 1
        if found:
            place = found
        else:
            left.append(words[place])
            place += 1
    return tuple(left)


@cache
def _any_words() -> re.Pattern[str]:
    """Of all scripts: a letter or digit with what follows it. Python has no class of marks, without which Hindi has no whole
    word.
    """
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M")
    marks, letter = re.escape(marks), f"[^\\W_{_UNSPACED}]"
    return re.compile(f"[{_UNSPACED}](?<=\\w)[{marks}]*|{letter}(?:{letter}|[{marks}])*")


@cache
def phrases() -> Phrases:
    text = resources.files(__package__).joinpath("generic_phrases.toml").read_text("utf-8")
    known = tomllib.loads(text)
    generic = {squashed(words_of(line)) for lines in known["phrases"].values() for line in lines.splitlines()} - {""}
    fillers = _all_words(known["fillers"]["articles_and_the_like"], known["fillers"]["what_a_site_is"])
    services = _all_words(known["fillers"]["hosts"]) | fillers | generic
    return Phrases(frozenset(generic), names_of(fillers), names_of(_all_words(known["fillers"]["companies"])), services)


def _all_words(*texts: str) -> frozenset[str]:
    return frozenset(squashed(words_of(word)) for text in texts for word in text.split())
