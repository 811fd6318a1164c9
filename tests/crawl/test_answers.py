"""Answers are taken as a browser takes them: what is a page, where it leads, and in which bytes that is said."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.crawl.small_web import Answer, SmallWeb
from tests.crawl.test_little_web import rows

if TYPE_CHECKING:
    import socket

    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler

PAGE = "<!DOCTYPE html><html><title>T</title><a href=http://target.test/{}>x</a>"
XHTML = (
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><script src="/menu.js"/></head>'
    '<body><a id="top"/><a href="http://target.test/{}">x</a></body></html>'
)
FEED = '<?xml version="1.0"?><rss version="2.0"><channel>' + "<item/>" * 100_000 + "</channel></rss>"
TYPES = {
    "html": ["text/html"],
    "no-semicolon": ["text/html charset=utf-8"],
    "joined": ["text/html,text/html; charset=utf-8"],
    "two-headers": ["text/html", "text/html; charset=utf-8"],
    "bare": ["html"],
    "star": ["*/*"],
    "unknown": ["application/unknown"],
    "missing": [],
}
NO_PAGES = {"plain": ["text/plain"], "octets": ["application/octet-stream"], "sniffed-words": ["html"]}


def sent(head: bytes, body: str, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 " + head + b"\r\nConnection: close\r\n\r\n" + body.encode())


def of_types(body: str, types: list[str]) -> partial[None]:
    head = "".join(f"\r\nContent-Type: {each}" for each in types)
    return partial(sent, f"200 OK\r\nContent-Length: {len(body)}{head}".encode(), body)


def crawled(crawler: Crawler, pages: dict[str, object]) -> SmallWeb:
    pages["site.test/"] = "".join(f"<a href='/{each.partition('/')[2]}'>" for each in pages)
    with SmallWeb(pages) as web:
        assert crawler.run("-a", crawler.seeds(web.url("site.test/")), "-a", "render=never")[0] == 0
    return web


def links(database: Database) -> list[str]:
    return [row[0] for row in rows(database, "SELECT url_to FROM backlinks ORDER BY url_to")]


def test_what_a_browser_shows_as_a_page_is_read_and_nothing_else(crawler: Crawler, database: Database) -> None:
    pages: dict[str, object] = {
        f"site.test/{name}": of_types(PAGE.format(name), types) for name, types in (TYPES | NO_PAGES).items()
    }
    pages["site.test/sniffed-words"] = of_types("words " * 1_000 + PAGE.format("words"), ["html"])
    pages["site.test/xhtml"] = of_types(XHTML.format("xhtml"), ["application/xhtml+xml"])
    pages["site.test/xml"] = of_types(XHTML.format("xml"), ["text/xml"])
    pages["site.test/sniffed-xml"] = of_types(XHTML.format("sniffed-xml"), [])
    pages["site.test/feed"] = of_types(FEED, ["application/xml"])
    crawled(crawler, pages)
    expected = [*TYPES, "xhtml", "xml", "sniffed-xml"]
    assert links(database) == sorted(f"http://target.test/{name}" for name in expected)
    not_read = rows(database, "SELECT url FROM crawled_pages WHERE outcome = 'not_html' ORDER BY url")
    assert [row[0].rpartition("/")[2] for row in not_read] == ["feed", "octets", "plain", "sniffed-words"]


def test_the_bytes_of_a_location_are_kept_and_its_credentials_are_not(crawler: Crawler, database: Database) -> None:
    moved = b"301 Moved\r\nContent-Length: 0\r\nLocation: "
    pages: dict[str, object] = {
        "site.test/utf-8": partial(sent, moved + b"/caf\xc3\xa9", ""),
        "site.test/latin-1": partial(sent, moved + b"/caf\xe9", ""),
        "site.test/other": partial(sent, moved + b"http://user:secret@other.test/caf\xf1", ""),
    }
    found = {"site.test/caf%C3%A9": PAGE.format("utf-8"), "site.test/caf%E9": PAGE.format("latin-1")}
    crawled(crawler, pages | found)
    assert links(database) == ["http://other.test/caf%F1", "http://target.test/latin-1", "http://target.test/utf-8"]


def test_a_refresh_header_leads_on(crawler: Crawler, database: Database) -> None:
    pages: dict[str, object] = {
        "site.test/here": Answer("<p>moved", headers={"Refresh": "0; url=/there"}),
        "site.test/away": Answer("<p>moved", headers={"Refresh": "5, http://other.test/"}),
        "site.test/again": Answer(PAGE.format("again"), headers={"Refresh": "30"}),
    }
    web = crawled(crawler, pages)
    assert "/there" in web.paths("site.test")
    assert rows(database, "SELECT url_to, link_type FROM backlinks ORDER BY url_to") == [
        ("http://other.test/", "redirect"),
        ("http://target.test/again", "text"),
    ]
