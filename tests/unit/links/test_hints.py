"""What HTML says of whether scripts write a page's links."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.links.hints import Hints, hints_of
from backlink_crawler.links.scripts import Scripts

TEN = "<a href=/x>x</a>" * 10


def hints(html: str, links: int = 0) -> Hints:
    return hints_of(LexborHTMLParser(html), html, links, refreshes=False)


@pytest.mark.parametrize(
    ("html", "scripts"),
    [
        ("<p>nothing", False),
        ("<SCRIPT SRC=/app.js></SCRIPT>", True),
        ("<script type=module>go()</script>", True),
        ("<script></script>", False),
        ("<script type=application/ld+json>{}</script>", False),
        ("<script type=application/json id=__NEXT_DATA__>{}</script><script src=/a.js></script>", True),
    ],
)
def test_scripts_that_run(html: str, scripts: bool) -> None:
    assert hints(html).scripts is scripts


@pytest.mark.parametrize(
    ("html", "app_root"),
    [
        ("<div id=root></div>", True),
        ("<div id=__next>Loading…</div>", True),
        ("<app-root></app-root>", True),
        ("<div id=root><a href=/>home</a></div>", False),
        (f"<div id=app>{'words ' * 100}</div>", False),
        ("<div id=roots></div>", False),
    ],
)
def test_an_application_root_that_is_empty(html: str, app_root: bool) -> None:
    assert hints(html + "<script src=/app.js></script>").app_root is app_root


@pytest.mark.parametrize(
    ("html", "notice"),
    [
        ("<noscript>You need to enable JavaScript to run this app.</noscript>", True),
        ("<noscript>Bitte aktivieren Sie Java Script.</noscript>", True),
        ("<noscript><img src=/pixel.gif></noscript>", False),
    ],
)
def test_a_notice_for_those_without_scripts(html: str, notice: bool) -> None:
    assert hints("<body>" + html + "<script src=/app.js></script>").notice is notice


def test_a_page_of_many_links_is_looked_at_no_further() -> None:
    assert hints(f"{TEN}<div id=root></div><script src=/a.js></script>", links=10) == Hints(
        10, scripts=True, writing=Scripts(files=("/a.js",))
    )
