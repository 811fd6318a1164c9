"""Relevance: does it tell pages of one topic from others, and what does it cost?"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag, urlsplit

from backlink_crawler.rank.relevance import blend, cosine, counted, idf, vector
from backlink_crawler.rank.steps import relevance
from backlink_crawler.store.ranking import ranking_run
from benchmarks.environment import fresh_index
from benchmarks.quality._sites import site_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

    from backlink_crawler.model import Link
    from backlink_crawler.rank.relevance import Vector, Weight
    from benchmarks.quality._sites import Page

PAIRS = 5_000
LEAST_IN_SECTION = 5  # pages
LINKS = 1_000_000
LINKS_A_PAGE, TARGETS, DOMAINS = 20, 300_000, 20_000
_SIZES = "SELECT pg_total_relation_size(%s)"


class Asked(NamedTuple):
    """A link's words, a page that it should be near to, and one that it should not."""

    source: Vector
    near: Vector
    far: Vector


def report() -> Iterator[str]:
    pages = site_pages()
    weight = _weight(pages)
    yield f"| {len(pages):,} pages of 20 sites | pairs | AUC |"
    yield "|---|---|---|"
    for name, draw in (
        ("a page of the link's section, or of another section of the site", _other_section),
        ("a page of the link's section, or of another site", _other_site),
        ("the page that the link leads to, or another of the same site", _other_target),
    ):
        asked = list(draw(_Sites(pages, weight), random.Random(1)))
        yield f"| {name} | {len(asked):,} | {_auc(asked):.3f} |"
    yield ""
    yield from _cost(pages)


class _Sites:
    """Pages by what they belong to. A section is the first folder of a path."""

    def __init__(self, pages: Sequence[Page], weight: Weight) -> None:
        self.pages = [page for page in pages if page.title or page.headings]
        self.weight = weight
        self.about = [
            blend(vector(counted(page.title, language=page.language), weight), vector(counted(page.headings), weight))
            for page in self.pages
        ]
        self.place = {page.url: place for place, page in enumerate(self.pages)}
        self.sections: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.hosts: dict[str, list[int]] = defaultdict(list)
        for place, page in enumerate(self.pages):
            self.sections[section(page.url)].append(place)
            self.hosts[section(page.url)[0]].append(place)

    def source(self, page: Page, link: Link) -> Vector:
        whole = vector(counted(page.title, page.headings, language=page.language), self.weight)
        around = vector(counted(link.anchor, link.snippet_left, link.snippet_right), self.weight)
        return blend(whole, around)

    def linking(self) -> list[int]:
        """Pages with a link that leaves them, in a section that has others."""
        return [
            place
            for place, page in enumerate(self.pages)
            if any(link.external for link in page.links)
            and section(page.url)[1]
            and len(self.sections[section(page.url)]) >= LEAST_IN_SECTION
        ]


def section(url: str) -> tuple[str, str]:
    """(host, first folder)."""
    parts = urlsplit(url)
    folder, slash, _ = parts.path.strip("/").partition("/")
    return parts.netloc, folder if slash else ""


def _other_section(sites: _Sites, chance: random.Random) -> Iterator[Asked]:
    yield from _by_section(
        sites, chance, lambda own: [p for p in sites.hosts[own[0]] if section(sites.pages[p].url) != own]
    )


def _other_site(sites: _Sites, chance: random.Random) -> Iterator[Asked]:
    hosts = sorted(sites.hosts)
    yield from _by_section(sites, chance, lambda own: sites.hosts[chance.choice([h for h in hosts if h != own[0]])])


def _by_section(
    sites: _Sites, chance: random.Random, others: Callable[[tuple[str, str]], list[int]]
) -> Iterator[Asked]:
    linking = sites.linking()
    for _ in range(PAIRS):
        place = chance.choice(linking)
        page = sites.pages[place]
        link = chance.choice([link for link in page.links if link.external])
        own = section(page.url)
        far = others(own)
        if far:
            near = chance.choice([other for other in sites.sections[own] if other != place])
            yield Asked(sites.source(page, link), sites.about[near], sites.about[chance.choice(far)])


