"""From an answer, or none, to the visit: how it ended and what it brought. The work is done in links/ and frontier/."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from twisted.python.failure import Failure

from backlink_crawler.changes.matching import merge_rendered
from backlink_crawler.crawl.apart.pool import NoRoomError, TooComplexError
from backlink_crawler.crawl.fetch.answers import content_type_of, document_of_answer, header_values, redirect_of
from backlink_crawler.crawl.fetch.outcomes import (
    NO_ANSWER_OVER_HTTPS,
    NO_ROOM,
    challenge_of,
    outcome_of_failure,
    outcome_of_status,
    status_of,
)
from backlink_crawler.crawl.fetch.request import seconds_taken
from backlink_crawler.crawl.render.job import RenderingFailed
from backlink_crawler.frontier.discovery import discover, discover_listed, one_deeper, start_url_of_fallback
from backlink_crawler.links.cost import may_be_dear
from backlink_crawler.links.documents import Document
from backlink_crawler.links.headers import canonical_link
from backlink_crawler.links.html import parse_body, parse_page
from backlink_crawler.links.media_types import extract_media_type
from backlink_crawler.links.sitemaps import SitemapEntry, parse_sitemap
from backlink_crawler.links.stages import normalise_links, tag_link
from backlink_crawler.links.streams import GZIP
from backlink_crawler.links.tags import header_robots, most_restrictive
from backlink_crawler.links.text import clean
from backlink_crawler.manners.stand_ins import kind_of_page, redirects_to
from backlink_crawler.manners.wholeness import why_none
from backlink_crawler.model import (
    AnchorSource,
    Cover,
    Discovery,
    Link,
    LinkOrigin,
    LinkType,
    Outcome,
    PageKind,
    Refusal,
    Rendering,
    RenderReason,
    Visit,
)
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of
from backlink_crawler.urls.scope import doubtful_ending, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scrapy.http import Response

    from backlink_crawler.crawl.apart.pool import Apart
    from backlink_crawler.crawl.render.job import Rendered
    from backlink_crawler.links.hints import Hints
    from backlink_crawler.links.html import ParsedPage
    from backlink_crawler.model import DuePage, Seed
    from backlink_crawler.urls.normalise import Normaliser

    Covers = Mapping[Cover, Seed]  # of the page that is read

logger = logging.getLogger(__name__)
MAX_HTML = 10 * 1024 * 1024  # bytes of a page that was asked for as a sitemap, which may be larger
_HTML = re.compile(rb"<html|<!doctype html", re.IGNORECASE)
_ENTRIES_AT_ONCE = 2_000  # of a sitemap, before others have their turn
_NOT_RENDERED = {
    "no_browser": RenderReason.NO_BROWSER,
    "no_time": RenderReason.BUDGET_SPENT,
    "enough": RenderReason.ENOUGH_HTML,
}


class ReadHtml(NamedTuple):
    """What must be known of a page's HTML to have it rendered, and to read what it is rendered to."""

    hints: Hints
    encoding: str
    canonical: str | None
    refresh: str
    has_closed_root: bool


class Reading(NamedTuple):
    """html: None unless the page is one that could be rendered."""

    visit: Visit
    html: ReadHtml | None = None


async def read(
    answer: Response | Failure, page: DuePage, covers: Covers, normalise: Normaliser, apart: Apart, robot: str
) -> Reading:
    """The visit to a page, by its answer or by why there was none. Never fails.

    apart: where it is read when that may take long, or when a worker has died on it before. robot: the name that we go
    by, for what the page says to robots.
    """
    if isinstance(answer, Failure):
        return Reading(unanswered(page, outcome_of_failure(answer, page.url), covers, normalise))
    visit = Visit(page, outcome_of_status(answer.status), http_code=status_of(answer), size=len(answer.body))
    if answer.request:
        visit.elapsed = seconds_taken(answer.request)
    try:
        return Reading(visit, await _read_answer(answer, visit, covers, normalise, apart, robot))
    except NoRoomError:
        visit.outcome, visit.reason = Outcome.CONNECTION_ERROR, NO_ROOM
    except TooComplexError as error:
        visit.outcome, visit.reason = Outcome.TOO_COMPLEX, error.cost
    except Exception as error:  # a page that we fail on is a bug of ours; the run goes on and the page says so
        logger.exception("cannot read %s", page.url)
        visit.outcome, visit.reason = Outcome.INVALID_RESPONSE, type(error).__name__
        visit.facts, visit.links = None, []
    return Reading(visit)


