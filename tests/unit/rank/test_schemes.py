"""What link schemes look like in a graph: values by hand, and against plain ways to compute them."""

from __future__ import annotations

from math import isnan, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.rank import scheme_kernels, schemes
from backlink_crawler.rank.graph import Graph, graph_of
from backlink_crawler.rank.pagerank import pagerank

if TYPE_CHECKING:
    from collections.abc import Iterable

EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=80)


@pytest.fixture(params=["numba", "plain"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        for name in ("turn", "meet", "add_up", "peel", "count_inside", "compare"):
            monkeypatch.setattr(scheme_kernels, name, getattr(scheme_kernels, f"_{name}"))
        monkeypatch.setattr(scheme_kernels, "_keep", scheme_kernels._keep_largest)
    return str(request.param)


def swapped(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return [edge for one, other in pairs for edge in ((one, other), (other, one))]


@pytest.mark.usefixtures("kernels")
def test_both_ways_rise_whatever_order_edges_came_in() -> None:
    graph = Graph(np.arange(3, dtype=np.int32), np.array([0, 0, 2, 3]), np.array([2, 0, 1], dtype=np.int32))
    ways = schemes.both_ways(graph)
    assert (list(ways.in_starts), list(ways.sources)) == ([0, 0, 2, 3], [0, 2, 1])
    assert (list(ways.out_starts), list(ways.targets)) == ([0, 1, 2, 3], [1, 2, 1])


@pytest.mark.usefixtures("kernels")
def test_reciprocity_is_the_share_of_all_neighbours_that_are_both_ways() -> None:
    """0 swaps links with 1 to 10, 11 and 12 link to it, it links to 13; 1 has a single neighbour."""
    ways = schemes.both_ways(graph_of([*swapped((0, other) for other in range(1, 11)), (11, 0), (12, 0), (0, 13)]))
    starts, others = schemes.mutual(ways)
    assert (np.diff(starts)[0], list(others[:10])) == (10, list(range(1, 11)))
    values = schemes.reciprocity(ways, np.diff(starts))
    assert values[0] == 10 / 13
    assert list(values[1:13]) == [0] * 12
    assert isnan(values[13])  # it links to nobody


@pytest.mark.usefixtures("kernels")
def test_reciprocity_of_nine_is_none_yet() -> None:
    edges = [*swapped((0, other) for other in range(1, 10)), (10, 0), (0, 11)]
    ways = schemes.both_ways(graph_of(edges))
    assert schemes.reciprocity(ways, np.diff(schemes.mutual(ways)[0]))[0] == 0


@pytest.mark.usefixtures("kernels")
def test_a_farm_is_what_is_left_when_those_with_few_are_left_out() -> None:
    """0 to 4 all swap links; 5 with two of them and with 6; 7 is linked to by all and links to nobody."""
    clique = [(one, other) for one in range(5) for other in range(one)]
    edges = [*swapped([*clique, (5, 0), (5, 1), (5, 6)]), *((node, 7) for node in range(7))]
    ways = schemes.both_ways(graph_of(edges))
    values = schemes.closed(ways, *schemes.mutual(ways))
    assert list(values[:6]) == [4 / 6, 4 / 6, 4 / 5, 4 / 5, 4 / 5, 0]
    assert list(schemes.cores(*schemes.mutual(ways))) == [4, 4, 4, 4, 4, 2, 1, 0]
    assert values[6] == 0
    assert isnan(values[7])


@given(EDGES)
@settings(max_examples=60, deadline=None)
def test_cores_are_those_of_the_definition(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    if not graph.nodes:
        return
    starts, others = schemes.mutual(schemes.both_ways(graph))
    neighbours = {node: set(others[starts[node] : starts[node + 1]].tolist()) for node in range(graph.nodes)}
    expected, left, least = {}, set(neighbours), 0
    while left:
        few = {node for node in left if len(neighbours[node] & left) <= least}
        expected |= dict.fromkeys(few, least)
        left -= few
        least += not few
    assert list(schemes.cores(starts, others)) == [expected[node] for node in range(graph.nodes)]


@given(EDGES)
@settings(max_examples=60, deadline=None)
def test_cosines_are_those_of_the_definition(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    if not graph.nodes:
        return
    ways = schemes.both_ways(graph)
    out = [ways.targets[ways.out_starts[node] : ways.out_starts[node + 1]].tolist() for node in range(graph.nodes)]
    idf = [log(graph.nodes / max(1, number)) for number in np.diff(ways.in_starts)]
    lengths = [sqrt(sum(idf[target] ** 2 for target in targets)) for targets in out]
    for node, value in enumerate(schemes.alike(ways)):
        if not out[node]:
            assert isnan(value)
            continue
        cosines = [0.0] * 2
        for other in range(graph.nodes):
            shared = set(out[node]) & set(out[other])
            if (
                other != node
                and len(out[node]) >= 3
                and lengths[node]
                and lengths[other]
                and sum(1 for each in shared if idf[each]) >= 3
            ):
                cosines.append(sum(idf[each] ** 2 for each in shared) / lengths[node] / lengths[other])
        assert value == pytest.approx(sorted(cosines)[-2], abs=1e-6)


@pytest.mark.usefixtures("kernels")
def test_three_that_link_alike_are_a_cluster_and_two_are_none() -> None:
    def network(members: int) -> list[float]:
        ordinary = [(100 + node, 200 + (node * step) % 31) for node in range(30) for step in (1, 3, 7)]
        paid = [(member, 300 + client) for member in range(members) for client in range(3)]
        return [float(value) for value in schemes.alike(schemes.both_ways(graph_of([*ordinary, *paid])))[:members]]

    assert network(3) == pytest.approx([1.0] * 3)
    assert network(2) == [0.0] * 2


def test_near_support_by_hand() -> None:
    """Node c links to b, b to 1, and 1 to 5 to v. In floors: b has 1.85, 1 has 2.5725, and v 1 + .85 × (2.5725 + 4). Over one
    link come .85 × 5, over two .85², over three .85³.
    """
    v, b, c = 0, 10, 11
    graph = graph_of([*((supporter, v) for supporter in range(1, 6)), (b, 1), (c, b)])
    ranked = pagerank(graph, tolerance=1e-12)
    values = schemes.near_support(graph, ranked.values / ranked.floor)
    assert values[0] == pytest.approx((0.85 * 5 + 0.85**2) / (0.85 * 6.5725), abs=1e-6)
    assert all(isnan(value) for value in values[1:])


def test_untrusted_is_asked_of_what_has_a_rank() -> None:
    values = schemes.untrusted(np.array([10.0, 9.0, 50.0, 50.0]), np.array([0.25, 0.0, np.nan, 1.0]))
    assert [None if isnan(value) else value for value in values] == [0.75, None, None, 0.0]
