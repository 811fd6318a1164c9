"""What a page may load while it is rendered, and which browser renders it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from scrapy.http import Response

from backlink_crawler.crawl.render.browser import NoBrowser, find_browser
from backlink_crawler.crawl.render.job import Answer
from backlink_crawler.crawl.render.request_headers import headers_to_send
from backlink_crawler.crawl.render.resources import (
    MOST_REQUESTS,
    answer_headers,
    is_as_in_a_browser,
    may_read,
    page_answer,
    refusal,
)
from backlink_crawler.crawl.render.trackers import is_tracker

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "https://www.example.com/"


@pytest.mark.parametrize(
    ("kind", "method", "url", "refused"),
    [
        ("script", "GET", "https://cdn.example.net/app.js", None),
        ("stylesheet", "GET", "https://www.example.com/a.css", None),
        ("fetch", "GET", "https://api.example.com/links", None),
        ("xhr", "GET", "http://api.example.com/links", None),
        *(
            (kind, "GET", PAGE, f"refused_{kind}")
            for kind in ("image", "media", "font", "eventsource", "ping", "other")
        ),
        ("websocket", "GET", "wss://www.example.com/", "refused_websocket"),
        ("fetch", "POST", "https://api.example.com/graphql", "refused_method"),
        ("xhr", "DELETE", "https://api.example.com/1", "refused_method"),
        ("script", "GET", "file:///etc/passwd", "refused_scheme"),
        ("script", "GET", "https://www.googletagmanager.com/gtag/js", "refused_tracker"),
    ],
)
def test_what_a_page_may_load(kind: str, method: str, url: str, refused: str | None) -> None:
    assert refusal(kind, method, url, PAGE, 0) == refused


def test_a_page_may_load_so_many_things() -> None:
    assert refusal("script", "GET", PAGE, PAGE, MOST_REQUESTS - 1) is None
    assert refusal("script", "GET", PAGE, PAGE, MOST_REQUESTS) == "refused_too_many"


@pytest.mark.parametrize(
    ("kind", "end", "tells"),
    [
        *(("fetch", Answer(status, {}, b""), True) for status in (200, 204, 304, 404, 410)),
        *(("fetch", Answer(status, {}, b""), False) for status in (400, 401, 403, 429, 500, 503)),
        *((kind, "refused_robots", False) for kind in ("script", "fetch", "xhr")),
        *(("fetch", why, False) for why in ("refused_opt_out", "refused_rests", "refused_too_many", "failed")),
        *(("fetch", why, False) for why in ("refused_method", "refused_private_address", "no_such_host")),
        ("eventsource", "refused_eventsource", False),
        ("websocket", "refused_websocket", False),
        *(("xhr", why, True) for why in ("refused_tracker", "refused_cors", "refused_scheme")),
        *((kind, f"refused_{kind}", True) for kind in ("image", "media", "font", "ping", "other")),
        ("stylesheet", "refused_robots", True),
        ("stylesheet", Answer(503, {}, b""), True),
    ],
)
def test_what_is_not_got_says_less_than_in_a_browser(kind: str, end: Answer | str, tells: bool) -> None:
    assert is_as_in_a_browser(kind, end) is tells


def test_which_headers_of_a_script_are_sent() -> None:
    of_the_browser = {"user-agent": "Chrome", "sec-fetch-mode": "cors", "accept-encoding": "br", "cookie": "a=1"}
    to_any = {"accept": "*/*", "accept-language": "en", "origin": "https://a.test", "referer": "https://a.test/"}
    to_own = {
        "x-api-key": "1",
        "authorization": "Bearer 1",
        "x-requested-with": "XMLHttpRequest",
        "content-type": "a/b",
    }
    never = {"x-http-method-override": "DELETE"}
    assert headers_to_send(of_the_browser | to_any, is_own=False) == (to_any, False)
    assert headers_to_send(of_the_browser | to_any | to_own, is_own=True) == (to_any | to_own, False)
    assert headers_to_send(to_any | to_own, is_own=False) == (to_any, True)
    assert headers_to_send(to_any | never, is_own=True) == (to_any, True)


def test_a_tracker_is_one_by_its_domain_or_host_and_not_on_its_own_pages() -> None:
    assert is_tracker("https://ssl.google-analytics.com/ga.js")
    assert is_tracker("https://connect.facebook.net/en_US/sdk.js")
    assert not is_tracker("https://www.facebook.com/")
    assert not is_tracker("https://analytics.example.com/")
    assert refusal("script", "GET", "https://js.hotjar.com/a.js", "https://www.hotjar.com/", 1) is None


def test_the_browser_gets_no_cookies_and_no_codings() -> None:
    headers = {
        "Content-Type": "text/html; charset=koi8-r",
        "Content-Encoding": "gzip",
        "Set-Cookie": ["a=1", "b=2"],
        "Content-Length": "7",
        "Content-Security-Policy": ["script-src 'none'", "img-src *"],
        "X-Nul": "a\0b",
    }
    assert answer_headers(Response("https://example.com/", headers=headers)) == {
        "Content-Type": "text/html; charset=koi8-r",
        "Content-Security-Policy": "script-src 'none', img-src *",
    }


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ({}, "text/html; charset=utf-8"),
        ({"content-type": "text/html"}, "text/html; charset=utf-8"),
        ({"Content-Type": "application/xhtml+xml"}, "application/xhtml+xml; charset=utf-8"),
    ],
)
def test_the_browser_reads_a_page_in_the_encoding_that_was_found(declared: dict[str, str], given: str) -> None:
    headers = {"ETag": "x", "Content-Disposition": "attachment", **declared}
    assert page_answer(200, headers, b"", "utf-8").headers == {"ETag": "x", "Content-Type": given}


@pytest.mark.parametrize(
    ("url", "allowed", "may"),
    [
        ("https://www.example.com/data", None, True),
        ("https://api.example.com/data", None, False),
        ("http://www.example.com/data", None, False),
        ("https://api.example.com/data", "*", True),
        ("https://api.example.com/data", "https://www.example.com", True),
        ("https://api.example.com/data", "https://example.com", False),
    ],
)
def test_scripts_read_of_other_origins_what_these_allow(url: str, allowed: str | None, may: bool) -> None:
    headers = {} if allowed is None else {"Access-Control-Allow-Origin": allowed}
    assert may_read(PAGE, url, Answer(200, headers, b"")) is may


def test_a_browser_is_the_named_one_or_playwrights_or_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ours, systems = tmp_path / "ours", tmp_path / "bin" / "chromium"
    systems.parent.mkdir()
    for program in (ours, systems):
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(systems.parent))
    assert find_browser(str(systems), str(ours)) == systems
    assert find_browser("", str(ours)) == ours
    assert find_browser("", str(tmp_path / "none")) == systems
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("chromium") is None
    with pytest.raises(NoBrowser, match="`apt install chromium` or `playwright install chromium`"):
        find_browser("", str(tmp_path / "none"))
    with pytest.raises(NoBrowser, match="BACKLINKS_BROWSER=/none is no program"):
        find_browser("/none", str(ours))
