"""Charts as geometry: from figures to points, bars and ticks, and the words that say the same.

Lengths are units of a chart's own: it is as wide as there is room. templates/charts.html draws them, static/charts.css colours them.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple

from backlink_crawler.ask.findings import percent
from backlink_crawler.terminal import blanked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

WIDTH = 400
COLOURS = 8
_HEIGHT = 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 24  # around what is drawn, for the labels of its axes
_TICKS = 4
_LETTER = 6.6  # width of one, on average; those of East Asia are twice as wide
_ROW = 32
_BAR = 10
_STACK = 22
_SIZES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


class Point(NamedTuple):
    x: float
    y: float


class Tick(NamedTuple):
    at: float
    label: str
    anchor: Literal["start", "middle", "end"] = "end"


class Series(NamedTuple):
    """values: one for each day; None: not known."""

    name: str
    values: Sequence[int | None]


class Line(NamedTuple):
    """pieces: what is known without a gap, as SVG's points; dots: days of which neither neighbour is known."""

    name: str
    pieces: Sequence[str]
    dots: Sequence[Point]


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Lines(NamedTuple):
    title: str
    says: str
    lines: Sequence[Line]
    across: Sequence[Tick]
    up: Sequence[Tick]
    height: float = _HEIGHT
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    kind: str = "lines"


class Bars(NamedTuple):
    """names: of what goes up, and of what goes down. zero: where both begin."""

    title: str
    says: str
    names: tuple[str, str]
    rising: Sequence[Box]
    falling: Sequence[Box]
    zero: float
    across: Sequence[Tick]
    up: Sequence[Tick]
    height: float = _HEIGHT
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    kind: str = "bars"


class Part(NamedTuple):
    """share: of 1. colour: from 1 on."""

    word: str
    share: float
    box: Box
    colour: int


class Stack(NamedTuple):
    title: str
    says: str
    parts: Sequence[Part]
    height: float = _STACK
    kind: str = "stack"


class Row(NamedTuple):
    """label, figure: the texts above the bar, on the line `base`."""

    label: str
    figure: str
    base: float
    box: Box


class Rows(NamedTuple):
    title: str
    says: str
    rows: Sequence[Row]
    height: float
    kind: str = "rows"


Chart = Lines | Bars | Stack | Rows


