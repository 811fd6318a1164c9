"""The two stages between extraction and storage, one link at a time. The pipelines are named after them.

Each may be gone through twice: the second time changes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backlink_crawler.links.tags import rel_tokens
from backlink_crawler.model import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.model import Link
    from backlink_crawler.urls.normalise import Normaliser


def normalise_links(links: Iterable[Link], normalise: Normaliser) -> tuple[list[Link], Counter[Refusal]]:
    """Those that have an identity, and how many have none, by reason."""
    kept: list[Link] = []
    refused: Counter[Refusal] = Counter()
    for link in links:
        reason = normalise_link(link, normalise)
        if reason:
            refused[reason] += 1
        else:
            kept.append(link)
    return kept, refused


def normalise_link(link: Link, normalise: Normaliser) -> Refusal | None:
    """Set `to` from href, or `refused`, which is returned too."""
    if link.to is not None:
        return None
    url = normalise(link.href)
    if isinstance(url, Refusal):
        link.refused = url
        return url
    link.to = url
    return None


def tag_link(link: Link) -> None:
    """Set rel and the link's own flags from its rel attribute. A flag that stands stays: a rendering may have set it."""
    if link.rel_attribute:
        link.rel = rel_tokens(link.rel_attribute)
        link.is_nofollow |= "nofollow" in link.rel
        link.is_sponsored |= "sponsored" in link.rel
        link.is_ugc |= "ugc" in link.rel
