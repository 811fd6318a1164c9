"""A crawl's side of the database without the crawl: claim hosts, record hand-made visits, give the hosts back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import uuid4

from backlink_crawler.changes.matching import merge_rendered
from backlink_crawler.config import TRACKING_PARAMETERS
from backlink_crawler.frontier.revisit import Pace
from backlink_crawler.links.stages import tag_link
from backlink_crawler.model import (
    AnchorSource,
    Cover,
    Discovery,
    DuePage,
    Link,
    LinkOrigin,
    LinkType,
    Outcome,
    PageFacts,
    PageKind,
    Rendering,
    RenderMode,
    RenderReason,
    RobotsFacts,
    Scope,
    Seed,
    Url,
    Visit,
)
from backlink_crawler.store.frontier import KEPT, Frontier, ReleasedHost
from backlink_crawler.store.recording import Recorder, Source
from backlink_crawler.store.seeds import add_seeds
from backlink_crawler.urls.normalise import Normaliser, resolve

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping, Sequence
    from datetime import datetime

    from backlink_crawler.frontier.bounds import Bound
    from backlink_crawler.manners.robots import RobotsAnswer
    from backlink_crawler.model import Priority
    from backlink_crawler.store.claims import ClaimedHost
    from backlink_crawler.store.database import Database

NORMALISE = Normaliser(TRACKING_PARAMETERS)
PACE = Pace()
_PAGE = """
SELECT
    p.page_id, u.url, p.host_id, h.claim, p.kind, p.visits, array_agg(m.seed_id) FILTER (WHERE m.seed_id IS NOT NULL),
    array_agg(m.depth), array_agg(m.seed_id) FILTER (WHERE s.hops > 0), p.counted,
    coalesce(bool_or(m.refused AND coalesce(s.pages_known < s.max_pages, TRUE)), FALSE)
