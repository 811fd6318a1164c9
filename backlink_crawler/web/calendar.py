"""Days as weeks and months, for the calendar of what came and went."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST_MONTHS = 24
_WEEK = timedelta(days=7)


class Day(NamedTuple):
    """figures: the row of the day; None: nothing was learnt on it."""

    day: date
    figures: Mapping[str, Any] | None


class Month(NamedTuple):
    """first: its first day. weeks: of seven days from Monday; None stands for days of other months."""

    first: date
    weeks: list[list[Day | None]]


def months(rows: Iterable[Mapping[str, Any]]) -> Iterator[Month]:
    """The months of these rows of `daily`, the last one first, with those between; at most two years of them."""
    of_day = {row["day"]: row for row in rows}
    if not of_day:
        return
    first, last = min(of_day).replace(day=1), max(of_day)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = [
        Month(next_first, _weeks(list(some), of_day))
        for next_first, some in groupby(days, lambda day: day.replace(day=1))
    ]
    yield from found[::-1][:_MOST_MONTHS]


def _weeks(days: list[date], of_day: Mapping[date, Mapping[str, Any]]) -> list[list[Day | None]]:
    padded: list[Day | None] = [None] * days[0].weekday()
    padded += [Day(day, of_day.get(day)) for day in days]
    padded += [None] * (-len(padded) % _WEEK.days)
    return [padded[start : start + _WEEK.days] for start in range(0, len(padded), _WEEK.days)]
