"""Which pages may be dear; and that the dearest of the others are not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.links.cost import FEW_BYTES, FEW_TAGS, MANY_BYTES, MANY_TAGS, is_huge, may_be_dear
from backlink_crawler.links.html import parse_body

if TYPE_CHECKING:
    from collections.abc import Callable

HALF = FEW_TAGS // 2
LONG = FEW_BYTES - 20 * FEW_TAGS  # bytes that are left for something else

# As much of each as passes for a page that is not dear.
PAGES: dict[str, Callable[[], bytes]] = {
    "elements in one another": lambda: b"<div>" * FEW_TAGS,
    "elements closed by others": lambda: b"<div>" * HALF + b"</x>" * HALF,
    "elements and paragraphs": lambda: b"<div>" * HALF + b"<p></p>" * (HALF // 2),
    "formatting that paragraphs repeat": lambda: numbered(b"<b id=%x>", HALF - 1, b"<p>") + b"</p><p>x" * (HALF // 2),
    "long formatting that paragraphs repeat": lambda: b"<p><b title='" + b"x" * LONG + b"'>" + b"</p><p>x" * (HALF - 2),
    "formatting with blocks": lambda: numbered(b"<font size=%d><div>", HALF // 2) + b"</font>" * HALF,
    "links in links": lambda: b"<a href=x><div>" * HALF,
    "links in tables in links": lambda: b"<a href=//b.example><table><td>" * (FEW_TAGS // 3),
    "images in links in tables": lambda: b"<a href=//b.example><table><td><img alt=x>" * (FEW_TAGS // 4),
    "attributes of a tag": lambda: b"<p " + numbered(b"a%x ", 11_500) + b">",
    "attributes of the body": lambda: numbered(b"<body a%x>", FEW_TAGS),
    "drawing with deep titles": lambda: b"<svg>" + b"<g>" * (HALF - 1) + b"<title></title>" * (HALF // 2),
    "links to other sites": lambda: numbered(b"<a href=//a%x.example>x</a>", HALF),
    "links under a long base": lambda: b"<base href=/" + b"b" * LONG + b"/>" + numbered(b"<a href=%x>x", HALF),
    "links of many escapes": lambda: b"<a href=//a.example/" + b"%%32%35" * 1_000 + b">x</a>" * 7,
    "applications in one another": lambda: b"<script src=x></script>" + b"<div id=root>" * (FEW_TAGS - 2),
    "foster parents": lambda: b"<table>" + b"<b>x" * (FEW_TAGS - 1),
    "bytes of no encoding": lambda: bytes(128 + number * 7 % 128 for number in range(FEW_BYTES)),
    "Japanese of no encoding": lambda: ("日本語のページ、文字コードの宣言なし。" * 2_000).encode("euc_jp")[:FEW_BYTES],
    "NULs": lambda: bytes(FEW_BYTES),
    "references": lambda: b"&amp;" * (FEW_BYTES // 5),
}


def numbered(form: bytes, times: int, before: bytes = b"") -> bytes:
    return before + b"".join(form % number for number in range(times))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_not_dear_takes_little(name: str) -> None:
    page = PAGES[name]()
    assert not may_be_dear(page)
    began = time.thread_time()
    parse_body(page, "https://a.example/", "text/html")
    assert time.thread_time() - began < 0.7  # on a machine that has other work; 0.2 on one that has none


@pytest.mark.parametrize(
    "page", [b"x" * (FEW_BYTES + 1), "x" * (FEW_BYTES + 1), b"<p>" * (FEW_TAGS + 1), ("<p>" * (FEW_TAGS + 1))]
)
def test_a_large_page_may_be_dear_and_so_may_one_of_many_tags(page: str | bytes) -> None:
    assert may_be_dear(page)


def test_a_page_that_is_larger_than_almost_any_is_huge() -> None:
    assert is_huge(b"x" * (MANY_BYTES + 1))
    assert is_huge("<p>" * (MANY_TAGS + 1))
    assert not is_huge(b"x" * MANY_BYTES)
    assert not is_huge(b"<p>" * MANY_TAGS)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "iso2022_jp", "shift_jis", "gb18030", "big5", "euc_kr"])
def test_tags_are_counted_in_any_encoding(encoding: str) -> None:
    assert may_be_dear(("<p>" * (FEW_TAGS + 1)).encode(encoding))
