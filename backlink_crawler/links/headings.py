"""A page's headings: with its title, what the page says that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.links.anchors import NodeBudget, seen_text
from backlink_crawler.links.text import clean

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

HEADINGS = "h1, h2, h3"
MAX_HEADINGS = 300  # characters of all of them together
_MAX_HEADINGS = 20  # that are looked at: many stand empty, or hold an image
_MAX_NODES = 100  # of one of them


class Headings:
    """Collects them in document order, a line each, until MAX_HEADINGS characters are full."""

    def __init__(self, budget: NodeBudget) -> None:
        self._budget = budget
        self._lines: list[str] = []
        self._room = MAX_HEADINGS
        self._looks = _MAX_HEADINGS

    def add(self, node: LexborNode) -> None:
        """The same words twice are kept once."""
        if self._room <= 0 or self._looks <= 0:
            return
        self._looks -= 1
        words = clean("".join(seen_text(node, self._budget, limit=4 * self._room, nodes=_MAX_NODES)), self._room)
        if words and words not in self._lines:
            self._lines.append(words)
            self._room -= len(words) + 1

    @property
    def text(self) -> str:
        return "\n".join(self._lines)