class Scale(NamedTuple):
    """Values from low to high stand from start to end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def lines(title: str, days: Sequence[date], series: Sequence[Series]) -> Lines | None:
    """None: nothing is known of any day."""
    known = [value for each in series for value in each.values if value is not None]
    if not known:
        return None
    ticks = round_ticks(0, max(known))
    upright = Scale(ticks[0], ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    across = [_day_at(place, len(days)) for place in range(len(days))]
    drawn = [_line(each, across, upright) for each in series]
    said = " ".join(_said_of_line(each, days) for each in series)
    return Lines(
        title, said, drawn, _day_ticks(days, across), [Tick(upright.at(each), compact(each)) for each in ticks]
    )


def bars(title: str, days: Sequence[date], rising: Series, falling: Series) -> Bars | None:
    """What came, upwards, and what went, downwards. None: there is no day."""
    if not days:
        return None
    up, down = ([value or 0 for value in each.values] for each in (rising, falling))
    ticks = round_ticks(-max(down), max(up))
    upright = Scale(ticks[0], ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    zero, room = upright.at(0), (WIDTH - _LEFT - _RIGHT) / len(days)
    width = round(min(room * 0.8, 40), 2)
    starts = [round(_LEFT + room * (place + 0.5) - width / 2, 1) for place in range(len(days))]
    return Bars(
        title,
        f"{_said_of_bars(rising, days)} {_said_of_bars(falling, days)}",
        (rising.name, falling.name),
        [_upwards(x, width, zero, upright.at(value)) for x, value in zip(starts, up, strict=True) if value],
        [_downwards(x, width, zero, upright.at(-value)) for x, value in zip(starts, down, strict=True) if value],
        zero,
        _day_ticks(days, [round(x + width / 2, 1) for x in starts]),
        [Tick(upright.at(each), compact(abs(each))) for each in ticks],
    )


def stack(title: str, shares: Sequence[tuple[str, float]]) -> Stack | None:
    """What a whole is made of; shares: of 1. What is beyond the colours, or not named, is “the rest”. None: nothing is known."""
    named = [(word, share) for word, share in shares if share > 0]
    if not named:
        return None
    if len(named) > COLOURS or sum(share for _, share in named) < 0.9995:
        named = named[: COLOURS - 1]
        named.append(("the rest", max(0.0, 1 - sum(share for _, share in named))))
    parts, start = [], 0.0
    for colour, (word, share) in enumerate(named, 1):
        width = min(share, 1) * WIDTH
        shown = max(0.5, width - 1)  # a gap before the next
        parts.append(Part(word, share, Box(round(start, 1), 0, round(shown, 1), _STACK), colour))
        start += width
    said = ", ".join(f"{blanked(word)} {percent(share)}" for word, share in named)
    return Stack(title, f"{said}.", parts)


def rows(title: str, counted: Sequence[tuple[str, float, str]], most: float | None = None) -> Rows | None:
    """counted: label, value, and the value in words. most: what a whole bar is; None: the largest. None: there are none."""
    if not counted:
        return None
    most = most or max(value for _, value, _ in counted)
    made = []
    for place, (label, value, figure) in enumerate(counted):
        top = place * _ROW
        width = 0.0 if not value else max(1.0, round(value / most * WIDTH, 1))
        room = WIDTH - width_of(figure) - 12
        made.append(Row(fitted(label, room), figure, top + 13, Box(0, top + 18, width, _BAR)))
    said = "; ".join(f"{blanked(label) or '(none)'}: {figure}" for label, _, figure in counted)
    return Rows(title, f"{said}.", made, len(made) * _ROW)


def round_ticks(low: float, high: float) -> list[int]:
    """Multiples of 1, 2 or 5 × a power of ten, from low or below to high or above; always with zero, at least two."""
    low, high = min(low, 0), max(high, 0)
    step = _round_step((high - low) / _TICKS)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        last += 1
    return [place * step for place in range(first, last + 1)]


def _round_step(least: float) -> int:
    """No count lies between 0 and 1."""
    if least <= 1:
        return 1
    power = 10 ** math.floor(math.log10(least))
    return int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9)))


def compact(number: float) -> str:
    """As the label of an axis: `1,500`, `20k`, `1.5M`."""
    for size, letter in _SIZES:
        if number >= 10 * size or (size > 1_000 and number >= size):
            return f"{number / size:,.2f}".rstrip("0").rstrip(".") + letter
    return f"{number:,.0f}"


def width_of(text: str) -> float:
    return _LETTER * sum(_letters(character) for character in text)


def fitted(text: str, room: float) -> str:
    """As much of it as there is room for."""
    text = " ".join(blanked(text).split())
    if width_of(text) <= room:
        return text
    left = room / _LETTER - 1
    shown = []
    for character in text:
        left -= _letters(character)
        if left < 0:
            break
        shown.append(character)
    return "".join(shown).rstrip() + "…"


def _letters(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _day_at(place: int, days: int) -> float:
    """One day alone stands in the middle."""
    if days == 1:
        return round((_LEFT + WIDTH - _RIGHT) / 2, 1)
    return Scale(0, days - 1, _LEFT, WIDTH - _RIGHT).at(place)


def _day_ticks(days: Sequence[date], across: Sequence[float]) -> list[Tick]:
    """The first, the last, and one between them."""
    last = len(days) - 1
    places = sorted({0, last} | ({last // 2} if last >= 4 else set()))
    return [_day_tick(across[place], days[place].isoformat()) for place in places]


def _day_tick(at: float, label: str) -> Tick:
    """Its label stays within the axis."""
    half = width_of(label) / 2
    if at - half < _LEFT:
        return Tick(at, label, "start")
    return Tick(at, label, "end" if at + half > WIDTH else "middle")


def _line(series: Series, across: Sequence[float], upright: Scale) -> Line:
    pieces = list(_pieces(series, across, upright))
    drawn = [" ".join(f"{x:g},{y:g}" for x, y in piece) for piece in pieces if len(piece) > 1]
    return Line(series.name, drawn, [piece[0] for piece in pieces if len(piece) == 1])


def _pieces(series: Series, across: Sequence[float], upright: Scale) -> Iterator[list[Point]]:
    piece: list[Point] = []
    for x, value in zip(across, series.values, strict=True):
        if value is not None:
            piece.append(Point(x, upright.at(value)))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _upwards(x: float, width: float, zero: float, top: float) -> Box:
    """Where there is something, it is seen."""
    height = max(1.0, round(zero - top, 1))
    return Box(x, round(zero - height, 1), width, height)


def _downwards(x: float, width: float, zero: float, bottom: float) -> Box:
    return Box(x, zero, width, max(1.0, round(bottom - zero, 1)))


def _said_of_line(series: Series, days: Sequence[date]) -> str:
    known = [(day, value) for day, value in zip(days, series.values, strict=True) if value is not None]
    if not known:
        return f"{series.name}: not known."
    (first, begun), (last, ended) = known[0], known[-1]
    if first == last:
        return f"{series.name}: {ended:,} on {last}."
    values = [value for _, value in known]
    return (
        f"{series.name}: {begun:,} on {first}, {ended:,} on {last}; at least {min(values):,}, at most {max(values):,}."
    )


def _said_of_bars(series: Series, days: Sequence[date]) -> str:
    values = [value or 0 for value in series.values]
    total = sum(values)
    if not total:
        return f"{series.name}: none."
    most = max(values)
    return f"{series.name}: {total:,}, most on {days[values.index(most)]}: {most:,}."
