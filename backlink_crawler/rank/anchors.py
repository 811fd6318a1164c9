"""The class of an anchor: what its words are to the page they lead to.

The first that fits, in the order of AnchorClass. What a target is called and what it is about is read from its domain,
its titles, the addresses linked to, what others call it, and what the user says. Where each rule goes wrong:
docs/methods.md.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from backlink_crawler.rank.words import content, names_of, phrases, spelt_out, squashed, trimmed, without, words_of
from backlink_crawler.urls.domains import domain_of, public_suffix_of
from backlink_crawler.urls.normalise import host_name, host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlink_crawler.rank.words import Names, Words

# Longer phrases are sentences, and quoting one is no choice of a keyword. Unspaced scripts have a word a character.
MOST_WORDS, MOST_CHARACTERS = 5, 40
_WRAPPING = " \t\n<>()[]{}\"'“”‘’«»„.,;:!?…*"
_ADDRESS = re.compile(r"(?:https?|ftp)://\S|www\.[^\s.]+\.\S")
_HOST = re.compile(r"((?:[\w-]+\.)+[^\W\d_][\w-]*)(?::\d+)?(/\S*)?")
# Of hosts that stand alone and are not the target's, those are taken for one that end so: `asp.net`, `setup.py` and
# `org.apache.data` are none.
_PLAIN_SUFFIXES = frozenset("com org edu gov info biz".split())
_SEPARATORS = re.compile(r"\s[|–—·•:»«›‹~-]\s|\s*[|»«·•]\s*|::")
_FILE_ENDING = re.compile(r"\.[a-z][a-z0-9]{0,5}$", re.IGNORECASE)
_HOME_PAGE = re.compile(r"https?://[^/?]+/?(?:(?:index|default)\.\w+)?", re.IGNORECASE)
# `1.0.0-alpha-1`, `v2.16`: what it is of, it does not say.
_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-.+]?[a-z]+(?:[-.]?\d+)*)*")
# `CVE-2015-3250`, `RFC-6750`, `COVID-19`: a name of its own, whosever site it is on.
_NUMBERED = re.compile(r"(?<![^\W_])[^\W\d_]+-\d[\d-]*(?![^\W_])")
_TITLES_THAT_SHARE = 3
_LEAST_INITIALS = 3
_LEAST_BEGINNING = 4
_DIGITS_OF_YEARS = 4
# What labels of domains end with that no name needs.
_FORMS = ("ltd", "inc", "llc", "corp", "gmbh", "online", "official", "shop", "store", "app", "hq")


class AnchorClass(IntEnum):
    EMPTY = 0
    IMAGE = 1
    NAKED = 2
    BRANDED = 3
    COMPOUND = 4
    EXACT = 5
    PARTIAL = 6
    GENERIC = 7
    OTHER = 8


@dataclass(frozen=True, slots=True)
class Keywords:
    """exact: keywords, squashed. contents: of each phrase, what says something of the topic; words: of all of them."""

    exact: frozenset[str] = frozenset()
    contents: tuple[frozenset[str], ...] = ()
    words: Names = field(default_factory=lambda: names_of(()))


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a target's domain. names: squashed; given: those and the keywords that the user has said."""

    domain: str
    names: Names
    given: frozenset[str] = frozenset()
    keywords: Keywords = field(default_factory=Keywords)


@dataclass(frozen=True, slots=True)
class TargetPage:
    """A page that an anchor leads to. title, headings: as it says; empty: not known."""

    url: str
    title: str = ""
    headings: tuple[str, ...] = ()


def site_of(
    domain: str,
    *,
    titles: Sequence[str] = (),
    common_anchors: Iterable[str] = (),
    brands: Iterable[str] = (),
    keywords: Iterable[str] = (),
) -> Site:
    """titles: of some of its pages. common_anchors: by which several domains link to it. brands, keywords: the user's."""
    given_names, given_words = [_squash(brand) for brand in brands], [words_of(keyword) for keyword in keywords]
    read = {*_domain_names(domain), *map(_squash, site_names(titles))} - phrases().generic
    names = names_of([*read, *given_names])
    called = [words for anchor in common_anchors if _is_called(words := words_of(anchor), anchor, domain, names)]
    given = frozenset({*given_names, *map(squashed, given_words)} - {""})
    return Site(domain, names, given, _keywords([*called, *given_words], given=map(squashed, given_words)))


def site_names(titles: Sequence[str]) -> list[str]:
    """The part that more than half of the titles share: `Beans | Bean Shop`, `Tea | Bean Shop` → Bean Shop."""
    if len(titles) < _TITLES_THAT_SHARE:
        return []
    parts = Counter(part for title in titles for part in set(title_parts(title)))
    return [
        part for part, number in parts.items() if 2 * number > len(titles) and 0 < len(words_of(part)) <= MOST_WORDS
    ]