async def read_rendering(
    became: Rendered | RenderingFailed,
    html: ReadHtml,
    visit: Visit,
    covers: Covers,
    normalise: Normaliser,
    apart: Apart,
    robot: str,
) -> None:
    """Add to the visit what its page has become in the browser, or why that is not known. Never fails."""
    if isinstance(became, RenderingFailed):
        visit.render_reason = _NOT_RENDERED.get(became.reason, visit.render_reason)
        failed = "" if became.reason in _NOT_RENDERED else became.reason
    else:
        failed = await _read_rendered(became, html, visit, covers, normalise, apart, robot)
        failed = failed or ("" if became.is_whole else "render_incomplete")
        _count(visit, became.refused, "rendering")
    visit.reason = visit.reason or failed


def unanswered(page: DuePage, ended: tuple[Outcome, str], covers: Covers, normalise: Normaliser) -> Visit:
    """The visit to a page of which nothing came, or that nobody asked for."""
    outcome, reason = ended
    visit = Visit(page, outcome, reason)
    if outcome not in NO_ANSWER_OVER_HTTPS:
        return visit
    for cover, seed in covers.items():
        if cover.depth == 0 and page.url == seed.url.text and (url := start_url_of_fallback(seed)):
            normal = normalise(url)
            if not isinstance(normal, Refusal):
                visit.also_found.append(Discovery(normal, (cover,)))
    return visit


async def _read_answer(
    response: Response, visit: Visit, covers: Covers, normalise: Normaliser, apart: Apart, robot: str
) -> ReadHtml | None:
    if wall := challenge_of(response):
        visit.outcome, visit.reason = Outcome.FORBIDDEN, f"challenge_{wall}"
    elif why := why_none(response.status, has_retry_after=b"Retry-After" in response.headers):
        visit.outcome, visit.reason = Outcome.NOT_WHOLE, why
    elif visit.outcome is Outcome.REDIRECT:
        _read_redirect(response, visit, covers, normalise)
    elif visit.outcome is Outcome.OK:
        return await _read_body(response, visit, covers, normalise, apart, robot)
    return None


async def _read_body(
    response: Response, visit: Visit, covers: Covers, normalise: Normaliser, apart: Apart, robot: str
) -> ReadHtml | None:
    document, content_type = document_of_answer(response), content_type_of(response.headers)
    if visit.page.kind is PageKind.SITEMAP and document is not Document.OTHER:
        _becomes_page(response, visit, covers, normalise)
    if visit.page.kind is PageKind.SITEMAP:
        await _read_sitemap(response, visit, covers, normalise, apart)
    elif document is not Document.OTHER:
        return await _read_page(response, document, visit, covers, normalise, apart, robot)
    else:
        media_type = extract_media_type(content_type)
        visit.outcome, visit.reason = Outcome.NOT_HTML, clean(media_type.essence if media_type else content_type, 100)
    return None


