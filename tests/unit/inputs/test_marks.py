"""Domains and pages to be marked, as people write them."""

from __future__ import annotations

import pytest

from backlink_crawler.errors import InvalidInput
from backlink_crawler.inputs.marks import Mark, parse_marks, parse_subject, twin_pages
from backlink_crawler.urls.normalise import Normaliser

NORMALISE = Normaliser(("utm_*",))


@pytest.mark.parametrize(
    ("text", "domain", "url"),
    [
        ("example.com", "example.com", None),
        (" Example.COM ", "example.com", None),
        ("www.example.com", "example.com", None),
        ("example.com/", "example.com", None),
        ("*.example.com", "example.com", None),
        ("domain:example.com", "example.com", None),
        ("blog.github.io", "blog.github.io", None),
        ("röstwerk.de", "xn--rstwerk-90a.de", None),
        ("192.0.2.7", "192.0.2.7", None),
        ("https://example.com/", "example.com", "https://example.com/"),
        ("https://blog.example.com/a?utm_source=x#top", "example.com", "https://blog.example.com/a"),
        ("example.com/a", "example.com", "https://example.com/a"),
    ],
)
def test_a_domain_or_a_page_is_marked(text: str, domain: str, url: str | None) -> None:
    subject = parse_subject(text, NORMALISE)
    assert (subject.domain, subject.url and subject.url.text) == (domain, url)
    assert str(subject) == (url or domain)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("blog.example.com", "blog.example.com is a host of example.com, and only domains and pages can be marked"),
        ("https://example.com/blog/*", "is a part of a site; mark its domain, or its pages one by one"),
        ("https://example.com/*", "is a part of a site"),
        ("hub", "is neither a domain"),
        ("mailto:me@example.com", "name or password"),
        ("", "is not a valid address"),
    ],
)
def test_what_can_not_be_marked_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_subject(text, NORMALISE)


def test_a_page_has_twins_and_a_domain_none() -> None:
    assert [str(twin) for twin in twin_pages(parse_subject("https://a.test/x", NORMALISE))] == [
        "https://a.test/x/",
        "http://a.test/x",
        "http://a.test/x/",
    ]
    assert twin_pages(parse_subject("a.test", NORMALISE)) == []


def test_a_table_says_more_of_each_line() -> None:
    lines = [
        "Domain;url;Mark;mark_note;marked_by;marked_at",
        'a.test;;won;"they, and we";Ann;2026-01-31',
        "b.test;https://b.test/x;;;;",
        "c.test;;toxic",
        "d.test;;won;;;;;",
    ]
    parsed = parse_marks(lines, NORMALISE)
    assert [(line.line, str(line.subject), line.mark, line.note, line.marked_by) for line in parsed.lines] == [
        (2, "a.test", Mark.WON, "they, and we", "Ann"),
        (3, "https://b.test/x", None, None, None),
    ]
    assert parsed.problems == [
        "line 4: 'toxic' is no mark; the marks are contacted, won, declined, ignore and disavow.",
        "line 5: 8 values for 6 columns.",
    ]


def test_a_list_has_an_address_a_line_whatever_is_in_it() -> None:
    parsed = parse_marks(["# mine", "", "domain", "a.test", "https://b.test/x,y;z"], NORMALISE)
    assert [str(line.subject) for line in parsed.lines] == ["a.test", "https://b.test/x,y;z"]
    assert parsed.problems == []


def test_a_list_of_ours_is_read_as_it_was_meant():
    """A quote before what a spreadsheet takes for a formula is none of the note; another is."""
    rows = "domain,mark,note\na.test,won,'=not now\nb.test,won,'tis done\n"
    assert [line.note for line in parse_marks(rows.splitlines(), NORMALISE).lines] == ["=not now", "'tis done"]
