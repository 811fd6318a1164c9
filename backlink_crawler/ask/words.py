"""The words that answers may be chosen by, as the views use them."""

from __future__ import annotations

from backlink_crawler.model import LinkOrigin, Position

LINK_TYPES = ("text", "image", "redirect", "canonical", "frame")
ANCHOR_CLASSES = tuple("empty image naked branded compound exact partial generic other".split())
POSITIONS = tuple(position.name.lower() for position in Position)
LOST_REASONS = ("link_removed", "page_gone", "page_redirected")
EVENTS = ("found", "missing", "lost", "restored", "rel_changed", "anchor_changed", "moved")
ORIGINS = tuple(origin.name.lower() for origin in (LinkOrigin.HTML, LinkOrigin.RENDERED, LinkOrigin.BOTH))
