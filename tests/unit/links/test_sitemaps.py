"""From a sitemap's bytes to what it lists."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.sitemaps import MAX_BYTES, MAX_ENTRIES, SitemapEntry, parse_sitemap
from backlink_crawler.model import PageKind

if TYPE_CHECKING:
    from pathlib import Path

SITEMAP = "https://example.com/maps/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def parse(body: bytes | str) -> list[SitemapEntry]:
    return parse_sitemap(body.encode() if isinstance(body, str) else body, SITEMAP)


def urls(body: bytes | str) -> list[str]:
    return [entry.url for entry in parse(body)]


def page(url: str, lastmod: datetime | None = None) -> SitemapEntry:
    return SitemapEntry(url, PageKind.PAGE, lastmod)


def test_a_sitemap_lists_pages():
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
        <!-- made by hand -->
        <urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
          <url><loc> https://example.com/a?b=1&amp;c=2
          </loc><lastmod>2026-03-01</lastmod><priority>0.5</priority></url>
          <url><image:image><image:loc>https://example.com/i.png</image:loc></image:image>
          <loc>https://example.com/%C3%BC</loc></url>
          <url><loc><![CDATA[https://other.example/]]></loc></url>
        </urlset>"""
    assert parse(body) == [
        page("https://example.com/a?b=1&c=2", datetime(2026, 3, 1, tzinfo=UTC)),
        page("https://example.com/%C3%BC"),
        page("https://other.example/"),
    ]


