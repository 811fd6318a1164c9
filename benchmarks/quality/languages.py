"""Languages: how often is what is detected what the page itself declares?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.rank.languages import MOST_CHARACTERS, UNDETERMINED, detector
from benchmarks.claims import Skipped
from benchmarks.quality._sites import single_pages, site_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.quality._sites import Page

_LENGTHS = (40, 80, 160, 320, 640)  # characters, up to which texts are told together


class Answer(NamedTuple):
    """length: of what was read, in characters."""

    declared: str
    detected: str
    length: int

    @property
    def is_right(self) -> bool:
        return self.declared == self.detected


def report() -> Iterator[str]:
    detect = detector()
    if detect is None:
        raise Skipped("py3langid is not installed")
    pages = [page for page in (*site_pages(), *single_pages()) if page.language]
    texts = [(page.language.split("-", maxsplit=1)[0], text_of(page)) for page in pages]
    started = time.process_time()
    answers = [Answer(declared, detect(text), min(len(text), MOST_CHARACTERS)) for declared, text in texts]
    took = (time.process_time() - started) / len(texts) * 1000
    yield f"{len(texts):,} pages of 20 sites and 399 single ones that declare a language, {took:.2f} ms a page"
    yield from _table(answers)


def text_of(page: Page) -> str:
    """As it is stored: title, headings, the words in and around the links that leave the domain."""
    around = (f"{link.snippet_left} {link.anchor} {link.snippet_right}" for link in page.links if link.external)
    return "\n".join([page.title, page.headings, *around])


def _table(answers: Sequence[Answer]) -> Iterator[str]:
    yield "| characters | pages | answered | right, of those |"
    yield "|---|---|---|---|"
    for least, most in zip((0, *_LENGTHS), (*_LENGTHS, None), strict=True):
        some = [answer for answer in answers if least <= answer.length and (most is None or answer.length < most)]
        yield _row(f"{least}–{most - 1}" if most else f"{least} and more", some)
    yield _row("all", answers)


def _row(name: str, answers: Sequence[Answer]) -> str:
    said = [answer for answer in answers if answer.detected != UNDETERMINED]
    right = sum(answer.is_right for answer in said)
    return (
        f"| {name} | {len(answers):,} | {100 * len(said) / max(1, len(answers)):.0f} % "
        f"| {f'{100 * right / len(said):.1f} %' if said else '–'} |"
    )
