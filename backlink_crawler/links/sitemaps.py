"""From a sitemap's bytes to what it lists: all forms of the sitemaps.org protocol.

Those are XML sitemaps and indexes of them, RSS 2.0 and Atom 1.0 (and their elder versions: RSS 0.9x, RSS 1.0, Atom 0.3),
plain text, and each of them gzipped. Further languages of a page (`xhtml:link`, developers.google.com/search/docs/specialty/international)
are pages as well. Everything is read as a stream, so that memory follows what is listed and not what was sent.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from backlink_crawler.links.streams import Stream
from backlink_crawler.model import PageKind, Refusal
from backlink_crawler.urls.normalise import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 50 * 1024 * 1024  # decompressed, as the protocol says
MAX_ENTRIES = 50_000  # pages or sitemaps, as the protocol says
MAX_LANGUAGES = (
    1_000  # pages that are only named as another's language: the rule is to list each, and these lead to the rest
)
MAX_ELEMENTS = 2_000_000  # 40 of them, images and languages, for each page
MAX_DEPTH = 256  # elements in one another
MAX_TAG = 1024 * 1024  # characters from one tag to the end of the next
EMPTY, UNREADABLE, CUT = "sitemap_empty", "sitemap_unreadable", "sitemap_cut"
_CHUNK = 64 * 1024  # characters
_KINDS = {"url": PageKind.PAGE, "sitemap": PageKind.SITEMAP, "item": PageKind.PAGE, "entry": PageKind.PAGE}
_ROOTS = frozenset({"urlset", "sitemapindex", "rss", "rdf", "feed"})
_DATES = frozenset({"lastmod", "pubdate", "date", "updated", "published", "modified", "issued"})
_LOCATED_BY = {"url": ("loc",), "sitemap": ("loc",), "item": ("link", "guid"), "entry": ()}
_LOCATIONS = frozenset({"loc", "link", "guid"})
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>")
_LINE_END = re.compile(r"[\r\n]+")
_TOO_LONG = "…"  # begins no URL
_CDATA_MARKS = ("<![CDATA[", "]]>")
_CDATA = re.compile(r"(<!\[CDATA\[|\]\]>)")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")
_MISSING = {len("YYYY"): "-01-01", len("YYYY-MM"): "-01"}  # what Python asks of a date and W3C Datetime does not


class SitemapEntry(NamedTuple):
    """url: resolved. kind: a page, or a further sitemap of an index. lastmod: None when absent or unreadable."""

    url: str
    kind: PageKind
    lastmod: datetime | None


class Sitemap(NamedTuple):
    """What a sitemap lists, each URL once, further languages last.

    reason: why it lists nothing (EMPTY, UNREADABLE), or not all (CUT: it breaks off, or is larger than we read); else
    empty. omitted: entries beyond MAX_ENTRIES and MAX_LANGUAGES. size: bytes read, decompressed.
    """

    entries: list[SitemapEntry]
    reason: str = ""
    omitted: int = 0
    size: int = 0


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """What a sitemap fetched from `url` lists. What cannot be read is left out; nothing raises."""
    stream, listed = Stream(body, MAX_BYTES), _Listed(url)
    chunks = stream.text()
    head = next((chunk for chunk in chunks if chunk.strip()), "")
    known, cut = not head, False
    if head.lstrip().startswith("<"):
        known, cut = _read_xml(head, chunks, listed)
    else:
        cut = _read_text(stream, head, chunks, listed)
    entries = listed.entries()
    cut |= stream.cut or listed.is_full
    if entries:
        return Sitemap(entries, CUT if cut else "", listed.omitted, stream.size)
    return Sitemap([], EMPTY if known and not cut else UNREADABLE, 0, stream.size)


class _Listed:
    """What was listed so far, each URL once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_full = False
        self.omitted = 0
        self._entries: dict[str, SitemapEntry] = {}
        self._languages: dict[str, None] = {}  # as they stand there: most are mentioned many times

    def add(self, location: str, kind: PageKind, lastmod: datetime | None, base: str) -> None:
        if len(self._entries) >= MAX_ENTRIES:
            self.is_full = True
            self.omitted += 1
        elif (url := _resolved(location, base)) and url not in self._entries:
            self._entries[url] = SitemapEntry(url, kind, lastmod)

    def add_language(self, location: str) -> None:
        if len(self._languages) < MAX_ENTRIES:
            self._languages[location] = None
        elif location not in self._languages:
            self.omitted += 1

    def entries(self) -> list[SitemapEntry]:
        """When everything was added."""
        further = {_resolved(location, self.url): None for location in self._languages}
        new = [url for url in further if url and url not in self._entries]
        room = min(MAX_LANGUAGES, MAX_ENTRIES - len(self._entries))
        self.omitted += max(0, len(new) - room)
        return [*self._entries.values(), *(SitemapEntry(url, PageKind.PAGE, None) for url in new[:room])]


