"""Undoes the content encodings of a body (RFC 9110, 8.4.1), and says so when one ends before its end.

Scrapy gives what has come of a cut stream, which then looks like a short page.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Protocol

import brotli
from backports import zstd
from scrapy.utils._compression import _check_max_size

from backlink_crawler.crawl.fetch.outcomes import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 64 * 1024  # bytes that come out of a decompressor in one step
_GZIP, _ZLIB, _RAW = 31, 15, -15  # `wbits`
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class _Stream(Protocol):
    """step: some of what is to come out; first with all that is to go in, then with b"", until there is no more."""

    def step(self, data: bytes) -> bytes: ...

    @property
    def ended(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._engine = zlib.decompressobj(wbits)

    def step(self, data: bytes) -> bytes:
        return self._engine.decompress(data or self._engine.unconsumed_tail, _AT_ONCE)

    @property
    def ended(self) -> bool:
        return self._engine.eof

    @property
    def rest(self) -> bytes:
        return self._engine.unused_data


class _Brotli:
    rest = b""

    def __init__(self) -> None:
        self._engine: Any = brotli.Decompressor()

    def step(self, data: bytes) -> bytes:
        return bytes(self._engine.process(data, output_buffer_limit=_AT_ONCE))

    @property
    def ended(self) -> bool:
        return bool(self._engine.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._engine: Any = zstd.ZstdDecompressor()

    def step(self, data: bytes) -> bytes:
        return bytes(self._engine.decompress(data, _AT_ONCE))

    @property
    def ended(self) -> bool:
        return bool(self._engine.eof)

    @property
    def rest(self) -> bytes:
        return bytes(self._engine.unused_data)


def undo(body: bytes, encoding: bytes, max_size: int) -> bytes:
    """encoding: gzip, x-gzip, deflate, br or zstd. max_size: bytes that may come out; 0: any number.

    Further members of gzip and frames of zstd are read as well; what follows and is neither is passed over, as browsers
    do. Raises BadAnswer, reason `truncated`, when the end is missing; what Scrapy raises when too much comes out; and
    what the libraries raise for bytes that are no such stream.
    """
    if not body:
        return body
    if encoding in {b"gzip", b"x-gzip"}:
        return _undone(body, lambda: _Zlib(_GZIP), _GZIP_MAGIC, max_size)
    if encoding == b"deflate":
        try:
            return _undone(body, lambda: _Zlib(_ZLIB), None, max_size)
        except zlib.error:  # some servers leave zlib's head and tail out
            return _undone(body, lambda: _Zlib(_RAW), None, max_size)
    if encoding == b"br":
        return _undone(body, _Brotli, None, max_size)
    return _undone(body, _Zstd, _ZSTD_MAGIC, max_size)


def _undone(data: bytes, begin: Callable[[], _Stream], magic: bytes | None, max_size: int) -> bytes:
    """magic: with which a further stream begins; None: there is one only."""
    parts: list[bytes] = []
    size = 0
    while True:
        stream = begin()
        part = stream.step(data)
        while True:
            size += len(part)
            _check_max_size(size, max_size)
            parts.append(part)
            if stream.ended:
                break
            if not part and len(parts) > 1:
                raise BadAnswer("truncated")
            part = stream.step(b"")
        data = stream.rest
        if magic is None or not data.startswith(magic):
            return b"".join(parts)
