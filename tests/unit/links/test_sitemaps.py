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

from backlink_crawler.links.sitemaps import MAX_BYTES, MAX_ENTRIES, Sitemap, SitemapEntry, parse_sitemap
from backlink_crawler.model import PageKind

if TYPE_CHECKING:
    from pathlib import Path

SITEMAP = "https://example.com/maps/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(body: bytes | str) -> Sitemap:
    return parse_sitemap(body.encode() if isinstance(body, str) else body, SITEMAP)


def parse(body: bytes | str) -> list[SitemapEntry]:
    return sitemap(body).entries


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
        ("Wed, 04 Mar 2026 05:06:07 GMT", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("4 Mar 26 05:06 +0200", datetime(2026, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))),
        ("Wed, 04 Mar 99999999999 05:06:07 GMT", None),
        ("", None),
    ],
)
def test_a_date_is_one_of_w3c_or_of_mails_in_utc_unless_it_says_otherwise(text, lastmod):
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


def test_no_more_entries_than_the_protocol_allows_and_the_rest_is_counted():
    locations = [f"https://example.com/{number}" for number in range(MAX_ENTRIES + 10)]
    listed = sitemap(f"<urlset>{''.join(f'<url><loc>{each}</loc></url>' for each in locations)}</urlset>")
    assert MAX_ENTRIES == 50_000
    assert (len(listed.entries), listed.omitted, listed.reason) == (50_000, 10, "sitemap_cut")
    listed = sitemap("\n".join(locations))
    assert (len(listed.entries), listed.omitted, listed.reason) == (50_000, 10, "sitemap_cut")
    listed = sitemap("\n".join(locations[:MAX_ENTRIES]))
    assert (len(listed.entries), listed.omitted, listed.reason) == (50_000, 0, "")


def test_a_url_is_listed_once():
    body = "<urlset>" + "<url><loc>https://example.com/a</loc></url>" * 3 + "</urlset>"
    assert urls(body) == ["https://example.com/a"]


# Further forms of the protocol

ATOM = "http://www.w3.org/2005/Atom"
XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def test_further_languages_of_a_page_are_pages_and_come_last():
    body = f"""<urlset {NAMESPACE} {XHTML}>
      <url><loc>https://example.com/en</loc>
        <xhtml:link rel="alternate" hreflang="en" href="https://example.com/en"/>
        <xhtml:link rel="alternate" hreflang="de" href="https://example.com/de?a&amp;b"/>
        <xhtml:link rel="alternate" media="only screen and (max-width: 640px)" href="https://m.example.com/en"/>
        <xhtml:link rel="amphtml" href="https://example.com/amp"/>
        <xhtml:link rel="alternate" href="mailto:a@example.com"/></url>
      <url><loc>https://example.com/fr</loc>
        <xhtml:link rel="alternate" hreflang="de" href="/de?a&amp;b"/></url></urlset>"""
    assert parse(body) == [
        page("https://example.com/en"),
        page("https://example.com/fr"),
        page("https://example.com/de?a&b"),
        page("https://m.example.com/en"),
    ]


def test_so_many_languages_that_are_not_listed_themselves():
    languages = [f'<xhtml:link rel="alternate" hreflang="de" href="/de/{number}"/>' for number in range(1_010)]
    listed = sitemap(
        f"<urlset {XHTML}><url><loc>/1</loc>{''.join(languages)}</url><url><loc>/de/5</loc></url></urlset>"
    )
    assert (len(listed.entries), listed.omitted, listed.reason) == (1_002, 9, "")


def test_a_prefix_that_nobody_declared_is_read_all_the_same():
    body = """<urlset><url><loc>https://example.com/en</loc>
      <image:image><image:loc>https://example.com/i.png</image:loc></image:image>
      <xhtml:link rel="alternate" hreflang="de" href="https://example.com/de"/></url></urlset>"""
    assert urls(body) == ["https://example.com/en", "https://example.com/de"]


