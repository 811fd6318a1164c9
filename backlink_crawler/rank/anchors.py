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
_FILE_ENDING = re.compile(r"\.(?:html?|xhtml|php\d?|aspx?|jsp|cgi|pl|pdf|txt|xml|md|shtml)$", re.IGNORECASE)
# `CVE-2015-3250`, `RFC-6750`, `COVID-19`: a name of its own, whosever site it is on.
_NUMBERED = re.compile(r"(?<![^\W_])[^\W\d_]+-\d[\d-]*(?![^\W_])")
_TITLES_THAT_SHARE = 3
_LEAST_INITIALS = 3
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
    """exact: keywords, squashed. contents: of each phrase, what says something of the topic."""

    exact: frozenset[str] = frozenset()
    contents: tuple[frozenset[str], ...] = ()


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
    known = _keywords(called)
    given = frozenset({*given_names, *map(squashed, given_words)} - {""})
    exact = known.exact | {squashed(words) for words in given_words if words}
    contents = (*known.contents, *(found for words in given_words if (found := content(words))))
    return Site(domain, names, given, Keywords(frozenset(exact), contents))


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
    is_generic = squashed(words) in phrases().generic or _says_nothing(words)
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


def _branded(anchor: str, words: Words, site: Site, pages: Sequence[TargetPage]) -> AnchorClass | None:
    """BRANDED: a name and nothing else that says something; COMPOUND: with other words; None: no name."""
    if not site.names.all.isdisjoint(_initials(words)):
        return AnchorClass.BRANDED
    hosts = frozenset(name for page in pages for name in _host_names(host_of(page.url), site.domain))
    names = site.names if hosts <= site.names.all else names_of(site.names.all | hosts)
    numbered = names_of(squashed(words_of(found)) for found in _NUMBERED.findall(anchor))
    for spelt in (words,) if anchor.isascii() else dict.fromkeys((words, words_of(spelt_out(anchor)))):
        said = without(spelt, numbered) if numbered.all else spelt
        rest = without(said, names)
        if len(rest) < len(said):
            is_whole = not numbered.all and _says_nothing(rest)
            return AnchorClass.BRANDED if is_whole else AnchorClass.COMPOUND
    return None


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
    said = content(words)
    for keywords in known:
        for topic in keywords.contents:
            shared = len(said & topic)
            if shared and (2 * shared >= len(said) or 2 * shared >= len(topic)):
                return AnchorClass.PARTIAL
    return None


def page_keywords(page: TargetPage, site: Site) -> Keywords:
    """What a page is about: the parts of its title, its headings, the words of its address."""
    said = [*title_parts(page.title), *page.headings]
    found = [words_of(text) for text in said]
    found.extend(_address_words(page.url))
    return _keywords(words for words in found if squashed(words) not in site.names.all)


def _keywords(phrases_found: Iterable[Words]) -> Keywords:
    """Of phrases that say something. Long ones are no keywords, and yet may be shared in part."""
    exact, contents = set(), []
    for words in dict.fromkeys(phrases_found):
        kept = trimmed(words)
        squash = squashed(kept)
        if squash in phrases().generic or not (topic := content(kept)) or all(word.isdecimal() for word in kept):
            continue
        contents.append(topic)
        if len(kept) <= MOST_WORDS or (len(squash) <= MOST_CHARACTERS and all(len(word) == 1 for word in kept)):
            exact.add(squash)
    return Keywords(frozenset(exact), tuple(contents))


def _address_words(url: str) -> list[Words]:
    """Of the last part of its path, alone and with the one before, and of what is asked for."""
    split = urlsplit(url)
    parts = [words_of(_FILE_ENDING.sub("", unquote(part))) for part in split.path.split("/") if part][-2:]
    found = [*parts[-1:], tuple(word for part in parts for word in part)]
    found += [named for words in parts[-1:] if (named := _without_number(words)) != words]
    found += [words_of(value) for _, value in parse_qsl(split.query)[:3] if len(value) <= MOST_CHARACTERS]
    return [words for words in found if words]


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
