"""The labels of the Encoding Standard, 4.2."""

from __future__ import annotations

import codecs

import pytest

from backlink_crawler.links.labels import _CODECS, codec_of_label, encoding_of_codec
from backlink_crawler.urls import web_codecs


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        (" \t utf-8\n", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("latin1", "cp1252"),
        ("ascii", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("x-cp1252", "cp1252"),
        ("latin5", "cp1254"),
        ("iso-8859-15", "iso8859-15"),
        ("visual", "iso8859-8"),
        ("logical", "iso8859-8"),
        ("windows-949", "cp949"),
        ("euc-kr", "cp949"),
        ("gb2312", "gbk"),
        ("chinese", "gbk"),
        ("gb18030", "gb18030"),
        ("x-x-big5", "big5hkscs"),
        ("ms_kanji", "cp932"),
        ("x-euc-jp", "euc_jp"),
        ("mac", "mac-roman"),
        ("x-mac-ukrainian", "mac-cyrillic"),
        ("koi", "koi8-r"),
        ("866", "cp866"),
        ("dos-874", "cp874"),
        ("ucs-2", "utf-16-le"),
        ("hz-gb-2312", "replacement"),
    ],
)
def test_a_label_names_its_encoding_whatever_its_case_and_the_white_space_around(label, codec):
    assert codec_of_label(label) == codec


@pytest.mark.parametrize(
    "label", ["", "utf 8", "utf_8", "utf-7", "utf-32", "cp037", "cp850", "johab", "\xa0utf-8", "ﬁ"]
)
def test_what_the_standard_does_not_list_names_nothing(label):
    assert codec_of_label(label) is None


def test_all_228_labels_of_the_standard_are_there():
    assert len(_CODECS) == 228


def test_python_has_every_codec_under_the_name_that_is_given():
    assert web_codecs.decode(b"\xff", "x-user-defined") == "\uf7ff"  # it has that one from us
    names = set(_CODECS.values()) - {"replacement", "x-user-defined"}
    assert {codec: codecs.lookup(codec).name for codec in names} == {codec: codec for codec in names}


@pytest.mark.parametrize(
    ("codec", "name"), [("cp932", "shift_jis"), ("cp1252", "windows-1252"), ("utf-16-le", "utf-16le"), ("gbk", "gbk")]
)
def test_a_codec_has_the_name_that_browsers_know(codec, name):
    assert encoding_of_codec(codec) == name


def test_every_name_is_a_label_of_its_codec():
    assert all(codec_of_label(encoding_of_codec(codec)) == codec for codec in set(_CODECS.values()))
