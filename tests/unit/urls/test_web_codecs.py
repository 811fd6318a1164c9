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
        ("euc_jp", b"\x8f\xa2\xb7\xa1\xc1\xad\xbf", "～～�"),
        ("big5hkscs", b"\xa1\xfe\xa2\x41\xa2\x42\xa3\xe1\x87\x7a\x95\xd9", "／∕﹨€㡵邗"),
        ("cp1255", b"\xca\xd9", "\u05ba�"),
        ("x-user-defined", b"a\x80\xff", "a\uf780\uf7ff"),
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
    ("codec", "body", "expected"),
    [
        ("cp932", b"\x81\xad\x81\xff", "��"),
        ("cp932", b"\xa4\x8e\x7f\xe0\x80", "､�\x7f烙"),
        ("cp932", b"\xa0\xfd\xfe\xff", "����"),
        ("euc_jp", b"\x8e\x80\x8e\xb1\xa1\x9f", "�ｱ�"),
        ("euc_jp", b"\x8f\xb0\x80\x8f\xb0A\x8f\xb0", "��A�"),
        ("euc_jp", b"\x8f\x80<", "�<"),
        ("cp949", b"\x81\x80\xc6\x8a/", "��/"),
        ("gbk", b"\x85\xff\x850\x855", "��"),
        ("gb18030", b"\x810\x810\x810\x81\x810<\x81", "\x80�0亖0<�"),
        ("big5hkscs", b"\x81\x81\\\xa0\x8f\xfe", "�\\��"),
        ("iso2022_jp", b"\x0e\x80\x1b(J\\~\x1b(I!_\x7f", "��¥‾｡ﾟ�"),
        ("iso2022_jp", b'\x1b$B$"$\x1b(B\x1b(Ja', "あ��a"),
        ("iso2022_jp", b"\x1b$B\x7f$\x80!!\x1b(B\x1b", "��\u3000�"),
        ("iso2022_jp", b"\x1b$Ba", "�"),
    ],
)
def test_wrong_bytes_are_one_replacement_for_lead_and_trail(codec, body, expected):
    assert decode(body, codec) == expected


_OF_SEVERAL_BYTES = st.sampled_from(["cp932", "euc_jp", "cp949", "gbk", "gb18030", "big5hkscs"])


@given(st.binary(), st.binary(), _OF_SEVERAL_BYTES)
def test_no_wrong_byte_changes_what_comes_after_a_tag_or_a_line(before, after, codec):
    read = decode(before + b"<\n", codec)
    assert read.endswith("<\n")
    assert decode(before + b"<\n" + after, codec) == read + decode(after, codec)


@given(st.text(st.sampled_from("aé日本語あアｱー漢字한국어中文〒①～<&")), _OF_SEVERAL_BYTES)
def test_text_that_an_encoding_can_write_is_read_as_it_was(text, codec):
    written = "".join(character for character in text if character.encode(codec, "ignore"))
    assert decode(written.encode(codec), codec) in (written, written.replace("〜", "～"))


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