async def _read_page(
    response: Response,
    document: Document,
    visit: Visit,
    covers: Covers,
    normalise: Normaliser,
    apart: Apart,
    robot: str,
) -> ReadHtml | None:
    """None: it is empty, or its bytes are in no encoding that its headers may mean."""
    if not response.body.strip() and b"Refresh" not in response.headers:
        visit.outcome, visit.reason = Outcome.NOT_WHOLE, "empty"
        return None
    canonical = canonical_link(_header(response, b"Link"))
    refresh = ", ".join(_header(response, b"Refresh"))
    call = partial(
        parse_body,
        response.body,
        response.url,
        content_type_of(response.headers),
        is_xml=document is Document.XML,
        canonical_header=canonical,
        refresh_header=refresh,
        robot=robot,
    )
    is_dear = visit.page.is_suspect or may_be_dear(response.body)
    parsed = await apart.do(call, response.body) if is_dear else call()
    if parsed.is_undecodable:
        visit.outcome, visit.reason = Outcome.NOT_WHOLE, "encoding"
        return None
    facts = parsed.facts
    visit.ending = parsed.ending
    if parsed.text:
        visit.stand_in = kind_of_page(
            parsed.text, response.url, leads_to=parsed.leads_to, is_application=parsed.hints.waits_for_scripts
        )
    facts.robots = most_restrictive(facts.robots, header_robots(_header(response, b"X-Robots-Tag"), robot))
    if facts.canonical:
        normal = normalise(facts.canonical)
        facts.canonical = "" if isinstance(normal, Refusal) else normal.text
    visit.facts, visit.links = facts, parsed.links
    visit.etag = "".join(_header(response, b"ETag")[:1])
    visit.last_modified = "".join(_header(response, b"Last-Modified")[:1])
    _count(visit, parsed.refused, "links")
    found, refused = discover(parsed.internal, one_deeper(covers), normalise, page_nofollow=facts.robots.nofollow)
    visit.found.extend(found)
    _count(visit, refused, "scope")
    return ReadHtml(parsed.hints, parsed.encoding, canonical, refresh, parsed.has_closed_root)


async def _read_rendered(
    rendered: Rendered, html: ReadHtml, visit: Visit, covers: Covers, normalise: Normaliser, apart: Apart, robot: str
) -> str:
    """Beside what the HTML says. Returns why not, or nothing."""
    call = partial(
        parse_page,
        rendered.html,
        rendered.url,
        html.encoding,
        canonical_header=html.canonical,
        refresh_header=html.refresh,
        robot=robot,
    )
    is_dear = visit.page.is_suspect or may_be_dear(rendered.html)
    try:
        parsed = await apart.do(call, rendered.html) if is_dear else call()
        _merge(parsed, rendered, html, visit, covers, normalise)
    except TooComplexError:
        return "render_too_complex"
    except Exception:  # a bug of ours; what its HTML says is recorded all the same
        logger.exception("cannot read what %s was rendered to", visit.page.url)
        return "render_failed"
    return ""


def _merge(
    parsed: ParsedPage, rendered: Rendered, html: ReadHtml, visit: Visit, covers: Covers, normalise: Normaliser
) -> None:
    assert visit.facts is not None
    facts = visit.facts
    in_html, facts.robots = facts.robots, most_restrictive(facts.robots, parsed.facts.robots)
    facts.title, facts.language = parsed.facts.title or facts.title, parsed.facts.language or facts.language
    facts.headings = parsed.facts.headings or facts.headings
    facts.text_simhash = parsed.facts.text_simhash
    facts.links_external, facts.links_internal = parsed.facts.links_external, parsed.facts.links_internal
    _add_departures(rendered.left_for, parsed, visit.page.url)
    nofollow = facts.robots.nofollow
    found, _ = discover(parsed.internal, one_deeper(covers), normalise, page_nofollow=nofollow)
    in_both = _staged(visit.links, visit, normalise), _staged(parsed.links, visit, normalise)
    visit.links = merge_rendered(*in_both, is_whole=rendered.is_whole and not html.has_closed_root)
    known = {each.url.hash for each in visit.found}
    new = (each.url for each in found if each.url.hash not in known)
    gained = (
        (visit.page.gained and not rendered.is_whole)  # it says nothing against that
        or facts.robots != in_html
        or any(link.origin is LinkOrigin.RENDERED for link in visit.links)
        or any(url.text != visit.page.url for url in new)  # a page that leads to itself as well gains nothing
    )
    if rendered.is_whole:
        leads_to, text = (*parsed.leads_to, *rendered.left_for), parsed.text
        visit.stand_in = text and kind_of_page(text, rendered.url, leads_to=leads_to, is_application=False)
    visit.rendering = Rendering(rendered.seconds, found, gained, rendered.is_whole)


