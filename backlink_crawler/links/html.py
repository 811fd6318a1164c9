"""From a page's text to its links and facts. HTML is parsed as browsers do, by Lexbor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import ada_url
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, SelectolaxError

from backlink_crawler.links.anchors import NodeBudget, anchor_of, snippets_of
from backlink_crawler.links.documents import Document, document_of
from backlink_crawler.links.encoding import decode
from backlink_crawler.links.headings import HEADINGS, Headings
from backlink_crawler.links.hints import ENOUGH_LINKS, Hints, hints_of
from backlink_crawler.links.placement import Placements
from backlink_crawler.links.refresh import parse_refresh
from backlink_crawler.links.shadow import attach_shadow_roots
from backlink_crawler.links.simhash import simhash_of
from backlink_crawler.links.tags import ROBOT_NAME, is_nofollow, meta_robots
from backlink_crawler.links.text import clean
from backlink_crawler.links.xhtml import parse_xhtml, with_end_tags
from backlink_crawler.model import AnchorSource, Ending, Link, LinkType, PageFacts, Refusal
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import LONGEST_WORTH_A_LOOK, drop_fragment, host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from selectolax.lexbor import LexborNode

MAX_TITLE = 300  # characters
MAX_LANGUAGE = 35  # characters: the longest tag that RFC 5646 (4.4.1) asks to be supported
MAX_LINKS = 10_000  # of one page: links that leave the domain, and URLs inside it
_END = "<!--\1"  # appended to a page: it becomes the last comment, wherever a comment may stand
_BEGINNING = 64 * 1024  # characters of a page with few links
_TAIL = 2_048  # characters at the end of a page, among which its last end tag is: caches write their notes behind it
_MAX_STEPS = 100_000  # up from all elements of a kind: a drawing may have many titles, and deep ones
_SECONDS_TO_READ = 10  # after which a refresh comes too late to matter: many applications log out after half an hour
_HEAD = f"base[href], title, meta, link[rel][href], iframe[src], frame[src], template[shadowrootmode], {HEADINGS}"
# In foreign elements the names of HTML mean something else, until one of these (HTML Standard, 13.2.6 "integration point").
_FOREIGN = frozenset({"svg", "math"})
_HTML_AGAIN = frozenset({"foreignObject", "foreignobject", "desc", "mi", "mo", "mn", "ms", "mtext", "annotation-xml"})


@dataclass(slots=True)
class ParsedPage:
    """links: what leaves the domain (or all `a`/`area`, when asked), in document order; then frames, canonical, refresh.

    internal: resolved urls on the page's domain → is every link to it nofollow? refused: counts by reason. hints: of
    whether scripts write its links. encoding: Python's name of what its bytes were decoded from. ending: of its HTML.
    leads_to: resolved urls of refreshes and frames, whatever their domain. text: how a page with few links begins, else
    empty. is_undecodable: its bytes hold markup, and what its encoding makes of them has none. has_closed_root: some
    links may stand in a closed shadow root, where a rendering does not show them.
    """

    facts: PageFacts
    encoding: str
    links: list[Link] = field(default_factory=list)
    internal: dict[str, bool] = field(default_factory=dict)
    refused: Counter[Refusal] = field(default_factory=Counter)
    hints: Hints = Hints(0, scripts=False)  # noqa: RUF009  frozen
    ending: Ending = Ending.ENDED
    leads_to: list[str] = field(default_factory=list)
    text: str = ""
    is_undecodable: bool = False
    has_closed_root: bool = False


def parse_body(
    body: bytes,
    url: str,
    content_type: str | None,
    *,
    is_xml: bool | None = None,
    canonical_header: str | None = None,
    refresh_header: str | None = None,
    robot: str = ROBOT_NAME,
    every_link: bool = False,
) -> ParsedPage:
    """Read a page as it was sent. content_type: its headers, joined. is_xml: None: as they say. The rest as of `parse_page`."""
    if is_xml is None:
        is_xml = document_of(content_type or "") is Document.XML
    text, encoding = decode(body, content_type, is_xml=is_xml)
    page = parse_page(
        text,
        url,
        encoding,
        is_xml=is_xml,
        canonical_header=canonical_header,
        refresh_header=refresh_header,
        robot=robot,
        every_link=every_link,
    )
    page.is_undecodable = "<" not in text and b"<" in body
    return page


def parse_page(
    text: str,
    url: str,
    encoding: str = "utf-8",
    *,
    is_xml: bool = False,
    canonical_header: str | None = None,
    refresh_header: str | None = None,
    robot: str = ROBOT_NAME,
    every_link: bool = False,
) -> ParsedPage:
    """Read a page that was fetched from `url`.

    encoding: what the bytes were decoded from. canonical_header: the href of a `Link: rel=canonical` header.
    refresh_header: the value of a `Refresh` header. robot: the name by which meta elements may speak to us.
    every_link: keep the links inside the domain as Link too, and the refused ones, and skip no limit.

    It may take the square of the page's size in time and memory: see links/cost.py. Raises MemoryError.
    """
    tree, ending = _parsed_xhtml(text) if is_xml else _parsed(text)
    head, has_closed = tree.css(_HEAD), False
    if any(node.tag == "template" for node in head) and tree.root:
        has_closed = attach_shadow_roots(tree.root)
        head = tree.css(_HEAD)
    nodes = tree.css("a[href], area[href]")
    placements = Placements(tree, len(nodes), len(text))
    reader = _Reader(url, _base(head, url), encoding, placements, every_link=every_link, nodes=len(text))
    for number, node in enumerate(nodes):
        reader.read_link(node, number)
    if refresh_header:
        reader.read_refresh(refresh_header, in_header=True)
    for node in head:
        reader.read_head(node)
    refreshes = reader.follow_refresh()
    if canonical_header:
        reader.canonical(resolve(canonical_header, url))
    root = tree.root
    reader.page.ending, reader.page.has_closed_root = ending, has_closed
    facts = reader.page.facts
    facts.headings = reader.headings.text
    facts.robots = meta_robots(reader.robots, robot)
    facts.language = clean((root.attrs.get("lang") if root else "") or "", MAX_LANGUAGE).lower()
    links = facts.links_external + facts.links_internal
    reader.page.hints = hints_of(tree, text, links, refreshes=refreshes)
    if links < ENOUGH_LINKS:
        reader.page.text = text[:_BEGINNING]
    if reader.page.links:
        facts.text_simhash = simhash_of(tree)
    return reader.page


def _parsed(text: str) -> tuple[LexborHTMLParser, Ending]:
    """The tree, and how the page ends. One that ends inside a tag, a comment, a title, a script, a textarea, a template
    or the like takes in what is appended to it; it is parsed again as it is.
    """
    try:
        tree = LexborHTMLParser(text + _END, options=LexborDocumentOptions.WO_EVENTS)
        if _ends_with_comment(tree):
            tail = text[-_TAIL:].lower()
            return tree, Ending.ENDED if "</html" in tail or "</body" in tail else Ending.UNENDED
        return LexborHTMLParser(text or " ", options=LexborDocumentOptions.WO_EVENTS), Ending.OPEN
    except SelectolaxError as error:  # Lexbor fails for no other reason
        raise MemoryError from error


def _parsed_xhtml(text: str) -> tuple[LexborHTMLParser, Ending]:
    """One that is not well-formed is read as HTML, and may have been cut."""
    tree = parse_xhtml(text)
    return (tree, Ending.ENDED) if tree else _parsed(with_end_tags(text))


def _ends_with_comment(tree: LexborHTMLParser) -> bool:
    """Is the appended comment the last node of the document?"""
    last = tree.root
    while last is not None and last.next is not None:
        last = last.next
    while last is not None and last.last_child is not None:
        last = last.last_child
    return last is not None and last.tag == "-comment" and last.comment_content == _END[4:]


def _base(head: list[LexborNode], url: str) -> str:
    """The document's base: its first <base href>, itself resolved (HTML Standard, 2.4.1)."""
    budget = NodeBudget(_MAX_STEPS)
    first = next((node for node in head if node.tag == "base" and not _is_foreign(node, budget)), None)
    if first is None:
        return url
    try:
        base: str = ada_url.join_url(url, first.attrs.get("href") or "")
    except ValueError:
        return url
    return url if base.startswith(("data:", "javascript:")) else base


