"""From a sitemap's bytes to what it lists (sitemaps.org protocol: XML, index, plain text; gzip)."""

from __future__ import annotations

import gzip
import io
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
_GZIP = b"\x1f\x8b"
_MISSING = {len("YYYY"): "-01-01", len("YYYY-MM"): "-01"}  # what Python asks of a date and W3C Datetime does not


class SitemapEntry(NamedTuple):
    """url: resolved. kind: a page, or a further sitemap of an index. lastmod: None when absent or unreadable."""

    url: str
    kind: PageKind
    lastmod: datetime | None


def parse_sitemap(body: bytes, url: str) -> list[SitemapEntry]:
    """What a sitemap fetched from `url` lists. What cannot be read is left out; nothing raises."""
    body = _decompressed(body)
    entries = (
        _xml_entries(body, url) if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _text_entries(body, url)
    )
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
    for line in body.decode("utf-8-sig", "replace").splitlines():
        if line.strip().startswith(("http://", "https://")):
            yield from _entry(line.strip(), PageKind.PAGE, "", url)


def _xml_entries(body: bytes, url: str) -> Iterator[SitemapEntry]:
    """Entities are not resolved and nothing is loaded: a sitemap is data from a stranger."""
    whole = body[: body.rfind(b">") + 1]  # a text that was cut off would be taken for a URL
    events = etree.iterparse(
        io.BytesIO(whole),
        events=("end",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    try:
        for _, element in events:
            name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
            if name in {"url", "sitemap"}:
                texts = {
                    etree.QName(child).localname.lower(): child.text or ""
                    for child in element
                    if isinstance(child.tag, str)
                }
                kind = PageKind.SITEMAP if name == "sitemap" else PageKind.PAGE
                yield from _entry(texts.get("loc", "").strip(), kind, texts.get("lastmod", "").strip(), url)
                element.clear()
                while element.getparent() is not None and element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError:
        return


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
