"""A host in work: its due pages, what its robots.txt says, and when it may get the next request.

Only its methods write its fields.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.frontier.endings import learn_ending, may_be_page
from backlink_crawler.frontier.rendering import RenderHistory
from backlink_crawler.manners.back_off import MOST_COUNTED
from backlink_crawler.model import Cover, Discovery, Outcome, PageKind
from backlink_crawler.store.frontier import ReleasedHost
from backlink_crawler.urls.normalise import host_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from backlink_crawler.crawl.feed.shares import SharedPace
    from backlink_crawler.manners.robots import RobotsPolicy
    from backlink_crawler.model import DuePage, Url, Visit
    from backlink_crawler.store.claims import ClaimedHost
    from backlink_crawler.store.frontier import Frontier
    from backlink_crawler.store.robots import KnownRobots

REST_AFTER_FAILURE = 3600.0  # seconds that a host rests when nothing of it could be reached
LIKE_OTHERS = "like_others"  # with the same ending, which were not HTML
_WELL = frozenset({Outcome.OK, Outcome.REDIRECT, Outcome.NOT_MODIFIED, Outcome.NOT_HTML, Outcome.GONE})
MOST_UNREACHABLE = 10  # pages in a row that a host does not answer: it is down, and the rest need not be tried


class RobotsAt(NamedTuple):
    """Where a robots.txt is said to be. redirects: that led there. tries: how often another host had no turn for it."""

    url: str
    redirects: int
    tries: int = 0


@dataclass(slots=True, eq=False)
class HostInWork:
    """All moments are monotonic seconds. ready_at: not to be asked before. held_until: ours for so long, unless renewed.

    least_delay: seconds between two requests by our own settings; delay: those that hold. handed: pages from the moment
    they are taken out of the database until their visit is recorded; queue: those of them that nobody has asked for
    yet. robots: None until robots.txt is known, and when it has become stale at robots_until. robots_at: where it is
    said to be, and after how many redirects. found: pages to be recorded with the next visit to it; sitemaps: of all that
    its robots.txt names, seeds_with_sitemaps: those that know of them. requested_at: when the last request to it was made, or may have
    arrived. given_up: nothing more is asked of it in this run; `rests`: seconds that nobody claims it then. back_offs: how
    often in a row it asked to be left alone. unreachable: how often in a row no answer came. between: who waits to ask it
    for something else than a page. drained: nothing else is due. is_supplied: its due pages are being fetched. renders: what rendering its pages was good for. endings: what its URLs that end like
    files were. missing: its answer for an address that cannot exist. careful: so many more of its pages are in hand one at a
    time, as a worker may have died of one of them. paces: of the bounds that it shares. settled: these are known.
    robots_asked_for: more may be known of its robots.txt than came with its claim.
    """

    claimed: ClaimedHost
    least_delay: float
    ready_at: float
    held_until: float
    back_offs: int = 0
    robots: RobotsPolicy | None = None
    robots_until: float = 0.0
    robots_at: RobotsAt | None = None
    queue: deque[DuePage] = field(default_factory=deque)
    handed: set[int] = field(default_factory=set)
    in_flight: int = 0
    requested_at: float | None = None
    waiting: bool = False
    drained: bool = False
    is_supplied: bool = False
    given_up: bool = False
    rests: float = 0.0
    unreachable: int = 0
    renders: RenderHistory = field(default_factory=RenderHistory)
    delay: float = 0.0
    found: list[Discovery] = field(default_factory=list)
    sitemaps: list[Url] = field(default_factory=list)
    seeds_with_sitemaps: set[int] = field(default_factory=set)
    between: deque[asyncio.Future[bool]] = field(default_factory=deque)
    endings: dict[str, int] = field(default_factory=dict)
    careful: int = 0
    missing: asyncio.Task[int | None] | None = None
    paces: list[SharedPace] = field(default_factory=list)
    settled: bool = True
    robots_asked_for: bool = False

    def __post_init__(self) -> None:
        self.delay = self.least_delay
        self.endings |= self.claimed.endings or {}

    @classmethod
    def of(
        cls,
        claimed: ClaimedHost,
        least_delay: float,
        *,
        held_until: float,
        requested_elsewhere: float | None,
        careful: int,
    ) -> HostInWork:
        """As it is just claimed: its delay goes on from the last request. A moment too late is not too early."""
        now, since = time.monotonic(), claimed.seconds_since_request
        moments = [None if since is None else now - since, requested_elsewhere]
        requested_at = max((moment for moment in moments if moment is not None), default=None)
        return cls(
            claimed,
            least_delay,
            now if requested_at is None else max(now, requested_at + least_delay),
            held_until,
            claimed.back_offs,
            requested_at=requested_at,
            renders=RenderHistory(claimed.renders, claimed.gains),
            careful=careful,
            queue=deque(claimed.pages),
            handed={page.page_id for page in claimed.pages},
            drained=claimed.are_all,
            robots_asked_for=requested_elsewhere is not None,
        )

    async def known_robots(self, frontier: Frontier) -> KnownRobots | None:
        """As it came with the claim; later, or when another's redirect may have led to it, as the database has it."""
        if self.robots_asked_for:
            return await frontier.robots.known(self.claimed.name)
        self.robots_asked_for = True
        return self.claimed.robots

    def released(self) -> ReleasedHost:
        """As it is given back now."""
        since = None if self.requested_at is None else time.monotonic() - self.requested_at
        return ReleasedHost(
            self.claimed, since, self.rests, self.back_offs, self.renders, self.endings, self.unrecorded
        )

    def take_pages(self, pages: Sequence[DuePage], *, are_all: bool) -> None:
        """They are due, and were not in hand when they were asked for."""
        self.is_supplied = False
        if self.given_up:
            return
        if not are_all:
            self.drained = False
        pages = [page for page in pages if page.page_id not in self.handed]
        if self.careful:
            pages = [replace(page, is_suspect=True) for page in pages]
        self.careful = max(0, self.careful - len(pages))
        self.queue.extend(pages)
        self.handed.update(page.page_id for page in pages)

    def take_found(self, covers: Iterable[Cover]) -> list[Discovery]:
        """What was found and is not recorded yet, and to each of the seeds its sitemaps: once."""
        told, self.found = self.found, []
        new = tuple(Cover(cover.seed_id, 0) for cover in covers if cover.seed_id not in self.seeds_with_sitemaps)
        if self.sitemaps and new:
            self.seeds_with_sitemaps.update(cover.seed_id for cover in new)
            told += [Discovery(url, new, PageKind.SITEMAP) for url in self.sitemaps]
        return told

    def ask_missing(self, asking: asyncio.Task[int | None]) -> None:
        """What it answers for an address that cannot exist is being asked: once, as long as it is held."""
        self.missing = asking

    def refusal(self, page: DuePage) -> tuple[Outcome, str] | None:
        """How the visit to the page ends without a request, if it does. One that was a page, or moved, is asked for."""
        if self.robots and (refused := self.robots.refusal(page.url)):
            return refused
        if page.was_settled or page.kind is PageKind.SITEMAP or may_be_page(self.endings, page.url):
            return None
        return Outcome.NOT_HTML, LIKE_OTHERS

    def requested(self) -> None:
        """A request to it may arrive, or have arrived, until this moment: its delay begins."""
        self.requested_at = time.monotonic()
        self.ready_at = max(self.ready_at, self.requested_at + self.delay)
        for pace in self.paces:
            pace.requested(self.requested_at)

    def wait(self, seconds: float) -> None:
        """It has nothing to ask for sooner."""
        self.ready_at = max(self.ready_at, time.monotonic() + seconds)

    @property
    def asks_for_own_robots(self) -> bool:
        """Is its own robots.txt on its way?"""
        return bool(self.robots_at and self.in_flight and host_of(self.robots_at.url) == self.claimed.name)

    def look_for_robots(self, at: RobotsAt | None) -> None:
        """Its robots.txt is said to be there. None: where it always is, next time."""
        self.robots_at = at

    def obey(self, policy: RobotsPolicy, seconds: float) -> None:
        """From now on, and for so many seconds, its pages may be asked for as its robots.txt allows."""
        self.robots, self.robots_until, self.robots_at = policy, time.monotonic() + seconds, None

    def forget_stale_robots(self) -> None:
        """They are asked for again after a day, even if the host is held for longer."""
        if self.robots_until <= time.monotonic() and not self.given_up:
            self.robots = None

    def answered(self) -> None:
        self.unreachable = 0

    def complete(self, visit: Visit) -> None:
        """What is to be recorded with it of its host. When its page was to be had, its back-off begins anew."""
        if visit.outcome in _WELL and visit.http_code:
            learn_ending(self.endings, visit.page.url, visit.outcome)
            if not self.given_up:
                self.back_offs = 0
        # what a sitemap lists is a click deep
        visit.also_found += self.take_found(each for each, seed in visit.page.seeds.items() if seed.max_depth != 0)
        visit.host_rests = self.rests

    def unanswered(self, *, is_down: bool) -> None:
        """is_down: nobody was there. The request may have arrived all the same."""
        self.requested()
        self.unreachable += is_down
        if self.unreachable >= MOST_UNREACHABLE and not self.given_up:
            self.give_up(REST_AFTER_FAILURE, pages=0)

    def back_off(self, rests: float, *, pages: int) -> None:
        self.back_offs = min(self.back_offs + 1, MOST_COUNTED)
        self.give_up(rests, pages=pages)

    def learn_delay(self, asked: float) -> None:
        """It asks for so many seconds, counted from the last request that is known of, whoever made it."""
        self.delay = max(self.least_delay, asked)
        if self.requested_at is not None:
            self.ready_at = self.requested_at + self.delay

    def give_up(self, rests: float, *, pages: int = 1) -> None:
        """Only so many pages more of it are visited; the others stay due, and it rests for so many seconds."""
        self.given_up, self.rests = True, rests
        while len(self.queue) > pages:
            self.handed.discard(self.queue.pop().page_id)

    @property
    def unrecorded(self) -> set[int]:
        """Pages that were asked for, and whose visits are not recorded."""
        return self.handed - {page.page_id for page in self.queue}

    @property
    def free_at(self) -> float:
        """From when its delay is over, and the gap of each bound that it shares, whatever its pages wait for."""
        own = 0.0 if self.requested_at is None else self.requested_at + self.delay
        return max(own, self._shared_ready_at)

    @property
    def may_ask_at(self) -> float:
        """From when it may be asked for something."""
        return max(self.ready_at, self._shared_ready_at)

    @property
    def turn_at(self) -> float:
        """From when to look at it again: it may be asked, or has nothing to ask for and may be given back.

        It is not given back before another host of its bounds may be asked in its place.
        """
        if not (self.is_done or self.requests_nothing):
            return self.may_ask_at
        gap = max((pace.gap for pace in self.paces), default=0.0)
        leaves = 0.0 if self.requested_at is None or not gap else self.requested_at + gap
        return leaves if self.requests_nothing else max(self.ready_at, leaves)

    @property
    def waits(self) -> bool:
        """It has something to ask for, and its delay, or a bound that it shares, does not let it yet."""
        return bool(self.queue) and not (self.in_flight or self.requests_nothing) and self.may_ask_at > time.monotonic()

    @property
    def _shared_ready_at(self) -> float:
        return max((pace.ready_at for pace in self.paces), default=0.0)

    @property
    def requests_nothing(self) -> bool:
        """No request will be made of what it still has to do, so that no delay need be waited for."""
        return self.given_up and (not self.queue or (self.robots is not None and self.robots.refused is not None))

    @property
    def is_on_hold(self) -> bool:
        """It has led to pages, and none of what was asked for is recorded yet: nothing else can be asked for."""
        return bool(self.found) and self.drained and not self.queue and not self.in_flight

    @property
    def is_done(self) -> bool:
        is_busy = self.queue or self.handed or self.in_flight or self.is_supplied
        return (self.drained or self.given_up) and not is_busy


class Turn(NamedTuple):
    """page: None when the host's robots.txt must be known first. refused: how the visit ends without a request."""

    host: HostInWork
    page: DuePage | None
    refused: tuple[Outcome, str] | None
