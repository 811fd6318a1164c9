"""Where the nodes of a graph are drawn: a force-directed layout (Fruchterman and Reingold 1991, "Graph Drawing by
Force-directed Placement"). Nodes push each other away, edges pull their ends together, and every turn moves them less.

A place is a complex number, so that what one node pushes another by, (z − w) ÷ |z − w|², is one division: the conjugate
of 1 ÷ (z − w). The first places are a spiral and not drawn by lot: the same graph is always drawn alike.
"""

from __future__ import annotations

from cmath import rect
from itertools import count
from math import pi, sqrt
from operator import sub
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH, HEIGHT = 1000, 700
SIDE, TOP, BOTTOM = 90, 20, 40  # left free for labels, which are wider than high and stand below their nodes
GAP = 10.0  # between any two nodes, where there is room
_TURNS = 30  # 200 nodes and 2,000 edges take 70 ms of processor time
_GRAVITY = 0.5  # keeps together what no edge does
_STRETCH = 1.4  # at most: a round graph may fill a box that is no square
_LARGEST = 150.0  # units of the box between two nodes of a small graph
_GOLDEN = pi * (3 - sqrt(5))


class Point(NamedTuple):
    """From the upper left corner of a box of WIDTH × HEIGHT."""

    x: float
    y: float


def placed(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, Point]:
    """Where each node is drawn: the first begins in the middle, and no two share a point. edges: between nodes."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(nodes))}
    joined = {tuple(sorted((numbers[one], numbers[other]))) for one, other in edges}
    ends = sorted((one, other) for one, other in joined if one != other)
    return dict(zip(numbers, _apart(_fitted(_settled(len(numbers), ends))), strict=True))


def _settled(nodes: int, ends: Sequence[tuple[int, int]]) -> list[complex]:
    places = [rect(sqrt(number), number * _GOLDEN) for number in range(nodes)]
    for turn in range(_TURNS):
        furthest = 0.3 * sqrt(nodes) * (1 - turn / _TURNS)
        for number, force in enumerate(_forces(places, ends)):
            strength = abs(force)
            places[number] += force if strength <= furthest else force * (furthest / strength)
    return places


def _forces(places: Sequence[complex], ends: Sequence[tuple[int, int]]) -> list[complex]:
    pushed = [0j] * len(places)
    for number, place in enumerate(places):
        each = [1 / (place - other or 1e-9) for other in places[number + 1 :]]
        pushed[number] += sum(each)
        pushed[number + 1 :] = map(sub, pushed[number + 1 :], each)
    forces = [push.conjugate() - _GRAVITY * place for push, place in zip(pushed, places, strict=True)]
    for one, other in ends:
        apart = places[one] - places[other]
        pull = apart * abs(apart)
        forces[one] -= pull
        forces[other] += pull
    return forces


def _fitted(places: Sequence[complex]) -> list[complex]:
    """In the middle of the box, and as large as it has room for."""
    if not places:
        return []
    across, down = [place.real for place in places], [place.imag for place in places]
    most_x = (WIDTH - 2 * SIDE) / (max(across) - min(across) or 1e-9)
    most_y = (HEIGHT - TOP - BOTTOM) / (max(down) - min(down) or 1e-9)
    scale = min(most_x, most_y, _LARGEST)
    scale_x, scale_y = min(most_x, scale * _STRETCH), min(most_y, scale * _STRETCH)
    middle_x, middle_y = (max(across) + min(across)) / 2, (max(down) + min(down)) / 2
    return [
        complex(WIDTH / 2 + (x - middle_x) * scale_x, (HEIGHT + TOP - BOTTOM) / 2 + (y - middle_y) * scale_y)
        for x, y in zip(across, down, strict=True)
    ]


def _apart(places: Sequence[complex]) -> Iterator[Point]:
    """Each at its place, or at the nearest that is free."""
    # so small that all of them together leave room for another
    gap = min(GAP, sqrt((WIDTH - 2 * SIDE) * (HEIGHT - TOP - BOTTOM) / max(1, len(places))) / 4)
    taken: dict[tuple[int, int], list[complex]] = {}
    for place in places:
        for spot in _around(place, gap):
            column, row = int(spot.real // gap), int(spot.imag // gap)
            near = (taken.get((column + x, row + y), ()) for x in (-1, 0, 1) for y in (-1, 0, 1))
            if all(abs(spot - other) >= gap for others in near for other in others):
                taken.setdefault((column, row), []).append(spot)
                yield Point(spot.real, spot.imag)
                break


def _around(place: complex, gap: float) -> Iterator[complex]:
    """Spots inside the box, the nearest first, to a tenth of a unit."""
    for number in count():
        spot = place + rect(gap / 2 * sqrt(number), number * _GOLDEN)
        x, y = round(spot.real, 1), round(spot.imag, 1)
        if SIDE <= x <= WIDTH - SIDE and TOP <= y <= HEIGHT - BOTTOM:
            yield complex(x, y)