def _resolve(href: str, base: str, encoding: str) -> str | Refusal:
    """One too long for an identity is not kept: of a long base each link would make one."""
    url = resolve(href, base, encoding)
    if len(url) > LONGEST_WORTH_A_LOOK and len(url.partition("#")[0]) > LONGEST_WORTH_A_LOOK:
        return Refusal.URL_TOO_LONG
    return url


def _is_foreign(node: LexborNode, budget: NodeBudget) -> bool:
    """Is it an element of SVG or MathML? (`a`, `base` and `title` of HTML have namesakes there.)"""
    parent = node.parent
    while parent is not None and budget.left > 0:
        budget.left -= 1
        if parent.tag in _FOREIGN or parent.tag in _HTML_AGAIN:
            return parent.tag in _FOREIGN
        parent = parent.parent
    return False


def _is_in_head(node: LexborNode) -> bool:
    return node.parent is not None and node.parent.tag == "head"


def _is_inside(node: LexborNode, tag: str, budget: NodeBudget) -> bool:
    parent = node.parent
    while parent is not None and parent.tag != tag and budget.left > 0:
        budget.left -= 1
        parent = parent.parent
    return parent is not None and parent.tag == tag


class _Reader:
    """Collects one page. Each `read_…` takes a node in document order."""

    def __init__(
        self, url: str, base: str, encoding: str, placements: Placements, *, every_link: bool, nodes: int
    ) -> None:
        self.page = ParsedPage(PageFacts(), encoding)
        self.robots: list[tuple[str, str]] = []
        self.headings = Headings(NodeBudget(nodes))
        self._url = url
        self._domain = domain_of(host_of(url))
        self._placements = placements
        self._every_link = every_link
        self._budget = NodeBudget(nodes)  # a page has no more nodes than characters
        self._steps = NodeBudget(_MAX_STEPS)
        self._has_title = False
        self._refresh: tuple[int, str] | None = None  # seconds, resolved url
        resolved = resolve if every_link else _resolve
        # A page links to the same places again and again.
        self._resolve: Callable[[str], str | Refusal] = lru_cache(1_000)(lambda href: resolved(href, base, encoding))

    def read_link(self, node: LexborNode, number: int) -> None:
        """number: of the link among all of the page."""
        attributes = node.attrs
        href = attributes.get("href")
        if href is None and _is_foreign(node, self._steps):
            href = attributes.get("xlink:href")  # SVG 2, 16.1.6 "deprecated XLink URL reference attributes"
        url = self._resolve(href or "")
        if isinstance(url, Refusal):
            self.page.refused[url] += 1
            return
        rel = attributes.get("rel") or ""
        external = domain_of(host_of(url)) != self._domain
        if external:
            self.page.facts.links_external += 1
        else:
            self.page.facts.links_internal += 1
            if not self._every_link:
                nofollow = bool(rel) and is_nofollow(rel)
                self._follow(url, nofollow=nofollow and self.page.internal.get(url, True))
                return
        link = self._add(node.tag or "", url, LinkType.TEXT, external=external)
        if link is None:
            return
        anchor = anchor_of(node, self._budget)
        link.link_type = anchor.link_type
        link.anchor, link.anchor_source, link.text = anchor.words, anchor.source, anchor.text
        link.rel_attribute = rel
        if external:
            link.snippet_left, link.snippet_right = snippets_of(node)
            link.placement = self._placements.place(node, number, len(link.snippet_left), len(link.snippet_right))

    def read_head(self, node: LexborNode) -> None:
        attributes = node.attrs
        match node.tag:
            case "title" if not self._has_title and not _is_foreign(node, self._steps):
                self._has_title = True
                self.page.facts.title = clean(node.text(), MAX_TITLE)
            case "meta":
                self._read_meta(node, attributes.get("content") or "")
            case "link" if "canonical" in (attributes.get("rel") or "").lower().split() and _is_in_head(node):
                self.canonical(self._resolve(attributes.get("href") or ""))
            case "iframe" | "frame":
                self._read_frame(node)
            case "h1" | "h2" | "h3":
                self.headings.add(node)

    def canonical(self, url: str | Refusal) -> None:
        """The first canonical counts."""
        if self.page.facts.canonical or isinstance(url, Refusal):
            return
        self.page.facts.canonical = url
        self._page_link("link", url, LinkType.CANONICAL)

    def read_refresh(self, content: str, *, in_header: bool) -> None:
        """One that leads back to the page itself counts among them all the same."""
        refresh = parse_refresh(content)
        if refresh is None:
            return
        url = resolve(refresh.href, self._url) if in_header else self._resolve(refresh.href)
        if not isinstance(url, Refusal) and (self._refresh is None or refresh.seconds <= self._refresh[0]):
            self._refresh = (refresh.seconds, url if refresh.href else self._url)

    def follow_refresh(self) -> bool:
        """Of several refreshes the soonest counts, and the last of those. Does it lead away before the page is read?"""
        seconds, url = self._refresh or (0, self._url)
        if drop_fragment(url) == drop_fragment(self._url):
            return False
        self.page.leads_to.append(url)
        self._page_link("meta", url, LinkType.REDIRECT)
        return seconds <= _SECONDS_TO_READ

    def _read_meta(self, node: LexborNode, content: str) -> None:
        name, pragma = node.attrs.get("name"), node.attrs.get("http-equiv")
        if name:
            self.robots.append((name, content))
        if pragma and pragma.lower() == "refresh" and not _is_inside(node, "noscript", self._steps):
            self.read_refresh(content, in_header=False)

    def _read_frame(self, node: LexborNode) -> None:
        url = self._resolve(node.attrs.get("src") or "")
        if isinstance(url, Refusal):
            return
        self.page.leads_to.append(url)
        link = self._page_link(node.tag or "", url, LinkType.FRAME)
        title = clean(node.attrs.get("title") or "", 1_000)
        if link and title:
            link.anchor, link.anchor_source = title, AnchorSource.TITLE

    def _page_link(self, tag: str, url: str, link_type: LinkType) -> Link | None:
        """A link of the page itself, not of its text: kept when it leaves the domain, else followed."""
        if domain_of(host_of(url)) != self._domain:
            return self._add(tag, url, link_type, external=True)
        self._follow(url, nofollow=False)
        return None

    def _follow(self, url: str, *, nofollow: bool) -> None:
        if len(self.page.internal) < MAX_LINKS or url in self.page.internal:
            self.page.internal[url] = nofollow
        else:
            self.page.refused[Refusal.TOO_MANY_LINKS] += 1

    def _add(self, tag: str, url: str, link_type: LinkType, *, external: bool) -> Link | None:
        if len(self.page.links) >= MAX_LINKS and not self._every_link:
            self.page.refused[Refusal.TOO_MANY_LINKS] += 1
            return None
        link = Link(tag, url, link_type, "", AnchorSource.NONE, "", position=len(self.page.links), external=external)
        self.page.links.append(link)
        return link
