"""Which of a page's links inside its site become pages of the frontier, and whose?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backlink_crawler.model import Cover, Discovery, Refusal, Scope
from backlink_crawler.urls.scope import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backlink_crawler.links.sitemaps import SitemapEntry
    from backlink_crawler.model import Seed, Url
    from backlink_crawler.urls.normalise import Normaliser


MAX_SITEMAP_DEPTH = 5  # indexes and redirects from the one that robots.txt names: the protocol knows one, sites two


def one_deeper(covers: Mapping[Cover, Seed]) -> dict[Cover, Seed]:
    """What covers the pages that a page links to, if their seeds want them."""
    return {Cover(cover.seed_id, cover.depth + 1): seed for cover, seed in covers.items()}


def discover(
    links: Mapping[str, bool], covers: Mapping[Cover, Seed], normalise: Normaliser, *, page_nofollow: bool
) -> tuple[list[Discovery], Counter[Refusal]]:
    """links: resolved url → is every link to it nofollow? covers: what would cover these pages, and the seeds.

    Refused, and counted by the reason of the first seed, is what no seed wants.
    """
    found: dict[str, Discovery] = {}
    refused: Counter[Refusal] = Counter()
    for href, nofollow in links.items():
        if nofollow or page_nofollow:
            refused[Refusal.NOFOLLOW] += 1
            continue
        url = normalise(href)
        if isinstance(url, Refusal):
            refused[url] += 1
        elif url.hash not in found:
            wanted, reason = _wanted(url, covers)
            if wanted:
                found[url.hash] = Discovery(url, wanted)
            elif reason:
                refused[reason] += 1
    return list(found.values()), refused


def discover_listed(
    entries: Iterable[SitemapEntry], covers: Mapping[Cover, Seed], normalise: Normaliser
) -> tuple[list[Discovery], Counter[Refusal]]:
    """What a sitemap lists: pages within the scope of a seed, and further sitemaps of its domain. covers: the sitemap's.

    However deep sitemaps stand in one another, a page that they list is one click from the start.
    """
    found: dict[str, Discovery] = {}
    refused: Counter[Refusal] = Counter()
    of_pages = {Cover(cover.seed_id, 1): seed for cover, seed in covers.items()}
    for entry in entries:
        url = normalise(entry.url)
        if isinstance(url, Refusal):
            refused[url] += 1
            continue
        wanted, reason = _wanted_sitemap(url, covers) if entry.kind else _wanted(url, of_pages)
        if wanted:
            found.setdefault(url.hash, Discovery(url, wanted, entry.kind, entry.lastmod))
        elif reason:
            refused[reason] += 1
    return list(found.values()), refused


def _wanted_sitemap(url: Url, covers: Mapping[Cover, Seed]) -> tuple[tuple[Cover, ...], Refusal]:
    of_domain = [cover for cover, seed in covers.items() if url.domain == seed.url.domain]
    shallow = tuple(Cover(cover.seed_id, cover.depth + 1) for cover in of_domain if cover.depth < MAX_SITEMAP_DEPTH)
    return shallow, Refusal.TOO_DEEP if of_domain else Refusal.OTHER_DOMAIN


def _wanted(url: Url, covers: Mapping[Cover, Seed]) -> tuple[tuple[Cover, ...], Refusal | None]:
    wanted: tuple[Cover, ...] = ()
    first: Refusal | None = None
    for cover, seed in covers.items():
        reason = refusal(url, seed, cover.depth)
        if reason is None:
            wanted += (cover,)
        first = first or reason
    return wanted, first


def start_url_of_fallback(seed: Seed) -> str | None:
    """Where to go when a seed that was named without a scheme does not answer over https."""
    if seed.bare and seed.scope is not Scope.PREFIX and seed.url.text.startswith("https://"):
        return "http://" + seed.url.text.removeprefix("https://")
    return None
