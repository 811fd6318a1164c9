"""Are the classes of anchors those that a person gives them, and does over-optimised mean who is meant to be?

The anchors of anchor_labels.tsv were drawn by lot from the 20 sites of the conformance data and the demo web, labelled
by hand in two passes of different order before the classifier had seen them ("drawn"), and others ("blind") when it was
done: by what they mean. `meant` is the class by the definitions of docs/methods.md, of what an index knows. The sites that
they are from were parted in halves by lot; rules were made by looking at the first. What was planted, and what must come of
it, was written down beforehand.
"""

from __future__ import annotations

import csv
import tarfile
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.config import Config
from backlink_crawler.links.html import parse_body
from backlink_crawler.links.stages import normalise_links
from backlink_crawler.model import LinkType
from backlink_crawler.rank.anchors import AnchorClass, Site, TargetPage, classify, site_of
from backlink_crawler.rank.job import rank
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import Normaliser
from benchmarks.claims import Skipped
from benchmarks.environment import PROJECT, data_file, fresh_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import psycopg

_LABELS = Path(__file__).with_name("anchor_labels.tsv")
_CLASSES = [each.name.lower() for each in AnchorClass]


class Label(NamedTuple):
    """first, second: by what it means, in two passes. meant: by the definitions; empty: the passes do not agree."""

    sample: str
    half: str
    domain_to: str
    kind: str
    first: str
    second: str
    meant: str
    anchor: str


class Planted(NamedTuple):
    """anchors: of each referring domain one. over_optimised: what must come of it."""

    anchors: list[str]
    over_optimised: bool | None


def _of(**numbers: int) -> list[str]:
    words = {
        "brand": "Bean Shop",
        "address": "beans.example",
        "here": "click here",
        "more": "read more",
        "stuffed": "buy cheap beans",
        "headline": "Seven things that nobody ever told you about beans",
    }
    own = [f"what {number} people said of it" for number in range(numbers.pop("own", 0))]
    return [*own, *chain.from_iterable(repeat(words[name], number) for name, number in numbers.items())]


PLANTED = {
    "natural": Planted([*_of(own=14, here=6, more=4), *repeat("natural", 14), *repeat("fair trade beans", 2)], False),
    "stuffed": Planted([*_of(own=10, here=4, stuffed=18), *repeat("stuffed", 8)], True),
    "branded": Planted([*_of(own=2), *repeat("branded", 38)], False),
    "tiny": Planted(_of(stuffed=8), None),
    "mild": Planted([*_of(own=15, here=4, stuffed=5), *repeat("mild", 16)], False),
    "quoted": Planted([*_of(own=5, headline=30), *repeat("quoted", 5)], False),
}
# Of 25 domains that link to an ordinary target, so many use a keyword of its address.
_ORDINARY = (0, 0, 1, 1, 2, 0, 3, 1, 0, 2) * 3


def planted_links() -> Iterator[tuple[str, str, str]]:
    """(page, URL, anchor)"""
    for name, planted in PLANTED.items():
        for number, anchor in enumerate(planted.anchors):
            yield f"http://from{number}.test/{name}", f"http://{name}.test/fair-trade-beans", anchor
    for number, exact in enumerate(_ORDINARY):
        anchors = [*repeat("green tea", exact), *_of(own=10, here=5), *repeat(f"ordinary{number}", 10 - exact)]
        for place, anchor in enumerate(anchors):
            yield f"http://from{place}.test/{number}", f"http://ordinary{number}.test/green-tea", anchor


