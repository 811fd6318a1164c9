"""What may stand in for a page: a log-in, a consent form, a challenge, a notice of maintenance, a soft 404 …

It says what an answer looks like, and no more: real pages have log-in forms and speak of maintenance. Whether the page
that was there before has gone is for changes/doubt.py to see. The words are in stand_ins.toml.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

APPLICATION = "application"
LEADS_TO = "leads_to_"
SOFT_404 = "soft_404"
_FIRST_EAST_ASIAN = "\u2e80"
_COUNTRY = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?")
_SCRIPTED = re.compile(
    r"location(?:\.href)?\s*=\s*[\"'`]([^\"'`]+)|location\.(?:assign|replace)\(\s*[\"'`]([^\"'`]+)", re.IGNORECASE
)


class Kind(NamedTuple):
    """As stand_ins.toml says. titles: finds one of these in a title in lower case."""

    name: str
    titles: re.Pattern[str]
    body: tuple[str, ...]
    segments: frozenset[str]
    hosts: frozenset[str]
    parameters: frozenset[str]


def _kinds() -> Iterator[Kind]:
    listed = tomllib.loads(resources.files(__package__).joinpath("stand_ins.toml").read_text("utf-8"))
    for kind in listed["kinds"]:
        words = "|".join(map(_whole_word, kind["titles"]))
        sets = (frozenset(kind.get(name, ())) for name in ("segments", "hosts", "parameters"))
        yield Kind(kind["name"], re.compile(words), tuple(kind["body"]), *sets)


def _whole_word(word: str) -> str:
    """Chinese, Japanese and Korean leave no blanks between words."""
    return re.escape(word) if word[0] > _FIRST_EAST_ASIAN else rf"(?<!\w){re.escape(word)}(?!\w)"


KINDS = tuple(_kinds())


def kind_of_title(title: str) -> str:
    """What a page with this title looks like, or ""."""
    named = title.lower()
    return next((each.name for each in KINDS if each.titles.search(named)), "")


def kind_of_page(text: str, url: str, *, leads_to: Iterable[str], is_application: bool) -> str:
    """What the page at `url`, which has few links, looks like by its HTML, or "". text: the beginning of it.

    It is `leads_to_login` and the like when it leads to one; `login` when it only has something of it, as ordinary pages
    may. leads_to: where its refreshes and frames lead. is_application: its HTML waits for scripts.
    """
    for target in (*leads_to, *_scripted(text)):
        if kind := gate(target, url):
            return LEADS_TO + kind
    written = text.lower()
    kind = next((each.name for each in KINDS if any(marker in written for marker in each.body)), "")
    return kind or (APPLICATION if is_application else "")


def _scripted(text: str) -> list[str]:
    """Where scripts go at once, as far as it is written out."""
    if "location" not in text:
        return []
    return [href or other for href, other in _SCRIPTED.findall(text)]


def gate(target: str, url: str) -> str:
    """The kind of what is at `target`, when that asks something of whoever wants to see the page at `url`; or "".

    By a segment of its path, by its host, or because it is told where to go on to.
    """
    try:
        to, page = urlsplit(target.lower()), urlsplit(url.lower())
        asked = parse_qsl(to.query)
    except ValueError:
        return ""
    segments, first = set(to.path.split("/")), (to.hostname or page.hostname or "").partition(".")[0]
    own, label = set(page.path.split("/")), (page.hostname or "").partition(".")[0]
    for each in KINDS:
        if each.segments & segments - own or (first != label and first in each.hosts):
            return each.name
        if any(name in each.parameters and _is_page(value, page.path, page.query) for name, value in asked):
            return each.name
    return ""


def _is_page(value: str, path: str, query: str) -> bool:
    """Is it the URL or the path of the page? The start page's path alone says nothing."""
    try:
        named = urlsplit(value)
    except ValueError:
        return False
    return bool(value) and (named.path or "/") == (path or "/") and named.query in {query, ""}


def redirects_to(target: str, url: str) -> str:
    """What a permanent redirect from `url` to `target`, both normalised, looks like, when it does not look like a move.

    `itself`, as a cookie wall answers; login, consent …; `country`: a copy for a country or in a language; or "".
    """
    if target == url:
        return "itself"
    if kind := gate(target, url):
        return kind
    to, page = urlsplit(target), urlsplit(url)
    here, there = _without_country(page.path), _without_country(to.path)
    if there == here and to.query == page.query:
        if to.path != page.path:
            return "country"
        return "country" if _is_country_host(to.hostname or "", page.hostname or "") else ""
    return ""


def _without_country(path: str) -> str:
    first, slash, rest = path[1:].partition("/")
    return "/" + rest if _COUNTRY.fullmatch(first.lower()) and (slash or not rest) else path


def _is_country_host(to: str, page: str) -> bool:
    """de.example.com for www.example.com, example.de for example.com."""
    theirs, ours = to.split("."), page.split(".")
    first, rest = theirs[0], theirs[1:]
    bare = ours[1:] if ours[0] == "www" or _COUNTRY.fullmatch(ours[0]) else ours
    if _COUNTRY.fullmatch(first) and rest in (ours, bare):
        return True
    name, own = (next((label for label in labels if label != "www"), "") for labels in (theirs, ours))
    return name == own and theirs[-1] != ours[-1] and len(theirs[-1]) == 2
