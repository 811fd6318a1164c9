"""The life of a link: what a visit settles about its page, and what becomes of a link that the page no longer has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.model import LinkStatus, LostReason, Outcome, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_SETTLED = {Outcome.OK: Settled.READ, Outcome.NOT_MODIFIED: Settled.READ, Outcome.GONE: Settled.GONE}
PERMANENT = frozenset({301, 308})
_REASONS = {
    Settled.READ: LostReason.LINK_REMOVED,
    Settled.GONE: LostReason.PAGE_GONE,
    Settled.MOVED: LostReason.PAGE_REDIRECTED,
}


class OtherVisit(NamedTuple):
    """Another visit to the page, and what it settled; None: it was inconclusive."""

    observed_at: datetime
    settled: Settled | None


class Absence(NamedTuple):
    """Of a link that is not live. since: the first visit that missed it. shown_at: the visit that decided the status.

    reason: None while it is missing only.
    """

    status: LinkStatus
    since: datetime
    shown_at: datetime
    reason: LostReason | None = None


def settles(outcome: Outcome, http_code: int | None, before: Settled | None) -> Settled | None:
    """What a visit settles about its page; None when it is inconclusive, so that the page's links are unverified.

    before: what the last conclusive visit settled. A temporary redirect of a page that was read before is inconclusive;
    a page that has always redirected is a redirect.
    """
    if outcome is Outcome.REDIRECT:
        return Settled.MOVED if http_code in PERMANENT or before is not Settled.READ else None
    return _SETTLED.get(outcome)


def fate(status: LinkStatus, settled: Settled, before: Settled | None) -> tuple[LinkStatus, LostReason | None]:
    """Of a link that was not seen: missing at first, and lost when two conclusive visits in a row settle the same.

    So neither one bad answer nor two different ones lose a link.
    """
    if status == LinkStatus.MISSING and settled is before:
        return LinkStatus.LOST, _REASONS[settled]
    return LinkStatus.MISSING, None


def absence_after(seen_at: datetime, visits: Iterable[OtherVisit]) -> Absence | None:
    """What the visits after `seen_at` make of a link that none of them saw: `fate`, one by one, for late observations.

    visits: of its page, in the order of their times. Returns None when none of them is conclusive.
    """
    since: datetime | None = None
    before: Settled | None = None
    for visit in visits:
        if visit.settled is None or visit.observed_at <= seen_at:
            continue
        if since is None:
            since = visit.observed_at
        elif visit.settled is before:
            return Absence(LinkStatus.LOST, since, visit.observed_at, _REASONS[visit.settled])
        before = visit.settled
    return None if since is None else Absence(LinkStatus.MISSING, since, since)
