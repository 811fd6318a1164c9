"""Where on its page a link stands: in the text, in a list, or in what surrounds the text on every page of a site.

Landmarks and ARIA roles decide what they can. Whether a link in a block of words is editorial is told by small decision
trees whose sum is compared with a threshold (placement.json, made by benchmarks/placement_training.py); what is not
editorial is called after the words of class and id around it (placement.toml). docs/methods.md says how well this does.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from backlink_crawler.model import Placement, Position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborHTMLParser, LexborNode

MIN_WORDS = 8  # of a block, below which nothing in it is a text that links
FEATURES = (
    *("block_words", "block_density", "block_links", "left", "right", "order", "depth"),
    *("in_main", "in_aside", "in_header", "in_list", "in_heading", "in_form", "in_comments"),
    *("surround_distance", "content_distance"),
    *("best_share", "best_distance", "best_text", "paragraphs", "links_per_text"),
)
# Bounds on what is looked at, so that a hostile page costs no more than its size.
_MAX_ELEMENTS = 20_000  # around all of a page's links
_MAX_DEPTH = 250  # of a link: beyond it, its outermost elements do not count
_MAX_BLOCK_NODES = 100  # of a block; a longer one is judged by its beginning
_MAX_ALL_BLOCK_NODES = 400_000
_MAX_BLOCK_TEXT = 20_000  # characters of one text
_MAX_PARAGRAPHS = 20_000
_MIN_PARAGRAPH = 50  # characters
_MAX_PARAGRAPH = 600  # characters that count: many paragraphs are a better sign than a long one
_MAX_SLOTS = 10_000  # that are remembered from page to page
_MAX_WORDS = 32_767  # that are stored
_FAR = 99  # a distance to what is not there
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header html legend li main menu nav ol p pre search section summary table tbody td "
    "tfoot th thead tr ul".split(),
)
_PARTS = _BLOCKS | {"br"}  # words part there
_WHOLE = frozenset({"html", "body"})
_UNSEEN = frozenset({"script", "style", "template", "noscript"})
_MAIN, _ARTICLE, _ASIDE, _HEADER, _LIST, _TABLE, _HEADING, _FORM, _NAV, _FOOTER, _COMMENTS = (
    1 << bit for bit in range(11)
)
_SEEN_IN = (_MAIN, _ASIDE, _HEADER, _LIST, _HEADING, _FORM, _COMMENTS)
_OF_TAG = {
    "main": _MAIN,
    "article": _ARTICLE,
    "aside": _ASIDE,
    "header": _HEADER,
    "nav": _NAV,
    "footer": _FOOTER,
    "form": _FORM,
    **dict.fromkeys(("li", "dd", "dt"), _LIST),
    **dict.fromkeys(("td", "th"), _TABLE),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADING),
}
_OF_ROLE = {
    "main": _MAIN,
    "article": _ARTICLE,
    "complementary": _ASIDE,
    "banner": _HEADER,
    "contentinfo": _FOOTER,
    **dict.fromkeys(("navigation", "menu", "menubar", "directory", "doc-toc"), _NAV),
    **dict.fromkeys(("list", "listitem"), _LIST),
}
_OF_WORD = {
    "nav": Position.NAV,
    "header": Position.HEADER,
    "footer": Position.FOOTER,
    "sidebar": Position.SIDEBAR,
    "comments": Position.COMMENTS,
}
_LANDMARKS = {_NAV: Position.NAV, _FOOTER: Position.FOOTER, _HEADER: Position.HEADER, _ASIDE: Position.SIDEBAR}
_WORD = re.compile("[A-Z]*[a-z]+|[A-Z]+")  # siteFooter: two
_LAYOUT = frozenset({"has", "no", "with", "without", "hide", "show"})  # `has-sidebar` is what holds it, not the sidebar
_MAX_NAMES = 300  # characters of class, of id and of role
_NamesOf = tuple[str, str | None, str | None, str | None]  # tag, class, id, role


class Model(NamedTuple):
    """Trees: of nodes (feature, limit, node if not above it, node if above), a leaf being (-1, value, 0, 0)."""

    trees: tuple[tuple[tuple[int, float, int, int], ...], ...]
    threshold: float

    def score(self, features: Sequence[float]) -> float:
        total = 0.0
        for nodes in self.trees:
            feature, limit, low, high = nodes[0]
            while feature >= 0:
                feature, limit, low, high = nodes[low if features[feature] <= limit else high]
            total += limit
        return total


class _Slot:
    """What tag, class, id and role of an element say, and those of all around it. Pages of one template share it.

    flags: of itself and of all around it. named: what its words, or those of the nearest around it, say. surround, content:
    depth of the nearest whose words say so; -1: none. inner: those of elements in it.
    """

    __slots__ = ("content", "depth", "flags", "inner", "is_block", "landmark", "named", "path", "surround")

    def __init__(self, outer: _Slot | None, tag: str, names: str, name: str, role: str) -> None:
        self.inner: dict[_NamesOf, _Slot] = {}
        self.landmark: Position | None = None
        self.named: Position | None = None
        self.depth, self.flags, self.surround, self.content, path = 0, 0, -1, -1, 0
        if outer is not None:
            self.depth, self.flags, path = outer.depth + 1, outer.flags, outer.path
            self.landmark, self.named = outer.landmark, outer.named
            self.surround, self.content = outer.surround, outer.content
        self.path: int = crc32(f"{tag}.{names}".encode("utf-8", "replace"), path)
        self.is_block = outer is None or tag in _BLOCKS
        own = _OF_TAG.get(tag, 0) | (_OF_ROLE.get(role.strip().lower(), 0) if role else 0)
        if own:
            self._stands_in(own)
            self.flags |= own
        if (names or name) and tag not in _WHOLE:
            self._is_called(_kinds(f"{names} {name}"))

    def _stands_in(self, own: int) -> None:
        """The nearest landmark counts; an article in a sidebar is a teaser there. The header of an article is part of it."""
        inside = self.flags & (_MAIN | _ARTICLE)
        if own & _MAIN:
            self.landmark, self.named = None, None
        for flag, position in _LANDMARKS.items():
            if own & flag and not (inside and flag == _HEADER):
                self.landmark = position

    def _is_called(self, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            if kind == "content":
                self.content = self.depth
                continue
            self.surround = self.depth
            if kind in _OF_WORD:
                self.named = _OF_WORD[kind]
                if kind == "comments":
                    self.flags |= _COMMENTS


class _Slots:
    """Of the pages before. When there are too many, they are forgotten."""

    def __init__(self) -> None:
        self.outermost: dict[_NamesOf, _Slot] = {}
        self._made = 0

    def made(self, outer: _Slot | None, of: _NamesOf) -> _Slot:
        """One that is not known yet. Long names are not kept from page to page."""
        tag, names, name, role = of[0], of[1] or "", of[2] or "", of[3] or ""
        slot = _Slot(outer, tag, names[:_MAX_NAMES], name[:_MAX_NAMES], role[:_MAX_NAMES])
        if self._made >= _MAX_SLOTS:
            self.outermost, self._made = {}, 0
        if len(tag) + len(names) + len(name) + len(role) <= _MAX_NAMES:
            self._made += 1
            (self.outermost if outer is None else outer.inner)[of] = slot
        return slot


_SLOTS = _Slots()


class _Element:
    """One around a link. outside: the one around it. enclosing: the nearest around it that is shown as a block; None:
    itself is. (It does not hold itself: the tree would wait for it.)
    """

    __slots__ = ("enclosing", "key", "node", "outside", "slot")

    def __init__(self, node: LexborNode, key: int, slot: _Slot, outside: _Element | None) -> None:
        self.node, self.key, self.slot, self.outside = node, key, slot, outside
        self.enclosing: _Element | None = None if slot.is_block or outside is None else outside.enclosing or outside


class _Block(NamedTuple):
    words: int
    link_words: int
    links: int

    @property
    def density(self) -> float:
        return min(1.0, self.link_words / self.words) if self.words else 1.0


class Placements:
    """Of the links of one page. Made when its first link that is kept is placed: what is of the page is looked at once."""

    def __init__(self, tree: LexborHTMLParser, links: int, size: int) -> None:
        """links: all `a` and `area` with an address. size: characters of the page."""
        self._tree, self._links, self._size = tree, links, size
        self._elements: dict[int, _Element] = {}
        self._blocks: dict[int, _Block] = {}
        self._nodes_left = _MAX_ALL_BLOCK_NODES
        self._scores: dict[int, float] | None = None
        self._paragraphs, self._text, self._best, self._best_key = 0, 0, 0.0, 0

    def place(self, node: LexborNode, number: int, left: int, right: int) -> Placement:
        """number: of the link among all of the page. left, right: characters of text beside it, in its block."""
        order = number / (self._links - 1) if number else 0.0
        around = self._around(node)
        if around is None:
            return Placement(order=round(1000 * order))
        block = self._measured(around.enclosing or around)
        path = around.slot.path
        if names := node.attrs.get("class"):
            path = crc32(names[:_MAX_NAMES].encode("utf-8", "replace"), path)
        features = self._features(around, block, order, left, right)
        is_editorial = features is not None and (model := _model()).score(features) >= model.threshold
        return Placement(
            Position.CONTENT if is_editorial else _surrounding(around.slot),
            min(block.words, _MAX_WORDS),
            round(100 * block.density),
            round(1000 * order),
            (path & 0xFFFF) - (1 << 15),
        )

    def seen(self, node: LexborNode, number: int, left: int, right: int) -> tuple[list[float] | None, _Block, bool]:
        """For training: what the trees look at, in the order of FEATURES (None: it is not editorial, whatever they say); the
        block it stands in; do landmarks alone put it in the main part, and in none beside it?
        """
        around = self._around(node)
        if around is None:
            return None, _Block(0, 0, 0), False
        block, slot = self._measured(around.enclosing or around), around.slot
        features = self._features(around, block, number / max(self._links - 1, 1), left, right)
        return features, block, slot.landmark is None and slot.flags & (_MAIN | _ARTICLE) > 0

    def _features(self, around: _Element, block: _Block, order: float, left: int, right: int) -> list[float] | None:
        slot = around.slot
        if block.words < MIN_WORDS or slot.landmark is Position.NAV or slot.landmark is Position.FOOTER:
            return None
        if self._scores is None:
            self._scores = self._score_paragraphs()
        flags = slot.flags
        return [
            *(block.words, block.density, block.links, left, right, order, slot.depth),
            *[flags & flag > 0 for flag in _SEEN_IN],
            _FAR if slot.surround < 0 else slot.depth - slot.surround,
            _FAR if slot.content < 0 else slot.depth - slot.content,
            *self._best_around(around),
            *(self._best, self._paragraphs, self._links / max(self._text, 1)),
        ]

    def _around(self, node: LexborNode) -> _Element | None:
        """The element that a link stands in; None: too many were looked at."""
        above: list[LexborNode] = []
        current, known = node.parent, None
        while current is not None and current.is_element_node and len(above) < _MAX_DEPTH:
            known = self._elements.get(current.mem_id)
            if known:
                break
            above.append(current)
            current = current.parent
        if len(self._elements) + len(above) > _MAX_ELEMENTS:
            return None
        for each in reversed(above):
            get = each.attributes.get
            of = each.tag or "", get("class"), get("id"), get("role")
            outer = known.slot if known else None
            slot = (outer.inner if outer else _SLOTS.outermost).get(of) or _SLOTS.made(outer, of)
            key = each.mem_id
            known = self._elements[key] = _Element(each, key, slot, known)
        return known

    def _measured(self, element: _Element) -> _Block:
        block = self._blocks.get(element.key)
        if block is None:
            block = self._blocks[element.key] = self._measure(element.node)
        return block

    def _measure(self, node: LexborNode) -> _Block:
        """Its words and those of its links, as far as the first nodes go."""
        texts: list[str] = []
        linked: list[str] = []
        parents: list[LexborNode] = []
        left = allowed = min(_MAX_BLOCK_NODES, self._nodes_left)
        links, link_depth = 0, _MAX_BLOCK_NODES  # of the link that is open
        current = node.first_child
        while current is not None and left > 0:
            left -= 1
            inner, tag = None, current.tag
            if tag == "-text":
                texts.append((current.text_content or "")[:_MAX_BLOCK_TEXT])
                if len(parents) > link_depth:
                    linked.append(texts[-1])
            elif tag not in _UNSEEN:
                inner = current.first_child
                if tag in _PARTS:
                    texts.append(" ")
                elif tag == "a" and link_depth == _MAX_BLOCK_NODES:
                    links, link_depth = links + 1, len(parents)
                    linked.append(" ")
            if inner is not None:
                parents.append(current)
                current = inner
                continue
            while (following := current.next) is None and parents:
                current = parents.pop()
            current = following
            if len(parents) <= link_depth:
                link_depth = _MAX_BLOCK_NODES
        self._nodes_left -= allowed - left
        return _Block(len("".join(texts).split()), len("".join(linked).split()), links)

    def _score_paragraphs(self) -> dict[int, float]:
        """By element: the characters of the paragraphs in it, and half of those in its children."""
        scores: dict[int, float] = {}
        parents: dict[int, LexborNode] = {}
        text_left = 2 * self._size
        for node in self._tree.css("p")[:_MAX_PARAGRAPHS]:
            length = len(node.text())
            text_left -= length
            if text_left < 0:  # paragraphs in one another, by way of tables
                break
            if length < _MIN_PARAGRAPH or (parent := node.parent) is None:
                continue
            counted = min(length, _MAX_PARAGRAPH)
            self._paragraphs += 1
            self._text += counted
            key = parent.mem_id
            if key in parents:
                scores[key] += counted
            else:
                parents[key], scores[key] = parent, counted
        for above, half in [(node.parent, scores[key] / 2) for key, node in parents.items()]:
            if above is not None:
                scores[above.mem_id] = scores.get(above.mem_id, 0) + half
        if scores:
            self._best_key = max(scores, key=scores.__getitem__)
            self._best = scores[self._best_key]
        return scores

    def _best_around(self, around: _Element) -> tuple[float, float]:
        """The score of the best element around, as a share of the page's best; and how far out that one is."""
        scores, best, distance, steps = self._scores, 0.0, _FAR, 0
        if not scores:
            return 0.0, _FAR
        current: _Element | None = around
        while current is not None:
            key = current.key
            if key in scores:
                best = max(best, scores[key])
                if key == self._best_key:
                    distance = steps
            current, steps = current.outside, steps + 1
        return best / self._best, distance


