"""The write path: a batch of whole visits in one transaction.

Rows go by COPY into the session's staging tables and from there, ordered by key, into the tables, which are always
taken in the same order. Killed anywhere, nothing that was reported is lost, and a batch repeats harmlessly: its pages
are due until it commits. A batch that fails for what is in it is cut in halves until the row at fault stands alone;
that page is recorded without its links.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from psycopg import errors

from backlink_crawler.changes.matching import KnownLink
from backlink_crawler.frontier.revisit import History
from backlink_crawler.model import Outcome, Settled
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.lasting import LastingConnection
from backlink_crawler.store.seeds import MAX_SITEMAPS
from backlink_crawler.store.staging import PageState, Reading, stage
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import WATCHED_FIRST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    import psycopg

    from backlink_crawler.frontier.revisit import Pace
    from backlink_crawler.model import Visit
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.staging import Staged

_SQL = statements("recording") | statements("links")
_STAGING = ("urls", "visits", "links", "changes", "pages", "hops")
_LINKS = ("insert_rels", "resolve_links", "insert_edges", "lock_edges", "remember_before", "remember_touched")
_HOPS = ("insert_hop_seeds", "stage_hop_pages")
_NEW = PageState()
_POISON = (errors.DataError, errors.IntegrityError, errors.ProgramLimitExceeded, UnicodeEncodeError)


class Recorder:
    """One worker's way into the index. hop_pages: page budget of a domain that hops find, when its seed names none.

    `counts` grows with every batch: pages (but for those that robots.txt forbids, for which nothing was asked), links,
    new_referring_domains, pages_found, pages_refused_stale_claim, pages_unstorable.
    """

    def __init__(
        self,
        database: Database,
        connection: LastingConnection,
        crawl_id: int,
        hop_pages: int,
        pace: Pace,
    ) -> None:
        self._database = database
        self._connection = connection
        self._crawl_id = crawl_id
        self._hop_pages = hop_pages
        self._pace = pace
        self._batch = 0
        self.counts: Counter[str] = Counter()

    @classmethod
    async def open(
        cls, database: Database, crawl_id: int, hop_pages: int, pace: Pace, *, patience: float = 0.0
    ) -> Recorder:
        """patience: seconds that a database which has gone away is waited for."""
        connection = LastingConnection(database, _prepare, patience)
        await connection.open()
        return cls(database, connection, crawl_id, hop_pages, pace)

    def be_brief(self) -> None:
        """From now on, wait for no database."""
        self._connection.be_brief()

    async def close(self) -> None:
        await self._connection.close()

    async def record(self, visits: Sequence[Visit], hop_seeds: AbstractSet[int] = frozenset()) -> None:
        """Store visits, each page at most once. When it returns they are durable.

        hop_seeds: seeds whose links to new domains are followed. Visits of hosts that are no longer ours are dropped:
        whoever holds the host now will make them. Raises DatabaseUnavailable.
        """
        with database_errors(self._database):
            await self._bisecting(visits, hop_seeds)

    async def _bisecting(self, visits: Sequence[Visit], hop_seeds: AbstractSet[int]) -> None:
        try:
            await self._in_one(visits, hop_seeds)
        except _POISON:
            if len(visits) > 1:
                middle = len(visits) // 2
                await self._bisecting(visits[:middle], hop_seeds)
                await self._bisecting(visits[middle:], hop_seeds)
                return
            self.counts["pages_unstorable"] += 1
            _strip(visits[0])
            try:
                await self._in_one(visits, hop_seeds)
            except _POISON:  # a page that stayed due would be fetched again and again
                await self._connection.run(lambda connection: _postpone(connection, visits[0].page.page_id))

    async def _in_one(self, visits: Sequence[Visit], hop_seeds: AbstractSet[int]) -> None:
        self._batch += 1
        counts = await self._connection.run(lambda connection: self._write(connection, visits, hop_seeds))
        self.counts.update(counts)

    async def _write(
        self, connection: psycopg.AsyncConnection[Any], visits: Sequence[Visit], hop_seeds: AbstractSet[int]
    ) -> Counter[str]:
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.execute(_SQL["number_batch"], {"crawl_id": self._crawl_id, "batch": self._batch})
            if not cursor.rowcount:  # it was committed, though its connection was lost before that was said
                return Counter(pages=len(visits))
            held = await self._fence(cursor, visits)
            ours = [visit for visit in visits if (visit.page.host_id, visit.page.claim) in held]
            asked = sum(visit.outcome is not Outcome.ROBOTS_FORBIDDEN for visit in ours)
            counts = Counter(pages=asked, pages_refused_stale_claim=len(visits) - len(ours))
            if not ours:
                return counts
            readings = await self._readings(cursor, ours)
            staged = stage(readings, await self._known(cursor, readings), hop_seeds, self._pace)
            await _copy(cursor, staged)
            await cursor.execute(_SQL["insert_domains"])
            await cursor.execute(_SQL["insert_urls"])
            if staged.links or staged.changes:
                counts["links"] = len(staged.links)
                counts["new_referring_domains"] = await self._write_links(cursor)
            elif staged.turned:
                await cursor.execute(_SQL["lock_edges"])
            await cursor.execute(_SQL["insert_visits"], {"crawl_id": self._crawl_id})
            await cursor.execute(_SQL["update_pages"])
            if staged.turned:
                await cursor.execute(_SQL["repoint_edges"])
            await cursor.execute(_SQL["is_any_watched"])
            if await cursor.fetchone() == (True,):
                await cursor.execute(WATCHED_FIRST, {"pages": [visit.page.page_id for visit in ours]})
            await cursor.execute(_SQL["upsert_facts"])
            if staged.hops:
                for name in _HOPS:
                    await cursor.execute(_SQL[name], {"hop_pages": self._hop_pages})
            if staged.pages or staged.hops:
                counts["pages_found"] = await self._write_pages(cursor, dated=staged.dated)
            return counts

    async def _fence(self, cursor: psycopg.AsyncCursor[Any], visits: Sequence[Visit]) -> set[tuple[int, int]]:
        claims = list({(visit.page.host_id, visit.page.claim) for visit in visits})
        hosts, numbers = [host for host, _ in claims], [number for _, number in claims]
        await cursor.execute(_SQL["fence"], {"hosts": hosts, "claims": numbers})
        return {(host_id, claim) for host_id, claim in await cursor.fetchall()}

    async def _readings(self, cursor: psycopg.AsyncCursor[Any], visits: Sequence[Visit]) -> list[Reading]:
        """Each visit beside what is stored of its page."""
        again = [visit.page.page_id for visit in visits if visit.page.visits]
        states: dict[int, PageState] = {}
        if again:
            await cursor.execute(_SQL["page_states"], {"pages": again})
            for page_id, digests, settled, flags, history, failures, days in await cursor.fetchall():
                links, found, rendered = digests
                missing, unverified, unrendered = flags
                compared, changes, compared_days = history
                said, past = _settled(settled), History(compared, changes, compared_days, failures)
                states[page_id] = PageState(links, found, rendered, said, missing, unverified, unrendered, past, days)
        return [Reading(visit, states.get(visit.page.page_id, _NEW)) for visit in visits]

    async def _known(self, cursor: psycopg.AsyncCursor[Any], readings: Iterable[Reading]) -> dict[int, list[KnownLink]]:
        """The stored links of the pages that may have changed."""
        known: dict[int, list[KnownLink]] = defaultdict(list)
        compared = [each.visit.page.page_id for each in readings if each.compares and each.state.settled is not None]
        if compared:
            await cursor.execute(_SQL["known_links"], {"pages": compared})
            for page_id, link_id, link_type, url_to, anchor, rel, rendered_rel, *rest in await cursor.fetchall():
                rendered = None if rendered_rel is None else tuple(rendered_rel)
                known[page_id].append(KnownLink(link_id, link_type, url_to, anchor, tuple(rel), rendered, *rest))
        return known

    async def _write_links(self, cursor: psycopg.AsyncCursor[Any]) -> int:
        """Returns how many domain edges are new."""
        new_edges = 0
        for name in _LINKS:
            await cursor.execute(_SQL[name])
            if name == "insert_edges":
                new_edges = cursor.rowcount
        for name in ("insert_links", "apply_changes", "insert_events", "update_edges"):
            await cursor.execute(_SQL[name])
        return new_edges

    async def _write_pages(self, cursor: psycopg.AsyncCursor[Any], *, dated: bool) -> int:
        """dated: a sitemap says of some when they changed. Returns how many pages are new."""
        for name in ("lock_seeds", "insert_hosts", "adopt_pages"):
            await cursor.execute(_SQL[name])
        await cursor.execute(_SQL["insert_pages"], {"max_sitemaps": MAX_SITEMAPS})
        found = dict(await cursor.fetchall())
        hosts = set(found)
        if dated:
            await cursor.execute(_SQL["hasten_pages"])
            hosts.update(row[0] for row in await cursor.fetchall())
        await cursor.execute(_SQL["wake_hosts"], {"hosts": list(hosts)})
        return sum(found.values())


async def _prepare(connection: psycopg.AsyncConnection[Any]) -> None:
    # A batch joins a few hundred staged rows, which have no statistics, with indexed tables of any size: walking the
    # index is right, whatever the planner supposes when the tables are still small.
    await connection.execute("SET enable_seqscan = off")
    await connection.execute("SET enable_hashjoin = off")
    await connection.execute("SET enable_mergejoin = off")
    await connection.execute(_SQL["create_staging"])
    await connection.commit()


async def _postpone(connection: psycopg.AsyncConnection[Any], page_id: int) -> None:
    async with connection.transaction():
        await connection.execute(_SQL["postpone_page"], {"page_id": page_id})


async def _copy(cursor: psycopg.AsyncCursor[Any], staged: Staged) -> None:
    for table in _STAGING:
        rows: Collection[tuple[Any, ...]] = staged.urls.values() if table == "urls" else getattr(staged, table)
        if rows:
            async with cursor.copy(f"COPY staged_{table} FROM STDIN".encode()) as copy:
                for row in rows:
                    await copy.write_row(row)


def _settled(stored: int | None) -> Settled | None:
    return None if stored is None else Settled(stored)


def _strip(visit: Visit) -> None:
    """Leave of a visit only what can surely be stored."""
    visit.outcome, visit.reason = Outcome.INVALID_RESPONSE, "unstorable"
    visit.facts, visit.links, visit.found, visit.told = None, [], [], []
    visit.rendering, visit.render_reason = None, None
    visit.http_code, visit.size, visit.elapsed, visit.etag, visit.last_modified = None, 0, 0.0, "", ""
    visit.host_rests = 0.0
