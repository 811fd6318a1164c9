"""From a page's bytes to its text, by the Encoding Standard: byte order mark, header, meta, then detection."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import charset_normalizer
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.links.labels import REPLACEMENT, codec_of_label
from backlink_crawler.links.media_types import extract_media_type
from backlink_crawler.urls import web_codecs

if TYPE_CHECKING:
    from collections.abc import Iterator

DETECTION_SAMPLE = 16_384  # bytes; detection is slow and its verdict rarely changes with more
DEFAULT = "cp1252"  # what browsers take where nothing says otherwise
_PRESCAN = 1_000_000  # bytes; browsers look through the whole head for a meta, which may be of any size
_PRESCAN_OF_BODY = 1_024  # bytes in which a meta counts wherever it stands, as browsers do
# Noise of the detector that does not rule the default out.
_SLIGHT_NOISE = 0.1

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
# What a declaration that can be read as ASCII cannot mean, by what it does mean.
_IN_ASCII = {"utf-16-be": "utf-8", "utf-16-le": "utf-8", "x-user-defined": "cp1252"}
_XML_ENCODING = re.compile(rb"<\?xml\s[^<>]*?encoding\s*=\s*[\"']([^\"'<>]*)")
_SPACE = rb"[\t\n\f\r ]"
# A comment, another declaration, or a tag; in a tag `>` may stand in quotes after `=`.
_MARKUP = re.compile(
    rb"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+|<(?P<end>/?)(?P<name>[a-zA-Z][^\t\n\f\r />]*+)"
    rb"(?:[^>=]|=" + _SPACE + rb"*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)",
    re.DOTALL,
)
# Elements of a head, after whose last a meta does not count any more, and those that hold no elements.
_OF_HEAD = frozenset({b"script", b"noscript", b"style", b"link", b"meta", b"object", b"title", b"base"})
_AROUND_HEAD = frozenset({b"html", b"head"})
_WITHOUT_ELEMENTS = {
    name: re.compile(rb"</%b(?=[\t\n\f\r />])" % name, re.IGNORECASE)
    for name in (b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes")
}
_ANGLES = re.compile(rb"[<>]+")
_CONTENT_CHARSET = re.compile(r"charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"']+))", re.IGNORECASE)
# The detector's names that are not labels of the web, by the codec of the web that reads such bytes.
_DETECTED = {
    "big5hkscs": "big5hkscs",
    "cp874": "cp874",
    "cp932": "cp932",
    "cp949": "cp949",
    "latin_1": "cp1252",
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
}


def decode(body: bytes, content_type: str | None, *, is_xml: bool = False) -> tuple[str, str]:
    """The page's text and the Python name of its encoding. Never fails: what does not decode is U+FFFD.

    is_xml: it is XML, which declares its encoding at its beginning or is UTF-8 (XML 1.0, 4.3.3).
    """
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return web_codecs.decode(body[len(bom) :], codec), codec
    declared = _header_codec(content_type or "") or (_xml_codec(body) or "utf-8" if is_xml else _meta_codec(body))
    if declared == REPLACEMENT:
        return ("�" if body else ""), "utf-8"
    if declared:
        return web_codecs.decode(body, declared), declared
    if body.isascii():
        return body.decode("ascii"), DEFAULT  # in which a query is encoded; it may hold `&#x30BB;`
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        detected = _detect(_sample(body, error.start))
    return web_codecs.decode(body, detected), detected


def _header_codec(content_type: str) -> str | None:
    media_type = extract_media_type(content_type)
    return codec_of_label(media_type.charset) if media_type and media_type.charset else None


def _meta_codec(body: bytes) -> str | None:
    """HTML Standard, 13.2.3.2 "prescan a byte stream". A label that nobody knows is passed over."""
    head = body[:_PRESCAN]
    if b"charset" in head or b"charset" in head.lower():
        for tag in _tags_of_head(head):
            if codec := codec_of_label(_meta_label(tag)):
                return _IN_ASCII.get(codec, codec)
    return _xml_codec(head)


def _tags_of_head(head: bytes) -> Iterator[bytes]:
    """The meta tags up to the first tag of a body, and in the first bytes those after it."""
    position, in_head = 0, True
    while match := _MARKUP.search(head, position):
        if not in_head and match.start() >= _PRESCAN_OF_BODY:
            return
        position, name = match.end(), (match["name"] or b"").lower()
        if name == b"meta" and not match["end"]:
            yield match[0]
        if (end := _WITHOUT_ELEMENTS.get(name)) and not match["end"]:
            ended = end.search(head, position)
            position = ended.start() if ended else len(head)
        in_head &= not name or name in _OF_HEAD or (name in _AROUND_HEAD and not match["end"])


def _xml_codec(body: bytes) -> str | None:
    xml = _XML_ENCODING.match(body)
    codec = codec_of_label(xml[1].decode("latin-1")) if xml else None
    return _IN_ASCII.get(codec, codec) if codec else None


@lru_cache(256)
def _meta_label(tag: bytes) -> str:
    if b"charset" not in tag.lower():
        return ""
    meta = LexborHTMLParser(tag.decode("latin-1") + ">").css_first("meta")
    if meta is None:
        return ""
    attributes = meta.attrs
    if "charset" in attributes:
        return attributes["charset"] or ""
    if (attributes.get("http-equiv") or "").lower() != "content-type":
        return ""
    match = _CONTENT_CHARSET.search(attributes.get("content") or "")
    return match[1] or match[2] or match[3] or "" if match else ""


def _sample(body: bytes, start: int) -> bytes:
    """Text from around `start` on, without the markup and ASCII that would drown what there is to detect.

    No trail byte of the encodings of the web is `<` or `>`, so that no character is cut there.
    """
    start = body.rfind(b">", 0, start) + 1
    parts = _ANGLES.split(body[start : start + 8 * DETECTION_SAMPLE])
    return b" ".join(part for part in parts if not part.isascii())[:DETECTION_SAMPLE]


def _detect(sample: bytes) -> str:
    """The likeliest encoding of the web. Between the Latin ones detectors guess: the default wins where it may."""
    plausible = [
        (codec, match.chaos)
        for match in charset_normalizer.from_bytes(sample)
        for name in match.could_be_from_charset
        if (codec := _DETECTED.get(name) or codec_of_label(name.replace("_", "-")))
        and not codec.startswith("utf-")
        and codec != REPLACEMENT
    ]
    if not plausible:
        return DEFAULT
    codec, noise = plausible[0]
    return DEFAULT if any(each == DEFAULT and chaos <= noise + _SLIGHT_NOISE for each, chaos in plausible) else codec
