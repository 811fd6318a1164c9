"""What an observation changes in its page's links, as intents, which the store applies."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from backlink_crawler.changes.doubt import LINKS_GONE, PATIENCE
from backlink_crawler.changes.life import Absence, absence_after, fate
from backlink_crawler.changes.matching import match_links
from backlink_crawler.model import LinkOrigin, LinkStatus, LinkType, LostReason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from backlink_crawler.changes.matching import KnownLink, Matched
    from backlink_crawler.changes.observation import Observation
    from backlink_crawler.model import Link


class EventKind(IntEnum):
    """What happens to a link after it was found. Stored; never renumber."""

    MISSING = 0
    LOST = 1
    RESTORED = 2
    REL_CHANGED = 3
    ANCHOR_CHANGED = 4
    MOVED = 5  # with its page


@dataclass(frozen=True, slots=True)
class Event:
    """before, after: rel, anchor or page; after: why it was lost."""

    kind: EventKind
    happened_at: datetime
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class FoundLink:
    """absence: of one that a late visit brings and that later ones did not see."""

    link: Link
    is_dofollow: bool
    absence: Absence | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedLink:
    """looks: what it looks like now, with is_dofollow; None: as before. absence: None: it is live.

    first_seen: earlier than was known; None: it stays. last_seen: None while it is live.
    """

    known: KnownLink
    looks: Link | None
    is_dofollow: bool
    absence: Absence | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    events: tuple[Event, ...] = ()


@dataclass(slots=True)
class Comparison:
    """has_missing: the page's next reading must be compared; None: as before. soon: another visit would settle it.

    apart: it must be days later. unrendered: a link was not seen that only a whole rendering can say of that it is not
    there.
    """

    found: list[FoundLink] = field(default_factory=list)
    changes: list[ChangedLink] = field(default_factory=list)
    has_missing: bool | None = None
    soon: bool = False
    unrendered: bool = False
    apart: bool = False

    def shows_change(self, *, in_html: bool) -> bool:
        """Has something happened to a link, as far as the frontier cares? in_html: to one that is not only rendered."""
        changed = (change.known.origin for change in self.changes if change.events)
        origins = [*(found.link.origin for found in self.found), *changed]
        return any(not in_html or origin != LinkOrigin.RENDERED for origin in origins)


def compare(observation: Observation, known: Iterable[KnownLink], moved: Iterable[KnownLink] = ()) -> Comparison:
    """known: the page's links that are not lost, and the lost ones that may be back; of a late visit's page all.

    moved: links of pages that redirect to this one for good. One that is seen here has come along, as first seen there.
    """
    if observation.settled is None:  # only where it redirects to is known
        known = [old for old in known if old.link_type == LinkType.REDIRECT]
    matched = match_links(known, observation.visit.links, is_half=observation.is_half)
    if observation.is_late:
        return _compare_late(observation, matched)
    comparison = Comparison(has_missing=None if observation.settled is None else False)
    comparison.unrendered = observation.is_partial and any(old.origin == LinkOrigin.RENDERED for old in matched.gone)
    come_along = match_links(moved, matched.found)
    for old, new in matched.kept + come_along.kept:
        if observation.is_partial and new.origin == LinkOrigin.HTML:
            _as_rendered_before(new, old)
        elif comparison.unrendered and old.origin != LinkOrigin.RENDERED:
            new.origin = LinkOrigin.BOTH  # rendered links are as old as the last rendering that lacked none
        if change := _seen_again(observation, old, new):
            comparison.changes.append(change)
    for link in come_along.found:
        comparison.found.append(FoundLink(link, _is_dofollow(link, observation)))
    _judge(observation, matched, comparison)
    return comparison


def _judge(observation: Observation, matched: Matched, comparison: Comparison) -> None:
    """The next reading is compared when a link of the page is missing, or is not among the digested."""
    unsettled, missing = observation.settled is None, []
    for old in matched.gone:
        if observation.is_partial and old.origin == LinkOrigin.RENDERED:
            # only a whole rendering can settle it; and what one that was not whole has shown is digested without it
            unsettled |= old.status == LinkStatus.MISSING or not observation.is_half
            continue
        absence = _absence(observation, old)
        if absence.status is LinkStatus.MISSING:
            missing.append(old)
        if absence.status != old.status:
            comparison.changes.append(_not_seen(observation, old, absence))
    comparison.soon = bool(missing)
    comparison.has_missing = unsettled or comparison.soon
    doubted_again = observation.loses_most_links and observation.doubt is not None and observation.doubt.visits > 1
    comparison.apart = doubted_again or (comparison.soon and all(_may_be_written(observation, old) for old in missing))


def _may_be_written(observation: Observation, old: KnownLink) -> bool:
    """By scripts that a rendering did not see to their end. Some never end: that is waited for only so long."""
    rendering, since = observation.visit.rendering, old.absent_since
    if rendering is None or rendering.is_whole or old.origin != LinkOrigin.BOTH or since is None:
        return False
    return observation.at - since < PATIENCE.time


def _absence(observation: Observation, old: KnownLink) -> Absence:
    state, since = observation.state, old.absent_since or observation.at
    if observation.settled is None:
        return Absence(LinkStatus.MISSING, since, observation.at)
    unheard = _may_be_written(observation, old)
    if observation.visit.rendering and old.origin == LinkOrigin.RENDERED:
        unheard = state.unrendered_since is not None and not old.unrendered
    before = None if unheard or observation.loses_most_links else state.settled
    status, reason = fate(LinkStatus(old.status), observation.settled, before)
    return Absence(status, since, observation.at, reason)


def _not_seen(observation: Observation, old: KnownLink, absence: Absence) -> ChangedLink:
    state = observation.state
    confirmed = state.rendered_at if old.origin == LinkOrigin.RENDERED else state.confirmed_at
    last_seen = old.last_seen or confirmed or old.first_seen
    return ChangedLink(old, None, old.is_dofollow, absence, None, last_seen, (_event_of(absence),))


def _event_of(absence: Absence) -> Event:
    kind = EventKind.MISSING if absence.reason is None else EventKind.LOST
    return Event(kind, absence.shown_at, None, None if absence.reason is None else absence.reason.name.lower())


def _as_rendered_before(link: Link, old: KnownLink) -> None:
    """What was not looked at this time is as it was."""
    link.origin = LinkOrigin.BOTH if old.origin == LinkOrigin.RENDERED else LinkOrigin(old.origin)
    if old.rendered_rel is not None:
        link.rendered_rel = old.rendered_rel
        link.is_nofollow |= "nofollow" in old.rendered_rel
        link.is_sponsored |= "sponsored" in old.rendered_rel
        link.is_ugc |= "ugc" in old.rendered_rel


def _seen_again(observation: Observation, old: KnownLink, new: Link) -> ChangedLink | None:
    """None: it is just as it was."""
    visit, at = observation.visit, observation.at
    is_dofollow = _is_dofollow(new, observation)
    was_rendered = old.origin != LinkOrigin.HTML and visit.rendering is not None
    was, is_now = (each.rel if each.rendered_rel is None else each.rendered_rel for each in (old, new))
    events: list[Event] = []
    if old.page_id and old.page_id != visit.page.page_id:
        events.append(Event(EventKind.MOVED, at))
    elif old.status != LinkStatus.LIVE:
        events.append(Event(EventKind.RESTORED, at))
    if old.rel != new.rel:
        events.append(Event(EventKind.REL_CHANGED, at, " ".join(old.rel), " ".join(new.rel)))
    elif was_rendered and was != is_now:
        events.append(Event(EventKind.REL_CHANGED, at, " ".join(was), " ".join(is_now)))
    if old.anchor != new.anchor:
        events.append(Event(EventKind.ANCHOR_CHANGED, at, old.anchor, new.anchor))
    looked = (old.is_dofollow, old.anchor_source, old.origin, old.rendered_rel)
    looks = (is_dofollow, new.anchor_source, new.origin, new.rendered_rel)
    around = (old.position, old.snippet_left, old.snippet_right)
    placed = (old.link_position, old.block_words, old.link_density, old.path_hash)
    place = new.placement  # its order changes with every link of the page: it is written with the rest
    is_placed_as_before = placed == (place.position, place.block_words, place.density, place.path)
    if (
        events
        or looked != looks
        or around != (new.position, new.snippet_left, new.snippet_right)
        or not is_placed_as_before
    ):
        return ChangedLink(old, new, is_dofollow, events=tuple(events))
    return None


def _is_dofollow(link: Link, observation: Observation) -> bool:
    facts = observation.visit.facts
    page_nofollow = bool(facts and facts.robots.nofollow)
    return not (link.is_nofollow or link.is_sponsored or link.is_ugc or page_nofollow)


def _compare_late(observation: Observation, matched: Matched) -> Comparison:
    """The rules of observation.py for one that later visits have gone beyond."""
    comparison = Comparison()
    revised = [_seen_earlier(observation, old) for old, _ in matched.kept]
    revised += [_missed_earlier(observation, old) for old in (*matched.gone, *matched.still_lost)]
    comparison.changes = [change for change in revised if change]
    for link in matched.found:
        if observation.is_half:
            link.origin = LinkOrigin.HTML
        absence = _not_lost_yet(observation, absence_after(observation.at, observation.all_visits))
        comparison.found.append(FoundLink(link, _is_dofollow(link, observation), absence, _events_of(absence)))
    absences = [found.absence for found in comparison.found] + [change.absence for change in comparison.changes]
    if any(absence and absence.status is LinkStatus.MISSING for absence in absences):
        comparison.has_missing = True
    return comparison


def _events_of(absence: Absence | None) -> tuple[Event, ...]:
    """Of a link that is absent from the start."""
    if absence is None:
        return ()
    missing = Event(EventKind.MISSING, absence.since)
    return (missing,) if absence.reason is None else (missing, _event_of(absence))


def _missed_earlier(observation: Observation, old: KnownLink) -> ChangedLink | None:
    """It is absent now, and this visit is one more that did not see it."""
    is_unread = observation.is_partial and old.origin == LinkOrigin.RENDERED
    if is_unread or old.absent_since is None or old.last_seen is None or observation.at <= old.last_seen:
        return None
    absence = absence_after(old.last_seen, observation.all_visits)
    if old.status == LinkStatus.MISSING:
        absence = _not_lost_yet(observation, absence, is_missing=True)
    if absence is None or (absence.status, absence.since, absence.reason) == (
        old.status,
        old.absent_since,
        old.lost_reason,
    ):
        return None
    return _revised(old, absence, None, old.last_seen, observation.at)


def _seen_earlier(observation: Observation, old: KnownLink) -> ChangedLink | None:
    at = observation.at
    first_seen = at if old.first_seen is None or at < old.first_seen else None
    if old.absent_since is None or old.last_seen is None or at <= old.last_seen:
        if first_seen is None:
            return None
        absence = _as_it_is(old)
        return ChangedLink(old, None, old.is_dofollow, absence, first_seen, old.last_seen)
    absence = _not_lost_yet(observation, absence_after(at, observation.all_visits))
    return _revised(old, absence, first_seen, at, at) if absence else None


def _not_lost_yet(observation: Observation, absence: Absence | None, *, is_missing: bool = False) -> Absence | None:
    """While it is in doubt that most of a page's links have gone, the visits that say so lose none; nor does a late one.

    is_missing: it is so far.
    """
    state = observation.state
    if absence is None or state.doubted_since is None or state.doubted_for != LINKS_GONE:
        return absence
    if absence.shown_at < state.doubted_since and not is_missing:
        return absence  # it was lost before
    return Absence(LinkStatus.MISSING, absence.since, absence.since)


def _revised(
    old: KnownLink, absence: Absence, first_seen: datetime | None, last_seen: datetime, at: datetime
) -> ChangedLink:
    """An absent link, with what a late visit adds. Only a change of its status is an event."""
    events: tuple[Event, ...] = ()
    if old.status == LinkStatus.LOST and absence.status is LinkStatus.MISSING:
        events = (Event(EventKind.RESTORED, at),)
    elif old.status == LinkStatus.MISSING and absence.status is LinkStatus.LOST:
        events = (_event_of(absence),)
    return ChangedLink(old, None, old.is_dofollow, absence, first_seen, last_seen, events)


def _as_it_is(old: KnownLink) -> Absence | None:
    if old.absent_since is None:
        return None
    reason = None if old.lost_reason is None else LostReason(old.lost_reason)
    return Absence(LinkStatus(old.status), old.absent_since, old.absent_since, reason)
