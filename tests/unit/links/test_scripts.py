"""What a look at a page's scripts says."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.links.scripts import Scripts, file_mark, scripts_of


def found(html: str) -> Scripts:
    return scripts_of(LexborHTMLParser(html))


@pytest.mark.parametrize(
    "script",
    [
        "<script>const nothing = 0</script>",
        "<script src=/js/jquery-3.7.1.min.js></script>",
        "<script src=/js/bootstrap.bundle.min.js?v=5></script>",
        "<script>var _paq = []; g = document.createElement('script'); g.src = 'https://a.test/m.js'</script>",
        "<script>document.body.className = 'js'</script>",
        '<script type=application/ld+json>{"text": "<a href=/>"}</script>',
    ],
)
def test_scripts_that_write_no_links(script: str) -> None:
    assert found(script) == Scripts()


@pytest.mark.parametrize(
    "script",
    [
        "o.innerHTML = '<a href=/there>'",
        "document.createElement('a')",
        "link.href = there",
        "link.setAttribute('href', there)",
        "h('a', {href: there})",
    ],
)
def test_scripts_in_the_page_that_write_links(script: str) -> None:
    assert found(f"<script>{script}</script>").links == ("".join(script.split()),)


@pytest.mark.parametrize(
    "script", ["fetch('/data')", "import('/entry.js')", "$('#o').load('/part')", "location.href = '/there'"]
)
def test_scripts_in_the_page_that_write_something(script: str) -> None:
    assert found(f"<script>{script}</script>").others == ("".join(script.split()),)


def test_of_a_file_it_is_not_known_what_it_does() -> None:
    assert found("<script src=/app.js></script><script src=/jquery.menu.js></script>").files == (
        "/app.js",
        "/jquery.menu.js",
    )


@pytest.mark.parametrize(
    ("html", "maker"),
    [
        ("<meta name=Generator content='Hugo 0.152.2'>", "hugo"),
        ("<meta name=generator content=''>", ""),
        ("<script src=/wp-includes/js/embed.js></script>", "wordpress"),
        ("<script>import('/_app/immutable/entry/start.js')</script>", "sveltekit"),
        ("", ""),
    ],
)
def test_who_made_the_site(html: str, maker: str) -> None:
    assert found(f"{html}<script src=/app.js></script>").maker == maker


@pytest.mark.parametrize(
    ("address", "mark"),
    [
        ("https://site.test/en.search.min.9c26da0e9ac4.js?v=1", "/en.search.min..js"),
        ("https://site.test/main-2.js", "/main-.js"),
        ("https://cdn.test/main.js", "cdn.test/main.js"),
    ],
)
def test_a_file_is_known_from_one_build_and_one_site_to_the_next(address: str, mark: str) -> None:
    assert file_mark(address, "https://site.test/page") == mark