def _resolved(location: str, base: str) -> str | None:
    url = resolve(location, base) if location else ""
    return url if url.startswith(("http://", "https://")) else None


def _read_text(stream: Stream, head: str, chunks: Iterator[str], listed: _Listed) -> bool:
    """One URL a line. Returns whether it was not read to its end."""
    rest, lines = head, 0
    for chunk in chunks:
        *whole, rest = _LINE_END.split(rest + chunk)
        for line in whole:
            _read_line(line, listed)
        lines += len(whole)
        if lines > MAX_ELEMENTS:
            return True
        if len(rest) > _CHUNK:
            rest = _TOO_LONG
    if not stream.cut:
        _read_line(rest, listed)
    return stream.cut


def _read_line(line: str, listed: _Listed) -> None:
    if line.lstrip().startswith(("http://", "https://")):
        listed.add(line.strip(), PageKind.PAGE, None, listed.url)


class _Element(NamedTuple):
    """base: against which its URLs are resolved. text: where its text goes, if anywhere."""

    namespace: str
    name: str
    base: str
    text: list[str] | None


class _Entry:
    """An element that lists a URL, or more, while it is read. depth: of elements, itself included."""

    def __init__(self, name: str, depth: int) -> None:
        self.name = name
        self.depth = depth
        self.texts: dict[str, tuple[list[str], str]] = {}
        self.links: list[tuple[str, str]] = []


class _Target:
    """What the XML parser reports to. No tree is built: memory stays flat whatever a stranger sends."""

    def __init__(self, listed: _Listed) -> None:
        self.elements = 0
        self.known = False
        self._listed = listed
        self._path: list[_Element] = []
        self._entry: _Entry | None = None

    @property
    def depth(self) -> int:
        return len(self._path)

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        namespace, name = _split(tag)
        self.elements += 1
        if self.elements == 1:
            self.known = name in _ROOTS
        base = self._path[-1].base if self._path else self._listed.url
        if attrib and (own := attrib.get(_XML_BASE)):
            resolved = resolve(_unescaped(own), base)
            base = base if isinstance(resolved, Refusal) else resolved
        text = self._fact(namespace, name, attrib, base)
        self._path.append(_Element(namespace, name, base, text))
        if name in _KINDS:
            self._entry = _Entry(name, len(self._path))

    def _fact(self, namespace: str, name: str, attrib: Mapping[str, str], base: str) -> list[str] | None:
        """Where the element's text goes, if it says something of the entry that it is right below."""
        entry = self._entry
        if entry is None or len(self._path) != entry.depth:
            return None
        if name == "link" and (href := attrib.get("href")):
            if _leads_to_html(attrib):
                entry.links.append((_unescaped(href), base))
            return None
        is_own = namespace == self._path[-1].namespace  # an image's or a video's `loc` is no page
        if name not in _DATES and not (name in _LOCATIONS and is_own):
            return None
        if name == "guid" and attrib.get("isPermaLink", "true").strip().lower() != "true":
            return None
        text: list[str] = []
        entry.texts[name] = text, base
        return text

    def data(self, data: str) -> None:
        if self._path and (text := self._path[-1].text) is not None:
            text.append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002  the parser's name
        if not self._path:
            return
        if self._entry and self._entry.depth == len(self._path):
            self._add(self._entry)
            self._entry = None
        self._path.pop()

    def _add(self, entry: _Entry) -> None:
        texts = {name: ("".join(text).strip(), base) for name, (text, base) in entry.texts.items()}
        dates = (_date(text) for name, (text, _) in texts.items() if name in _DATES)
        lastmod = max((date for date in dates if date), default=None)
        locations = [texts[name] for name in _LOCATED_BY[entry.name] if name in texts and texts[name][0]][:1]
        if entry.name == "url":
            for href, _ in entry.links:
                self._listed.add_language(href)
        else:
            locations = entry.links or locations
        for location, base in locations:
            self._listed.add(location, _KINDS[entry.name], lastmod, base)

    def close(self) -> None:
        """Asked for by the parser."""


