"""Animals that misbehave in how they are compressed."""

from __future__ import annotations

import gzip
import zlib

import brotli
from backports import zstd

from backlink_crawler.model import Outcome
from tests.crawl.zoo import House, answer

COMPRESSED = House()
MEGABYTE = 1_000_000
LINK = b'<a href="http://before.example/">before</a>'
BEFORE = ("http://before.example/",)


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def gzip_bomb() -> bytes:
    return answer(gzip.compress(LINK + bytes(10 * MEGABYTE)), "Content-Encoding: gzip")


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def deflate_bomb() -> bytes:
    return answer(zlib.compress(bytes(10 * MEGABYTE)), "Content-Encoding: deflate")


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def brotli_bomb() -> bytes:
    return answer(brotli.compress(bytes(10 * MEGABYTE), quality=1), "Content-Encoding: br")


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def zstd_bomb() -> bytes:
    return answer(zstd.compress(bytes(10 * MEGABYTE)), "Content-Encoding: zstd")


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def nested_bomb() -> bytes:
    body = gzip.compress(gzip.compress(gzip.compress(bytes(10 * MEGABYTE))))
    return answer(body, "Content-Encoding: gzip, gzip, gzip")


@COMPRESSED.animal(Outcome.TOO_LARGE, "decompressed")
def many_members_of_gzip() -> bytes:
    return answer(gzip.compress(bytes(10_000)) * 10_000, "Content-Encoding: gzip")


@COMPRESSED.animal(Outcome.OK, links=BEFORE)
def two_encodings() -> bytes:
    return answer(brotli.compress(gzip.compress(LINK)), "Content-Encoding: gzip", "Content-Encoding: br")


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "content_encoding")
def a_thousand_encodings() -> bytes:
    body = LINK
    for _ in range(1_000):
        body = zlib.compress(body, 0)
    return answer(body, "Content-Encoding: " + ",".join(["deflate"] * 1_000))


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "content_encoding")
def not_gzip_at_all() -> bytes:
    return answer(LINK, "Content-Encoding: gzip")


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "content_encoding")
def not_brotli_at_all() -> bytes:
    return answer(LINK, "Content-Encoding: br")


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "content_encoding")
def not_zstd_at_all() -> bytes:
    return answer(LINK, "Content-Encoding: zstd")


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "content_encoding")
def not_deflate_at_all() -> bytes:
    return answer(LINK, "Content-Encoding: deflate")


@COMPRESSED.animal(Outcome.INVALID_RESPONSE, "truncated")
def gzip_cut_off() -> bytes:
    return answer(gzip.compress(LINK + bytes(range(256)) * 100)[:-200], "Content-Encoding: gzip")


@COMPRESSED.animal(Outcome.OK, links=BEFORE)
def gzip_followed_by_garbage() -> bytes:
    return answer(gzip.compress(LINK) + b"garbage", "Content-Encoding: gzip")


@COMPRESSED.animal(Outcome.OK, links=BEFORE)
def an_encoding_that_nobody_knows() -> bytes:
    return answer(LINK, "Content-Encoding: utf-8")


@COMPRESSED.animal(Outcome.NOT_WHOLE, "empty")
def nothing_compressed() -> bytes:
    return answer(b"", "Content-Encoding: gzip")
