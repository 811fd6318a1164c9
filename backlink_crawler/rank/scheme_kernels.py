"""The loops over edges that look for link schemes, by Numba; without it, as they stand: for small graphs."""

from __future__ import annotations

from typing import Any

from backlink_crawler.rank.libraries import compiled, np


def _turn(starts: Any, others: Any, places: Any, turned: Any) -> None:
    """places: where the list of each node begins; they move on to where it ends."""
    for node in range(len(starts) - 1):
        for edge in range(starts[node], starts[node + 1]):
            other = others[edge]
            turned[places[other]] = node
            places[other] += 1


def _meet(in_starts: Any, sources: Any, out_starts: Any, targets: Any, counts: Any, starts: Any, others: Any) -> None:
    """counts: of those that are in both lists of a node. others: these, from starts[node] on; empty: they are counted only."""
    is_kept = len(others) > 0
    for node in range(len(counts)):
        into, out, number = in_starts[node], out_starts[node], 0
        while into < in_starts[node + 1] and out < out_starts[node + 1]:
            source, target = sources[into], targets[out]
            if source == target:
                if is_kept:
                    others[starts[node] + number] = source
                number += 1
            into += source <= target
            out += target <= source
        counts[node] = number


def _add_up(starts: Any, others: Any, weights: Any, sums: Any) -> None:
    for node in range(len(sums)):
        for edge in range(starts[node], starts[node + 1]):
            sums[node] += weights[others[edge]]


def _peel(starts: Any, others: Any, cores: Any, order: Any, places: Any, firsts: Any) -> None:
    """Core numbers (Batagelj and Zaveršnik 2003). cores: degrees at first. order: nodes by degree; places: of each in it;
    firsts: of each degree, where it begins in it.
    """
    for place in range(len(order)):
        node = order[place]
        for edge in range(starts[node], starts[node + 1]):
            other = others[edge]
            if cores[other] > cores[node]:
                degree = cores[other]
                first = firsts[degree]
                swapped = order[first]
                if swapped != other:
                    order[first], order[places[other]] = other, swapped
                    places[swapped], places[other] = places[other], first
                firsts[degree] += 1
                cores[other] -= 1


def _count_inside(starts: Any, others: Any, cores: Any, inside: Any) -> None:
    """inside: of a node's neighbours, those that are in as many cores as it, or in more."""
    for node in range(len(inside)):
        for edge in range(starts[node], starts[node + 1]):
            inside[node] += cores[others[edge]] >= cores[node]


def _keep_largest(largest: Any, value: float) -> None:
    """largest: rising."""
    place = 0
    while place < len(largest) and value > largest[place]:
        if place:
            largest[place - 1] = largest[place]
        largest[place] = value
        place += 1


_keep = compiled(_keep_largest) or _keep_largest


def _compare(
    in_starts: Any, sources: Any, out_starts: Any, targets: Any, weights: Any, lengths: Any, least: int, best: Any
) -> None:
    """best[node]: the largest cosines of the node's targets with those of others, one a column, rising.

    weights: of a target, squared; 0: it is not looked at. lengths: of a node's vector; 0: it is not looked at. least: shared
    targets.
    """
    products, shared = np.zeros(len(lengths)), np.zeros(len(lengths), dtype=np.int32)
    touched = np.zeros(len(lengths), dtype=np.int32)
    for node in range(len(lengths)):
        if lengths[node] == 0:
            continue
        number = 0
        for edge in range(out_starts[node], out_starts[node + 1]):
            weight = weights[targets[edge]]
            if weight == 0:
                continue
            for back in range(in_starts[targets[edge]], in_starts[targets[edge] + 1]):
                other = sources[back]
                if shared[other] == 0:
                    touched[number] = other
                    number += 1
                products[other] += weight
                shared[other] += 1
        for place in range(number):
            other = touched[place]
            if shared[other] >= least and other != node and lengths[other] > 0:
                _keep(best[node], products[other] / (lengths[node] * lengths[other]))
            products[other] = 0.0
            shared[other] = 0


turn = compiled(_turn) or _turn
meet = compiled(_meet) or _meet
add_up = compiled(_add_up) or _add_up
peel = compiled(_peel) or _peel
count_inside = compiled(_count_inside) or _count_inside
compare = compiled(_compare) or _compare
IS_COMPILED = turn is not _turn