@lru_cache(256)
def _split(tag: str) -> tuple[str, str]:
    """Namespace, and name in lower case. A prefix that nobody declared is left out by the parser."""
    namespace, _, name = tag.rpartition("}")
    return namespace, name.lower()


def _unescaped(attribute: str) -> str:
    """libxml2 leaves an ampersand escaped, thus, where it is told to resolve no entities."""
    return attribute.replace("&#38;", "&")


def _leads_to_html(attrib: Mapping[str, str]) -> bool:
    """RFC 4287, 4.2.7: without rel it is the page itself."""
    rels = attrib.get("rel", "alternate").lower().split()
    return "alternate" in rels and attrib.get("type", "").partition(";")[0].strip().lower() in _HTML_TYPES


def _read_xml(head: str, chunks: Iterator[str], listed: _Listed) -> tuple[bool, bool]:
    """Is it a known form, and does it break off? No entity is resolved and nothing is loaded: a stranger wrote it."""
    target = _Target(listed)
    parser = etree.XMLParser(
        target=target,  # type: ignore[arg-type]  # the stubs ask for more than the parser does
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    try:
        for part in _tags(_without_prolog(head, chunks)):
            parser.feed(part.encode())
            if target.elements > MAX_ELEMENTS or target.depth > MAX_DEPTH:
                break
    except etree.XMLSyntaxError:
        return target.known, True
    return target.known, target.depth > 0


def _without_prolog(head: str, chunks: Iterator[str]) -> Iterator[str]:
    """No XML declaration, as the text is decoded; and no document type, whose entities would be kept."""
    declaration = _DECLARATION.match(head)
    before, doctype, rest = head[declaration.end() if declaration else 0 :].partition("<!DOCTYPE")
    yield before
    if doctype and "[" in rest.partition(">")[0]:
        while (end := rest.find("]>")) < 0 and (chunk := next(chunks, None)) is not None:
            rest = rest[-1:] + chunk
        rest = rest[end + 2 :] if end >= 0 else ""
    elif doctype:
        rest = rest.partition(">")[2]
    yield rest
    yield from chunks


def _tags(chunks: Iterator[str]) -> Iterator[str]:
    """Parts that end with a tag, in which a bare `&` is escaped: URLs are often pasted as they are.

    So no entity is left but those of XML itself. What follows the last tag was cut off, and would be read as a URL.
    """
    rest, in_cdata = "", False
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(">") + 1
        parts = _CDATA.split(rest[:end])
        rest = rest[end:]
        if len(rest) > MAX_TAG:
            return
        for index, part in enumerate(parts):
            if part in _CDATA_MARKS:
                in_cdata = part == "<![CDATA["
            elif not in_cdata:
                parts[index] = _BARE_AMPERSAND.sub("&amp;", part)
        yield _NOT_XML.sub("", "".join(parts))


def _date(text: str) -> datetime | None:
    """W3C Datetime, from `2027` to `2027-03-01T10:00:00.5+02:00`, or that of RFC 5322, as RSS has it; else UTC."""
    try:
        moment = datetime.fromisoformat(text + _MISSING.get(len(text), ""))
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
