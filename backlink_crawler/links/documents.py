"""Which answers a browser shows as a page (MIME Sniffing Standard)."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from backlink_crawler.links.encoding import decode
from backlink_crawler.links.media_types import extract_media_type
from backlink_crawler.links.xhtml import has_html_root

ENOUGH_TO_SNIFF = 1_445  # bytes (MIME Sniffing, 5.2 "resource header")
SNIFFED_XML = "text/xml"
_XML_TYPES = frozenset({SNIFFED_XML, "application/xml", "application/xhtml+xml"})
_UNKNOWN_TYPES = frozenset({"unknown/unknown", "application/unknown", "*/*"})
# MIME Sniffing, 7.1 "identifying a resource with an unknown MIME type".
_MARKUP = re.compile(
    rb"[\t\n\x0c\r ]*+(?:(?P<xml><\?xml)"
    rb"|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >])",
    re.IGNORECASE,
)


class Document(Enum):
    """What a browser makes of an answer."""

    HTML = "html"
    XML = "xml"  # a page if its root is html
    UNKNOWN = "unknown"  # its first bytes decide
    OTHER = "other"


@lru_cache(1_000)
def document_of(content_type: str, *, nosniff: bool = False) -> Document:
    """By the headers. content_type: the values of all Content-Type, joined by commas; empty when there is none."""
    media_type = extract_media_type(content_type)
    if media_type is None or media_type.essence in _UNKNOWN_TYPES:
        return Document.OTHER if nosniff else Document.UNKNOWN
    if media_type.essence in _XML_TYPES:
        return Document.XML
    return Document.HTML if media_type.essence == "text/html" else Document.OTHER


def document_in(body: bytes, content_type: str, *, nosniff: bool = False) -> Document:
    """By headers and body: HTML, XML that is a page, or OTHER."""
    document = document_of(content_type, nosniff=nosniff)
    if document is Document.UNKNOWN:
        document = sniff(body)
    if document is Document.XML and not has_html_root(decode(body, content_type, is_xml=True)[0]):
        return Document.OTHER
    return document


def begins_page(first: bytes, content_type: str) -> bool:
    """May an answer whose type does not decide be a page, by its first bytes? They may have come in part."""
    document = document_of(content_type)
    if document is Document.UNKNOWN:
        document = sniff(first) if len(first) >= ENOUGH_TO_SNIFF else Document.UNKNOWN
    return document is not Document.OTHER and (
        document is not Document.XML or has_html_root(decode(first, content_type, is_xml=True)[0]) is not False
    )


def sniff(body: bytes) -> Document:
    """What the first bytes make of an answer that is of no known type."""
    match = _MARKUP.match(body[:ENOUGH_TO_SNIFF])
    if match is None:
        return Document.OTHER
    return Document.XML if match["xml"] else Document.HTML
