"""PageRank and trust, worked out by hand on tiny graphs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.rank import kernels
from backlink_crawler.rank.graph import graph_of
from backlink_crawler.rank.pagerank import Ranked, pagerank
from backlink_crawler.rank.trust import trust, trustrank

A, B, C, D = 1, 2, 3, 4
EDGES = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40)
about = pytest.approx


@pytest.mark.usefixtures("way")
class TestPageRank:
    def test_one_links_to_one_that_links_nowhere(self) -> None:
        # a = f and b = f + .85 f, and together they are 1
        ranked = pagerank(graph_of([(A, B)]))
        assert list(ranked.values) == about([0.350877, 0.649123], abs=1e-6)
        assert ranked.floor == about(0.350877, abs=1e-6)

    def test_a_circle_is_even(self) -> None:
        ranked = pagerank(graph_of([(A, B), (B, C), (C, A)]))
        assert list(ranked.values) == about([1 / 3] * 3)
        assert ranked.floor == about(0.05)

    def test_three_that_link_to_one(self) -> None:
        # the centre has f + 3 × .85 f; f = 1 ÷ 6.55
        ranked = pagerank(graph_of([(A, D), (B, D), (C, D)]))
        assert list(ranked.values) == about([0.152672, 0.152672, 0.152672, 0.541985], abs=1e-6)

    def test_what_a_domain_gives_is_shared_out(self) -> None:
        # b and c have f + .425 f each; f = 1 ÷ 3.85
        ranked = pagerank(graph_of([(A, B), (A, C)]))
        assert list(ranked.values) == about([0.259740, 0.370130, 0.370130], abs=1e-6)

    def test_parts_without_a_link_between_them_are_alike(self) -> None:
        ranked = pagerank(graph_of([(A, B), (C, D)]))
        assert list(ranked.values) == about([0.175439, 0.324561] * 2, abs=1e-6)

    def test_domains_without_an_edge_are_even(self) -> None:
        ranked = pagerank(graph_of([], others=[(A, B)]))
        assert (list(ranked.values), ranked.floor) == ([0.5, 0.5], 0.5)

    def test_nothing(self) -> None:
        ranked = pagerank(graph_of([]))
        assert (list(ranked.values), ranked.iterations) == ([], 0)

    def test_it_tells_of_each_iteration(self) -> None:
        told: list[int] = []
        ranked = pagerank(graph_of([(A, B)]), tell=told.append)
        assert told == list(range(1, ranked.iterations + 1))


@pytest.mark.usefixtures("way")
class TestTrust:
    def of(self, edges: list[tuple[int, int]], *seeds: int) -> list[float] | None:
        graph = graph_of(edges)
        trusted = trustrank(graph, seeds)
        return None if trusted is None else list(trust(trusted, pagerank(graph)))

    def test_a_half_from_a_seed_and_a_half_from_another(self) -> None:
        # b has 1 of its own, and .85 each of a and c: .85 ÷ 2.7 of it is the seed's
        assert self.of([(A, B), (C, B)], 0) == about([1.0, 0.314815, 0.0], abs=1e-6)

    def test_it_wanes_with_distance(self) -> None:
        # .85 ÷ 1.85, and .7225 ÷ (1 + .85 × 1.85)
        assert self.of([(A, B), (B, C)], 0) == about([1.0, 0.459459, 0.280855], abs=1e-6)

    def test_where_all_are_seeds_all_is_trusted(self) -> None:
        assert self.of([(A, B), (B, C), (C, A)], 0, 1, 2) == about([1.0, 1.0, 1.0])

    def test_a_seed_that_links_nowhere_says_nothing_of_others(self) -> None:
        assert self.of([(A, B)], 1) is None

    def test_trustrank_is_shares_of_one(self) -> None:
        trusted = trustrank(graph_of([(A, B), (B, C), (C, A), (C, D)]), [0])
        assert isinstance(trusted, Ranked)
        assert sum(trusted.values) == about(1.0)


@settings(max_examples=60)
@given(edges=EDGES, seed=st.integers(0, 5))
def test_the_ways_agree_whatever_the_order(edges: list[tuple[int, int]], seed: int) -> None:
    ranked = pagerank(graph_of(edges))
    mixed = list(edges)
    random.Random(seed).shuffle(mixed)
    step, kernels._STEP = kernels._STEP, None
    try:
        other = pagerank(graph_of(mixed))
    finally:
        kernels._STEP = step
    assert list(other.values) == about(list(ranked.values), abs=1e-12)
    if ranked.iterations:
        assert sum(ranked.values) == about(1.0)
        assert min(ranked.values) >= ranked.floor - 1e-12
