"""Disavow files, as they are found: what each line means, and what is wrong with it."""

from __future__ import annotations

import codecs

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.disavow import overlaps, parse_disavow
from backlink_crawler.urls.normalise import Normaliser

NORMALISE = Normaliser(("utm_*",))
FILE = b"""# two pages
https://spam.test/a

http://spam.test/b?x=1
  # and a domain
domain:Worse.test
domain:blog.mixed.test
domain:blogspot.com
"""
MEANT = [
    (2, "spam.test", "spam.test", "https://spam.test/a", False),
    (4, "spam.test", "spam.test", "http://spam.test/b?x=1", False),
    (6, "worse.test", "worse.test", None, False),
    (7, "blog.mixed.test", "mixed.test", None, False),
    (8, "blogspot.com", "blogspot.com", None, True),
]


@pytest.mark.parametrize(
    "body",
    [
        FILE,
        codecs.BOM_UTF8 + FILE,
        FILE.replace(b"\n", b"\r\n"),
        FILE.replace(b"\n", b"\r"),
        codecs.BOM_UTF8 + FILE.replace(b"\n", b"\r\n").rstrip(),
    ],
)
def test_lines_are_read_whatever_their_ends_and_with_a_byte_order_mark(body: bytes) -> None:
    parsed = parse_disavow(body, NORMALISE)
    assert parsed.problems == []
    found = [(each.number, each.host, each.domain, each.url and each.url.text, each.is_suffix) for each in parsed.lines]
    assert found == MEANT
    assert {each.problem for each in parsed.lines} == {""}


def test_a_file_in_utf_16_is_read_and_refused() -> None:
    parsed = parse_disavow(codecs.BOM_UTF16_LE + FILE.decode().encode("utf-16-le"), NORMALISE)
    assert parsed.problems == ["it is UTF-16; only UTF-8 is taken: save it as UTF-8."]
    assert [each.number for each in parsed.lines] == [2, 4, 6, 7, 8]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("domain:", "there is no domain after domain:."),
        ("domain: spam.test", "there is a space after domain:; write domain:spam.test."),
        (
            "domain:https://www.spam.test/",
            "domain: takes a domain or host alone, and covers all below it; write domain:www.spam.test.",
        ),
        (
            "domain:*.spam.test",
            "domain: takes a domain or host alone, and covers all below it; write domain:spam.test.",
        ),
        ("domain:.spam.test", "domain: takes a domain or host alone, and covers all below it; write domain:spam.test."),
        ("domain:spam.test:8080", "it has a port, which domain: does not take; write domain:spam.test."),
        ("domain:spam.test # bought", "there is a comment behind it; comments stand on lines of their own."),
        ("domain:a.test b.test", "there is a space in it; write one URL or domain a line."),
        ("domain:spam", "'spam' is neither a domain (example.com) nor a URL (https://example.com/blog/)."),
        ("spam.test", "write domain:spam.test for all of it, or the URL of a page with https://."),
        ("spam.test/a", "write the whole URL, https://spam.test/a."),
        ("https://spam.test/a*", "a URL means that page alone, and * no others; name its domain, or page by page."),
        ("https://spam.test/a,", "there is a , at its end."),
        ("https://spam.test/a b", "there is a space in it; write one URL or domain a line."),
        ("ftp://spam.test/a", "only pages at http:// and https:// can be disavowed."),
        (f"https://spam.test/{'x' * 2031}", "it has 2,049 characters; a URL may have 2,048."),
        ("what is this?", "'what is this?' is neither a URL nor domain: and a domain."),
        ("\x1b[2J", "'\\x1b[2J' is neither a URL nor domain: and a domain."),
    ],
)
def test_what_is_wrong_with_a_line_is_said_with_its_number(line: str, problem: str) -> None:
    parsed = parse_disavow(f"# first\n{line}\ndomain:good.test\n".encode(), NORMALISE)
    assert [(each.number, each.problem) for each in parsed.lines] == [(2, problem), (3, "")]


def test_a_line_that_is_not_utf_8_is_wrong_and_the_others_are_read() -> None:
    parsed = parse_disavow(b"domain:r\xf6st.test\ndomain:good.test\n", NORMALISE)
    assert [(each.number, each.problem) for each in parsed.lines] == [
        (1, "it is not UTF-8: save the file as UTF-8."),
        (2, ""),
    ]


def test_the_longest_url_and_the_largest_file_are_taken_and_no_larger() -> None:
    assert parse_disavow(f"https://spam.test/{'x' * 2030}".encode(), NORMALISE).lines[0].problem == ""
    assert parse_disavow(b"#\n" * 100_000, NORMALISE).problems == []
    assert parse_disavow(b"#\n" * 100_001, NORMALISE).problems == [
        "it has 100,001 lines, comments included; 100,000 are taken at most."
    ]
    assert parse_disavow(b"#" * 2_000_000, NORMALISE).problems == []
    assert parse_disavow(b"#" * 2_000_001, NORMALISE).problems == [
        "it has 2,000,001 bytes; 2 MB (2,000,000 bytes) are taken at most."
    ]


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="it is a binary file"):
        parse_disavow(b"PK\x03\x04\x00", NORMALISE)


def test_lines_that_others_say_or_cover_are_found() -> None:
    file = """domain:blog.a.test
https://www.a.test/1
https://www.a.test/1?utm_source=x
https://b.test/1
domain:a.test
DOMAIN:A.test
https://a.test/2
spam
domain:10.0.0.1
https://10.0.0.1/x
domain:0.0.1
"""
    parsed = parse_disavow(file.encode(), NORMALISE)
    found = {number: (overlap.by, overlap.is_same) for number, overlap in overlaps(parsed.lines).items()}
    assert found == {1: (5, False), 2: (5, False), 3: (2, True), 6: (5, True), 7: (5, False), 10: (9, False)}
