"""On the same bytes, links and facts of 846 real pages agree with what Chromium 156, scripts off, says of them."""

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


def _file(url: str) -> str:
    parts = urlsplit(url)
    return f"web/{parts.hostname}{unquote(parts.path)}"


def _words(href: str, rel: Iterable[str], text: str) -> Words:
    """Chromium escapes `|` in paths, which the URL Standard does not. Where words part is ours to say, letters are not."""
    letters = "".join(text.replace("\0", "").split())[:LETTERS]
    return Words(href.replace("|", "%7C"), tuple(sorted(set(rel))), letters)


def _by_the_browser(seen: dict[str, Any]) -> list[Words]:
    return [
        _words(link["href"], (link["rel"] or "").replace(",", " ").lower().split(), link["text"])
        for link in seen["links"]
        if link["protocol"] in {"http:", "https:"}
    ]


def _by_us(page: ParsedPage) -> list[Words]:
    return [
        _words(link.href, rel_tokens(link.rel_attribute), link.text) for link in page.links if link.tag in {"a", "area"}
    ]


def test_address_rel_and_letters_of_every_link_agree(pages: list[Compared]):
    links, differences = 0, []
    for page in pages:
        expected, found = _by_the_browser(page.seen), _by_us(page.ours)
        links += len(expected)
        if expected != found:
            first = next((pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]), None)
            differences.append((page.url, len(expected), len(found), first))
    assert differences == []
    assert links == 63_357


def test_title_and_language_of_every_page_agree(pages: list[Compared]):
    assert {
        page.url: (page.seen["title"], page.ours.facts.title, page.seen["lang"], page.ours.facts.language)
        for page in pages
        if page.ours.facts.title != " ".join(page.seen["title"].split())[:300].strip()
        or page.ours.facts.language != (page.seen["lang"] or "").lower()
    } == {}


def test_canonicals_agree(pages: list[Compared]):
    with_canonical = [page for page in pages if page.seen["canonical"]]
    assert len(with_canonical) == 180
    assert [page.url for page in pages if page.ours.facts.canonical not in (page.seen["canonical"] or [""])[:1]] == []


def test_robots_metas_agree(pages: list[Compared]):
    """They say `noindex` and `noindex,follow` on 38 pages, and nothing on the others."""
    noindex = [page.url for page in pages if page.ours.facts.robots.noindex]
    assert noindex == [page.url for page in pages if page.seen["metas"]]
    assert len(noindex) == 38
    assert not any(page.ours.facts.robots.nofollow for page in pages)
