"""The same visits and captures end in the same index, in whichever order they are recorded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.changes.comparing import compare
from backlink_crawler.changes.matching import KnownLink
from backlink_crawler.changes.observation import Observation, PageState
from backlink_crawler.model import (
    AnchorSource,
    DuePage,
    Link,
    LinkStatus,
    LinkType,
    Outcome,
    PageFacts,
    PageKind,
    Url,
    Visit,
)

if TYPE_CHECKING:
    from backlink_crawler.changes.life import OtherVisit

PAGE = DuePage(1, "https://from.example/", 1, 0, PageKind.PAGE, 0)
ELSEWHERE = "https://elsewhere.example/"
START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@dataclass(frozen=True)
class Seen:
    """links: as many of each letter as the page has; a redirect has none. by_crawl: else it is a capture."""

    day: int
    outcome: Outcome = Outcome.OK
    links: str = ""
    by_crawl: bool = False


def link(to: str, position: int, link_type: LinkType = LinkType.TEXT) -> Link:
    made = Link("a", to, link_type, to, AnchorSource.TEXT, "", position=position)
    made.to = Url(to, to.split("/")[2], to.split("/")[2], to)
    return made


def visit_of(seen: Seen) -> Visit:
    codes = {Outcome.OK: 200, Outcome.GONE: 404, Outcome.REDIRECT: 301, Outcome.SERVER_ERROR: 503}
    links = [link(f"https://{letter}.example/", number) for number, letter in enumerate(seen.links)]
    if seen.outcome is Outcome.REDIRECT:
        links = [link(ELSEWHERE, 0, LinkType.REDIRECT)]
    facts = PageFacts() if seen.outcome is Outcome.OK else None
    return Visit(PAGE, seen.outcome, http_code=codes[seen.outcome], facts=facts, links=links, observed_at=day(seen.day))


@dataclass
class Index:
    """One page, as the store keeps it."""

    state: PageState = field(default_factory=PageState)
    links: dict[int, KnownLink] = field(default_factory=dict)
    visits: list[OtherVisit] = field(default_factory=list)
    numbers: count = field(default_factory=count)

    def record(self, seen: Seen) -> None:
        made = Observation(visit_of(seen), self.state, by_crawl=seen.by_crawl, visits=tuple(self.visits))
        if made.is_recorded:
            return
        if made.compares:
            self._apply(made)
        counts = made.settled is not None and not made.is_late
        self.state = PageState(
            made.links_digest if counts else self.state.links_digest,
            settled=made.settled if counts else self.state.settled,
            has_missing=any(each.status == LinkStatus.MISSING for each in self.links.values()),
            by_crawl=made.read_by_crawl,
            last_visited=max(self.state.last_visited or made.at, made.at),
            settled_at=made.at if counts else self.state.settled_at,
            confirmed_at=made.confirmed_at,
            unverified_since=made.unverified_since,
        )
        self.visits = made.all_visits

    def _apply(self, made: Observation) -> None:
        known = sorted(self.links.values(), key=lambda each: each.position)
        comparison = compare(made, known)
        for found in comparison.found:
            number, absence = next(self.numbers), found.absence
            new = found.link
            assert new.to is not None
            self.links[number] = KnownLink(
                number, new.link_type, new.to.text, new.anchor, new.rel, position=new.position, first_seen=made.at
            )
            if absence:
                self._set_absent(number, absence, made.at)
        for change in comparison.changes:
            number = change.known.link_id
            if change.first_seen:
                self.links[number] = self.links[number]._replace(first_seen=change.first_seen)
            if change.absence:
                self._set_absent(number, change.absence, change.last_seen)
            else:
                live = {"status": LinkStatus.LIVE, "absent_since": None, "last_seen": None, "lost_reason": None}
                position = change.looks.position if change.looks else self.links[number].position
                self.links[number] = self.links[number]._replace(**live, position=position)

    def _set_absent(self, number: int, absence, last_seen) -> None:
        self.links[number] = self.links[number]._replace(
            status=absence.status, absent_since=absence.since, last_seen=last_seen, lost_reason=absence.reason
        )

    def shown(self):
        """What a user sees of it."""
        links = Counter(
            (
                each.url_to,
                LinkStatus(each.status).name,
                each.first_seen,
                each.last_seen or self.state.confirmed_at,
                each.absent_since,
                each.lost_reason,
            )
            for each in self.links.values()
        )
        state = self.state
        page = (state.settled, state.last_visited, state.confirmed_at, state.unverified_since, state.by_crawl)
        return links, page


LINKS = st.sampled_from(["a", "b", "c", "dd"])  # two that are alike come and go together: which is which, nobody knows
OUTCOMES = st.sampled_from([Outcome.OK] * 5 + [Outcome.GONE, Outcome.REDIRECT, Outcome.SERVER_ERROR])


@st.composite
def histories(draw) -> tuple[list[Seen], list[Seen]]:
    """In the order of their times, and in another."""
    number = draw(st.integers(1, 7))
    seen = []
    for each in range(number):
        outcome = draw(OUTCOMES)
        letters = "".join(sorted(draw(st.sets(LINKS)))) if outcome is Outcome.OK else ""
        seen.append(Seen(each, outcome, letters, draw(st.booleans())))
    return seen, draw(st.permutations(seen))


def recorded(history: list[Seen]):
    index = Index()
    for seen in history:
        index.record(seen)
    return index.shown()


@settings(max_examples=1500, deadline=None)
@given(histories())
def test_any_order_ends_as_the_order_of_their_times(both):
    in_order, shuffled = both
    assert recorded(shuffled) == recorded(in_order)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_what_is_recorded_twice_changes_nothing(both):
    in_order, shuffled = both
    assert recorded([*shuffled, *shuffled]) == recorded(in_order)
