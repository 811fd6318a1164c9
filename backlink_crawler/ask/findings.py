"""What a profile says, in sentences: figures in, findings out. Nothing here asks the database.

A finding has numbers, what is usual in this index, and what one may do about it. What is
unusual is beyond the 5th or the 95th percentile of this index's targets by more than chance explains: it is the end of
Wilson's 95 % interval that is compared, so that few domains prove little. Where the index is too small for percentiles, some
figures are held against rules of thumb, and their sentences say so. Where too little of a profile is known, that is all
that is said.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from math import sqrt
from typing import TYPE_CHECKING, Any

from backlink_crawler.ask.finding_rules import GOOD, LACKING, NO_PERCENTILES, UNUSUAL, Age, Said, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from backlink_crawler.ask.finding_rules import Comparison, Good, Unusual
    from backlink_crawler.store.profiles import Usual

    Figures = Mapping[str, Any]

LEAST_REFDOMAINS = 10  # of fewer, nothing is said but how many they are
LEAST_VISITED = 0.2  # share of the known pages of the domains that link
MOST_UNVERIFIED = 0.5  # share of links
_LEAST_HITS = 3  # what one or two domains do is no pattern
_OLD = timedelta(days=91)
_Z = 1.96
_NAME = re.compile(r"{(\w+)}")
_LONGEST = 80  # characters of an anchor in a sentence


class Kind(IntEnum):
    """In the order in which findings are told. LOOK: somebody should look at it; it is no verdict."""

    COVERAGE, LOOK, CHANCE, GOOD = range(4)


@dataclass(frozen=True, slots=True)
class Finding:
    """weight: 0 to 1, how far beyond what is usual, of all the way there is."""

    key: str
    kind: Kind
    weight: float
    sentence: str
    advice: str


def findings(figures: Figures, usual: Mapping[str, Usual], now: datetime) -> list[Finding]:
    """What is to be said, that with most weight first. figures: of the views profile_…, by column; none, or None: not known."""
    if (lacking := _lacking(figures)) is not None:
        return lacking
    known = {name: spread for name, spread in usual.items() if spread.p95 is not None}
    told: dict[str, Finding] = {}
    for rule, found in _found(figures, known, now):
        if found and not told.keys() & set(rule.unless):
            told[rule.key] = found
    if not known:
        targets = max((spread.targets for spread in usual.values()), default=0)
        told[NO_PERCENTILES.key] = _said(NO_PERCENTILES, Kind.COVERAGE, 0, {"targets": targets})
    return sorted(told.values(), key=lambda finding: (finding.kind, -finding.weight))


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Both ends of Wilson's 95 % interval for a share (Wilson 1927)."""
    middle = hits + _Z**2 / 2
    half = _Z * sqrt(max(0, hits * (trials - hits)) / trials + _Z**2 / 4)
    return max(0.0, (middle - half) / (trials + _Z**2)), min(1.0, (middle + half) / (trials + _Z**2))


def percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _lacking(figures: Figures) -> list[Finding] | None:
    """Why nothing else is said; None: enough is known."""
    few, unread, doubtful = LACKING
    for rule, figure, is_too, limit in (
        (few, "refdomains", operator.lt, LEAST_REFDOMAINS),
        (unread, "visited_share", operator.lt, LEAST_VISITED),
        (doubtful, "unverified_share", operator.gt, MOST_UNVERIFIED),
    ):
        value = figures.get(figure)
        if value is not None and is_too(value, limit):
            shown = limit if isinstance(limit, int) else percent(limit)
            found = _finding(rule, Kind.COVERAGE, 1, {**figures, "limit": shown})
            return [found] if found else []
    return None


def _found(figures: Figures, usual: Mapping[str, Usual], now: datetime) -> Iterator[tuple[Said, Finding | None]]:
    """Whatever may be said, each rule after those that would say it better."""
    for rule in UNUSUAL:
        yield rule, _unusual(rule, figures, usual, now)
    for good in GOOD:
        if _holds(good, figures, usual, now):
            yield good, _finding(good, Kind.GOOD, 0, {**figures, **_spreads(usual)})


def _unusual(rule: Unusual, figures: Figures, usual: Mapping[str, Usual], now: datetime) -> Finding | None:
    hits, trials, value = (figures.get(name) for name in (rule.hits, rule.trials, rule.figure))
    if hits is None or not trials or value is None or not _is_of_age(rule.age, figures, now):
        return None
    if rule.side is Side.ANY:
        return _finding(rule, Kind.CHANCE, value, figures) if hits else None
    spread, is_above = usual.get(rule.figure), rule.side is Side.ABOVE
    limit = rule.thumb if spread is None else spread.p95 if is_above else spread.p5
    if limit is None or (spread is None and usual):
        return None
    low, high = wilson(min(hits, trials), trials)
    beyond, room = (low - limit, 1 - limit) if is_above else (limit - high, limit)
    if beyond <= 0 or (is_above and hits < _LEAST_HITS):
        return None
    told = _usual_words(rule, spread, limit)
    return _finding(rule, Kind.LOOK, min(1.0, beyond / room), figures, told)


def _usual_words(rule: Unusual, spread: Usual | None, limit: float) -> str:
    shown = percent(limit)
    if spread is None:
        side = "at most" if rule.side is Side.ABOVE else "at least"
        return f"; a rule of thumb, which nobody has shown to hold for your field, is {side} {shown}."
    if rule.side is Side.ABOVE:
        return f"; in this index 95 % of targets stay at or under {shown}."
    return f"; in this index 95 % of targets have {shown} or more."


def _holds(good: Good, figures: Figures, usual: Mapping[str, Usual], now: datetime) -> bool:
    return _is_of_age(good.age, figures, now) and all(_is_so(each, figures, usual) for each in good.conditions)


def _is_so(comparison: Comparison, figures: Figures, usual: Mapping[str, Usual]) -> bool:
    value, spread = figures.get(comparison.figure), usual.get(comparison.figure)
    if value is None or spread is None:
        return False
    limit = getattr(spread, comparison.percentile)
    return bool(value <= limit if comparison.side is Side.BELOW else value >= limit)


def _is_of_age(age: Age, figures: Figures, now: datetime) -> bool:
    first_seen = figures.get("first_seen")
    if age is Age.ANY or first_seen is None:
        return age is Age.ANY
    return bool((age is Age.OLD) == (now - first_seen > _OLD))


def _spreads(usual: Mapping[str, Usual]) -> dict[str, str]:
    """Percentiles by figure, as sentences have them: {exact_share_p50}."""
    return {
        f"{figure}_{name}": percent(value)
        for figure, spread in usual.items()
        for name, value in spread._asdict().items()
        if name != "targets" and value is not None
    }


def _finding(rule: Said, kind: Kind, weight: float, figures: Figures, usual: str = "") -> Finding | None:
    """None: a figure of its sentence is not known, so that there is no sentence."""
    if any(figures.get(name) is None for name in _NAME.findall(rule.sentence + rule.advice)):
        return None
    return _said(rule, kind, weight, figures, usual)


def _said(rule: Said, kind: Kind, weight: float, figures: Figures, usual: str = "") -> Finding:
    words = {name: _word(value) for name, value in figures.items()}
    sentence = rule.sentence.format_map(words) + usual
    return Finding(rule.key, kind, round(float(weight), 3), sentence, rule.advice.format_map(words))


def _word(value: Any) -> str:
    """As it stands in a sentence."""
    if isinstance(value, bool | None):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
