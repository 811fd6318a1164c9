"""A compressed body is whole, or it is none."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
from backports import zstd
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from backlink_crawler.crawl.fetch.compression import undo
from backlink_crawler.crawl.fetch.outcomes import BadAnswer


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


PACKS = {
    "gzip": (b"gzip", gzip.compress),
    "x-gzip": (b"x-gzip", gzip.compress),
    "deflate": (b"deflate", zlib.compress),
    "raw deflate": (b"deflate", raw_deflate),
    "br": (b"br", brotli.compress),
    "zstd": (b"zstd", zstd.compress),
}
BODIES = [b"x", b"a page " * 9, random.Random(1).randbytes(200_000), b"long " * 60_000]


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("body", BODIES, ids=["short", "repetitive", "noise", "large"])
def test_what_is_whole_comes_out_and_what_is_cut_anywhere_does_not(name: str, body: bytes) -> None:
    encoding, pack = PACKS[name]
    packed = pack(body)
    assert undo(packed, encoding, 0) == body
    for left in {1, 2, len(packed) // 2, len(packed) - 5, len(packed) - 1} - {len(packed)}:
        if 0 < left < len(packed):
            with pytest.raises(BadAnswer, match="truncated"):
                undo(packed[:left], encoding, 0)


@pytest.mark.parametrize("name", PACKS)
def test_a_bomb_is_refused(name: str) -> None:
    encoding, pack = PACKS[name]
    with pytest.raises(_DecompressionMaxSizeExceeded):
        undo(pack(bytes(1_000_000)), encoding, 900_000)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_members_follow_each_other_and_what_follows_them_is_passed_over(name: str) -> None:
    encoding, pack = PACKS[name]
    assert undo(pack(b"one ") + pack(b"two") + b"\0\0\0", encoding, 0) == b"one two"


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_nothing(name: str) -> None:
    assert undo(b"", PACKS[name][0], 0) == b""
