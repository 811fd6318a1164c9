"""From a page's bytes to its text, by the Encoding Standard: header, byte order mark, meta, then detection."""

from __future__ import annotations

import codecs

import charset_normalizer
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

DETECTION_SAMPLE = 16_384  # bytes; detection is slow and its verdict rarely changes with more


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The page's text and the Python name of its encoding. Never fails: what does not decode is U+FFFD."""
    bom_encoding, bom = read_bom(body)
    if bom_encoding and bom:
        return _decode(body[len(bom) :], bom_encoding), bom_encoding
    encoding = http_content_type_encoding(content_type)
    if encoding is None and (declared := html_body_declared_encoding(body)):
        # A meta that could be read as ASCII cannot stand in a UTF-16 page (HTML Standard, 13.2.3.2).
        encoding = "utf-8" if declared.startswith(("utf-16", "utf-32")) else declared
    if encoding is None:
        return _detect(body)
    return _decode(body, encoding), encoding


def _detect(body: bytes) -> tuple[str, str]:
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        start = max(0, error.start - DETECTION_SAMPLE // 2)
        best = charset_normalizer.from_bytes(body[start : start + DETECTION_SAMPLE]).best()
    encoding = codecs.lookup(best.encoding).name if best and best.encoding != "utf_8" else "cp1252"
    return _decode(body, encoding), encoding


def _decode(body: bytes, encoding: str) -> str:
    # Read as text only: a codec such as "rot13" or "zlib" is not an encoding of the web.
    try:
        return body.decode(encoding, "whatwg")
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")


def _whatwg(error: UnicodeError) -> tuple[str, int]:
    """Where Python's decoders and the Encoding Standard differ."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start]
    name = error.encoding.lower().replace("_", "").replace("-", "")
    if 0x80 <= byte < 0xA0 and name == "charmap":
        return chr(byte), error.start + 1  # undefined in windows-125x: the C1 control of the same number
    if byte == 0x80 and name in {"gb18030", "gbk"}:
        return "€", error.start + 1
    return "�", error.end


codecs.register_error("whatwg", _whatwg)