def labels() -> list[Label]:
    with _LABELS.open(encoding="utf-8", newline="") as lines:
        return [Label(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def report() -> Iterator[str]:
    drawn = [label for label in labels() if label.sample == "drawn"]
    blind = [label for label in labels() if label.sample == "blind"]
    yield f"{len(drawn)} anchors labelled twice: {_agreement(drawn)}"
    drawn = [label for label in drawn if label.first == label.second]
    yield from _told(f"{len(drawn)} of them, labelled alike; words and domain alone", drawn, {})
    try:
        found = _conformance_links()
    except Skipped as reason:
        yield f"\nwith what they lead to: skipped, {reason}"
    else:
        for half in ("first", "second"):
            chosen = [label for label in drawn if label.half == half]
            yield from _told(f"{half} half, with what an index of these sites would know", chosen, found)
        yield from _told(f"{len(blind)} others, labelled once, when there were rules", blind, found)
    yield from _planted()


class _Found(NamedTuple):
    """What the index would know of a domain: URLs by anchor, the domains that use each anchor, and its pages by URL."""

    urls: dict[str, set[str]]
    users: dict[str, set[str]]
    pages: dict[str, TargetPage]


def _conformance_links() -> dict[str, _Found]:
    """Raises Skipped."""
    archive = data_file("web.tar.xz")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        return _found(Path(folder, "web"))


def _found(web: Path) -> dict[str, _Found]:
    normalise = Normaliser(Config.from_environment().tracking_parameters)
    found: dict[str, _Found] = defaultdict(lambda: _Found(defaultdict(set), defaultdict(set), {}))
    demo = PROJECT / "backlink_crawler" / "demo" / "sites"
    for root, scheme in ((web, "https"), (demo, "http")):
        for file in sorted(root.rglob("*")):
            if not file.is_file() or file.suffix not in {".html", ".htm", ""}:
                continue
            url = f"{scheme}://{file.relative_to(root)}"
            page = parse_body(file.read_bytes(), url, None)
            domain = domain_of(file.relative_to(root).parts[0])
            facts = page.facts
            found[domain].pages[_known_as(url)] = TargetPage(url, facts.title or "", tuple(facts.headings.splitlines()))
            links, _ = normalise_links(page.links, normalise)
            for link in links:
                if link.to and link.link_type in {LinkType.TEXT, LinkType.IMAGE}:
                    of = found[link.to.domain]
                    of.urls[link.anchor].add(link.to.text)
                    of.users[link.anchor].add(domain)
    return found


def _known_as(url: str) -> str:
    """The demo web is served from another port than 80."""
    return url.partition("://")[2].replace(":8000/", "/", 1).removesuffix("index.html")


def _site(domain: str, of: _Found | None) -> Site:
    if of is None:
        return site_of(domain)
    everybody = set().union(*of.users.values())
    titles = sorted({page.title for page in of.pages.values() if page.title})[:50]
    common = [anchor for anchor, users in of.users.items() if len(users) >= max(3, 0.02 * len(everybody))]
    return site_of(domain, titles=titles, common_anchors=sorted(common, key=lambda anchor: -len(of.users[anchor]))[:20])


def _pages(of: _Found | None, anchor: str) -> list[TargetPage]:
    """The two that a ranking would look at."""
    urls = of.urls.get(anchor) if of else None
    if of is None or not urls:
        return []
    known = [(url, of.pages.get(_known_as(url))) for url in sorted({min(urls), max(urls)})]
    return [replace(page, url=url) if page else TargetPage(url) for url, page in known]


def _told(title: str, chosen: Sequence[Label], found: dict[str, _Found]) -> Iterator[str]:
    sites = {label.domain_to: _site(label.domain_to, found.get(label.domain_to)) for label in chosen}
    pairs: Counter[tuple[str, str]] = Counter()
    by_meaning = 0
    for label in chosen:
        pages = _pages(found.get(label.domain_to), label.anchor)
        told = classify(label.anchor, sites[label.domain_to], pages, is_image=label.kind == "image").name.lower()
        pairs[label.meant, told] += 1
        by_meaning += label.second == told
    right = sum(number for (meant, told), number in pairs.items() if meant == told)
    yield f"\n{title}: {right} of {len(chosen)} right ({right / len(chosen):.2f}); by what they mean {by_meaning}"
    yield f"{'':10}{'labelled':>10}{'told':>8}{'right':>8}{'precision':>11}{'recall':>8}"
    for name in _CLASSES:
        labelled, told_so = (sum(n for pair, n in pairs.items() if pair[side] == name) for side in (0, 1))
        both = pairs[name, name]
        yield f"{name:10}{labelled:>10}{told_so:>8}{both:>8}{_share(both, told_so):>11}{_share(both, labelled):>8}"
    wrong = sorted(((n, pair) for pair, n in pairs.items() if pair[0] != pair[1]), reverse=True)
    yield "wrong: " + ", ".join(f"{meant} told {told} {n}" for n, (meant, told) in wrong)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


def _agreement(chosen: Sequence[Label]) -> str:
    """Cohen's kappa."""
    same = sum(label.first == label.second for label in chosen) / len(chosen)
    firsts, seconds = Counter(label.first for label in chosen), Counter(label.second for label in chosen)
    by_chance = sum(firsts[name] * seconds[name] for name in firsts) / len(chosen) ** 2
    return f"{same:.1%} alike, kappa {(same - by_chance) / (1 - by_chance):.3f}"


def _planted() -> Iterator[str]:
    with fresh_index() as index:
        with index.database.connect() as connection:
            store_links(connection, planted_links())
        rank(index.database, lambda _doing: None)
        with index.database.connect() as connection:
            rows = connection.execute(
                "SELECT domain_to, refdomains, exact_share, exact_lower, exact_p95, entropy, over_optimised "
                "FROM anchor_profile WHERE domain_to = ANY(%s) ORDER BY domain_to",
                [[f"{name}.test" for name in PLANTED]],
            ).fetchall()
    yield f"\n{'planted':16}{'refdomains':>11}{'exact':>7}{'lower':>7}{'p95':>7}{'bits':>7}  over-optimised, meant to be"
    for domain, refdomains, share, lower, usual, bits, told in rows:
        figures = "".join(f"{'–' if each is None else format(each, '.3f'):>7}" for each in (share, lower, usual, bits))
        meant = PLANTED[domain.removesuffix(".test")].over_optimised
        yield f"{domain:16}{refdomains:>11}{figures}  {told}, {meant}{'' if told is meant else '  MISSED'}"


def store_links(connection: psycopg.Connection, links: Iterable[tuple[str, str, str]]) -> None:
    """Live links, as a crawl would leave them; of the rest of it, what a ranking looks at."""
    connection.execute("CREATE TEMPORARY TABLE planted (page text, url text, anchor text)")
    with connection.cursor().copy("COPY planted FROM STDIN") as copy:
        for row in links:
            copy.write_row(row)
    for statement in _AS_CRAWLED:
        connection.execute(statement)


_AS_CRAWLED = (
    """INSERT INTO domains (name) SELECT DISTINCT split_part(address, '/', 3)
    FROM planted CROSS JOIN LATERAL (VALUES (page), (url)) AS v (address)""",
    "INSERT INTO hosts (name, domain_id) SELECT name, id FROM domains",
    """INSERT INTO urls (hash, host_id, url) SELECT DISTINCT url_hash(address), h.id, address
    FROM planted CROSS JOIN LATERAL (VALUES (page), (url)) AS v (address)
    INNER JOIN hosts AS h ON split_part(address, '/', 3) = h.name""",
    """INSERT INTO links (page_id, url_to_id, first_seen, domain_from_id, domain_to_id, batch_id, position, link_type,
        anchor_source, is_dofollow, anchor)
    SELECT f.id, t.id, now(), fh.domain_id, th.domain_id, 1, 0, 0, 1, TRUE, p.anchor
    FROM planted AS p
    INNER JOIN urls AS f ON url_hash(p.page) = f.hash INNER JOIN hosts AS fh ON f.host_id = fh.id
    INNER JOIN urls AS t ON url_hash(p.url) = t.hash INNER JOIN hosts AS th ON t.host_id = th.id""",
    """INSERT INTO domain_totals (domain_id, first_seen, last_seen, refdomains)
    SELECT domain_to_id, now(), now(), count(DISTINCT domain_from_id) FROM links GROUP BY domain_to_id""",
)
