"""Weeks in which far more new domains link to a target than its other weeks let expect."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_WEEKS = 8  # of the index: of fewer nothing is usual
LEAST_DOMAINS = 5  # that are new in a week
MOST_GROWTH = 3  # times its median week: when the index itself has grown like that, a week says nothing of a target
_NORMAL = 0.6745  # a median absolute deviation in standard deviations


def usable_weeks(totals: Mapping[int, int]) -> dict[int, int]:
    """totals: what the index learnt of in each week. Those by which targets are judged; none while they are too few."""
    most = MOST_GROWTH * median(totals.values()) if totals else 0
    usable = {week: total for week, total in totals.items() if 0 < total <= most}
    return usable if len(usable) >= LEAST_WEEKS else {}


def unusual_weeks(usable: Mapping[int, int], weeks: Sequence[int], domains: Sequence[int]) -> list[tuple[int, float]]:
    """(week, modified z-score) of the weeks with LEAST_DOMAINS: how far the target's share of what the index learnt of is
    from its median share, in median absolute deviations, each at least one domain's (Iglewicz and Hoaglin 1993).

    weeks, domains: those in which any was new, and how many.
    """
    new = {week: number for week, number in zip(weeks, domains, strict=True) if week in usable}
    shares = {week: number / usable[week] for week, number in new.items()}
    nothing = [0.0] * (len(usable) - len(shares))
    middle = median([*shares.values(), *nothing]) if usable else 0.0
    spread = median([abs(share - middle) for share in (*shares.values(), *nothing)]) if usable else 0.0
    return [
        (week, round(_NORMAL * (shares[week] - middle) / max(spread, 1 / usable[week]), 2))
        for week, number in new.items()
        if number >= LEAST_DOMAINS
    ]