def _add_departures(left_for: list[str], parsed: ParsedPage, page: str) -> None:
    """Where scripts wanted to go is a redirect, as a meta refresh is; inside the domain it is a page."""
    refreshes = {link.href for link in parsed.links if link.link_type is LinkType.REDIRECT}
    for url in dict.fromkeys(left_for):
        if url in refreshes:
            continue  # the browser has followed it
        if domain_of(host_of(url)) == domain_of(host_of(page)):
            parsed.internal.setdefault(url, False)
        else:
            place = len(parsed.links)
            parsed.links.append(Link("script", url, LinkType.REDIRECT, "", AnchorSource.NONE, "", position=place))


def _staged(links: list[Link], visit: Visit, normalise: Normaliser) -> list[Link]:
    """Which link is which is known when they are normalised and tagged."""
    kept, refused = normalise_links(links, normalise)
    for link in kept:
        tag_link(link)
    _count(visit, refused, "links")
    return kept


def _read_redirect(response: Response, visit: Visit, covers: Covers, normalise: Normaliser) -> None:
    """A redirect to another domain is a link; one inside the domain leads to a page of the same depth."""
    target = redirect_of(response)
    if isinstance(target, Refusal):
        visit.reason = target
        return
    if visit.page.kind is PageKind.SITEMAP:
        _find_listed([SitemapEntry(target, PageKind.SITEMAP, None)], visit, covers, normalise)
        return
    normal = normalise(target)
    if not isinstance(normal, Refusal):
        visit.stand_in = redirects_to(normal.text, visit.page.url)
    if domain_of(host_of(target)) != domain_of(host_of(response.url)):
        visit.links = [Link("redirect", target, LinkType.REDIRECT, "", AnchorSource.NONE, "")]
        return
    visit.redirect_to = None if isinstance(normal, Refusal) else normal
    found, refused = discover({target: False}, covers, normalise, page_nofollow=False)
    visit.found.extend(found)
    _count(visit, refused, "scope")


def _becomes_page(response: Response, visit: Visit, covers: Covers, normalise: Normaliser) -> None:
    """A sitemap that answers with an HTML page, as many a missing one leads to the start page, is a page from now on.

    What is called sitemap.xml stays one that lists nothing today.
    """
    url = normalise(visit.page.url)
    if isinstance(url, Refusal) or doubtful_ending(url.text):
        return
    if not _HTML.search(response.body[:1024]) or len(response.body) > MAX_HTML:
        return
    if any(refusal(url, seed, cover.depth) is None for cover, seed in covers.items()):
        visit.page = replace(visit.page, kind=PageKind.PAGE)


async def _read_sitemap(response: Response, visit: Visit, covers: Covers, normalise: Normaliser, apart: Apart) -> None:
    call = partial(parse_sitemap, response.body, response.url)
    is_dear = visit.page.is_suspect or may_be_dear(response.body) or response.body.startswith(GZIP)
    sitemap = await apart.do_for_sitemap(call) if is_dear else call()
    visit.reason, visit.size = sitemap.reason, sitemap.size
    listed = iter(sitemap.entries)
    while some := list(islice(listed, _ENTRIES_AT_ONCE)):
        _find_listed(some, visit, covers, normalise)
        await asyncio.sleep(0)
    if sitemap.omitted:
        visit.refused[f"sitemaps/{Refusal.TOO_MANY_LISTED}"] = sitemap.omitted


def _find_listed(entries: Iterable[SitemapEntry], visit: Visit, covers: Covers, normalise: Normaliser) -> None:
    found, refused = discover_listed(entries, covers, normalise)
    visit.found.extend(found)
    _count(visit, refused, "sitemaps")


def _header(response: Response, name: bytes) -> list[str]:
    return header_values(response.headers, name)


def _count(visit: Visit, refused: Mapping[Refusal, int] | Mapping[str, int], component: str) -> None:
    for reason, number in refused.items():
        visit.refused[f"{component}/{reason}"] = visit.refused.get(f"{component}/{reason}", 0) + number