def test_an_index_lists_further_sitemaps():
    body = f"""<sitemapindex {NAMESPACE}>
          <sitemap><loc>https://example.com/one.xml.gz</loc><lastmod>2026-03-01T10:00:00Z</lastmod></sitemap>
          <sitemap><loc>https://example.com/two.xml</loc></sitemap></sitemapindex>"""
    assert parse(body) == [
        SitemapEntry("https://example.com/one.xml.gz", PageKind.SITEMAP, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        SitemapEntry("https://example.com/two.xml", PageKind.SITEMAP, None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<urlset><url><loc>https://example.com/a</loc></url></urlset>",
        "<URLSET><URL><LOC>https://example.com/a</LOC></URL></URLSET>",
        "<x:urlset xmlns:x='urn:x'><x:url><x:loc>https://example.com/a</x:loc></x:url></x:urlset>",
        "\ufeff<urlset><url><loc>https://example.com/a</loc></url></urlset>",
        " \n\r\t<urlset><url><loc>https://example.com/a</loc></url></urlset>",
        "<url><loc>https://example.com/a</loc></url>",
        "<!-- before --><url><loc>https://example.com/a</loc></url>",
        "<?pi?><urlset><?pi?><!-- c --><url><!-- c --><loc>https://example.com/a</loc></url><!-- c --></urlset>",
        "<urlset><url><loc>/a</loc></url></urlset>",
        "<urlset><url><loc>../a</loc></url></urlset>",
        "<urlset><url><loc>https://example.com/wrong</loc><loc>https://example.com/a</loc></url></urlset>",
        "<urlset><url><x><loc>https://example.com/wrong</loc></x><loc>https://example.com/a</loc></url></urlset>",
        "<urlset><loc>https://example.com/wrong</loc><url><loc>https://example.com/a</loc></url></urlset>",
        "<urlset><url><loc>https://exa<!-- c -->mple.com/a</loc></url></urlset>",
        f"<urlset>{' ' * 70_000}<url><loc>https://example.com/a</loc></url>{'<x/>' * 40_000}</urlset>",
    ],
)
def test_namespace_case_and_what_stands_around_do_not_matter(body):
    assert urls(body) == ["https://example.com/a"]


def test_a_gzipped_sitemap_is_decompressed():
    body = gzip.compress(b"<urlset><url><loc>https://example.com/a</loc></url></urlset>", mtime=0)
    assert urls(body) == ["https://example.com/a"]
    assert urls(gzip.compress(b"https://example.com/b\n", mtime=0)) == ["https://example.com/b"]


@pytest.mark.parametrize(
    "body", [b"\x1f\x8b", b"\x1f\x8bnonsense", gzip.compress(b"https://example.com/" * 99, mtime=0)[:-20]]
)
def test_a_broken_gzip_lists_nothing(body):
    assert parse(body) == []


def test_a_text_sitemap_lists_one_url_a_line():
    body = "\ufeffhttps://example.com/a\r\n\r\n  http://example.com/b  \n/c\nftp://example.com/d\nwords\nhttps://example.com/ä"
    assert parse(body) == [
        page("https://example.com/a"),
        page("http://example.com/b"),
        page("https://example.com/%C3%A4"),
    ]


@pytest.mark.parametrize(
    ("text", "lastmod"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        (" 2026-03-04\n", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T05:06Z", datetime(2026, 3, 4, 5, 6, tzinfo=UTC)),
        ("2026-03-04T05:06:07Z", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07+02:00", datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-03-04T05:06:07.89-05:30", datetime(2026, 3, 4, 5, 6, 7, 890_000, timezone(-timedelta(hours=5.5)))),
        ("2026-03-04T05:06:07", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04 05:06:07", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-13", None),
        ("2026-02-30", None),
        ("0000", None),
        ("yesterday", None),
        ("last", None),
        ("04.03.2026", None),
        ("Wed, 04 Mar 2026 05:06:07 GMT", None),
        ("", None),
    ],
)
def test_lastmod_is_a_w3c_datetime_in_utc_unless_it_says_otherwise(text, lastmod):
    body = f"<urlset><url><loc>https://example.com/</loc><lastmod>{text}</lastmod></url></urlset>"
    assert parse(body) == [page("https://example.com/", lastmod)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<urlset><url><loc>https://example.com/a</loc></url><url><loc>https://exa", ["https://example.com/a"]),
        (
            "<urlset><url><loc>https://example.com/a</loc></url><url><loc>https://example.com/?b&c</loc></url></urlset>",
            ["https://example.com/a", "https://example.com/?b&c"],
        ),
        (
            "<urlset><url><loc></loc></url><url></url><url><loc>https://example.com/a</loc></url></urlset>",
            ["https://example.com/a"],
        ),
        ("<urlset><url><loc>mailto:a@b.c</loc></url><url><loc>https://</loc></url></urlset>", []),
        ("<html><body><a href='https://example.com/'>a</a></body></html>", []),
        (
            "<?xml version='1.0' encoding='nonsense'?><urlset><url><loc>https://example.com/a</loc></url></urlset>",
            ["https://example.com/a"],
        ),
        ("<", []),
        ("<>", []),
        ("<!DOCTYPE", []),
        ("", []),
        ("\x00\x01", []),
    ],
)
def test_of_a_broken_sitemap_what_can_be_read_is_listed(body, expected):
    assert urls(body) == expected


@pytest.mark.parametrize(
    ("loc", "url"),
    [
        ("https://example.com/?a=1&b=2&c", "https://example.com/?a=1&b=2&c"),
        ("https://example.com/?a=1&amp;b=2&copy=3", "https://example.com/?a=1&b=2&copy=3"),
        ("https://example.com/?a=&#50;&#x26;b", "https://example.com/?a=2&b"),
        ("<![CDATA[https://example.com/?a=1&b=2&amp;c]]>", "https://example.com/?a=1&b=2&amp;c"),
        ("<![CDATA[https://example.com/]]>?a=1&b=2", "https://example.com/?a=1&b=2"),
    ],
)
def test_an_ampersand_that_nobody_escaped_is_one(loc, url):
    assert urls(f"<urlset><url><loc>{loc}</loc></url></urlset>") == [url]


def test_bytes_that_are_not_utf_8_break_one_entry_at_most():
    body = b"<urlset><url><loc>https://example.com/a</loc></url><url><loc>https://example.com/\xff</loc></url></urlset>"
    assert urls(body)[0] == "https://example.com/a"


def test_no_more_entries_than_the_protocol_allows():
    entry = "<url><loc>https://example.com/</loc></url>"
    assert len(parse(f"<urlset>{entry * (MAX_ENTRIES + 10)}</urlset>")) == MAX_ENTRIES == 50_000
    assert len(parse("https://example.com/\n" * 50_010)) == 50_000


# A sitemap is data from a stranger


def test_an_external_entity_is_not_read(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("https://example.com/secret")
    body = f"""<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}">]>
        <urlset><url><loc>&x;</loc></url><url><loc>https://example.com/a&x;</loc></url></urlset>"""
    assert [url for url in urls(body) if "secret" in url] == []


def test_an_external_dtd_is_not_read(tmp_path: Path):
    dtd = tmp_path / "x.dtd"
    dtd.write_text('<!ENTITY x "https://example.com/secret">')
    body = f"""<!DOCTYPE urlset SYSTEM "{dtd.as_uri()}"><urlset><url><loc>&x;</loc></url></urlset>"""
    assert [url for url in urls(body) if "secret" in url] == []


def test_an_internal_entity_is_not_resolved():
    body = """<!DOCTYPE urlset [<!ENTITY x "https://example.com/secret">]><urlset><url><loc>&x;</loc></url></urlset>"""
    assert urls(body) == ["https://example.com/maps/&x;"]


def test_a_billion_laughs_cost_nothing():
    entities = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
    body = f"<!DOCTYPE urlset [<!ENTITY x0 'ha'>{entities}]><urlset><url><loc>https://example.com/&x9;</loc></url></urlset>"
    start = time.process_time()
    parse(body)
    assert time.process_time() - start < 1


# In a process of its own that may have 400 MB of address space, 150 of which the interpreter takes. 30 MB are 150 kB, compressed.
_BOMB = """
import gzip, resource, sys, time
from backlink_crawler.links.sitemaps import parse_sitemap
bomb = gzip.compress(sys.argv[1].encode() + sys.argv[2].encode() * (30_000_000 // len(sys.argv[2])), compresslevel=1)
resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20, 400 * 2**20))
start = time.process_time()
found = [entry.url for entry in parse_sitemap(bomb, "https://example.com/")]
assert found == ["https://example.com/a"], found
assert time.process_time() - start < 20
"""


@pytest.mark.parametrize(
    ("head", "filling"),
    [
        ("https://example.com/a\n", "\n"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<a/>"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<!---->"),
    ],
)
def test_a_gzip_bomb_costs_little_time_and_memory(head, filling):
    subprocess.run([sys.executable, "-c", _BOMB, head, filling], check=True, timeout=60)


def test_no_more_is_decompressed_than_the_protocol_allows():
    bomb = gzip.compress(b" " * MAX_BYTES + b"\nhttps://example.com/a", compresslevel=1, mtime=0)
    assert MAX_BYTES == 50 * 1024 * 1024
    assert urls(bomb) == []


_PIECES = st.sampled_from(
    "<urlset> </urlset> <url> </url> <loc> </loc> https://example.com/ <lastmod> 2026 <sitemap> <!--x--> <?pi?> &x; "
    "<!DOCTYPE a [<!ENTITY x 'y'>]> <![CDATA[ ]]> \x00 \ufeff".split(),
)


@given(st.binary() | st.lists(_PIECES | st.text(max_size=5), max_size=20).map(lambda pieces: "".join(pieces).encode()))
def test_no_bytes_make_it_fail(body):
    for entry in parse(body):
        assert entry.url.startswith(("http://", "https://"))
    parse(b"\x1f\x8b" + body)
    parse(gzip.compress(body, mtime=0))
