"""What visits lead to: pages are admitted to the seeds that cover them, as far as their budgets go; hops make new seeds.

A page belongs to every seed whose scope and limits cover it (seed_pages), whether the seed is kept or named for one run.
What it leads to is found for all of them, so it is read again when one more seed comes to cover it.

Whoever admits pages has locked their seeds, and waits for no page any more: its holder may be waiting for a seed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.frontier.budget import can_be_read
from backlink_crawler.model import PageKind
from backlink_crawler.store.copying import copy_rows, rows_of
from backlink_crawler.store.linked_pages import Linked
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.normalise import host_of
from backlink_crawler.urls.scope import doubtful_ending, path_refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    import psycopg

    from backlink_crawler.changes.observation import Observation
    from backlink_crawler.model import Cover, Discovery, DuePage, Url, Visit

SQL = statements("admission") | statements("hops")
CREATE_STAGING = SQL["create_staging"]
PLACING = ("insert_crawled_hosts", "wake_hosts")
MOST_REMEMBERED = 100_000  # memberships: 12 MB
MAX_SITEMAPS = 1_000  # of one seed: an index may list indexes without end


class PagesAreHeld(Exception):
    """Others hold pages that are to be read again: lock them before any seed, and begin anew."""

    def __init__(self, pages: Iterable[int]) -> None:
        super().__init__()
        self.pages = frozenset(pages)


class PageRow(NamedTuple):
    """Of staged_pages. doubtful: it may be a file."""

    hash: str
    seed_id: int
    found_on: int | None
    lastmod: datetime | None
    depth: int
    kind: int
    doubtful: bool


class HopRow(NamedTuple):
    """Of staged_hops."""

    hash: str
    seed_id: int


class Remembered:
    """Pages that a worker has had admitted to seeds, as the pages of a site lead to the same pages again and again."""

    def __init__(self) -> None:
        self._depths: dict[int, int] = {}

    def includes(self, url: Url, cover: Cover, kind: PageKind) -> bool:
        """At this depth, or nearer to the seed's start."""
        known = self._depths.get(hash((url.hash, cover.seed_id, kind)))
        return known is not None and known <= cover.depth

    def remember(self, led_to: LedTo, admitted: Admitted) -> None:
        """When that is committed. Which ones were refused, if any, is not known."""
        if admitted.refused or admitted.hosts_refused:
            return
        if len(self._depths) > MOST_REMEMBERED:
            self._depths.clear()
        for row in led_to.pages:
            key = hash((row.hash, row.seed_id, PageKind(row.kind)))
            self._depths[key] = min(row.depth, self._depths.get(key, row.depth))


class LedTo:
    """What a batch of visits leads to, without what has been admitted before. urls: that the frontier must know before
    the rest is admitted.

    pages: each once for each seed, nearest to the seed's start. repeated is the rest, which matters only where there is
    no room. dated: those of which a sitemap says when they were changed.
    """

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered
        self.linked = Linked()
        self._urls: dict[str, Url] = {}
        self._nearest: dict[tuple[str, int, int], PageRow] = {}
        self.dated: list[PageRow] = []
        self.repeated: list[PageRow] = []
        self.hops: list[HopRow] = []
        self.visited: list[DuePage] = []
        self.is_read_anew: list[int] = []
        self.readable: dict[int, bool] = {}

    @property
    def urls(self) -> Iterable[Url]:
        return self._urls.values()

    @property
    def pages(self) -> list[PageRow]:
        return list({**dict.fromkeys(self._nearest.values()), **dict.fromkeys(self.dated)})

    def tables(self) -> dict[str, Collection[NamedTuple]]:
        """Rows by staging table."""
        rows: dict[str, Collection[NamedTuple]] = {"staged_pages": self.pages, "staged_hops": self.hops}
        return {table: each for table, each in rows.items() if each}

    def add(self, observation: Observation) -> None:
        visit, page, state = observation.visit, observation.visit.page, observation.state
        anew = page.has_room or not observation.same_found
        self.visited.append(page)
        self._found(visit.also_found, None)
        if anew:
            if observation.settled is not None:  # else nobody has looked at what it leads to
                self.is_read_anew.append(page.page_id)
            self._found(visit.found, page.page_id)
        if visit.rendering and (anew or observation.rendered_digest != state.rendered_digest):
            self._found(visit.rendering.found, page.page_id)
        if page.hop_seeds and (anew or not observation.same):
            self._hops(visit)
        readable = can_be_read(visit.outcome, observation.settled, state.settled)
        counts = page.counted if readable is None else readable and page.kind is PageKind.PAGE
        if counts is not page.counted and not observation.is_late:
            self.readable[page.page_id] = counts

    def _found(self, found: Iterable[Discovery], page_id: int | None) -> None:
        for each in found:
            url, kind = each.url, int(each.kind)
            covers = [c for c in each.covers if each.lastmod or not self._remembered.includes(url, c, each.kind)]
            if not covers:
                continue
            self._urls[url.hash] = url
            doubtful = doubtful_ending(url.text) is not None
            for seed_id, depth in covers:
                row = PageRow(url.hash, seed_id, page_id, each.lastmod, depth, kind, doubtful)
                known = self._nearest.setdefault((url.hash, seed_id, kind), row)
                if each.lastmod:
                    self.dated.append(row)
                elif known is not row:
                    nearest, other = (row, known) if depth < known.depth else (known, row)
                    self._nearest[url.hash, seed_id, kind] = nearest
                    self.repeated.append(other)

    def _hops(self, visit: Visit) -> None:
        if visit.facts and visit.facts.robots.nofollow:
            return
        for link in visit.links:
            if link.to and not link.is_nofollow and not path_refusal(link.to):
                self._urls[link.to.hash] = link.to
                self.hops.extend(HopRow(link.to.hash, seed_id) for seed_id in visit.page.hop_seeds)


