"""On the same bytes, links and facts of 1,245 real pages agree with what Chromium 156, scripts off, says of them.

Two things are Chromium's own: `http://two words/` is no URL by the URL Standard, and where no encoding is declared, bytes
that are valid UTF-8 are UTF-8 to us, so that there only addresses are compared.
"""

from __future__ import annotations

import json
import lzma
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from backlink_crawler.links.html import ParsedPage, parse_body
from backlink_crawler.links.tags import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

LETTERS = 800  # as many of a link's text as are compared


class Compared(NamedTuple):
    """url: of the page. seen: by the browser."""

    url: str
    seen: dict[str, Any]
    ours: ParsedPage


class Words(NamedTuple):
    href: str
    rel: tuple[str, ...]
    letters: str


@pytest.fixture(scope="module")
def pages(data_file: Callable[[str], Path]) -> list[Compared]:
    with lzma.open(data_file("web-links.jsonl.xz"), "rt") as lines:
        seen = {_file(page["url"]): page for page in map(json.loads, lines)}
    compared = []
    with tarfile.open(data_file("web.tar.xz"), "r|xz") as archive:
        for member in archive:
            if (page := seen.get(member.name)) and (file := archive.extractfile(member)):
                ours = parse_body(file.read(), page["url"], None, every_link=True)
                compared.append(Compared(page["url"], page, ours))
    assert len(compared) == len(seen) == 846
    return compared


@pytest.fixture(scope="module")
def single_pages(data_file: Callable[[str], Path]) -> list[Compared]:
    """One each of as many sites, modern and heavy with scripts."""
    with lzma.open(data_file("pages-links.jsonl.xz"), "rt") as lines:
        seen = {page["url"]: page for page in map(json.loads, lines)}
    with tarfile.open(data_file("pages.tar.xz"), "r:xz") as archive:
        bodies = {member.name: file.read() for member in archive if (file := archive.extractfile(member))}
    listed = [line.split("\t") for line in bodies.pop("pages.tsv").decode().splitlines()]
    compared = [
        Compared(url, seen[url], parse_body(bodies[file], url, content_type, every_link=True))
        for url, file, content_type in listed
        if url in seen
    ]
    assert len(compared) == len(seen) == 399
    return compared


def _file(url: str) -> str:
    parts = urlsplit(url)
    return f"web/{parts.hostname}{unquote(parts.path)}"


def _words(href: str, rel: Iterable[str], text: str) -> Words:
    """Chromium escapes `|` in paths, which the URL Standard does not. Where words part is ours to say, letters are not."""
    letters = "".join(text.replace("\0", "").split())[:LETTERS]
    return Words(href.replace("|", "%7C"), tuple(sorted(set(rel))), letters)


def _by_the_browser(page: Compared) -> list[Words]:
    return [
        _words(link["href"], (link["rel"] or "").replace(",", " ").lower().split(), _letters(page, link["text"]))
        for link in page.seen["links"]
        if link["protocol"] in {"http:", "https:"} and "%20" not in link["href"].split("/")[2]
    ]


def _by_us(page: Compared) -> list[Words]:
    return [
        _words(link.href, rel_tokens(link.rel_attribute), _letters(page, link.text))
        for link in page.ours.links
        if link.tag in {"a", "area"}
    ]


def _letters(page: Compared, text: str) -> str:
    is_guessed = page.ours.encoding == "utf-8" and not page.seen["charset"].lower().startswith("utf-")
    return "" if is_guessed else text


def _links_and_differences(pages: list[Compared]) -> tuple[int, list[object]]:
    links, differences = 0, []
    for page in pages:
        expected, found = _by_the_browser(page), _by_us(page)
        links += len(expected)
        if expected != found:
            first = next((pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]), None)
            differences.append((page.url, len(expected), len(found), first))
    return links, differences


def test_address_rel_and_letters_of_every_link_agree(pages: list[Compared]):
    assert _links_and_differences(pages) == (63_357, [])


def test_address_rel_and_letters_of_every_link_of_single_pages_agree(single_pages: list[Compared]):
    assert _links_and_differences(single_pages) == (53_733, [])


def test_title_and_language_of_every_page_agree(pages: list[Compared]):
    assert {
        page.url: (page.seen["title"], page.ours.facts.title, page.seen["lang"], page.ours.facts.language)
        for page in pages
        if page.ours.facts.title != " ".join(page.seen["title"].split())[:300].strip()
        or page.ours.facts.language != (page.seen["lang"] or "").lower()
    } == {}


def test_canonicals_agree(pages: list[Compared]):
    """Of 20 pages it is no canonical: an `article` in their head ends that before it."""
    with_canonical = [page for page in pages if page.seen["canonical"]]
    in_body = [page for page in with_canonical if not page.ours.facts.canonical]
    assert (len(with_canonical), len(in_body)) == (180, 20)
    assert {urlsplit(page.url).hostname for page in in_body} == {"github.blog.ccknbc.cc"}
    others = [page for page in pages if page not in in_body]
    assert [page.url for page in others if page.ours.facts.canonical not in (page.seen["canonical"] or [""])[:1]] == []


def test_robots_metas_agree(pages: list[Compared]):
    """They say `noindex` and `noindex,follow` on 38 pages, and nothing on the others."""
    noindex = [page.url for page in pages if page.ours.facts.robots.noindex]
    assert noindex == [page.url for page in pages if page.seen["metas"]]
    assert len(noindex) == 38
    assert not any(page.ours.facts.robots.nofollow for page in pages)
