"""The pages of claimed hosts that are due, with the seeds that they belong to."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import Cover, DuePage, PageKind, RenderMode, Scope, Seed, Url
from backlink_crawler.store.statements import statements
from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of, url_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import psycopg

    from backlink_crawler.model import Priority
    from backlink_crawler.store.claims import ClaimedHost

_SQL = statements("frontier")
MOST_SEEDS_KNOWN = 10_000


class DuePages:
    """Of one queue. Every call is part of a transaction that is the caller's."""

    def __init__(self, queue_id: int) -> None:
        self._queue_id = queue_id
        self._seeds: OrderedDict[int, Seed] = OrderedDict()

    async def of(
        self,
        connection: psycopg.AsyncConnection[Any],
        hosts: Iterable[ClaimedHost],
        handed: Iterable[int],
        limit: int,
        up_to: Priority,
    ) -> dict[int, list[DuePage]]:
        """By host, without what has been handed out and is not yet recorded. limit: of each. up_to: the least urgent."""
        by_id = {host.host_id: host for host in hosts}
        asked = {"hosts": list(by_id), "handed": list(handed), "limit": limit, "up_to": int(up_to)}
        rows = await (await connection.execute(_SQL["due_pages"], {"queue": self._queue_id} | asked)).fetchall()
        pages: dict[int, list[DuePage]] = {}
        for host_id, *row in rows:
            pages.setdefault(host_id, []).append(_due_page(by_id[host_id], *row))
        covers = {cover for each in pages.values() for page in each for cover in page.covers}
        seeds = await self._seeds_of(connection, {cover.seed_id for cover in covers})
        return {
            host_id: [
                replace(page, seeds={cover: seeds[cover.seed_id] for cover in page.covers if cover.seed_id in seeds})
                for page in each
            ]
            for host_id, each in pages.items()
        }

    async def _seeds_of(self, connection: psycopg.AsyncConnection[Any], ids: Collection[int]) -> dict[int, Seed]:
        """Without those that have been removed meanwhile."""
        known = {seed_id: self._seeds[seed_id] for seed_id in ids if seed_id in self._seeds}
        if unknown := [seed_id for seed_id in ids if seed_id not in known]:
            rows = await (await connection.execute(_SQL["read_seeds"], {"ids": unknown})).fetchall()
            read = {row[0]: seed_of(*row[1:]) for row in rows}
            self._seeds.update(read)
            known |= read
            while len(self._seeds) > MOST_SEEDS_KNOWN:
                self._seeds.popitem(last=False)
        return known


def seed_of(
    url: str, scope: str, max_depth: int | None, max_pages: int | None, hops: int, bare: bool, render: str
) -> Seed:
    """A row of read_seeds, without its id."""
    host = host_of(url)
    return Seed(
        Url(url, host, domain_of(host), url_hash(url)),
        Scope(scope),
        max_depth,
        max_pages,
        hops,
        bare,
        RenderMode(render),
    )


def _due_page(
    host: ClaimedHost,
    page_id: int,
    url: str,
    kind: int,
    visits: int,
    counted: bool,
    gained: bool,
    covers: list[int],
    depths: list[int],
    hop_seeds: list[int],
    has_room: bool,
    render: str,
    etag: str,
    last_modified: str,
    was_settled: bool,
    doubted: bool,
    begun: int,
    misses_link: bool,
) -> DuePage:
    return DuePage(
        page_id,
        url,
        host.host_id,
        host.claim,
        PageKind(kind),
        visits,
        tuple(map(Cover, covers, depths)),
        tuple(hop_seeds),
        counted,
        has_room,
        RenderMode(render),
        gained,
        etag,
        last_modified,
        was_settled,
        doubted,
        begun,
        is_suspect=begun > 0,
        misses_link=misses_link,
    )
