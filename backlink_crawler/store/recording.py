"""The write path: a batch of whole visits in one transaction.

Rows go by COPY into the session's staging tables and from there, ordered by key, into the tables, which are always
taken in the same order. Killed anywhere, nothing that was reported is lost, and a batch repeats harmlessly: its pages
are due until it commits. A batch that fails for what is in it is cut in halves until the row at fault stands alone;
that page is recorded without its links.

Visits of a crawl and captures of an archive are observations alike, each with the time when it was made; they are
compared (changes/) and written by the same statements. Only a crawl's is fenced by its claim, and says when its page is
due again and what it leads to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import errors
from psycopg.rows import dict_row

from backlink_crawler.changes.comparing import Comparison, compare
from backlink_crawler.changes.life import OtherVisit
from backlink_crawler.changes.observation import Observation, PageState
from backlink_crawler.changes.page import page_change
from backlink_crawler.frontier.revisit import History
from backlink_crawler.model import WITHOUT_REQUEST, Ending, LostReason, Outcome, PageKind, Settled
from backlink_crawler.store import admission, doubting, stored_links
from backlink_crawler.store.admission import Admitted, LedTo, Remembered, Room
from backlink_crawler.store.copying import copy_rows, rows_of
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.groups import CREATE_STAGING, keep_groups, note_groups
from backlink_crawler.store.linked_pages import stage_linked
from backlink_crawler.store.reconnecting import ReconnectingConnection
from backlink_crawler.store.staging import Staged
from backlink_crawler.store.statements import statements
from backlink_crawler.store.targets import WATCHED_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from backlink_crawler.changes.matching import KnownLink
    from backlink_crawler.errors import DatabaseUnavailable
    from backlink_crawler.frontier.revisit import Pace
    from backlink_crawler.model import Visit
    from backlink_crawler.store.database import Database

_SQL = statements("recording") | {f"links/{name}": text for name, text in statements("links").items()}
_SUMS = statements("sums") | statements("totals")
_NEW = PageState()
_POISON = (errors.DataError, errors.IntegrityError, errors.ProgramLimitExceeded, UnicodeEncodeError)
_MOST_DRIFT = timedelta(seconds=1)  # between the clocks of this machine and of the database, before it is measured anew


@dataclass(frozen=True, slots=True)
class Source:
    """Where visits come from. source_id: a row of `sources`. hop_pages, new_hosts: as in admission.Room."""

    source_id: int
    hop_pages: int
    pace: Pace
    is_crawl: bool = True
    new_hosts: int = 100


class _Edges(NamedTuple):
    """Of those that a batch touches. new: how many are. watched: there are targets. into_seeds: one leads to the domain
    of a seed that the user named.
    """

    new: int = 0
    watched: bool = False
    into_seeds: bool = False


class Written(NamedTuple):
    """What became of a batch. led_to: None when nothing of it was new."""

    counts: Counter[str]
    led_to: LedTo | None = None
    admitted: Admitted = Admitted()


class Recorder:
    """One worker's way into the index.

    `counts` grows with every batch: pages, sitemaps (both but for those for which nothing was asked: robots.txt forbids, or
    others like them are no pages), links, new_referring_domains, pages_found, hosts_refused, pages_refused_stale_claim, pages_unstorable.
    """

    def __init__(self, database: Database, connection: ReconnectingConnection, source: Source) -> None:
        self._database = database
        self._connection = connection
        self._source = source
        self._batch = 0
        self._drift: timedelta | None = None
        self._admitted = Remembered()
        self.counts: Counter[str] = Counter()

    @classmethod
    async def open(cls, database: Database, source: Source, *, patience: float = 0.0) -> Recorder:
        """patience: seconds that a database which has gone away is waited for."""
        connection = ReconnectingConnection(database, _prepare, patience)
        await connection.open()
        return cls(database, connection, source)

    def stop_waiting(self) -> None:
        """From now on, wait for no database."""
        self._connection.stop_waiting()

    def give_up(self, error: DatabaseUnavailable) -> None:
        """Not even for one that is there and does not answer."""
        self._connection.give_up(error)

    async def close(self) -> None:
        await self._connection.close()

    async def record(self, visits: Sequence[Visit]) -> None:
        """Store visits, each page at most once. When it returns they are durable.

        Visits of hosts that are no longer ours are dropped: whoever holds the host now will make them. Raises DatabaseUnavailable.
        """
        with database_errors(self._database):
            await self._bisecting(visits)

    async def _bisecting(self, visits: Sequence[Visit]) -> None:
        try:
            await self._in_one(visits)
        except _POISON:
            if len(visits) > 1:
                middle = len(visits) // 2
                await self._bisecting(visits[:middle])
                await self._bisecting(visits[middle:])
                return
            self.counts["pages_unstorable"] += 1
            _strip(visits[0])
            try:
                await self._in_one(visits)
            except _POISON:  # a page that stayed due would be fetched again and again
                await self._connection.run(lambda connection: _postpone(connection, visits[0].page.page_id))

    async def _in_one(self, visits: Sequence[Visit]) -> None:
        self._batch += 1
        also: set[int] = set()
        while True:
            try:
                written = await self._connection.run(partial(self._write, visits=visits, also=also))
            except admission.PagesAreHeld as held:
                also |= held.pages
            else:
                self.counts.update(written.counts)
                if written.led_to:
                    self._admitted.remember(written.led_to, written.admitted)
                return

    async def _write(
        self, connection: psycopg.AsyncConnection[Any], visits: Sequence[Visit], also: Iterable[int]
    ) -> Written:
        """also: pages that are locked with those of the visits."""
        async with connection.transaction(), connection.cursor() as cursor:
            batch_id = await self._start_batch(cursor)
            if batch_id is None:  # it was committed, though its connection was lost before that was said
                return Written(Counter(pages=len(visits)))
            ours = await self._ours(cursor, visits, also)
            asked = [visit for visit in ours if visit.http_code is not None or visit.outcome not in WITHOUT_REQUEST]
            sitemaps = sum(visit.page.kind is PageKind.SITEMAP for visit in asked)
            counts = Counter(pages=len(asked) - sitemaps, sitemaps=sitemaps)
            counts["pages_refused_stale_claim"] = len(visits) - len(ours)
            if not ours:
                return Written(counts)
            observations = await self._observations(cursor, ours)
            known, moved = await stored_links.read(cursor, observations, self._source.source_id)
            observations = await doubting.doubted(cursor, observations, known)
            staged = self._staged(observations, known, moved)
            led_to = self._led_to(observations, staged)
            for table, rows in (staged.tables() | led_to.tables()).items():
                await copy_rows(cursor, table, rows)
            counts["links"] = len(staged.links)
            # In a pipeline, no statement waits until this process, which has pages to read, sees the end of the one before.
            async with connection.pipeline():
                edges = await self._write_observed(cursor, staged, batch_id)
                counts["new_referring_domains"] = edges.new
                if edges.into_seeds and self._source.is_crawl:
                    led_to.linked = await stage_linked(cursor, watched=edges.watched)
                admitted = await self._admit(cursor, led_to)
            await admission.mark_refused(cursor, led_to, admitted)
            async with connection.pipeline():
                if self._source.is_crawl:
                    await admission.look_back(cursor, led_to.visited)
                await self._write_shared(cursor, staged)
            counts["pages_found"], counts["hosts_refused"] = admitted.pages, admitted.hosts_refused
            return Written(counts, led_to, admitted)

    async def _start_batch(self, cursor: psycopg.AsyncCursor[Any]) -> int | None:
        """Its id. And what the database's clock is ahead of this machine's: measured once, so that no two visits swap."""
        before = datetime.now(UTC)
        await cursor.execute(_SQL["start_batch"], {"source_id": self._source.source_id, "number": self._batch})
        row = await cursor.fetchone()
        if row is None:
            return None
        drift: timedelta = row[1] - (before + (datetime.now(UTC) - before) / 2)
        if self._drift is None or abs(drift - self._drift) > _MOST_DRIFT:
            self._drift = drift
        return int(row[0])

    async def _ours(
        self, cursor: psycopg.AsyncCursor[Any], visits: Sequence[Visit], also: Iterable[int]
    ) -> list[Visit]:
        """Without those of hosts that another claim holds by now. Their pages are locked: an archive has no claims."""
        ours = list(visits)
        if self._source.is_crawl:
            claims = list({(visit.page.host_id, visit.page.claim) for visit in visits})
            hosts, numbers = [host for host, _ in claims], [number for _, number in claims]
            await cursor.execute(_SQL["fence"], {"hosts": hosts, "claims": numbers})
            held = {(host_id, claim) for host_id, claim in await cursor.fetchall()}
            ours = [visit for visit in visits if (visit.page.host_id, visit.page.claim) in held]
        await cursor.execute(_SQL["lock_pages"], {"pages": [*also, *(visit.page.page_id for visit in ours)]})
        return ours

    async def _observations(self, cursor: psycopg.AsyncCursor[Any], visits: Sequence[Visit]) -> list[Observation]:
        """Each visit beside what is stored of its page; what is recorded already is left out."""
        drift = (self._source.is_crawl and self._drift) or timedelta(0)
        states = await _states(cursor, [visit.page.page_id for visit in visits])
        late = [
            visit.page.page_id
            for visit in visits
            if (state := states.get(visit.page.page_id)) and (last := state.last_visited)
            if visit.observed_at + drift <= last
        ]
        others = await _other_visits(cursor, late) if late else {}
        observations = []
        for visit in visits:
            page_id, state = visit.page.page_id, states.get(visit.page.page_id, _NEW)
            other_visits = others.get(page_id, ())
            observation = Observation(
                visit, state, at=visit.observed_at + drift, by_crawl=self._source.is_crawl, visits=other_visits
            )
            if not observation.is_recorded:
                observations.append(observation)
        return observations

    def _staged(
        self,
        observations: Iterable[Observation],
        known: Mapping[int, Sequence[KnownLink]],
        moved: Mapping[int, Sequence[KnownLink]],
    ) -> Staged:
        """known, moved: stored links by page, as `compare` takes them."""
        staged = Staged()
        for observation in observations:
            page_id = observation.visit.page.page_id
            if observation.compares:
                comparison = compare(observation, known.get(page_id, ()), moved.get(page_id, ()))
            else:
                comparison = Comparison(
                    has_missing=None if observation.settled is None or observation.is_late else False
                )
            staged.add(observation, comparison, page_change(observation, comparison, self._source.pace))
        return staged

    def _led_to(self, observations: Iterable[Observation], staged: Staged) -> LedTo:
        led_to = LedTo(self._admitted)
        if self._source.is_crawl:
            for each in observations:
                led_to.add(each)
            for url in led_to.urls:
                staged.add_url(url)
        return led_to

    async def _admit(self, cursor: psycopg.AsyncCursor[Any], led_to: LedTo) -> Admitted:
        return await admission.admit(cursor, led_to, Room(self._source.hop_pages, self._source.new_hosts))

    async def _write_observed(self, cursor: psycopg.AsyncCursor[Any], staged: Staged, batch_id: int) -> _Edges:
        """URLs, links, visits and pages, and the sums over domain edges. Returns what these are."""
        for name in ("insert_domains", "insert_hosts", "insert_urls"):
            await cursor.execute(_SQL[name])
        batch = {"batch_id": batch_id}
        if staged.changes_sums:
            for name in ("links/insert_rels", "links/resolve_links"):
                await cursor.execute(_SQL[name])
            for name in ("touch_pages", "count_links", "insert_edges", "lock_edges", "note_edges", "touch_urls"):
                await cursor.execute(_SUMS[name], batch | {"side": -1})
            await note_groups(cursor)
            for name in ("links/insert_links", "links/apply_changes", "links/insert_events"):
                await cursor.execute(_SQL[name], batch)
            if any(change.lost_reason == LostReason.PAGE_REDIRECTED for change in staged.changes):
                await cursor.execute(_SQL["links/carry_first_seen"])
        await cursor.execute(_SQL["insert_visits"], batch)
        await cursor.execute(_SQL["update_pages"])
        if staged.changes_sums:
            for name in ("count_links", "update_edges", "count_edges", "insert_edge_events", "insert_totals"):
                await cursor.execute(_SUMS[name], batch | {"side": 1})
        await cursor.execute(_SQL["upsert_facts"])
        (told,) = await rows_of(cursor, _SUMS["new_edges"])
        edges = _Edges(*told)
        if edges.watched:
            await cursor.execute(WATCHED_FIRST, {"pages": [visit.page_id for visit in staged.visits]})
        return edges

    async def _write_shared(self, cursor: psycopg.AsyncCursor[Any], staged: Staged) -> None:
        """What many batches write, last."""
        if staged.changes_sums:
            for name in ("update_totals", "update_daily"):
                await cursor.execute(_SUMS[name])
            await keep_groups(cursor)
        await cursor.execute(_SQL["update_coverage"])


async def _states(cursor: psycopg.AsyncCursor[Any], pages: list[int]) -> dict[int, PageState]:
    async with cursor.connection.cursor(row_factory=dict_row) as named:
        await named.execute(_SQL["page_states"], {"pages": pages})
        return {row.pop("page_id"): _state(**row) for row in await named.fetchall()}


def _state(*, settled: int | None, history: list[float], ending: int | None, **columns: Any) -> PageState:
    compared, changes, days, failures = history
    past = History(compared, changes, days, int(failures))
    return PageState(
        settled=None if settled is None else Settled(settled),
        history=past,
        ending=None if ending is None else Ending(ending),
        **columns,
    )


async def _other_visits(cursor: psycopg.AsyncCursor[Any], pages: list[int]) -> dict[int, list[OtherVisit]]:
    await cursor.execute(_SQL["visits_of_pages"], {"pages": pages})
    visits: dict[int, list[OtherVisit]] = defaultdict(list)
    for page_id, observed_at, settled in await cursor.fetchall():
        visits[page_id].append(OtherVisit(observed_at, None if settled is None else Settled(settled)))
    return visits


async def _prepare(connection: psycopg.AsyncConnection[Any]) -> None:
    # A batch joins a few hundred staged rows, which have no statistics, with indexed tables of any size: walking the
    # index is right, whatever the planner supposes when the tables are still small. Staged rows that others are joined
    # with have an index too, so that no batch takes the square of its size.
    await connection.execute("SET enable_seqscan = off")
    await connection.execute("SET enable_hashjoin = off")
    await connection.execute("SET enable_mergejoin = off")
    for staging in (_SQL["create_staging"], _SQL["links/create_staging"], _SUMS["create_staging"]):
        await connection.execute(staging)
    await connection.execute(CREATE_STAGING)
    await connection.execute(admission.CREATE_STAGING)
    await connection.commit()


async def _postpone(connection: psycopg.AsyncConnection[Any], page_id: int) -> None:
    async with connection.transaction():
        await connection.execute(_SQL["postpone_page"], {"page_id": page_id})


def _strip(visit: Visit) -> None:
    """Leave of a visit only what can surely be stored."""
    visit.outcome, visit.reason = Outcome.INVALID_RESPONSE, "unstorable"
    visit.facts, visit.links, visit.found, visit.also_found = None, [], [], []
    visit.rendering, visit.render_reason, visit.redirect_to = None, None, None
    visit.http_code, visit.size, visit.elapsed, visit.etag, visit.last_modified = None, 0, 0.0, "", ""
    visit.host_rests = 0.0