def title_parts(title: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(title) if part and part.strip()]


def classify(anchor: str, site: Site, pages: Sequence[TargetPage] = (), *, is_image: bool = False) -> AnchorClass:
    """is_image: its words are the alt of an image. Total: every anchor has exactly one class."""
    if not anchor.strip():
        return AnchorClass.EMPTY
    if is_image:
        return AnchorClass.IMAGE
    if is_address(anchor, site.domain):
        return AnchorClass.NAKED
    words = words_of(anchor)
    is_generic = squashed(words) in phrases().generic or _says_nothing(words) or _is_version(anchor)
    if is_generic and squashed(words) not in site.given:
        return AnchorClass.GENERIC  # so no name or keyword that we have read is a generic phrase
    return _branded(anchor, words, site, pages) or _about(words, site, pages) or AnchorClass.OTHER


def is_address(anchor: str, domain: str) -> bool:
    """Is it a URL or a host, written out? domain: of the target, whose name alone is enough."""
    text = anchor.strip(_WRAPPING).casefold()
    if _ADDRESS.match(text):
        return not any(character.isspace() for character in text)
    found = _HOST.fullmatch(text)
    if not found:
        return False
    host = _ascii(found[1])
    suffix = public_suffix_of(host)
    if suffix is None:
        return domain_of(host) == domain
    return domain_of(host) == domain or bool(found[2]) or "." in suffix or suffix in _PLAIN_SUFFIXES


def _is_version(anchor: str) -> bool:
    return _VERSION.fullmatch(anchor.strip(_WRAPPING).casefold()) is not None


def _branded(anchor: str, words: Words, site: Site, pages: Sequence[TargetPage]) -> AnchorClass | None:
    """BRANDED: a name and nothing else that says something; COMPOUND: with other words; None: no name."""
    if not site.names.all.isdisjoint(_initials(words)) or _begins_a_name(words, site, pages):
        return AnchorClass.BRANDED
    hosts = frozenset(name for page in pages for name in _host_names(host_of(page.url), site.domain))
    names = site.names if hosts <= site.names.all else names_of(site.names.all | hosts)
    numbered = names_of(squashed(words_of(found)) for found in _NUMBERED.findall(anchor))
    for spelt in (words,) if anchor.isascii() else dict.fromkeys((words, words_of(spelt_out(anchor)))):
        said = without(spelt, numbered) if numbered.all else spelt
        rest = without(said, names)
        if len(rest) < len(said):
            is_whole = not numbered.all and _says_nothing(without(rest, phrases().companies))
            return AnchorClass.BRANDED if is_whole else AnchorClass.COMPOUND
    return None


def _begins_a_name(words: Words, site: Site, pages: Sequence[TargetPage]) -> bool:
    """`Dojo`, where it leads to the home page of dojotoolkit.org."""
    said = squashed(trimmed(words))
    begins = len(said) >= _LEAST_BEGINNING and any(name.startswith(said) for name in site.names.all)
    return begins and bool(pages) and all(_HOME_PAGE.fullmatch(page.url) for page in pages)


def _initials(words: Words) -> set[str]:
    """`Tampa Bay Interactive` → tbi, with its fillers and without."""
    fillers = phrases().fillers.all
    runs = (words, [word for word in words if word not in fillers])
    return {"".join(word[0] for word in run) for run in runs if len(run) >= _LEAST_INITIALS}


def _says_nothing(words: Words) -> bool:
    """Fillers, numbers, or no words at all."""
    return all(word.isdecimal() for word in without(words, phrases().fillers))


def _about(words: Words, site: Site, pages: Sequence[TargetPage]) -> AnchorClass | None:
    known = [site.keywords, *(page_keywords(page, site) for page in pages)]
    if squashed(words) in site.given or any(squashed(trimmed(words)) in keywords.exact for keywords in known):
        return AnchorClass.EXACT
    said = _telling(words)
    return AnchorClass.PARTIAL if any(_shares(words, said, keywords) for keywords in known) else None


def _shares(words: Words, said: frozenset[str], keywords: Keywords) -> bool:
    """Are half of what it says words of the page, or is half of a keyword in it?"""
    if said and keywords.words.all and 2 * len(_telling(without(words, keywords.words))) <= len(said):
        return True
    return any(2 * len(said & topic) >= len(topic) for topic in keywords.contents)


def _telling(words: Words) -> frozenset[str]:
    """What says something of a topic, which numbers do not."""
    return frozenset(word for word in content(words) if not word.isdecimal())


