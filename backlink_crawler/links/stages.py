"""The two stages between extraction and storage, one link at a time. The pipelines are named after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.links.tags import rel_tokens
from backlink_crawler.model import Refusal

if TYPE_CHECKING:
    from backlink_crawler.model import Link
    from backlink_crawler.urls.normalise import Normaliser


def normalise_link(link: Link, normalise: Normaliser) -> Refusal | None:
    """Set `to` from href, or `refused`, which is returned too."""
    url = normalise(link.href)
    if isinstance(url, Refusal):
        link.refused = url
        return url
    link.to = url
    return None


def tag_link(link: Link) -> None:
    """Set rel and the link's own flags from its rel attribute."""
    if link.rel_attribute:
        link.rel = rel_tokens(link.rel_attribute)
        link.is_nofollow = "nofollow" in link.rel
        link.is_sponsored = "sponsored" in link.rel
        link.is_ugc = "ugc" in link.rel
