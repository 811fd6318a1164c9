"""How a target's links came about: what was learnt of them by day or week, and how many stood at its end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from backlink_crawler.store import summing
from backlink_crawler.store.asking import Filters, answer
from backlink_crawler.store.standing import horizon, standing_refdomains

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection

MOST_DAYS = 180  # of more, a chart has a point a week
_CHANGES = summing.DAILY[1:]


class Changes(NamedTuple):
    """What was learnt from that day on, a day in UTC, or in the week that begins with it."""

    day: date
    new_links: int
    lost_links: int
    restored_links: int
    new_refdomains: int
    lost_refdomains: int
    restored_refdomains: int


class Stood(NamedTuple):
    """Links and referring domains that were known and not lost when that day, or week, ended.

    None: not known, as links have been removed from the index since, or came to it from elsewhere.
    """

    day: date
    links: int | None
    refdomains: int | None


class Trend(NamedTuple):
    """days: one for each day, or each week from Monday on where days_each is 7, those without changes too."""

    days: Sequence[Changes]
    standing: Sequence[Stood]
    days_each: int
    why: str | None


def trend(connection: Connection, target: Target, links: int, days: int) -> Trend:
    """Of the last so many days; of those before the first of the index nothing is known. links: those not lost, now."""
    today, beginning = horizon(connection)
    if beginning is None:
        return Trend((), (), 1, "nothing has been recorded.")
    first = max(today - timedelta(days=days - 1), beginning)
    query = summing.daily(target, Filters(limit=None, since=f"date '{first}'"))
    by_day = {row[0]: Changes(*row) for row in answer(connection, query)[1]}
    days_each = 7 if (today - first).days >= MOST_DAYS else 1
    found = list(_in_order(by_day, first, today, days_each))
    return Trend(found, _backwards(found, links, standing_refdomains(connection, target)), days_each, None)


def _in_order(by_day: Mapping[date, Changes], first: date, today: date, days_each: int) -> Iterator[Changes]:
    begins = first if days_each == 1 else first - timedelta(days=first.weekday())
    while begins <= today:
        together = [by_day[day] for place in range(days_each) if (day := begins + timedelta(days=place)) in by_day]
        yield Changes(begins, *(sum(getattr(each, name) for each in together) for name in _CHANGES))
        begins += timedelta(days=days_each)


def _backwards(found: Sequence[Changes], links: int, refdomains: int) -> list[Stood]:
    """From today's counts, by what has changed since."""
    stood: list[Stood] = []
    for each in reversed(found):
        stood.append(Stood(each.day, links if links >= 0 else None, refdomains if refdomains >= 0 else None))
        links -= each.new_links + each.restored_links - each.lost_links
        refdomains -= each.new_refdomains + each.restored_refdomains - each.lost_refdomains
    return stood[::-1]