def _surrounding(slot: _Slot) -> Position:
    """Where a link stands that is not editorial. A landmark says more than a word, and a word more than a list does."""
    if slot.flags & _COMMENTS and slot.landmark is None:
        return Position.COMMENTS
    if slot.landmark is not None:
        return slot.landmark
    if slot.named is not None:
        return slot.named
    return Position.LIST if slot.flags & (_LIST | _TABLE) else Position.UNKNOWN


@lru_cache(10_000)
def _kinds(names: str) -> tuple[str, ...]:
    """What the words of class and id say."""
    kinds, before, of = dict[str, bool](), "", _words()
    for word in map(str.lower, _WORD.findall(names)):
        if before not in _LAYOUT and word in of:
            kinds[of[word]] = True
        before = word
    return tuple(kinds)


@cache
def _words() -> dict[str, str]:
    said = tomllib.loads(files(__package__).joinpath("placement.toml").read_text("utf-8"))
    return {word: kind for kind, words in said.items() for word in words}


@cache
def _model() -> Model:
    return model_of(json.loads(files(__package__).joinpath("placement.json").read_text("utf-8")))


def model_of(data: dict[str, Any]) -> Model:
    """Of what placement.json holds, where features have names."""
    numbers = {name: number for number, name in enumerate(FEATURES)} | {"": -1}
    trees = (tuple((numbers[name], value, low, high) for name, value, low, high in nodes) for nodes in data["trees"])
    return Model(tuple(trees), data["threshold"])