FROM pages AS p
INNER JOIN urls AS u ON p.page_id = u.id
LEFT JOIN crawled_hosts AS h ON p.host_id = h.host_id
LEFT JOIN seed_pages AS m ON p.page_id = m.page_id
LEFT JOIN seeds AS s ON m.seed_id = s.id
WHERE u.url = %s GROUP BY p.page_id, u.url, h.claim"""


def url(text: str) -> Url:
    resolved = resolve(text, text)
    assert isinstance(resolved, str), resolved
    normal = NORMALISE(resolved)
    assert isinstance(normal, Url), normal
    return normal


def link(to: str, anchor: str = "", rel: str = "", link_type: LinkType = LinkType.TEXT) -> Link:
    """As it leaves NormalizeLinks and TagLinks."""
    source = AnchorSource.TEXT if anchor else AnchorSource.NONE
    made = Link("a", to, link_type, anchor, source, rel, to=url(to))
    tag_link(made)
    return made


class Found(NamedTuple):
    """What a page leads to; visit() says whose it is: of every seed that the page belongs to."""

    url: Url
    depth: int = 1
    kind: PageKind = PageKind.PAGE
    lastmod: datetime | None = None

    def on(self, page: DuePage) -> Discovery:
        covers = tuple(Cover(cover.seed_id, self.depth) for cover in page.covers)
        return Discovery(self.url, covers, self.kind, self.lastmod)


def page_found(text: str, depth: int = 1, lastmod: datetime | None = None) -> Found:
    return Found(url(text), depth, lastmod=lastmod)


def sitemap_found(text: str) -> Found:
    return Found(url(text), 0, PageKind.SITEMAP)


def visit(
    page: DuePage,
    *links: Link,
    outcome: Outcome = Outcome.OK,
    http_code: int | None = 200,
    nofollow: bool = False,
    found: Sequence[Found] = (),
    etag: str = "",
    title: str = "",
    headings: str = "",
) -> Visit:
    for position, each in enumerate(links):
        each.position = position
    facts = None
    if outcome is Outcome.OK and page.kind is PageKind.PAGE:
        facts = PageFacts(title, "en", "", RobotsFacts(nofollow=nofollow), len(links), 0, headings=headings)
    return Visit(
        page, outcome, "", http_code, 1000, 0.02, facts, list(links), [each.on(page) for each in found], etag=etag
    )


def rendered(
    page: DuePage,
    *html: Link,
    shows: Sequence[Link],
    leads_to: Sequence[Found] = (),
    is_whole: bool = True,
    **facts: Any,
) -> Visit:
    """As a visit that was rendered is read. shows: the links of the rendered page; leads_to: its pages."""
    made = visit(page, *html, **facts)
    for position, each in enumerate(shows):
        each.position = position
    made.links = merge_rendered(made.links, list(shows), is_whole=is_whole)
    known = {each.url for each in made.found}
    gained = any(each.origin is LinkOrigin.RENDERED for each in made.links) or any(
        each.url not in known for each in leads_to
    )
    made.rendering = Rendering(0.25, [each.on(page) for each in leads_to], gained, is_whole)
    made.render_reason = RenderReason.ALWAYS
    return made


def add_seed(database: Database, address: str, *, kept: bool = True, scope: Scope = Scope.HOST, **limits: Any) -> int:
    """A seed and its first page. Returns the id of its queue."""
    with database.connect() as connection:
        return add_seeds(connection, [Seed(url(address), scope, **limits)], kept=kept).queue_id


class Worker:
    """Every method is one step and waits for it."""

    def __init__(
        self,
        database: Database,
        *,
        queue: int = KEPT,
        hop_pages: int = 100,
        pace: Pace = PACE,
        bounds: Mapping[str, Bound] | None = None,
        new_hosts: int = 100,
    ) -> None:
        self._runner = asyncio.Runner()
        self.claimed: dict[str, ClaimedHost] = {}
        self._reader = database.connect(autocommit=True)
        self.frontier = self.run(Frontier.open(database, uuid4(), queue, bounds=bounds))
        self.crawl_id = self.run(self.frontier.start_crawl("tests"))
        self.recorder = self.run(Recorder.open(database, Source(self.crawl_id, hop_pages, pace, new_hosts=new_hosts)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.recorder.close())
        self.run(self.frontier.close())
        self._reader.close()
        self._runner.close()

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(step)

    def remember_robots(self, host: ClaimedHost, answer: RobotsAnswer) -> None:
        """As with its next step."""
        self.frontier.robots.remember(host.name, answer)
        self.run(self.frontier.release([]))

    def claim(self, limit: int = 100) -> dict[str, ClaimedHost]:
        self.claimed = {host.name: host for host in self.run(self.frontier.claim(limit))}
        return self.claimed

    def due_pages(self, host: ClaimedHost, handed: Iterable[int], limit: int, *up_to: Priority) -> list[DuePage]:
        return self.run(self.frontier.due_pages([host], handed, limit, *up_to)).get(host.host_id, [])

    def due(self, host: ClaimedHost, limit: int = 100) -> list[str]:
        return [page.url for page in self.due_pages(host, (), limit)]

    def release(self, *hosts: ClaimedHost, since_request: float | None = None, pause: float = 0.0) -> None:
        self.run(self.frontier.release(ReleasedHost(host, since_request, pause) for host in hosts))

    def page(self, address: str) -> DuePage:
        """As the frontier hands it to whoever holds its host now, due or not."""
        row = self._reader.execute(_PAGE.encode(), [address]).fetchone()
        assert row is not None, f"{address} is no page"
        page_id, text, host_id, claim, kind, visits, seeds, depths, hop_seeds, counted, has_room = row
        covers = tuple(map(Cover, seeds or (), depths))
        facts = (covers, tuple(hop_seeds or ()), counted, has_room, RenderMode.AUTO)
        return DuePage(page_id, text, host_id, claim or 0, PageKind(kind), visits, *facts)

    def record(self, *visits: Visit) -> None:
        self.run(self.recorder.record(visits))

    def read(self, address: str, *links: Link, **facts: Any) -> None:
        """Visit one page and record what it says."""
        self.record(visit(self.page(address), *links, **facts))

    def render(self, address: str, *html: Link, shows: Sequence[Link], **facts: Any) -> None:
        """Visit one page, have it rendered, and record what both say."""
        self.record(rendered(self.page(address), *html, shows=shows, **facts))
