"""Hashes of what a page shows: while they are equal, nothing needs to be compared. All are signed, of 64 bits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from backlink_crawler.model import LinkOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.model import Discovery, Link, Visit


def links_digest(visit: Visit) -> int:
    """Of the links in a page's HTML, in order, with what stands around them, and of the page's nofollow."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(b"nofollow" if visit.facts and visit.facts.robots.nofollow else b"")
    for link in visit.links:
        if link.origin is not LinkOrigin.RENDERED:
            digest.update(_looks(link))
    return int.from_bytes(digest.digest(), "big", signed=True)


def rendered_digest(visit: Visit) -> int:
    """Of what a rendered page has: links, where each stands, rel, and the pages that it led to."""
    digest = hashlib.blake2b(digest_size=8)
    for link in visit.links:
        digest.update(bytes([link.origin]) + _looks(link))
        if link.rendered_rel is not None:
            digest.update(" ".join(link.rendered_rel).encode("utf-8", "replace") + b"\1")
    assert visit.rendering is not None
    digest.update(found_digest(visit.rendering.found).to_bytes(8, "big", signed=True))
    return int.from_bytes(digest.digest(), "big", signed=True)


def found_digest(found: Iterable[Discovery]) -> int:
    """Of the pages that a page leads to, whatever their order, with what a sitemap says of each."""
    digest = hashlib.blake2b(digest_size=8)
    for each in sorted({f"{each.url.hash}{each.lastmod or ''}" for each in found}):
        digest.update(each.encode())
    return int.from_bytes(digest.digest(), "big", signed=True)


def _looks(link: Link) -> bytes:
    assert link.to is not None
    parts = (
        link.to.hash,
        str(int(link.link_type)),
        link.anchor,
        " ".join(link.rel),
        str(link.position),
        link.snippet_left,
        link.snippet_right,
    )
    return "\0".join(parts).encode("utf-8", "replace") + b"\1"
