"""One run of a crawl: what it was given, and its life from `open` to `close`.

It is prepared before the reactor starts, so that errors are sentences. Only the spider opens and closes it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID, uuid4

from backlink_crawler.config import Config
from backlink_crawler.crawl.apart.pool import Apart
from backlink_crawler.crawl.batches import Batches
from backlink_crawler.crawl.failures import NOTHING, Failures
from backlink_crawler.crawl.feed.feed import Feed
from backlink_crawler.crawl.feed.figures import long_delays
from backlink_crawler.crawl.feed.limits import limits_of, moment_of, pace_of, render_mode_of
from backlink_crawler.crawl.feed.missing import MissingPages
from backlink_crawler.crawl.feed.other_hosts import OtherHosts
from backlink_crawler.crawl.feed.permission import Permission
from backlink_crawler.crawl.fetch.identity import require_contact
from backlink_crawler.crawl.pair_input import read_pairs
from backlink_crawler.crawl.render.queue import RenderQueue
from backlink_crawler.crawl.seed_input import read_seeds
from backlink_crawler.errors import BacklinksError, DatabaseUnavailable, InvalidInput, NothingRead
from backlink_crawler.inputs.targets import parse_target
from backlink_crawler.model import Priority, Refusal, RenderMode
from backlink_crawler.store.again import database_time, make_due
from backlink_crawler.store.database import Database, database_errors, open_database
from backlink_crawler.store.figures import live_figures
from backlink_crawler.store.frontier import KEPT, VERIFY, Frontier
from backlink_crawler.store.optouts import list_optouts
from backlink_crawler.store.preparing import make_partitions, prepare
from backlink_crawler.store.recording import Recorder, Source
from backlink_crawler.store.seeds import add_seeds, kept_hosts
from backlink_crawler.store.verification import hosts_to_verify, hosts_waiting, mark_for_verification, mark_pages
from backlink_crawler.store.versions import require_current
from backlink_crawler.urls.normalise import Normaliser, host_name

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from backlink_crawler.crawl.feed.limits import Limits
    from backlink_crawler.frontier.revisit import Pace
    from backlink_crawler.model import DuePage
    from backlink_crawler.store.figures import Figures
    from backlink_crawler.store.frontier import Due


logger = logging.getLogger(__name__)
_DAY = 86_400.0
ENOUGH_BODIES = 24 * 1024 * 1024  # bytes of pages that are read and recorded, before another one is asked for
_Result = TypeVar("_Result")


class Ended(NamedTuple):
    """due: what still is, or when something will be; None: the database is gone."""

    reason: str
    due: Due | None


@dataclass(slots=True, weakref_slot=True)  # signals refer to it weakly
class CrawlSession:
    """queue_id: what it works on: the pages of the kept seeds, of those that it was given by name, or those to verify.

    problems: seeds and pairs that were refused, as sentences. render: for all seeds of this run; None: as each says. opted_out: domains and hosts, when the run was prepared. is_open: it has
    begun and has not ended. ended: how it did.
    """

    config: Config
    database: Database
    normalise: Normaliser
    limits: Limits
    seeds_asked: str
    queue_id: int
    problems: list[str]
    hop_pages: int
    new_hosts: int
    pace: Pace
    patience: float
    worker: UUID = field(default_factory=uuid4)
    render: RenderMode | None = None
    error: BacklinksError | None = None
    opted_out: frozenset[str] = frozenset()
    is_open: bool = False
    ended: Ended | None = None
    crawl_id: int = 0
    apart: Apart = field(default_factory=Apart)
    failures: Failures = field(default_factory=Failures)
    _frontier: Frontier | None = None
    _recorder: Recorder | None = None
    _feed: Feed | None = None
    _batches: Batches | None = None
    _permission: Permission | None = None
    _missing: MissingPages | None = None
    _render_queue: RenderQueue | None = None
    _renewal: asyncio.Task[None] | None = None
    _crawler: Crawler | None = None

    @classmethod
    def prepare(
        cls,
        settings: BaseSettings,
        seeds: str | None = None,
        max_pages: str | None = None,
        max_minutes: str | None = None,
        render: str | None = None,
        recrawl: str | None = None,
    ) -> CrawlSession:
        """Read the seeds, find the database, bring its schema up to date, put the seeds in. Raises BacklinksError."""
        config = Config.from_environment()
        limits = limits_of(settings, max_pages, max_minutes)
        render_mode_of(render)
        since = moment_of(recrawl)
        normalise = Normaliser(config.tracking_parameters)
        parsed = read_seeds(seeds, normalise) if seeds is not None else None
        database = open_database(config)
        prepare(database)
        with database.connect() as connection, database_errors(database):
            if parsed is not None:
                require_contact(config, (seed.url.host for seed in parsed.seeds))
                queue_id = add_seeds(connection, parsed.seeds, kept=False).queue_id
            else:
                hosts = kept_hosts(connection)
                if not hosts:
                    raise InvalidInput(
                        "there are no seeds; name some with `-a seeds=FILE` (or a comma-separated list), "
                        "or keep them with `backlinks seeds add URL…`.",
                    )
                require_contact(config, hosts)
                queue_id = KEPT
        if recrawl is not None:
            with database.connect() as connection, database_errors(database):
                make_due(connection, queue_id, since or database_time(connection))
        problems = [f"seeds, {problem}" for problem in parsed.problems] if parsed else []
        made = cls._made(settings, config, database, limits, seeds or "kept seeds", queue_id, problems)
        made.render = render_mode_of(render)
        return made

    @classmethod
    def prepare_verification(
        cls,
        settings: BaseSettings,
        target: str | None = None,
        pairs: str | None = None,
        max_pages: str | None = None,
        max_minutes: str | None = None,
    ) -> CrawlSession:
        """For the pages that hold links to a target, or to all watched ones, of any seed; or for those of a file of
        pairs. Raises BacklinksError.
        """
        config = Config.from_environment()
        limits = replace(limits_of(settings, max_pages, max_minutes), up_to=Priority.VERIFY)
        normalise = Normaliser(config.tracking_parameters)
        asked = parse_target(target, None, normalise) if target else None
        named = read_pairs(pairs, normalise) if pairs else None
        database = open_database(config)
        prepare(database)
        with database.connect() as connection, database_errors(database):
            if named:
                pages = [pair.page for pair in named.pairs]
                require_contact(config, [*hosts_waiting(connection), *(page.host for page in pages)])
                marked = mark_pages(connection, pages)
            else:
                require_contact(config, hosts_to_verify(connection, asked))
                marked = mark_for_verification(connection, asked)
        if not marked:
            raise InvalidInput(
                "the pages of these pairs have opted out, all of them."
                if named
                else f"no known page links to {target or 'a watched target'}; there is nothing to verify."
            )
        problems = [f"pairs, {problem}" for problem in named.problems] if named else []
        return cls._made(settings, config, database, limits, f"verify {pairs or target or 'all'}", VERIFY, problems)

    @classmethod
    def _made(
        cls,
        settings: BaseSettings,
        config: Config,
        database: Database,
        limits: Limits,
        asked: str,
        queue_id: int,
        problems: list[str],
    ) -> CrawlSession:
        with database.connect() as connection, database_errors(database):
            opted_out = frozenset(domain for domain, _ in list_optouts(connection))
        return cls(
            config,
            database,
            Normaliser(config.tracking_parameters),
            limits,
            asked[:1000],
            queue_id,
            problems,
            settings.getint("BACKLINKS_HOP_PAGES"),
            settings.getint("BACKLINKS_DOMAIN_NEW_HOSTS"),
            pace_of(settings),
            settings.getfloat("BACKLINKS_DATABASE_WAIT_SECONDS"),
            UUID(settings["BACKLINKS_WORKER"]) if settings["BACKLINKS_WORKER"] else uuid4(),
            opted_out=opted_out,
        )

    def render_mode(self, page: DuePage) -> RenderMode:
        return self.render or page.render

    async def open(self, crawler: Crawler) -> None:
        """Begin the run. Raises BacklinksError; `close` must be called all the same."""
        self._crawler = crawler
        self._frontier = await Frontier.open(
            self.database,
            self.worker,
            self.queue_id,
            lease=timedelta(seconds=self.limits.lease),
            patience=self.patience,
            bounds=self.limits.bounds,
        )
        require_current(self.database)  # it may have waited for a migration
        self.crawl_id = await self._frontier.start_crawl(self.seeds_asked)
        self._recorder = await Recorder.open(
            self.database,
            Source(self.crawl_id, self.hop_pages, self.pace, new_hosts=self.new_hosts),
            patience=self.patience,
        )
        self._feed = Feed(self._frontier, self.limits, self._flush, self._has_room)
        self._batches = Batches(crawler.settings, self._recorder, self._feed, self.fail)
        others = OtherHosts(crawler, self._feed, self._frontier, self._has_opted_out)
        self._render_queue = RenderQueue(crawler, others, self._only_renders, self._stop)
        self._permission = Permission(self._feed, self._frontier, self.normalise, self.limits, self._has_opted_out)
        self._missing = MissingPages(crawler, self._feed, self._frontier, self.apart)
        self._renewal = asyncio.ensure_future(self._renew())
        self.is_open = True

    def fail(self, error: BacklinksError) -> None:
        """End the run, with a sentence and an exit code."""
        if self.error is None and self._crawler is not None:
            self.error = error
            if self._missing:
                self._missing.end()
            is_away = isinstance(error, DatabaseUnavailable)
            for connection in (self._frontier, self._recorder):
                if connection and is_away:
                    connection.stop_waiting()  # it has been waited for
            reason = "database_unavailable" if is_away else "failed"
            asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))  # noqa: RUF006

    def give_up(self) -> None:
        """The run was asked to end, and the database does not answer. What waits for it ends now."""
        unrecorded = self._batches.unrecorded if self._batches else 0
        what = f"{unrecorded:,} page{' was' if unrecorded == 1 else 's were'} read and not recorded"
        error = DatabaseUnavailable(f"{self.database.name} does not answer; {what}, and will be visited again.")
        self.error = self.error or error
        for connection in (self._frontier, self._recorder):
            if connection:
                connection.give_up(error)

    def fail_for_a_bug(self, failure: Failure) -> None:
        """A callback has failed that nobody guards: its host would be waited for without end."""
        self.fail(
            BacklinksError(f"the crawl failed because of a bug in this program ({failure.value!r}); see the log.")
        )

    def _only_renders(self, goes_on: bool) -> bool:
        """Has nothing but the browser anything to do? goes_on: it was so; else what is not recorded yet may lead on."""
        return not self.feed.has_work() and (goes_on or self.batches.are_recorded)

    @property
    def feed(self) -> Feed:
        assert self._feed is not None
        return self._feed

    @property
    def frontier(self) -> Frontier:
        assert self._frontier is not None
        return self._frontier

    @property
    def batches(self) -> Batches:
        assert self._batches is not None
        return self._batches

    @property
    def render_queue(self) -> RenderQueue:
        assert self._render_queue is not None
        return self._render_queue

    @property
    def permission(self) -> Permission:
        assert self._permission is not None
        return self._permission

    @property
    def missing(self) -> MissingPages:
        assert self._missing is not None
        return self._missing

    @property
    def counts(self) -> Counter[str]:
        return self._recorder.counts if self._recorder else Counter()

    async def figures(self) -> Figures | None:
        """What is due in this run, rests, or is held back; None when that cannot be known now.

        The connection of the frontier is not used for that: claims would wait for it.
        """
        with suppress(BacklinksError):
            return await live_figures(self.database, self.queue_id)
        return None

    async def close(self, reason: str, stats: dict[str, Any]) -> None:
        """End the run: record what is left, give everything back, and say so in its row of `sources`."""
        if self._renewal:
            self._renewal.cancel()
        was_open, self.is_open = self.is_open, False
        if was_open:
            reason = self.feed.stopped_by if self.feed.stopped_by and reason == "finished" else reason
            await self._ended(self.render_queue.close())
            await self._ended(self.apart.close())
            await self._ended(self.batches.close())
            await self._ended(self.feed.release_all())
            await self._ended(self.frontier.release_rest())
            await self._ended(self.frontier.forgive(self.failures.not_theirs(), self.failures.starts()))
            told = {key: str(value) for key, value in sorted(stats.items())} | recorded(self.counts)
            told["read"] = self.failures.verdict
            await self._ended(self.frontier.finish_crawl(self.crawl_id, reason, told))
            if reason != "shutdown":  # whoever asks for an end does not wait
                await self._ended(self.frontier.refresh_oldest_visits(self.crawl_id))
            self.ended = Ended(reason, await self._ended(self.frontier.due()))
            if self.failures.verdict == NOTHING and self.limits.workers == 1 and reason not in {"shutdown", "failed"}:
                self.error = self.error or NothingRead("no page could be read.")
        for connection in (self._recorder, self._frontier):
            if connection:
                await self._ended(connection.close())

    async def _ended(self, step: Coroutine[Any, Any, _Result]) -> _Result | None:
        """What `step` gives. One that fails is no reason to leave out the next."""
        try:
            return await step
        except BacklinksError as error:
            self.error = self.error or error
        except Exception as error:
            logger.exception("cannot end the run properly")
            self.error = self.error or BacklinksError(f"the run could not be ended properly ({error!r}).")
        return None

    async def _renew(self) -> None:
        partitions_made = time.monotonic()
        try:
            while True:
                began = time.monotonic()
                await asyncio.sleep(self.limits.lease / 3)
                if time.monotonic() - began > self.limits.lease:
                    self.feed.let_go_of_ended()
                await self.feed.renew()
                told = recorded(self.counts) | {"delays": long_delays(self.feed.hosts)}
                await self.frontier.tell_progress(self.crawl_id, told)
                if time.monotonic() - partitions_made > _DAY:
                    await asyncio.to_thread(make_partitions, self.database)
                    partitions_made = time.monotonic()
        except BacklinksError as error:
            self.fail(error)
        except Exception as error:  # without leases a run cannot go on, whatever the reason
            logger.exception("leases are not renewed")
            self.fail(BacklinksError(f"the leases cannot be renewed ({error!r})."))

    def _stop(self, reason: str) -> None:
        """What is due and not handed out stays due."""
        self.feed.stopped_by = self.feed.stopped_by or reason

    def _flush(self) -> None:
        """Nothing can be asked for before visits are recorded."""
        self.batches.flush()

    def _has_room(self) -> bool:
        """For one more page."""
        assert self._crawler
        reading = self._crawler.engine and self._crawler.engine.scraper.slot
        return not (self.batches.are_behind or (reading and reading.active_size > ENOUGH_BODIES))

    def _has_opted_out(self, host: str) -> bool:
        """By its own name or by a domain above it."""
        labels = host_name(host).split(".")
        return any(".".join(labels[first:]) in self.opted_out for first in range(len(labels)))


def recorded(counts: Counter[str]) -> dict[str, str]:
    """As they are in `sources.stats`."""
    told = {f"recorded/{key}": str(number) for key, number in counts.items()}
    return told | {f"scope/{Refusal.TOO_MANY_HOSTS}": str(counts["hosts_refused"])}
