"""Link schemes planted into a graph: farms, rings, exchange networks and private networks among ordinary nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SIZES = (12, 25, 50, 100, 200)
COPIES = {12: 8, 25: 4, 50: 2, 100: 1, 200: 1}  # about a hundred members of each size
PARTNERS, FOLLOWING, CLIENTS, CLIENTS_EACH = 12, 3, 8, 5


def farm(first: int, size: int, _chance: Any) -> Iterator[tuple[int, int]]:
    """Three of them are boosted: all others link to each of these, and these back."""
    for member in range(first + 3, first + size):
        for boosted in range(first, first + 3):
            yield from ((member, boosted), (boosted, member))


def ring(first: int, size: int, _chance: Any) -> Iterator[tuple[int, int]]:
    """Each links to the next three, nobody back, and all to the first, which is what it is for."""
    for place in range(size):
        for step in range(1, FOLLOWING + 1):
            yield first + place, first + (place + step) % size
        if place:
            yield first + place, first


def exchange(first: int, size: int, chance: Any) -> Iterator[tuple[int, int]]:
    """Each has swapped links with twelve others."""
    partners = min(PARTNERS, size - 1)
    for place in range(size):
        for other in chance.choice(size - 1, partners // 2 + 1, replace=False):
            partner = (place + 1 + int(other)) % size
            yield from ((first + place, first + partner), (first + partner, first + place))


def private(first: int, size: int, chance: Any) -> Iterator[tuple[int, int]]:
    """They do not link to each other: each links to five of the first eight, which are the clients."""
    for member in range(first + CLIENTS, first + size):
        for client in chance.choice(CLIENTS, CLIENTS_EACH, replace=False):
            yield member, first + int(client)


SCHEMES: dict[str, Callable[[int, int, Any], Iterator[tuple[int, int]]]] = {
    "farm": farm,
    "ring": ring,
    "exchange": exchange,
    "private network": private,
}

ALL = {(scheme, size): copies for scheme in SCHEMES for size, copies in COPIES.items()}


def planted(
    edges: Any, nodes: int, camouflage: float, copies: Mapping[tuple[str, int], int] = ALL, seed: int = 1
) -> tuple[Any, dict[tuple[str, int], Any]]:
    """(edges with what is planted, (scheme, size) → members that link). edges: rows of source and target. copies: of each
    (scheme, size).

    camouflage: share of a member's links, to it and from it, that are with ordinary nodes; such a one is drawn as often as it
    is linked to, or links.
    """
    chance, made, members = np.random.default_rng(seed), [edges], dict[tuple[str, int], Any]()
    first, ratio = nodes, camouflage / (1 - camouflage)
    for (name, size), number in copies.items():
        begin = len(made)
        for _ in range(number):
            inside = np.array(sorted(set(SCHEMES[name](first, size, chance))))
            made.append(inside)
            for column in (0, 1):
                each, counts = np.unique(inside[:, column], return_counts=True)
                ends = np.repeat(each, chance.poisson(counts * ratio))
                drawn = edges[chance.integers(len(edges), size=len(ends)), 1 - column]
                made.append(np.column_stack([ends, drawn] if column == 0 else [drawn, ends]))
            first += size
        members[name, size] = np.unique(np.concatenate([each[:, 0] for each in made[begin::3]]))
    return np.unique(np.concatenate(made), axis=0), members
