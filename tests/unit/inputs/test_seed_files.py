"""A seeds file's bytes: UTF-8 text, with or without a byte order mark, or UTF-16 with one."""

from __future__ import annotations

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.seed_files import lines_of


def test_text_is_split_into_lines() -> None:
    assert lines_of(b"\xef\xbb\xbfexample.com\r\nr\xc3\xb6sterei.example\n", "seeds.txt") == [
        "example.com",
        "rösterei.example",
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_byte_order_mark_is_text(encoding: str) -> None:
    assert lines_of("\ufeffexample.com\r\nröstwerk.test\r\n".encode(encoding), "seeds.txt") == [
        "example.com",
        "röstwerk.test",
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"caf\xe9.example", "seeds: seeds.txt is not a text file in UTF-8 (see line 1, byte 3)."),
        (b"a.example\nb.example\xa0", "seeds: seeds.txt is not a text file in UTF-8 (see line 2, byte 19)."),
        (b"\xff\xfea", "seeds: seeds.txt is not a text file in UTF-16 (see line 1, byte 2)."),
        (b"PK\x00", "seeds: seeds.txt is a binary file; a seeds file has one URL or domain a line."),
    ],
)
def test_what_is_no_text_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lines_of(body, "seeds.txt")
    assert str(refused.value) == message
