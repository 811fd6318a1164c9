"""When is a page due again, and how urgently? By how often its links change, and by how its visits end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import log

from backlink_crawler.model import Outcome, PageKind, Priority, Settled

DECAY = 0.9  # of what is remembered, at each comparison: the last ten or so count
OFTEN = 0.2  # of its visits find a change: a likely source of new links
LONGEST_JUMP = 2.0  # times the last wait: a page that was quiet for two days is not left alone for a month
_HARDLY_HTML = frozenset({Outcome.NOT_HTML, Outcome.TOO_LARGE})


@dataclass(frozen=True, slots=True)
class Pace:
    """least, most: bounds of a wait. first: after the first reading. soon: to see whether a missing link is lost.
    apart: the same, where it takes days to see; and the longest wait for an answer that can be believed in the end.

    changes: that a page is expected to have had when it is visited again; 0.7 is an even chance of one.
    """

    least: timedelta = timedelta(hours=20)  # a nightly run a little earlier than the last one finds it due
    most: timedelta = timedelta(days=30)
    first: timedelta = timedelta(days=3)
    soon: timedelta = timedelta(hours=6)
    apart: timedelta = timedelta(days=3.5)
    changes: float = 0.7


@dataclass(frozen=True, slots=True)
class History:
    """compared: visits that were compared with the one before; changes: those that found a change; days: between them.

    All three are exponentially decayed. failures: inconclusive visits in a row.
    """

    compared: float = 0.0
    changes: float = 0.0
    days: float = 0.0
    failures: int = 0

    def after(self, *, changed: bool, days: float) -> History:
        """One more comparison, `days` after the last one."""
        return History(
            self.compared * DECAY + 1,
            self.changes * DECAY + changed,
            self.days * DECAY + days,
        )

    @property
    def rate(self) -> float:
        """Changes a day: Cho and Garcia-Molina, "Estimating Frequency of Change", ACM TOIT 3(3), 2003, section 5.2.

        Their estimator looks at visits without a change, as several changes between two visits are seen as one.
        """
        if not self.days:
            return 0.0
        quiet = (self.compared - self.changes + 0.5) / (self.compared + 0.5)
        return -log(quiet) * self.compared / self.days


def next_visit(
    history: History,
    outcome: Outcome,
    settled: Settled | None,
    pace: Pace,
    *,
    has_missing: bool = False,
    apart: bool = False,
    kind: PageKind = PageKind.PAGE,
) -> timedelta:
    """How long to wait. history: with this visit in it. has_missing: a link of the page is missing now.

    apart: that, or what to make of the answer, is seen by visits that are days apart.
    """
    if settled is None:
        if outcome in _HARDLY_HTML:
            return pace.most
        doublings = min(max(history.failures, 1) - 1, 10)
        first = pace.first if outcome is Outcome.TOO_COMPLEX else pace.least  # it will hardly be simpler tomorrow
        return min(pace.apart if apart else pace.most, first * (1 << doublings))
    if has_missing or kind is PageKind.SITEMAP:
        return (pace.apart if apart else pace.soon) if has_missing else pace.least
    return pace.most if settled is Settled.GONE else _by_rate(history, pace)


def _by_rate(history: History, pace: Pace) -> timedelta:
    if not history.compared:
        return pace.first
    typical = timedelta(days=history.days / history.compared)
    longest = min(pace.most, max(pace.first, typical * LONGEST_JUMP))
    rate = history.rate
    return max(pace.least, min(longest, timedelta(days=pace.changes / rate))) if rate else longest


def priority(history: History, kind: PageKind) -> Priority:
    """Of a page that has been visited and is not watched."""
    if kind is PageKind.SITEMAP or history.changes > OFTEN * history.compared:
        return Priority.SOURCE
    return Priority.OTHER


def failed(history: History) -> History:
    """One more inconclusive visit."""
    return replace(history, failures=min(history.failures + 1, 100))
