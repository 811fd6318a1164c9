"""Bytes are read, and queries written, by the Encoding Standard where Python's codecs do otherwise.

Expected values are Chromium's (TextDecoder, and the href of links on pages of that encoding).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.urls.web_codecs import decode, encode_query


@pytest.mark.parametrize(
    ("codec", "body", "expected"),
    [
        ("cp1252", b"\x80\x81\x8d\x8f\x90\x9d", "€\x81\x8d\x8f\x90\x9d"),
        ("cp1251", b"\x98", "\x98"),
        ("cp1253", b"\xaa", "�"),
        ("cp874", b"\x81\xdb", "\x81�"),
        ("gb18030", b"\x80\xa2\xe3", "€€"),
        ("gbk", b"\x80\xa2\xe3\xa3\xa0", "€€\u3000"),
        ("gbk", b"\x94\x39\xfc\x36", "😀"),
        ("gb18030", b"\xa6\xd9\xfe\x59", "︐龴"),
        ("cp932", b"\x80\x83\x5c", "\x80ソ"),
        ("euc_jp", b"\xa1\xc1\xa1\xdd\xa1\xf1", "～－￠"),
        ("euc_jp", b"\xad\xa1\xad\xb7\xad\xea\xf9\xa1\xfc\xee", "①Ⅲ㈱纊黑"),
        ("euc_jp", b"\x8e\xb1\x8f\xb0\xa1", "ｱ丂"),
        ("iso2022_jp", b"\x1b$B!A\x1b(B", "～"),
        ("big5hkscs", b"\xa1\x45\xa1\xe3\xa2\x46", "‧～￠"),
        ("koi8-u", b"\xae\xbe\xb4", "ўЎЄ"),
        ("utf-8", b"\xff\xed\xa0\x80", "����"),
        ("utf-16-le", b"\x00\xd8a\x00", "�a"),
    ],
)
def test_bytes_are_read_by_the_standard(codec, body, expected):
    assert decode(body, codec) == expected


@pytest.mark.parametrize(
    ("codec", "body"),
    [
        ("cp932", b"\x81<a"),
        ("euc_jp", b"\x8f<a"),
        ("gb18030", b"\x81<a"),
        ("gbk", b"\x81<a"),
        ("big5hkscs", b"\x81<a"),
        ("cp949", b"\x81<a"),
        ("utf-8", b"\xe3\x81<a"),
    ],
)
def test_half_a_character_does_not_swallow_the_tag_after_it(codec, body):
    assert decode(body, codec) == "�<a"


@pytest.mark.parametrize(
    ("codec", "query", "expected"),
    [
        ("cp1252", "a=1&b='<", "a=1&b='<"),
        ("cp1252", "ä#", "%E4%23"),
        ("iso2022_jp", "あ", '\x1b$B$"\x1b(B'),
        ("cp932", "\ud800", "%26%2355296%3B"),
    ],
)
def test_only_what_the_url_standard_does_not_encode_later_is_encoded(codec, query, expected):
    assert encode_query(query, codec) == expected


_CODECS = ["cp1252", "cp1255", "cp874", "iso8859-6", "koi8-u", "mac-roman", "cp932", "cp949", "big5hkscs"]
_CODECS += ["gbk", "gb18030", "euc_jp", "iso2022_jp", "utf-8", "utf-16-le", "utf-16-be"]


@given(st.binary(), st.sampled_from(_CODECS))
def test_any_bytes_decode_to_text_without_lone_surrogates(body, codec):
    decode(body, codec).encode("utf-8")


@given(st.text(st.characters()), st.sampled_from(_CODECS[:-3]))
def test_any_query_encodes_to_ascii(query, codec):
    assert encode_query(query, codec).isascii()
