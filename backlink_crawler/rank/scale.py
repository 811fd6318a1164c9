"""From raw values to figures for people: each of one value, of an array, or of a list where NumPy is not installed."""

from __future__ import annotations

from bisect import bisect_left
from math import log, log10
from typing import Any

from backlink_crawler.rank.libraries import np

LEAST = 0.1  # authority of a domain that has a follow referring domain
DIGITS = 4  # significant ones that are kept of what has no end: what changes less is the same


def authority(ratios: Any, linked: Any) -> Any:
    """100 × ln ratio ÷ ln of the largest ratio, to one decimal, at least 0.1; 0 where there is no follow referring domain.

    ratios: PageRank ÷ floor. linked: the number of follow referring domains.
    """
    largest = float(max(ratios, default=1.0)) if np is None else float(ratios.max(initial=1.0))
    if largest <= 1.0:
        return [0.0] * len(ratios) if np is None else np.zeros(len(ratios))
    if np is None:
        return [
            max(LEAST, round(100 * log(max(ratio, 1.0)) / log(largest), 1)) if number else 0.0
            for ratio, number in zip(ratios, linked, strict=True)
        ]
    scaled = np.round(100 * np.log(np.maximum(ratios, 1.0)) / log(largest), 1)
    return np.where(linked > 0, np.maximum(scaled, LEAST), 0.0)


def percentiles(values: Any) -> Any:
    """Of each, the percentage of all that are lower, to one decimal (rounded down: 100 is none)."""
    if np is None:
        ordered = sorted(values)
        return [bisect_left(ordered, value) * 1000 // len(ordered) / 10 for value in values]
    ordered = np.sort(values)
    return np.searchsorted(ordered, values) * 1000 // max(1, len(ordered)) / 10


def significant(values: Any, digits: int = DIGITS) -> Any:
    """Rounded to so many significant digits. Values are at least 0."""
    if np is None:
        return [round(value, digits - 1 - int(log10(value) // 1)) if value else 0.0 for value in values]
    magnitude = np.floor(np.log10(np.where(values > 0, values, 1.0)))
    factor = 10.0 ** (digits - 1 - magnitude)
    return np.round(values * factor) / factor