def page_keywords(page: TargetPage, site: Site) -> Keywords:
    """What a page is about: the parts of its title, its headings, the words of its address."""
    split = urlsplit(page.url)
    parts = [unquote(part) for part in split.path.split("/") if part]
    words = [words_of(part) for part in parts]
    found = [words_of(text) for text in (*title_parts(page.title), *page.headings)]
    found += _address_words(parts[-2:], words[-2:])
    found += _asked_for(split.query) if split.query else ()
    beside = _host_words(host_of(page.url), site.domain)
    return _keywords((some for some in found if squashed(some) not in site.names.all), beside=(beside, *words[:-1]))


def _keywords(found: Iterable[Words], *, given: Iterable[str] = (), beside: Iterable[Words] = ()) -> Keywords:
    """found: phrases; long ones are no keywords, and yet may be shared in part. given: always keywords, squashed. beside:
    what may be shared and is no keyword.
    """
    exact, contents = set(given) - {""}, []
    for words in dict.fromkeys(found):
        kept = trimmed(words)
        squash = squashed(kept)
        if squash in phrases().generic or not (topic := _telling(kept)):
            continue
        contents.append(topic)
        if len(kept) <= MOST_WORDS or (len(squash) <= MOST_CHARACTERS and all(len(word) == 1 for word in kept)):
            exact.add(squash)
    shared = frozenset().union(*contents, *map(_telling, beside))
    return Keywords(frozenset(exact), tuple(contents), names_of(shared))


def _address_words(parts: Sequence[str], words: Sequence[Words]) -> list[Words]:
    """Of the last part of its path, alone and with the one before, with the ending of a file and without. words: of parts."""
    bare = [some[:-1] if _FILE_ENDING.search(part) else some for part, some in zip(parts, words, strict=True)]
    found = [*bare[-1:], *words[-1:], tuple(word for some in bare for word in some)]
    return [*found, *(named for some in bare[-1:] if (named := _without_number(some)) != some)]


def _asked_for(query: str) -> list[Words]:
    """`q=green+tea` → green, tea; `GreenTea` → greentea."""
    asked = [value or name for name, value in parse_qsl(query, keep_blank_values=True)[:3]]
    return [words_of(text) for text in asked if len(text) <= MOST_CHARACTERS]


def _without_number(words: Words) -> Words:
    """Without what a system puts before or behind a name: `edo-liberty-4380164`."""
    kept = [place for place, word in enumerate(words) if not (word.isdecimal() and len(word) > _DIGITS_OF_YEARS)]
    return words[kept[0] : kept[-1] + 1] if kept else ()


def _is_called(words: Words, anchor: str, domain: str, names: Names) -> bool:
    """Is a common anchor a keyword? Not when it is the site's name or address."""
    return bool(words) and not is_address(anchor, domain) and without(words, names) == words


def _domain_names(domain: str) -> set[str]:
    """What `coffee-roasters.co.uk` or `xn--rstwerk-90a.test` is called: coffeeroasters; rostwerk, roestwerk."""
    suffix = public_suffix_of(domain) or domain.rpartition(".")[2]
    own = domain.removesuffix(suffix).removesuffix(".")  # empty: the domain is a public suffix itself
    label = own.rpartition(".")[2] or domain.partition(".")[0]
    shown = _shown(label)
    names = {*_with_its_core(words_of(shown)), *_with_its_core(words_of(spelt_out(shown)))}
    return {name for name in names if len(name) > 1 and not name.isdecimal()}


def _with_its_core(label: Words) -> Iterator[str]:
    """`sentinel-corp` → sentinelcorp, sentinel; masterpeaceltd → masterpeaceltd, masterpeace."""
    whole = squashed(label)
    yield whole
    yield squashed(trimmed(label))
    for ending in _FORMS:
        if whole.endswith(ending) and len(whole) - len(ending) > _LEAST_INITIALS:
            yield whole.removesuffix(ending)


@lru_cache(10_000)
def _host_words(host: str, domain: str) -> Words:
    """Of what it has before the domain."""
    return words_of(host_name(host).removesuffix(domain))


@lru_cache(10_000)
def _host_names(host: str, domain: str) -> frozenset[str]:
    """What it has before the domain: `maven.apache.org` → maven; not `www`, `docs`, `en`."""
    name = host_name(host).removesuffix(".")
    labels = name.removesuffix(domain).removesuffix(".").split(".") if name.endswith(domain) else []
    names = frozenset(_squash(_shown(label)) for label in labels) - phrases().services
    return frozenset(name for name in names if len(name) > 2)


def _squash(text: str) -> str:
    return squashed(words_of(text))


def _shown(label: str) -> str:
    """A label as people read it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _ascii(host: str) -> str:
    """As a browser would ask for it; itself where it would not."""
    url = host if host.isascii() else resolve(f"http://{host}/", "http://example.invalid/")
    return host_name(host_of(url)) if url is not host and isinstance(url, str) else host
