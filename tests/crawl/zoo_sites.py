"""Animals that sit at a site's door: its robots.txt, its sitemaps; and those behind which pages never end."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING

from backlink_crawler.model import Outcome
from tests.crawl.zoo import HONEST, House, Reset, answer, endless

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = House()
TRAPS = House()
MEGABYTE = 1_000_000
ROBOTS = "/robots.txt"
CLOSED = b"User-agent: *\nDisallow: /it\n"
GONE = (Outcome.GONE, "")  # what an honest server says where nothing is kept
DISALLOWED = (Outcome.ROBOTS_FORBIDDEN, "disallowed")
MAP = "/sitemap.xml"
FOUND = HONEST | {"/it": GONE, "/found": GONE}
NOTHING_FOUND = HONEST | {"/it": GONE}


def text(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return answer(body, *headers, status=status, media_type="text/plain")


def xml(body: bytes, *headers: str) -> bytes:
    return answer(body, *headers, media_type="application/xml")


# --- robots.txt -----------------------------------------------------------------------------------------------------------
@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_50_megabytes() -> Iterator[bytes]:
    yield text(CLOSED, "Content-Length: 50000000")
    for _ in range(50):
        yield b"# comment\n" * (MEGABYTE // 10)


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_without_end() -> Iterator[bytes]:
    yield endless(media_type="text/plain") + CLOSED
    while True:
        yield b"# comment\n" * 10_000


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_compressed_a_thousandfold() -> bytes:
    return text(gzip.compress(CLOSED + b"# comment\n" * 900_000), "Content-Encoding: gzip")


@SITES.animal(Outcome.TOO_LARGE, "decompressed", path=ROBOTS, visit="/", others={})
def robots_that_are_a_bomb() -> bytes:
    return text(gzip.compress(CLOSED + b"# comment\n" * 5 * MEGABYTE), "Content-Encoding: gzip")


@SITES.animal(Outcome.TIMEOUT, path=ROBOTS, visit="/", others={})
def robots_of_one_byte_a_second() -> Iterator[bytes]:
    yield text(b"", "Content-Length: 60")
    for _ in range(60):
        yield b"#"
        time.sleep(1)


@SITES.animal(Outcome.TIMEOUT, path=ROBOTS, visit="/", others={})
def robots_that_say_nothing() -> Iterator[bytes]:
    time.sleep(60)
    yield b""


@SITES.animal(*GONE, path=ROBOTS, visit="/it")
def robots_of_html() -> bytes:
    return answer(b"<html><body>Disallow: everything<br>\nUser-agent: *<br>\nDisallow: /</html>")


@SITES.animal(*GONE, path=ROBOTS, visit="/it")
def robots_that_lead_to_themselves() -> bytes:
    return answer(b"", f"Location: {ROBOTS}", status="302 Found")


@SITES.animal(*GONE, path=ROBOTS, visit="/it")
def robots_that_lead_to_a_file() -> bytes:
    return answer(b"", "Location: file:///etc/passwd", status="302 Found")


@SITES.animal(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable", path=ROBOTS, visit="/", others={})
def robots_of_status_500() -> bytes:
    return text(b"User-agent: *\nAllow: /\n", status="500 Error")


@SITES.animal(Outcome.ROBOTS_FORBIDDEN, "robots_unavailable", path=ROBOTS, visit="/", others={})
def robots_of_status_999() -> bytes:
    return text(b"User-agent: *\nAllow: /\n", status="999 Denied")


@SITES.animal(Outcome.CONNECTION_ERROR, "closed", path=ROBOTS, visit="/", others={})
def robots_that_reset() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    time.sleep(0.2)
    raise Reset


@SITES.animal(Outcome.INVALID_RESPONSE, "not_http", path=ROBOTS, visit="/", others={})
def robots_of_garbage() -> bytes:
    return bytes(range(256)) * 4


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_a_million_rules() -> bytes:
    return text(CLOSED + b"".join(b"Disallow: /x%x\n" % number for number in range(MEGABYTE)))


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_a_million_groups() -> bytes:
    return text(CLOSED + b"".join(b"User-agent: bot%x\nDisallow: /\n" % number for number in range(MEGABYTE // 10)))


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_wildcards_that_explode() -> bytes:
    rules = b"".join(b"Disallow: /" + b"*a" * length + b"*b$\n" for length in range(100, 600))
    return text(CLOSED + rules)


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_one_rule_of_stars() -> bytes:
    return text(CLOSED + b"Disallow: /" + b"*" * 400_000 + b"x$\n")


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_bytes_that_are_no_text() -> bytes:
    return text(b"\xef\xbb\xbf\xff\xfe\0" + bytes(range(128, 256)) + b"\n" + CLOSED.replace(b"\n", b"\r"))


@SITES.animal(*DISALLOWED, path=ROBOTS, visit="/it")
def robots_of_senseless_delays() -> bytes:
    return text(CLOSED + b"Crawl-delay: -5\nCrawl-delay: nan\nCrawl-delay: soon\nRequest-rate: 0/0\n")


# --- Sitemaps ---------------------------------------------------------------------------------------------------------------
@SITES.animal(Outcome.OK, path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_itself() -> bytes:
    return xml(b"<sitemapindex><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>")


@SITES.animal(Outcome.OK, path=MAP, others=FOUND | {"/&file;": GONE})
def a_sitemap_that_reads_files() -> bytes:
    head = b'<!DOCTYPE u [<!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY % more SYSTEM "file:///etc/passwd"> %more;]>'
    return xml(head + b"<urlset><url><loc>/found</loc></url><url><loc>&file;</loc></url></urlset>")


@SITES.animal(Outcome.OK, path=MAP, others=FOUND | {"/&net;": GONE})
def a_sitemap_that_asks_the_network() -> bytes:
    head = b'<!DOCTYPE u PUBLIC "x" "http://127.0.0.1:9/" [<!ENTITY net SYSTEM "http://127.0.0.1:9/"> ]>'
    return xml(head + b"<urlset><url><loc>/found</loc></url><url><loc>&net;</loc></url></urlset>")


@SITES.animal(Outcome.OK, path=MAP, others=FOUND)
def a_sitemap_of_a_billion_laughs() -> bytes:
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10))
    head = b'<!DOCTYPE u [<!ENTITY a0 "ha">' + laughs + b"]>"
    return xml(head + b"<urlset><url><loc>/found</loc></url><url><lastmod>&a9;</lastmod></url></urlset>")


@SITES.animal(Outcome.OK, "sitemap_unreadable", path=MAP, others=NOTHING_FOUND)
def a_sitemap_that_is_a_bomb() -> bytes:
    """Of 60 MB without a tag one is read."""
    spaces = gzip.compress(b" " * MEGABYTE)
    return xml(gzip.compress(b"<urlset>") + spaces * 60 + gzip.compress(b"<url><loc>/found</loc></url></urlset>"))


@SITES.animal(Outcome.TOO_LARGE, path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_ten_million_urls() -> Iterator[bytes]:
    yield xml(b"<urlset>", "Content-Length: 260000000")
    for number in range(10_000):
        yield b"<url><loc>/%x</loc></url>" % number * 1_000


@SITES.animal(Outcome.OK, "sitemap_cut", path=MAP, others=FOUND)
def a_sitemap_of_a_million_elements() -> bytes:
    return xml(b"<urlset><url><loc>/found</loc></url>" + b"<x/>" * (MEGABYTE + 200_000))


@SITES.animal(Outcome.OK, "sitemap_cut", path=MAP, others=FOUND)
def a_sitemap_of_nested_elements() -> bytes:
    return xml(b"<urlset><url><loc>/found</loc></url>" + b"<url>" * (MEGABYTE // 2))


@SITES.animal(Outcome.OK, path=MAP, others=FOUND)
def a_sitemap_of_bad_xml() -> bytes:
    return xml(b"<urlset><url><loc>/found</loc></url></b>&\0<<>><url")


@SITES.animal(Outcome.OK, path=MAP, others=FOUND)
def a_sitemap_in_an_encoding_that_nobody_knows() -> bytes:
    return xml(b"<?xml version='1.0' encoding='klingon'?><urlset><url><loc>/found</loc></url></urlset>")


@SITES.animal(Outcome.OK, path=MAP, others=FOUND)
def a_sitemap_of_impossible_dates() -> bytes:
    dates = ("0000-00-00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2027-02-30", "99999-01-01", "é")
    entries = "".join(f"<url><loc>/found</loc><lastmod>{date}</lastmod></url>" for date in dates)
    return xml(f"<urlset>{entries}</urlset>".encode())


@SITES.animal(Outcome.OK, "sitemap_unreadable", path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_html() -> bytes:
    return answer(b"<html><a href=/found>x</a><p>")


@SITES.animal(Outcome.OK, path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_other_schemes() -> bytes:
    urls = ("file:///etc/passwd", "ftp://x/", "javascript:1", "http://other.example/", "http://[::g]/", "x" * 100_000)
    return xml(b"<urlset>" + b"".join(b"<url><loc>%s</loc></url>" % url.encode() for url in urls) + b"</urlset>")


@SITES.animal(Outcome.OK, "sitemap_cut", path=MAP, others=FOUND)
def a_sitemap_cut_off_in_its_gzip() -> bytes:
    return xml(gzip.compress(b"<urlset><url><loc>/found</loc></url></urlset>")[:-12])


@SITES.animal(Outcome.OK, "sitemap_unreadable", path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_a_million_gzip_members() -> bytes:
    return xml(gzip.compress(b"") * MEGABYTE)


@SITES.animal(Outcome.OK, "sitemap_unreadable", path=MAP, others=NOTHING_FOUND)
def a_sitemap_that_is_gzip_of_gzip_of_gzip() -> bytes:
    return xml(gzip.compress(gzip.compress(gzip.compress(b"<urlset><url><loc>/found</loc></url></urlset>"))))


@SITES.animal(Outcome.OK, "sitemap_empty", path=MAP, others=NOTHING_FOUND)
def a_sitemap_of_a_million_entities() -> bytes:
    entities = b"".join(b"<!ENTITY a%d 'b'>" % number for number in range(MEGABYTE))
    return xml(b"<!DOCTYPE urlset [" + entities + b"]><urlset/>")


# --- Traps ----------------------------------------------------------------------------------------------------------------
@TRAPS.animal(Outcome.OK)
def a_calendar(query: str) -> bytes:
    day = int(query or 0)
    return answer(f"<a href=?{day + 1}>tomorrow</a> <a href=?{day - 1}>yesterday</a>".encode())


@TRAPS.animal(Outcome.OK)
def a_session_on_every_link(query: str) -> bytes:
    number = int(query.partition("sid=")[2] or 0)
    return answer(b"".join(b"<a href=/it?sid=%d>x</a>" % (10 * number + each) for each in range(1, 10)))


@TRAPS.animal(Outcome.OK)
def filters_in_every_combination(query: str) -> bytes:
    return answer(
        "".join(f"<a href='?{query}&{name}=1'>x</a>" for name in "abcdef" if f"{name}=" not in query).encode()
    )


@TRAPS.animal(Outcome.OK)
def a_link_that_is_never_the_same() -> bytes:
    return answer(b"<a href=/it?%d>x</a>" % time.monotonic_ns())


@TRAPS.animal(Outcome.REDIRECT)
def redirects_that_lead_to_the_next(query: str) -> bytes:
    return answer(b"", f"Location: /it?{int(query or 0) + 1}", status="302 Found")