class Room(NamedTuple):
    """hop_pages: budget of a domain that hops find, when their seed names none. new_hosts: of a domain in 20 hours."""

    hop_pages: int
    new_hosts: int


class Admitted(NamedTuple):
    """pages: that are new. hosts_refused: for lack of room. refused: memberships of seeds, for lack of room."""

    pages: int = 0
    hosts_refused: int = 0
    refused: int = 0


async def admit(cursor: psycopg.AsyncCursor[Any], led_to: LedTo, room: Room) -> Admitted:
    """In the transaction that has written the visits, their pages, all urls and the rows of `led_to`.

    Raises PagesAreHeld.
    """
    if not (led_to.pages or led_to.hops or led_to.readable or led_to.linked):
        return Admitted()
    hosts_refused = await _refuse_hosts(cursor, led_to, room.new_hosts)
    if led_to.hops:
        await _hop(cursor, room.hop_pages)
    pages = list(led_to.readable)
    await cursor.execute(SQL["lock_seeds"], {"pages": pages})
    if pages:
        readable = [page_id for page_id, is_readable in led_to.readable.items() if is_readable]
        await cursor.execute(SQL["count_pages"], {"pages": pages, "readable": readable})
    ((new_pages, refused, held),) = await rows_of(cursor, SQL["admit_pages"], {"max_sitemaps": MAX_SITEMAPS})
    if held:
        raise PagesAreHeld(held)
    if led_to.dated:
        await cursor.execute(SQL["hasten_pages"])
    for name in PLACING:
        await cursor.execute(SQL[name])
    return Admitted(int(new_pages), hosts_refused, int(refused))


def admit_staged(connection: psycopg.Connection[Any]) -> None:
    """What is in staged_pages, outside of a batch. Raises PagesAreHeld."""
    connection.execute(SQL["lock_seeds"], {"pages": []})
    row = connection.execute(SQL["admit_pages"], {"max_sitemaps": MAX_SITEMAPS}).fetchone()
    if row and row[-1]:
        raise PagesAreHeld(row[-1])
    for name in ("cover_new_pages", *PLACING):
        connection.execute(SQL[name])


async def mark_refused(cursor: psycopg.AsyncCursor[Any], led_to: LedTo, admitted: Admitted) -> None:
    """Say of the visited pages whether there was room for all that they lead to."""
    if admitted.refused or admitted.hosts_refused or any(page.has_room for page in led_to.visited):
        await copy_rows(cursor, "staged_pages", led_to.repeated)
        await cursor.execute(SQL["mark_refused"], {"pages": led_to.is_read_anew})


async def _refuse_hosts(cursor: psycopg.AsyncCursor[Any], led_to: LedTo, new_hosts: int) -> int:
    """Returns how many. What most pages lead to is on hosts that were just visited: nothing is asked for these."""
    others = ({url.host for url in led_to.urls} | led_to.linked.hosts) - {host_of(page.url) for page in led_to.visited}
    if not others:
        return 0
    return len(await rows_of(cursor, SQL["refuse_hosts"], {"hosts": list(others), "new_hosts": new_hosts}))


async def _hop(cursor: psycopg.AsyncCursor[Any], hop_pages: int) -> None:
    if held := await rows_of(cursor, SQL["find_hop_seeds"], {"hop_pages": hop_pages}):
        raise PagesAreHeld(page_id for (page_id,) in held)
    await cursor.execute(SQL["stage_hop_pages"])


async def look_back(cursor: psycopg.AsyncCursor[Any], visited: Iterable[DuePage]) -> None:
    """Pages that became those of a further seed while they were visited are visited again: nobody looked for that seed.

    After the pages have been written: who makes them a seed's writes them after that, and so either sees the other.
    """
    known = {page.page_id: dict(page.covers) for page in visited}
    now: dict[int, list[tuple[int, int, int | None]]] = defaultdict(list)
    for page_id, *cover in await rows_of(cursor, SQL["covers"], {"pages": list(known)}):
        now[page_id].append((cover[0], cover[1], cover[2]))
    overlooked = [
        page_id
        for page_id, covers in now.items()
        if any(_is_overlooked(known[page_id].get(seed_id), depth, max_depth) for seed_id, depth, max_depth in covers)
    ]
    if overlooked:
        await cursor.execute(SQL["visit_again"], {"pages": overlooked})
    if nobodys := [page_id for page_id in known if page_id not in now]:
        await cursor.execute(SQL["leave_alone"], {"pages": nobodys})


def _is_overlooked(known_depth: int | None, depth: int, max_depth: int | None) -> bool:
    return known_depth is None or (depth < known_depth and max_depth is not None and depth < max_depth)
