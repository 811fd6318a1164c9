"""What a body of any size holds, chunk by chunk: gzip is undone, and the text decoded."""

from __future__ import annotations

import codecs
import re
import zlib
from itertools import chain
from typing import TYPE_CHECKING

from backlink_crawler.links.labels import REPLACEMENT, codec_of_label

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMBERS = 10_000  # of one gzip file; block compression makes one of each 64 KiB
GZIP = b"\x1f\x8b"
_CHUNK = 64 * 1024  # bytes
_HEAD = 1024  # bytes that tell the encoding
_ENCODING = re.compile(rb"\s*<\?xml\s[^<>]*?encoding\s*=\s*[\"']([^\"'<>]*)")
_MARKS = (  # XML 1.0, appendix F: with a byte order mark, and without
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xfe\xff", "utf-16"),
    (b"\xff\xfe", "utf-16"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)


class Stream:
    """limit: bytes that are read, decompressed. size: how many were. cut: there were more, or they break off."""

    def __init__(self, body: bytes, limit: int) -> None:
        self.size = 0
        self.cut = False
        self._body = body
        self._limit = limit

    def text(self) -> Iterator[str]:
        """What does not decode is U+FFFD. It is compressed twice where a server compresses what a file is already."""
        sliced = (self._body[start : start + _CHUNK] for start in range(0, len(self._body), _CHUNK))
        chunks = self._bounded(self._gunzipped(self._bounded(self._gunzipped(sliced))))
        head = _joined(chunks, _HEAD)
        decoder = codecs.getincrementaldecoder(_codec_of(head))("replace")
        for chunk in chain((head,), chunks):
            self.size += len(chunk)
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)

    def _bounded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        left = self._limit
        for chunk in chunks:
            yield chunk[:left]
            left -= len(chunk)
            if left < 0:
                self.cut = True
                return

    def _gunzipped(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Of a gzip file what is in it (RFC 1952: one or more members), of anything else itself."""
        head = _joined(chunks, len(GZIP))
        if not head.startswith(GZIP):
            yield head
            yield from chunks
            return
        try:
            yield from self._members(chain((head,), chunks))
        except zlib.error:
            self.cut = True

    def _members(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        member, members = zlib.decompressobj(wbits=31), 1
        for chunk in chunks:
            left = chunk
            while left:
                if member.eof:
                    if not left.startswith(GZIP[:1]):
                        return  # padding
                    member, members = zlib.decompressobj(wbits=31), members + 1
                    if members > MAX_MEMBERS:
                        self.cut = True
                        return
                yield member.decompress(left, _CHUNK)
                left = member.unused_data if member.eof else member.unconsumed_tail
        while pending := member.decompress(b"", _CHUNK):
            yield pending
        self.cut |= not member.eof


def _joined(chunks: Iterator[bytes], least: int) -> bytes:
    """So many bytes and more, or all that there are."""
    head = b""
    while len(head) < least and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head


def _codec_of(head: bytes) -> str:
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    declared = _ENCODING.match(head)
    codec_declared = codec_of_label(declared[1].decode("latin-1")) if declared else None
    # A declaration that could be read as ASCII stands in no UTF-16.
    if codec_declared is None or codec_declared == REPLACEMENT or codec_declared.startswith("utf-16"):
        return "utf-8"
    return codec_declared
