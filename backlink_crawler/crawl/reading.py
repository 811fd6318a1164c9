"""From a response to what a visit has brought. Thin: the work is done in links/ and frontier/."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.crawl.fetch import memory
from backlink_crawler.frontier.discovery import discover, discover_listed
from backlink_crawler.links.encoding import decode
from backlink_crawler.links.headers import canonical_link
from backlink_crawler.links.html import parse_page
from backlink_crawler.links.sitemaps import SitemapEntry, parse_sitemap
from backlink_crawler.links.tags import header_robots, most_restrictive
from backlink_crawler.model import AnchorSource, Link, LinkType, Outcome, PageKind, Refusal, Rendering
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of, resolve
from backlink_crawler.urls.scope import refusal

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from scrapy.http import Response

    from backlink_crawler.crawl.render.job import Rendered
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.model import Seed, Visit
    from backlink_crawler.urls.normalise import Normaliser

_HTML = re.compile(rb"<html|<!doctype html", re.IGNORECASE)


class ReadHtml(NamedTuple):
    """What must be known of a page's HTML to have it rendered, and to read what it is rendered to."""

    hints: Hints
    encoding: str
    canonical: str | None


def read_page(
    response: Response, content_type: str, visit: Visit, seed: Seed, normalise: Normaliser
) -> ReadHtml | None:
    """None: it is too large."""
    text, encoding = decode(response.body, content_type)
    canonical = canonical_link(_header(response, b"Link"))
    try:
        parsed = parse_page(text, response.url, encoding, canonical_header=canonical, bounded=memory.bounded())
    except MemoryError:
        visit.outcome, visit.reason = Outcome.TOO_LARGE, "parsed"
        return None
    facts = parsed.facts
    facts.robots = most_restrictive(facts.robots, header_robots(_header(response, b"X-Robots-Tag")))
    if facts.canonical:
        normal = normalise(facts.canonical)
        facts.canonical = "" if isinstance(normal, Refusal) else normal.text
    visit.facts, visit.links = facts, parsed.links
    visit.etag = "".join(_header(response, b"ETag")[:1])
    visit.last_modified = "".join(_header(response, b"Last-Modified")[:1])
    _count(visit, parsed.refused, "links")
    found, refused = discover(
        parsed.internal, seed, visit.page.depth + 1, normalise, page_nofollow=facts.robots.nofollow
    )
    visit.found.extend(found)
    _count(visit, refused, "scope")
    return ReadHtml(parsed.hints, encoding, canonical)


def read_rendered(rendered: Rendered, html: ReadHtml, visit: Visit, seed: Seed, normalise: Normaliser) -> None:
    """Beside what the HTML says. Where scripts wanted to go is a redirect, as a meta refresh is.

    Raises MemoryError.
    """
    parsed = parse_page(
        rendered.html, rendered.url, html.encoding, canonical_header=html.canonical, bounded=memory.bounded()
    )
    assert visit.facts is not None
    facts = visit.facts
    in_html, facts.robots = facts.robots, most_restrictive(facts.robots, parsed.facts.robots)
    facts.title, facts.language = parsed.facts.title or facts.title, parsed.facts.language or facts.language
    facts.links_external, facts.links_internal = parsed.facts.links_external, parsed.facts.links_internal
    refreshes = {link.href for link in parsed.links if link.link_type is LinkType.REDIRECT}
    for url in dict.fromkeys(rendered.left_for):
        if url in refreshes:
            continue  # the browser has followed it
        if domain_of(host_of(url)) == domain_of(host_of(visit.page.url)):
            parsed.internal.setdefault(url, False)
        else:
            place = len(parsed.links)
            parsed.links.append(Link("script", url, LinkType.REDIRECT, "", AnchorSource.NONE, "", position=place))
    nofollow = facts.robots.nofollow
    found, _ = discover(parsed.internal, seed, visit.page.depth + 1, normalise, page_nofollow=nofollow)
    visit.rendering = Rendering(rendered.seconds, parsed.links, found, facts.robots != in_html, rendered.is_whole)


def read_redirect(response: Response, visit: Visit, seed: Seed, normalise: Normaliser) -> None:
    """A redirect to another domain is a link; one inside the domain leads to a page of the same depth."""
    location = response.headers.get(b"Location")
    target = resolve(location.decode("utf-8", "replace"), response.url) if location else Refusal.INVALID_URL
    if isinstance(target, Refusal):
        visit.reason = target
        return
    if visit.page.kind is PageKind.SITEMAP:
        _find_listed([SitemapEntry(target, PageKind.SITEMAP, None)], visit, seed, normalise)
        return
    if domain_of(host_of(target)) != domain_of(host_of(response.url)):
        visit.links = [Link("redirect", target, LinkType.REDIRECT, "", AnchorSource.NONE, "")]
        return
    found, refused = discover({target: False}, seed, visit.page.depth, normalise, page_nofollow=False)
    visit.found.extend(found)
    _count(visit, refused, "scope")


def becomes_page(response: Response, visit: Visit, seed: Seed, normalise: Normaliser) -> None:
    """A sitemap that answers with an HTML page, as many a missing one leads to the start page, is a page from now on."""
    url = normalise(visit.page.url)
    if not isinstance(url, Refusal) and not refusal(url, seed, visit.page.depth) and _HTML.search(response.body[:1024]):
        visit.page = replace(visit.page, kind=PageKind.PAGE)


def read_sitemap(response: Response, visit: Visit, seed: Seed, normalise: Normaliser) -> None:
    _find_listed(parse_sitemap(response.body, response.url), visit, seed, normalise)


def _find_listed(entries: Iterable[SitemapEntry], visit: Visit, seed: Seed, normalise: Normaliser) -> None:
    found, refused = discover_listed(entries, seed, 1, normalise)
    visit.found.extend(found)
    _count(visit, refused, "sitemaps")


def _header(response: Response, name: bytes) -> list[str]:
    return [value.decode("latin-1") for value in response.headers.getlist(name)]


def _count(visit: Visit, refused: Counter[Refusal], component: str) -> None:
    for reason, number in refused.items():
        visit.refused[f"{component}/{reason}"] = visit.refused.get(f"{component}/{reason}", 0) + number
