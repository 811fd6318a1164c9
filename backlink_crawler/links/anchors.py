"""The words of a link and the words around it, as a reader sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.links.text import clean
from backlink_crawler.model import AnchorSource, LinkType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

MAX_ANCHOR = 1_000  # characters
MAX_SNIPPET = 80  # characters on each side
# Bounds on the nodes looked at, so that a hostile page costs no more than its size.
_MAX_ANCHOR_NODES = 10_000
_MAX_SNIPPET_STEPS = 40
_MAX_SNIPPET_TEXT = 8 * MAX_SNIPPET  # characters of one text
_MAX_SNIPPET_NODES = 200

_UNSEEN = frozenset({"script", "style", "template"})
# Elements that the HTML Standard's style sheet shows as blocks (15.3), and <br>: words part there.
_BREAKS = frozenset(
    "address article aside blockquote body br caption center col colgroup dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav "
    "ol optgroup option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split(),
)
# Told from a text by identity, so of two characters: of a single one Python keeps one object only.
_BREAK = "\n\n"


class Anchor(NamedTuple):
    words: str
    source: AnchorSource
    link_type: LinkType
    text: str


class NodeBudget:
    """How many nodes may still be looked at. Links can stand in links (by way of a table, say): a budget for all of a
    page keeps their anchors from costing the square of its size.
    """

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


def anchor_of(node: LexborNode, budget: NodeBudget, *, limit: int = MAX_ANCHOR) -> Anchor:
    """A link's words: its text, else its images' alt, else its title attribute.

    `text` is the text as it stands in the page, script and style left out, at most 4 × `limit` characters.
    """
    child = node.first_child
    if child is not None and child.next is None and child.is_text_node:
        text = (child.text_content or "")[: 4 * limit]
        words = clean(text, limit)
    else:
        parts = list(seen_text(node, budget, limit=4 * limit, nodes=_MAX_ANCHOR_NODES))
        text = "".join(part for part in parts if part is not _BREAK)[: 4 * limit]
        words = clean("".join(parts), limit)
    if words:
        return Anchor(words, AnchorSource.TEXT, LinkType.TEXT, text)
    images = [node] if node.tag == "area" else node.css("img") if budget.left > 0 else []
    link_type = LinkType.IMAGE if images else LinkType.TEXT
    if words := clean(" ".join(image.attrs.get("alt") or "" for image in images), limit):
        return Anchor(words, AnchorSource.ALT, link_type, text)
    words = clean(node.attrs.get("title") or "", limit)
    return Anchor(words, AnchorSource.TITLE if words else AnchorSource.NONE, link_type, text)


def snippets_of(node: LexborNode) -> tuple[str, str]:
    """What a reader sees left and right of a link in the same block, at most MAX_SNIPPET characters each."""
    left = clean("".join(reversed(list(_beside(node, backwards=True)))), 4 * MAX_SNIPPET)
    right = clean("".join(_beside(node, backwards=False)), MAX_SNIPPET)
    return left[-MAX_SNIPPET:].lstrip(), right


def seen_text(node: LexborNode, budget: NodeBudget, *, limit: int, nodes: int) -> Iterator[str]:
    """Texts under `node` in document order, `_BREAK` where a browser shows a break; stops at any of the bounds."""
    length, parents = 0, []
    current = node.first_child
    last = max(0, budget.left - nodes)
    while current is not None and budget.left > last and length <= limit:
        budget.left -= 1
        inner = None
        if current.is_text_node:
            text = (current.text_content or "")[: limit + 1]
            length += len(text)
            yield text
        elif current.is_element_node and current.tag not in _UNSEEN:
            if current.tag in _BREAKS:
                yield _BREAK
            inner = current.first_child
        if inner is not None:
            parents.append(current)
            current = inner
            continue
        while (following := current.next) is None and parents:
            current = parents.pop()
            if current.tag in _BREAKS:
                yield _BREAK
        current = following


def _beside(node: LexborNode, *, backwards: bool) -> Iterator[str]:
    """Texts before (nearest first) or after a node, up to the edge of its block or MAX_SNIPPET characters."""
    length, current, budget = 0, node, NodeBudget(_MAX_SNIPPET_NODES)
    for _ in range(_MAX_SNIPPET_STEPS):
        beside = current.prev if backwards else current.next
        if beside is None:
            beside = current.parent
            if beside is None or beside.tag in _BREAKS:
                return
        elif beside.is_text_node:
            text = beside.text_content or ""
            # A text may be a whole book: only its near end is looked at.
            text = text[-_MAX_SNIPPET_TEXT:] if backwards else text[:_MAX_SNIPPET_TEXT]
            length += len(text.strip())
            yield text
        elif beside.is_element_node:
            if beside.tag in _BREAKS:
                return
            if beside.tag not in _UNSEEN:
                text = "".join(seen_text(beside, budget, limit=4 * MAX_SNIPPET, nodes=_MAX_SNIPPET_NODES))
                length += len(text)
                yield text
        if length > 2 * MAX_SNIPPET:
            return
        current = beside
