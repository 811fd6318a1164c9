"""Which of a page's links inside its site become pages of the frontier?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backlink_crawler.model import Discovery, Refusal, Scope
from backlink_crawler.urls.scope import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backlink_crawler.links.sitemaps import SitemapEntry
    from backlink_crawler.model import Seed
    from backlink_crawler.urls.normalise import Normaliser


def discover(
    links: Mapping[str, bool],
    seed: Seed,
    depth: int,
    normalise: Normaliser,
    *,
    page_nofollow: bool,
) -> tuple[list[Discovery], Counter[Refusal]]:
    """links: resolved url → is every link to it nofollow? depth: of the pages that they would be."""
    found: dict[str, Discovery] = {}
    refused: Counter[Refusal] = Counter()
    for href, nofollow in links.items():
        if nofollow or page_nofollow:
            refused[Refusal.NOFOLLOW] += 1
            continue
        url = normalise(href)
        reason = url if isinstance(url, Refusal) else refusal(url, seed, depth)
        if reason:
            refused[reason] += 1
        elif not isinstance(url, Refusal):
            found.setdefault(url.hash, Discovery(url, depth))
    return list(found.values()), refused


def discover_listed(
    entries: Iterable[SitemapEntry],
    seed: Seed,
    depth: int,
    normalise: Normaliser,
) -> tuple[list[Discovery], Counter[Refusal]]:
    """What a sitemap lists: pages within the seed's scope, and further sitemaps of its domain."""
    found: dict[str, Discovery] = {}
    refused: Counter[Refusal] = Counter()
    for entry in entries:
        url = normalise(entry.url)
        if isinstance(url, Refusal):
            reason: Refusal | None = url
        elif entry.kind:
            reason = None if url.domain == seed.url.domain else Refusal.OTHER_DOMAIN
        else:
            reason = refusal(url, seed, depth)
        if reason:
            refused[reason] += 1
        elif not isinstance(url, Refusal):
            found.setdefault(url.hash, Discovery(url, depth, entry.kind, entry.lastmod))
    return list(found.values()), refused


def start_url_of_fallback(seed: Seed) -> str | None:
    """Where to go when a seed that was named without a scheme does not answer over https."""
    if seed.bare and seed.scope is not Scope.PREFIX and seed.url.text.startswith("https://"):
        return "http://" + seed.url.text.removeprefix("https://")
    return None
