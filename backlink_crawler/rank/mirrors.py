"""Pages on different domains that say almost the same: their links are one voice.

Two pages are alike when the simhashes of their texts (links/simhash.py) differ in at most MOST_BITS of 64 bits, or in at most
MOST_BITS_WITH_LINKS where both link to the same URLs. Alike pages are found by parts of the simhash that are equal, never by
looking at all pairs (Manku, Jain and Das Sarma, "Detecting Near-Duplicates for Web Crawling", 2007).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.links.simhash import bits_apart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

MOST_BITS = 3
MOST_BITS_WITH_LINKS = 10
FEWEST_LINKS = 2  # URLs to which both link: one alone is in the foot of too many pages
MOST_LOOKS = 100  # that one text of many with a part in common is compared with: the next ones in order
# Of two that differ in three bits, at least three of six parts are equal.
_PARTS = ((0, 11), (11, 22), (22, 33), (33, 44), (44, 54), (54, 64))
_MASKS = [sum(((1 << last) - 1) ^ ((1 << first) - 1) for first, last in chosen) for chosen in combinations(_PARTS, 3)]


class MirrorPage(NamedTuple):
    """links: a hash of the URLs to which its links lead; None: they are fewer than FEWEST_LINKS."""

    page_id: int
    domain_id: int
    simhash: int
    links: int | None


class Mirror(NamedTuple):
    """A page of a group: first_page_id names it, and is its first page. bits: it differs from that. domains: of the group."""

    page_id: int
    first_page_id: int
    bits: int
    domains: int


def mirrors(pages: Collection[MirrorPage]) -> Iterator[Mirror]:
    """Groups on at least two domains, each page in one at most. Pages of a group are alike to its first one, so that no chain
    of small differences ties together what is not alike.
    """
    texts: dict[int, list[MirrorPage]] = defaultdict(list)
    for page in sorted(pages):
        texts[page.simhash].append(page)
    near = _near(texts, _alike(texts, pages))
    led: set[int] = set()
    for first, own in texts.items():  # in the order of their first pages
        if first in led:
            continue
        members = [first, *(each for each in sorted(near.get(first, ())) if each not in led)]
        led.update(members)
        domains = {page.domain_id for each in members for page in texts[each]}
        if len(domains) > 1:
            for each in members:
                bits = bits_apart(first, each)
                yield from (Mirror(page.page_id, own[0].page_id, bits, len(domains)) for page in texts[each])


def _alike(texts: Mapping[int, list[MirrorPage]], pages: Iterable[MirrorPage]) -> Iterator[tuple[int, int]]:
    """Pairs of different simhashes, some of them more than once."""
    for mask in _MASKS:
        yield from _close(_runs((simhash & mask, simhash) for simhash in texts), MOST_BITS)
    linking = {(page.links, page.simhash) for page in pages if page.links is not None}
    yield from _close(_runs(linking), MOST_BITS_WITH_LINKS)


def _near(texts: Mapping[int, list[MirrorPage]], pairs: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    """Of each simhash those that are alike, unless both are of one and the same domain only."""
    near: dict[int, set[int]] = defaultdict(set)
    domains = {
        simhash: own[0].domain_id if len({page.domain_id for page in own}) == 1 else None
        for simhash, own in texts.items()
    }
    for one, other in pairs:
        if domains[one] is None or domains[one] != domains[other]:
            near[one].add(other)
            near[other].add(one)
    return near


def _runs(keyed: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """The simhashes with one key, in their order, where there are several."""
    runs: dict[int, list[int]] = defaultdict(list)
    for key, simhash in keyed:
        runs[key].append(simhash)
    yield from (sorted(run) for run in runs.values() if len(run) > 1)


def _close(runs: Iterable[list[int]], most: int) -> Iterator[tuple[int, int]]:
    for run in runs:
        for place, one in enumerate(run):
            for other in run[place + 1 : place + 1 + MOST_LOOKS]:
                if bits_apart(one, other) <= most:
                    yield one, other
