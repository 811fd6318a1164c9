"""The relevance of every link. Memory does not grow with the number of links or pages, only with that of words, up to a bound."""

from __future__ import annotations

import time
from collections import Counter
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

from backlink_crawler.rank.relevance import TargetWords, blend, cosine, counted, idf, terms_of, vector
from backlink_crawler.store import relevance as store
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.relevance import LinkText, ScoredLink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlink_crawler.rank.job import Progress
    from backlink_crawler.rank.relevance import Vector, Weight
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun

MOST_WORDS = 1_000_000  # that are counted together: beyond, the rarer half is forgotten, about 100 bytes each
MOST_DOMAINS = 100  # whose anchors say what a target is about; those that linked first
MOST_LOOKED_AT = 10_000  # links to a target, among which these are
_PAGES_KEPT = 20_000  # whose words are not read again for their next link
_TOLD_EVERY = 50_000


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    began = time.monotonic()
    words, pages = count_words(store.page_texts(database))
    progress(f"relevance: {len(words):,} words on {pages:,} pages")
    links = _told(store.link_texts(database), progress)
    with database.connect() as connection, database_errors(database), connection.transaction():
        number = store.stage_scores(connection, scored(links, weights(words, pages)))
        progress("relevance: swapping in")
        store.stage_words(connection, words)
        store.swap_in(connection)
        figures = {"pages": pages, "words": len(words), "links": number}
        run.tell(
            connection,
            "relevance",
            {"most_words": MOST_WORDS, "most_domains": MOST_DOMAINS},
            figures | {"seconds": round(time.monotonic() - began, 1)},
        )


def count_words(pages: Iterable[store.PageText]) -> tuple[dict[str, int], int]:
    """(how many pages have each word, for words that several have; the number of pages)."""
    counts: Counter[str] = Counter()
    number = 0
    for page in pages:
        number += 1
        counts.update(counted(page.title, page.headings, page.around, language=page.language).keys())
        if len(counts) > MOST_WORDS:
            counts = Counter(dict(counts.most_common(MOST_WORDS // 2)))
    return _several(counts), number


def weights(words: dict[str, int], pages: int) -> Weight:
    """Of each word its idf; a word that is not among them is on one page."""
    values = {word: idf(pages, number) for word, number in words.items()}
    rare = idf(pages, 1)
    return lambda word: values.get(word, rare)


def scored(links: Iterable[LinkText], weight: Weight) -> Iterator[ScoredLink]:
    """Those whose relevance is known. links: those to one URL one after the other."""
    pages: dict[int, Vector] = {}
    for _, links_to in groupby(links, attrgetter("url_to_id")):
        group = iter(links_to)
        first = list(islice(group, MOST_LOOKED_AT))
        target = _target(first, weight)
        for link in chain(first, group):
            about, basis = target.as_seen_from(link.domain_from_id)
            if not about:
                continue
            if len(pages) >= _PAGES_KEPT:
                pages.clear()
            relevance = cosine(_source(link, weight, pages), about)
            if relevance is not None:
                yield ScoredLink(link.link_id, round(100 * relevance), int(basis))


def _target(links: list[LinkText], weight: Weight) -> TargetWords:
    first = links[0]
    anchors: dict[int, set[str]] = {}
    for link in links:
        if link.is_live and (len(anchors) < MOST_DOMAINS or link.domain_from_id in anchors):
            anchors.setdefault(link.domain_from_id, set()).update(terms_of(link.anchor))
    title = counted(first.title_to, language=first.language_to)
    return TargetWords(weight, title, counted(first.headings_to), anchors)


def _source(link: LinkText, weight: Weight, pages: dict[int, Vector]) -> Vector:
    """Half of it from the words in and around the link, half from the title and headings of its page."""
    page = pages.get(link.page_id)
    if page is None:
        page = pages[link.page_id] = vector(counted(link.title, link.headings, language=link.language), weight)
    return blend(page, vector(counted(link.anchor, link.snippet_left, link.snippet_right), weight))


def _several(counts: dict[str, int]) -> dict[str, int]:
    return {word: number for word, number in counts.items() if number > 1}


def _told(links: Iterable[LinkText], progress: Progress) -> Iterator[LinkText]:
    for number, link in enumerate(links, start=1):
        if number % _TOLD_EVERY == 0:
            progress(f"relevance: {number:,} links")
        yield link