@pytest.mark.parametrize("prefix", ["image", "video", "news"])
def test_what_a_page_shows_is_no_page(prefix):
    body = f"""<urlset {NAMESPACE} xmlns:{prefix}="http://www.google.com/schemas/sitemap-{prefix}/1.1"><url>
      <{prefix}:loc>https://example.com/wrong</{prefix}:loc><loc>https://example.com/a</loc>
      <{prefix}:{prefix}><{prefix}:loc>https://example.com/wrong</{prefix}:loc></{prefix}:{prefix}>
      <{prefix}:loc>https://example.com/wrong</{prefix}:loc></url></urlset>"""
    assert urls(body) == ["https://example.com/a"]


RSS_2 = """<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>B</title><link>https://example.com/</link>
<atom:link rel="self" href="https://example.com/feed"/><image><link>https://example.com/image</link></image>
<item><link>https://example.com/1</link><comments>https://example.com/1#comments</comments>
  <pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item>
<item><guid isPermaLink="true">https://example.com/wrong</guid><link>https://example.com/2</link></item>
<item><guid>https://example.com/3</guid></item>
<item><guid isPermaLink="false">https://example.com/wrong</guid></item>
<item><title>without</title></item></channel></rss>"""


def test_rss_lists_its_items():
    assert parse(RSS_2) == [
        page("https://example.com/1", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        page("https://example.com/2"),
        page("https://example.com/3"),
    ]


def test_rss_0_91_has_a_document_type():
    body = """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
      "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><link>https://example.com/</link>
      <item><title>&eacute;</title><link>https://example.com/1</link></item></channel></rss>"""
    assert urls(body) == ["https://example.com/1"]


def test_rss_1_0_is_rdf():
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.com/feed">
      <link>https://example.com/</link><items><rdf:Seq><rdf:li resource="https://example.com/1"/></rdf:Seq></items></channel>
      <item rdf:about="https://example.com/1"><link>https://example.com/1</link><dc:date>2026-03-01</dc:date></item></rdf:RDF>"""
    assert parse(body) == [page("https://example.com/1", datetime(2026, 3, 1, tzinfo=UTC))]


def test_atom_lists_its_entries():
    body = f"""<feed xmlns="{ATOM}" xml:base="https://example.com/blog/"><title>B</title><link href="https://example.com/"/>
      <entry><link rel="alternate" type="text/html" href="1"/><link rel="edit" href="/wrong"/>
        <updated>2026-11-02T10:00:00Z</updated><published>2026-11-01T10:00:00Z</published></entry>
      <entry xml:base="archive/"><link href="2"/><link rel="enclosure" type="audio/mpeg" href="wrong.mp3"/></entry>
      <entry><link href="3" xml:base="/other/"/><link rel="alternate" type="application/json" href="wrong"/>
        <source><link href="https://elsewhere.example/"/></source></entry>
      <entry><link rel="alternate" hreflang="en" href="/en"/><link rel="alternate" hreflang="de" href="/de"/></entry>
      <entry><id>https://example.com/wrong</id></entry></feed>"""
    assert parse(body) == [
        page("https://example.com/blog/1", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        page("https://example.com/blog/archive/2"),
        page("https://example.com/other/3"),
        page("https://example.com/en"),
        page("https://example.com/de"),
    ]


def test_atom_0_3_too():
    body = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry>
      <link rel="alternate" type="text/html" href="https://example.com/1"/><modified>2026-11-02T10:00:00Z</modified></entry></feed>"""
    assert parse(body) == [page("https://example.com/1", datetime(2026, 11, 2, 10, tzinfo=UTC))]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "shift_jis", "iso-8859-5"]
)
def test_it_is_decoded_as_it_declares(encoding):
    label = "utf-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig")
    body = f"<?xml version='1.0' encoding='{label}'?><urlset><url><loc>https://example.com/жф</loc></url></urlset>"
    assert urls(body.encode(encoding)) == ["https://example.com/%D0%B6%D1%84"]


def test_utf_8_that_says_it_is_utf_16_is_utf_8():
    body = "<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>https://example.com/ü</loc></url></urlset>"
    assert urls(body) == ["https://example.com/%C3%BC"]


def test_what_is_compressed_twice_or_in_parts_is_decompressed():
    parts = [b"<urlset><url><loc>https://exam", b"ple.com/a</loc></url></urlset>"]
    body = b"".join(gzip.compress(part, mtime=0) for part in parts)
    assert urls(body) == ["https://example.com/a"]
    assert urls(gzip.compress(body, mtime=0) + bytes(20)) == ["https://example.com/a"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<urlset></urlset>", "sitemap_empty"),
        ("<?xml version='1.0'?>\n<sitemapindex/>", "sitemap_empty"),
        ("<rss version='2.0'><channel><item/></channel></rss>", "sitemap_empty"),
        (f"<feed xmlns='{ATOM}'/>", "sitemap_empty"),
        ("", "sitemap_empty"),
        (" \n", "sitemap_empty"),
        (gzip.compress(b"", mtime=0), "sitemap_empty"),
        ("<urlset><url><loc>mailto:a@b.c</loc></url></urlset>", "sitemap_empty"),
        ("<!doctype html><title>Not found</title>", "sitemap_unreadable"),
        ("<urlset", "sitemap_unreadable"),
        ("<urlset><url>", "sitemap_unreadable"),
        ('{"error": 404}', "sitemap_unreadable"),
        ("no URL in any line", "sitemap_unreadable"),
        (b"\x1f\x8bnonsense", "sitemap_unreadable"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "sitemap_cut"),
        (gzip.compress(b"https://example.com/a\nhttps://example.com/b", mtime=0)[:-9], "sitemap_cut"),
        ("<urlset><url><loc>https://example.com/a</loc></url></urlset>", ""),
        ("https://example.com/a", ""),
    ],
)
def test_one_that_lists_nothing_or_not_all_says_so(body, reason):
    assert sitemap(body).reason == reason


def test_its_size_is_what_was_read():
    assert sitemap("<urlset/>").size == 9
    assert sitemap(gzip.compress(b"<urlset/>", mtime=0)).size == 9


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
found = [entry.url for entry in parse_sitemap(bomb, "https://example.com/").entries]
assert found == ["https://example.com/a"], found
assert time.process_time() - start < 20
"""


@pytest.mark.parametrize(
    ("head", "filling"),
    [
        ("https://example.com/a\n", "\n"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<a/>"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<!---->"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "&"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", " a='b'"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<url>"),
        ("<urlset><url><loc>https://example.com/a</loc></url>", "<url/>"),
    ],
)
def test_a_gzip_bomb_costs_little_time_and_memory(head, filling):
    subprocess.run([sys.executable, "-c", _BOMB, head, filling], check=True, timeout=60)


def test_no_more_members_of_a_gzip_file_are_read_than_any_has():
    start = time.process_time()
    assert sitemap(gzip.compress(b"", mtime=0) * 1_000_000).reason == "sitemap_unreadable"
    assert time.process_time() - start < 2


def test_entities_are_not_kept():
    start = time.process_time()
    entities = "".join(f"<!ENTITY x{number} 'y'>" for number in range(500_000))
    assert urls(f"<!DOCTYPE urlset [{entities}]><urlset><url><loc>/a</loc></url></urlset>") == ["https://example.com/a"]
    assert time.process_time() - start < 2


def test_no_more_is_decompressed_than_the_protocol_allows():
    bomb = gzip.compress(b" " * MAX_BYTES + b"\nhttps://example.com/a", compresslevel=1, mtime=0)
    assert MAX_BYTES == 50 * 1024 * 1024
    assert urls(bomb) == []


_PIECES = st.sampled_from(
    "<urlset> </urlset> <url> </url> <rss> <item> </item> <link> </link> <guid> <feed xml:base='//x'> <entry> </entry> "
    "<link/rel='alternate'href='/x'/> <xhtml:link href='a'/> <pubDate> Mon, 0 Feb <loc> </loc> https://example.com/ <lastmod> 2026 <sitemap> <!--x--> <?pi?> &x; "
    "<!DOCTYPE a [<!ENTITY x 'y'>]> <![CDATA[ ]]> \x00 \ufeff".split(),
)


@given(st.binary() | st.lists(_PIECES | st.text(max_size=5), max_size=20).map(lambda pieces: "".join(pieces).encode()))
def test_no_bytes_make_it_fail(body):
    for entry in parse(body):
        assert entry.url.startswith(("http://", "https://"))
    parse(b"\x1f\x8b" + body)
    parse(gzip.compress(body, mtime=0))
