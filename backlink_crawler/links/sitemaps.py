"""From a sitemap's bytes to what it lists (sitemaps.org protocol: XML, index, plain text; gzip)."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from backlink_crawler.model import PageKind
from backlink_crawler.urls.normalise import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 50 * 1024 * 1024  # decompressed, as the protocol says
MAX_ENTRIES = 50_000  # as the protocol says
MAX_ELEMENTS = 20 * MAX_ENTRIES  # images and translations of a page are elements too
MAX_DEPTH = 256  # elements in one another
_GZIP = b"\x1f\x8b"
_CHUNK = 64 * 1024  # bytes
_KINDS = {"url": PageKind.PAGE, "sitemap": PageKind.SITEMAP}
_XML = re.compile(rb"[\xef\xbb\xbf \t\r\n]*+<")
_TEXT_LINE = re.compile(rb"^[ \t]*(https?://[^\r\n]+)", re.MULTILINE)
_CDATA_MARKS = (b"<![CDATA[", b"]]>")
_CDATA = re.compile(rb"(<!\[CDATA\[|\]\]>)")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
_MISSING = {len("YYYY"): "-01-01", len("YYYY-MM"): "-01"}  # what Python asks of a date and W3C Datetime does not


class SitemapEntry(NamedTuple):
    """url: resolved. kind: a page, or a further sitemap of an index. lastmod: None when absent or unreadable."""

    url: str
    kind: PageKind
    lastmod: datetime | None


def parse_sitemap(body: bytes, url: str) -> list[SitemapEntry]:
    """What a sitemap fetched from `url` lists. What cannot be read is left out; nothing raises."""
    body = _decompressed(body)
    entries = _xml_entries(body, url) if _XML.match(body) else _text_entries(body, url)
    return [entry for _, entry in zip(range(MAX_ENTRIES), entries, strict=False)]


def _decompressed(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            return file.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _text_entries(body: bytes, url: str) -> Iterator[SitemapEntry]:
    for match in _TEXT_LINE.finditer(body.removeprefix(b"\xef\xbb\xbf")):
        yield from _entry(match[1].decode("utf-8", "replace").strip(), PageKind.PAGE, "", url)


class _Listing:
    """What the XML parser reports to. No tree is built: memory stays flat whatever a stranger sends."""

    def __init__(self) -> None:
        self.elements = 0
        self.entries: list[tuple[str, PageKind, str]] = []
        self._path: list[str] = []
        self._texts: dict[str, list[str]] = {}

    def start(self, tag: str, attrib: object) -> None:  # noqa: ARG002 — the parser's names
        self.elements += 1
        name = tag.rpartition("}")[2].lower()
        self._path.append(name)
        if name in _KINDS:
            self._texts = {"loc": [], "lastmod": []}
        elif self._is_fact() and name in self._texts:
            self._texts[name] = []

    def data(self, data: str) -> None:
        if self._path and self._is_fact() and self._path[-1] in self._texts:
            self._texts[self._path[-1]].append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002
        if self._path and (kind := _KINDS.get(self._path.pop())) is not None and self._texts:
            location, lastmod = ("".join(self._texts[name]).strip() for name in ("loc", "lastmod"))
            self.entries.append((location, kind, lastmod))
            self._texts = {}

    @property
    def depth(self) -> int:
        return len(self._path)

    def _is_fact(self) -> bool:
        return len(self._path) > 1 and self._path[-2] in _KINDS

    def close(self) -> None:
        """Asked for by the parser."""


def _xml_entries(body: bytes, url: str) -> Iterator[SitemapEntry]:
    """Entities are not resolved and nothing is loaded: a sitemap is data from a stranger."""
    listing = _Listing()
    parser = etree.XMLParser(
        target=listing,  # type: ignore[arg-type]  # the stubs ask for more than the parser does
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    try:
        for chunk in _well_formed(body):
            parser.feed(chunk)
            for entry in listing.entries:
                yield from _entry(*entry, url)
            listing.entries.clear()
            if listing.elements > MAX_ELEMENTS or listing.depth > MAX_DEPTH:
                return
    except etree.XMLSyntaxError:
        return


def _well_formed(body: bytes) -> Iterator[bytes]:
    """Chunks that end with a tag, in which a bare `&` is escaped: URLs are often pasted as they are.

    So no entity is left but those of XML itself. What follows the last tag was cut off, and would be read as a URL.
    """
    start, last, in_cdata = 0, body.rfind(b">") + 1, False
    while start < last:
        end = body.rfind(b">", start, start + _CHUNK) + 1 or start + _CHUNK
        parts = _CDATA.split(body[start : min(end, last)])
        for index, part in enumerate(parts):
            if part in _CDATA_MARKS:
                in_cdata = part == b"<![CDATA["
            elif not in_cdata:
                parts[index] = _BARE_AMPERSAND.sub(b"&amp;", part)
        yield b"".join(parts)
        start = end


def _entry(location: str, kind: PageKind, lastmod: str, base: str) -> Iterator[SitemapEntry]:
    url = resolve(location, base) if location else ""
    if url.startswith(("http://", "https://")):
        yield SitemapEntry(url, kind, _date(lastmod))


def _date(text: str) -> datetime | None:
    """W3C Datetime, from `2027` to `2027-03-01T10:00:00.5+02:00`; without a time zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text + _MISSING.get(len(text), ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