def _other_target(sites: _Sites, chance: random.Random) -> Iterator[Asked]:
    """By links inside the sites, of which the words around them are not read."""
    for _ in range(PAIRS):
        page = chance.choice(sites.pages)
        links = [link for link in page.links if urldefrag(link.href).url in sites.place]
        links = [link for link in links if urldefrag(link.href).url != page.url]
        if links:
            link = chance.choice(links)
            near = sites.place[urldefrag(link.href).url]
            far = chance.choice(sites.hosts[section(link.href)[0]])
            if near != far:
                yield Asked(sites.source(page, link), sites.about[near], sites.about[far])


def _weight(pages: Sequence[Page]) -> Weight:
    counts: Counter[str] = Counter()
    for page in pages:
        around = " ".join(f"{link.anchor} {link.snippet_left} {link.snippet_right}" for link in page.links)
        counts.update(counted(page.title, page.headings, around, language=page.language).keys())
    return lambda word: idf(len(pages), counts[word])


def _auc(asked: Sequence[Asked]) -> float:
    """The chance that a near one is nearer than a far one, of any two; of two that are equal, half."""
    scores = sorted(
        (cosine(each.source, other) or 0.0, is_near)
        for each in asked
        for other, is_near in ((each.near, True), (each.far, False))
    )
    below, wins, start = 0, 0.0, 0
    while start < len(scores):
        end = start
        while end < len(scores) and scores[end][0] == scores[start][0]:
            end += 1
        near = sum(is_near for _, is_near in scores[start:end])
        wins += near * (below + (end - start - near) / 2)
        below += end - start - near
        start = end
    return wins / len(asked) ** 2


def _cost(pages: Sequence[Page]) -> Iterator[str]:
    """The step over an index that is made of the sites' own words."""
    with fresh_index() as index:
        with index.database.connect() as connection:
            _fill(connection, pages)
        before = _peak()
        started, processor = time.monotonic(), time.process_time()
        with ranking_run(index.database) as run:
            relevance.step(index.database, run, lambda _: None)
        took, processor = time.monotonic() - started, time.process_time() - processor
        again = time.monotonic()
        with ranking_run(index.database) as run:
            relevance.step(index.database, run, lambda _: None)
        again = time.monotonic() - again
        with index.database.connect() as connection:
            scored = connection.execute("SELECT count(relevance) FROM backlinks").fetchone()[0]
            sizes = {
                table: connection.execute(_SIZES, [table]).fetchone()[0]
                for table in ("link_relevance", "edge_relevance", "index_words")
            }
    yield f"{LINKS:,} links to {TARGETS:,} URLs, {scored:,} with a relevance"
    yield f"  {took:.0f} s ({processor:.0f} s of Python's own), {again:.0f} s again when nothing has changed"
    yield f"  {before:.0f} MB before, at most {_peak():.0f} MB in it"
    for table, size in sizes.items():
        yield f"  {table}: {size / LINKS:.1f} bytes a link"


def _fill(connection: psycopg.Connection, pages: Sequence[Page]) -> None:
    """Pages of the sites again and again, each link with the words of a link of them. Half of the targets were read."""
    chance = random.Random(1)
    links = [link for page in pages for link in page.links if link.external]
    number = LINKS // LINKS_A_PAGE
    facts = [(page.title or None, page.headings or None, page.language or None) for page in pages]
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY page_facts (page_id, links_external, links_internal, nofollow, noindex, title, headings, language) FROM STDIN"
        ) as copy:
            for page_id in (*range(1, number + 1), *range(number + 1, number + TARGETS, 2)):
                copy.write_row((page_id, LINKS_A_PAGE, 0, False, False, *chance.choice(facts)))
        with cursor.copy(
            "COPY links (page_id, url_to_id, first_seen, domain_from_id, domain_to_id, batch_id, position, link_type, "
            "anchor_source, is_dofollow, anchor, snippet_left, snippet_right) FROM STDIN"
        ) as copy:
            for page_id in range(1, number + 1):
                for place in range(LINKS_A_PAGE):
                    target = int(TARGETS ** chance.random())  # each as likely as 1 ÷ its rank
                    link = chance.choice(links)
                    words = (link.anchor, link.snippet_left or None, link.snippet_right or None)
                    own, to = page_id % DOMAINS, DOMAINS + target % (2 * DOMAINS)
                    copy.write_row((page_id, number + target, "now", own, to, 1, place, 0, 1, True, *words))
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM (ANALYZE)")


def _peak() -> float:
    """MB that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
