"""A small web that never changes, whoever crawls it, and which of its pages are whose: the model and the real thing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlink_crawler.frontier.discovery import discover, one_deeper
from backlink_crawler.model import Outcome, Scope
from backlink_crawler.store.due_pages import DuePages
from tests.integration.worker import NORMALISE, link, url, visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from random import Random

    from backlink_crawler.model import DuePage, Seed, Url, Visit
    from backlink_crawler.store.claims import ClaimedHost
    from tests.integration.worker import Worker

ANY = 1_000  # clicks


@dataclass
class Web:
    """links: from each page to others, of its domain and of others."""

    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pages(self) -> list[str]:
        return list(self.links)


def invent(random: Random, name: str, domains: int = 4) -> Web:
    """name: nobody else's, so that many webs may stand in one database."""
    web = Web()
    for number in range(domains):
        domain = f"{name}x{number}.test"
        for path in ("", "b/", "b/c", "d"):
            web.links[f"http://{domain}/{path}"] = []
        web.links[f"http://www.{domain}/"] = web.links[f"http://deep.{domain}/e"] = []
    for page in web.pages:
        web.links[page] = random.sample(web.pages, random.choice((0, 1, 2, 3)))
    return web


# The model.


Starts = dict[str, set[str]]  # of each seed, by its URL


def name_seeds(seeds: Collection[Seed], starts: Starts) -> None:
    """A seed begins at its own URL, and at those of others that the user names while it is there, if it wants them."""
    for seed in seeds:
        others = {other.url.text for other in seeds if seed.max_depth is None and wants(seed, other.url)}
        starts.setdefault(seed.url.text, {seed.url.text}).update(others)


def linked_from(seen: Iterable[str], web: Web) -> set[str]:
    """Where the links lead that leave the domains of these pages."""
    return {to for page in seen for to in web.links[page] if url(to).domain != url(page).domain}


def pages_of(seeds: Collection[Seed], starts: Starts, web: Web, linked: Collection[str]) -> set[str]:
    """The pages that a run over these seeds keeps up with; of those with a budget, which follow no hops, none."""
    named = {seed.url.domain for seed in seeds}
    hops: dict[str, int] = {}  # by domain that they have found
    found: set[str] = set()
    while True:
        covered = [
            (reached(seed, starts[seed.url.text], web, linked), seed.hops) for seed in seeds if seed.max_pages is None
        ]
        covered += [(reached_from(web, found, domain), left) for domain, left in hops.items()]
        before = dict(hops), set(found)
        for pages, left in covered:
            for to in {to for page in pages for to in web.links[page] if left and url(to).domain != url(page).domain}:
                if url(to).domain not in named:
                    hops[url(to).domain] = max(hops.get(url(to).domain, 0), left - 1)
                    found.add(to)
        if before == (hops, found):
            return {page for pages, _ in covered for page in pages}


def reached(seed: Seed, starts: Iterable[str], web: Web, linked: Collection[str]) -> set[str]:
    """From its starts, within its scope, by so many clicks; and what others link to, which leads on if any depth may be."""
    others = {page for page in linked if wants(seed, url(page))}
    if seed.max_depth is None:
        starts = {*starts, *others}
    depths = dict.fromkeys(starts, 0)
    queue = deque(depths)
    while queue:
        page = queue.popleft()
        if depths[page] >= (ANY if seed.max_depth is None else seed.max_depth):
            continue
        for to in web.links[page]:
            if to not in depths and wants(seed, url(to)):
                depths[to] = depths[page] + 1
                queue.append(to)
    return set(depths) | others


def reached_from(web: Web, starts: Iterable[str], domain: str) -> set[str]:
    pages = {page for page in starts if url(page).domain == domain}
    while more := {to for page in pages for to in web.links[page] if url(to).domain == domain} - pages:
        pages |= more
    return pages


def wants(seed: Seed, page: Url) -> bool:
    if seed.scope is Scope.PREFIX:
        return page.text.startswith(seed.url.text)
    if seed.scope is Scope.DOMAIN:
        return page.domain == seed.url.domain
    return page.host.removeprefix("www.") == seed.url.host.removeprefix("www.")


# The real thing.


def run(worker: Worker, web: Web, queue: int) -> set[str]:
    """A run of the queue until it ends, as a crawl ends. Returns what it has visited."""
    visited: set[str] = set()
    frontier = worker.frontier
    frontier._queue, frontier._claims.queue_id = {"queue": queue}, queue
    frontier._pages = DuePages(queue)
    while hosts := worker.claim():
        while pages := due(worker, hosts.values()):
            visited.update(page.url for page in pages)
            worker.record(*(read(worker, page, web) for page in pages))
        worker.release(*hosts.values())
    assert worker.run(worker.frontier.wake_missed()) is False
    assert worker.run(worker.frontier.due())[:3] == (0, 0, 0)
    return visited


def due(worker: Worker, hosts: Iterable[ClaimedHost]) -> list[DuePage]:
    return [page for host in hosts for page in worker.due_pages(host, (), 100)]


def read(worker: Worker, page: DuePage, web: Web) -> Visit:
    if page.etag:
        return visit(page, outcome=Outcome.NOT_MODIFIED, http_code=304)
    inside = [to for to in web.links[page.url] if url(to).domain == url(page.url).domain]
    made = visit(page, *(link(to) for to in web.links[page.url] if to not in inside), etag='"as ever"')
    made.found, _ = discover(dict.fromkeys(inside, False), one_deeper(page.seeds), NORMALISE, page_nofollow=False)
    return made
