"""From an answer, or none, to the visit. What is read of a page's links is tested in tests/unit/links."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from twisted.python.failure import Failure

from backlink_crawler.crawl.apart.pool import Apart, TooComplexError
from backlink_crawler.crawl.pipelines import NormalizeLinks, TagLinks
from backlink_crawler.crawl.reading import Reading, read, read_rendering
from backlink_crawler.crawl.render.job import Rendered, RenderingFailed
from backlink_crawler.model import Cover, DuePage, LinkOrigin, Outcome, PageKind, RenderReason, Seed, Url, Visit
from backlink_crawler.urls.normalise import Normaliser, url_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NORMALISE = Normaliser(["utm_*"])
ROBOT = "foobot"
START = "https://from.test/"
COVERS = {Cover(1, 0): Seed(Url(START, "from.test", "from.test", url_hash(START)), bare=True)}
HTML = '<a href="http://to.test/?utm_source=x" rel="ugc">one</a> <a href=/two>two</a> <a href=mailto:a@b.test>mail</a>'
APPLICATION = "<!doctype html><title>App</title><div id=root></div><script src=/app.js></script>"


def page(kind: PageKind = PageKind.PAGE, *, gained: bool = False) -> DuePage:
    return DuePage(1, START, 1, 1, kind, 0, tuple(COVERS), gained=gained)


def read_now(answer: Response | Failure, page: DuePage) -> Reading:
    return asyncio.run(read(answer, page, COVERS, NORMALISE, Apart(), ROBOT))


def answered(body: str = "", status: int = 200, kind: PageKind = PageKind.PAGE, **headers: str) -> Visit:
    named = {"Content-Type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return read_now(Response(START, status, named, body.encode()), page(kind)).visit


def test_a_page_brings_its_links_its_pages_and_counts_what_it_refuses() -> None:
    visit = answered(HTML)
    assert (visit.outcome, visit.http_code, visit.size) == (Outcome.OK, 200, len(HTML))
    assert [link.href for link in visit.links] == ["http://to.test/?utm_source=x"]
    assert [found.url.text for found in visit.found] == ["https://from.test/two"]
    assert visit.refused == {"links/refused_mailto": 1}


@pytest.mark.parametrize(
    ("visit", "outcome", "reason"),
    [
        (answered("", 404), Outcome.GONE, ""),
        (answered("", 503), Outcome.SERVER_ERROR, ""),
        (answered("", 999), Outcome.INVALID_RESPONSE, ""),
        (answered("", 304), Outcome.NOT_MODIFIED, ""),
        (answered(" \n"), Outcome.NOT_WHOLE, "empty"),
        (answered("", Content_Type="application/pdf"), Outcome.NOT_HTML, "application/pdf"),
        (answered(HTML, 203), Outcome.NOT_WHOLE, "status_203"),
        (answered(HTML, Retry_After="60"), Outcome.NOT_WHOLE, "retry_after"),
        (answered(HTML, Content_Type="text/html; charset=utf-16"), Outcome.NOT_WHOLE, "encoding"),
        (answered("%PDF", Content_Type="application/pdf"), Outcome.NOT_HTML, "application/pdf"),
        (answered("<title>x</title>", 403, cf_mitigated="challenge"), Outcome.FORBIDDEN, "challenge_cloudflare"),
        (answered("", 301, Location="http://["), Outcome.REDIRECT, "refused_invalid_url"),
    ],
)
def test_each_answer_has_its_outcome(visit: Visit, outcome: Outcome, reason: str) -> None:
    assert (visit.outcome, visit.reason, visit.links, visit.found) == (outcome, reason, [], [])


def test_a_sitemap_brings_its_pages_and_says_when_there_are_none() -> None:
    xml = {"kind": PageKind.SITEMAP, "Content_Type": "application/xml"}
    visit = answered("<urlset><url><loc>/one</loc></url><url><loc>/two.pdf</loc></url></urlset>", **xml)
    assert (visit.outcome, visit.reason, visit.size) == (Outcome.OK, "", 73)
    assert [found.url.text for found in visit.found] == ["https://from.test/one"]
    assert visit.refused == {"sitemaps/refused_not_html": 1}
    assert answered("<urlset/>", **xml).reason == "sitemap_empty"
    assert answered("{}", **xml).reason == "sitemap_unreadable"
    many = answered("".join(f"https://from.test/{number}\n" for number in range(50_003)), **xml)
    assert (many.outcome, many.reason, len(many.found)) == (Outcome.OK, "sitemap_cut", 50_000)
    assert many.refused == {"sitemaps/refused_too_many_listed": 3}


def test_a_redirect_is_a_link_or_leads_to_a_page() -> None:
    assert [link.href for link in answered("", 302, Location="https://to.test/x").links] == ["https://to.test/x"]
    inside = answered("", 302, Location="/x")
    assert [found.url.text for found in inside.found] == ["https://from.test/x"]
    assert inside.redirect_to == inside.found[0].url


def test_a_sitemap_that_answers_with_a_page_is_a_page() -> None:
    listed = "<urlset><url><loc>https://from.test/a</loc></url></urlset>"
    visit = answered(listed, kind=PageKind.SITEMAP, Content_Type="application/xml")
    assert ([found.url.text for found in visit.found], visit.links) == (["https://from.test/a"], [])
    visit = answered("<html>" + HTML, kind=PageKind.SITEMAP)
    assert (visit.page.kind, len(visit.links)) == (PageKind.PAGE, 1)


def test_where_https_does_not_answer_a_bare_seed_is_tried_over_http() -> None:
    visit = read_now(Failure(DownloadTimeoutError()), page()).visit
    assert (visit.outcome, [told.url.text for told in visit.also_found]) == (Outcome.TIMEOUT, ["http://from.test/"])


def rendered(
    html: str, *, of: str = HTML, is_whole: bool = True, gained: bool = False, left_for: Sequence[str] = ()
) -> Visit:
    response = Response(START, 200, {"Content-Type": "text/html"}, of.encode())
    visit, known = read_now(response, page(gained=gained))
    assert known is not None
    became = Rendered(html, START, 1.0, list(left_for), is_whole)
    asyncio.run(read_rendering(became, known, visit, COVERS, NORMALISE, Apart(), ROBOT))
    return visit


@pytest.mark.parametrize(("href", "gains"), [("#part", False), ("/", False), ("/three", True)])
def test_a_page_that_its_scripts_lead_to_itself_gains_nothing(href: str, gains: bool) -> None:
    visit = rendered(f"{HTML} <a href={href}>more</a>")
    assert visit.rendering is not None
    assert visit.rendering.gained is gains


def test_a_rendering_is_merged_with_the_html_where_it_is_read() -> None:
    visit = rendered('<a href="http://to.test/" rel="nofollow">one</a> <a href=http://new.test/>new</a>')
    one, new = visit.links
    assert (one.origin, one.rel, one.rendered_rel) == (LinkOrigin.BOTH, ("ugc",), ("nofollow",))
    assert (new.origin, visit.rendering is not None and visit.rendering.gained) == (LinkOrigin.RENDERED, True)
    once = repr(visit)
    assert repr(TagLinks().process_item(NormalizeLinks(NORMALISE).process_item(visit))) == once
    assert (one.is_ugc, one.is_nofollow) == (True, True)


def test_a_rendering_that_shows_nothing_new_gains_nothing() -> None:
    visit = rendered(HTML)
    assert visit.rendering is not None
    assert not visit.rendering.gained
    assert [link.origin for link in visit.links] == [LinkOrigin.BOTH]


@pytest.mark.parametrize(
    ("html", "became", "left_for", "stand_in"),
    [
        (APPLICATION, "<p>About coffee.", [], ""),
        (APPLICATION, "<p>Down for maintenance.", [], "maintenance"),
        (APPLICATION, "<p>About coffee.", ["https://from.test/login"], "leads_to_login"),
        (APPLICATION, APPLICATION, [], ""),
        ("<p>Down for maintenance.", "<p>About coffee.", [], ""),
        ("<p>Down for maintenance.", HTML * 20, ["https://from.test/login"], ""),
    ],
)
def test_a_page_that_was_wholly_rendered_looks_like_what_it_has_become(
    html: str, became: str, left_for: list[str], stand_in: str
) -> None:
    assert rendered(became, of=html, left_for=left_for).stand_in == stand_in


def test_one_that_was_not_looks_like_its_html() -> None:
    assert rendered("<p>About coffee.", of=APPLICATION, is_whole=False).stand_in == "application"


def test_a_rendering_that_is_not_whole_adds_what_it_has() -> None:
    visit = rendered("<a href=http://new.test/>new</a>", is_whole=False, gained=True)
    assert visit.rendering is not None
    assert (visit.rendering.is_whole, visit.rendering.gained, visit.reason) == (False, True, "render_incomplete")
    assert [(link.anchor, link.origin) for link in visit.links] == [
        ("one", LinkOrigin.HTML),
        ("new", LinkOrigin.RENDERED),
    ]


def test_a_rendering_that_failed_leaves_what_the_html_says() -> None:
    response = Response(START, 200, {"Content-Type": "text/html"}, HTML.encode())
    visit, known = read_now(response, page())
    assert known is not None
    asyncio.run(read_rendering(RenderingFailed("no_browser"), known, visit, COVERS, NORMALISE, Apart(), ROBOT))
    assert (visit.render_reason, visit.reason) == (RenderReason.NO_BROWSER, "")


class Elsewhere(Apart):
    """Reads what it is given here, and counts it; or finds it too complex."""

    def __init__(self, cost: str = "") -> None:
        super().__init__()
        self.cost = cost
        self.asked = 0

    async def do(self, call: Callable[[], Any], page: str | bytes) -> Any:
        self.asked += 1
        if self.cost:
            raise TooComplexError(self.cost)
        return call()

    async def do_for_sitemap(self, call: Callable[[], Any]) -> Any:
        return await self.do(call, b"")


@pytest.mark.parametrize(
    ("body", "suspect", "kind", "asked"),
    [
        (HTML, False, PageKind.PAGE, 0),
        (HTML, True, PageKind.PAGE, 1),
        (HTML + "<p>" * 2_000, False, PageKind.PAGE, 1),
        ("<urlset/>", False, PageKind.SITEMAP, 0),
        ("<urlset/>" + " " * 100_000, False, PageKind.SITEMAP, 1),
        ("\x1f\x8b", False, PageKind.SITEMAP, 1),
    ],
)
def test_what_may_be_dear_and_what_is_suspect_is_read_apart(
    body: str, suspect: bool, kind: PageKind, asked: int
) -> None:
    media_type = "text/html" if kind is PageKind.PAGE else "application/xml"
    answer = Response(START, 200, {"Content-Type": media_type}, body.encode("latin-1"))
    apart, due = Elsewhere(), replace(page(kind), is_suspect=suspect)
    visit = asyncio.run(read(answer, due, COVERS, NORMALISE, apart, ROBOT)).visit
    assert (visit.outcome, apart.asked) == (Outcome.OK, asked)


@pytest.mark.parametrize("suspect", [False, True], ids=["here", "in a child"])
@pytest.mark.parametrize(
    ("meta", "header", "nofollow", "noindex"),
    [
        ("foobot", "foobot: noindex", True, True),
        ("backlink-crawler", "backlink-crawler: noindex", False, False),
        ("otherbot", "otherbot: noindex, foobot: all", False, False),
    ],
)
def test_what_a_page_says_to_robots_counts_for_the_name_that_we_go_by(
    meta: str, header: str, nofollow: bool, noindex: bool, suspect: bool
) -> None:
    async def reading() -> Reading:
        apart = Apart()
        try:
            return await read(answer, replace(page(), is_suspect=suspect), COVERS, NORMALISE, apart, ROBOT)
        finally:
            await apart.close()

    body = f'<meta name={meta} content=nofollow><a href="http://to.test/">one</a>'.encode()
    answer = Response(START, 200, {"Content-Type": "text/html", "X-Robots-Tag": header}, body)
    facts = asyncio.run(reading()).visit.facts
    assert facts is not None
    assert (facts.robots.nofollow, facts.robots.noindex) == (nofollow, noindex)


def test_a_page_that_is_too_complex_says_what_it_cost() -> None:
    answer = Response(START, 200, {"Content-Type": "text/html"}, b"<p>" * 2_000)
    visit, html = asyncio.run(read(answer, page(), COVERS, NORMALISE, Elsewhere("cpu 10 s"), ROBOT))
    assert (visit.outcome, visit.reason, visit.facts, html) == (Outcome.TOO_COMPLEX, "cpu 10 s", None, None)


def test_an_empty_page_is_no_reading_unless_its_headers_lead_on() -> None:
    html = {"Content-Type": "text/html"}
    visit = asyncio.run(read(Response(START, 200, html, b" \n"), page(), COVERS, NORMALISE, Elsewhere(), ROBOT)).visit
    assert (visit.outcome, visit.reason) == (Outcome.NOT_WHOLE, "empty")
    leads_on = Response(START, 200, html | {"Refresh": "0; url=/there"}, b"")
    visit = asyncio.run(read(leads_on, page(), COVERS, NORMALISE, Elsewhere(), ROBOT)).visit
    assert (visit.outcome, [each.url.text for each in visit.found]) == (Outcome.OK, [f"{START}there"])
