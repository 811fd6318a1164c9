"""Harmonic centrality: by sets exactly, by counters about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.rank import kernels
from backlink_crawler.rank.graph import graph_of
from backlink_crawler.rank.harmonic import exact, hyperball, precision


@pytest.mark.usefixtures("way")
def test_exact_values() -> None:
    assert exact(graph_of([(1, 2), (2, 3)])) == [0.0, 1.0, 1.5]
    assert exact(graph_of([(1, 2), (2, 3), (3, 1)])) == [1.5, 1.5, 1.5]
    assert exact(graph_of([(1, 4), (2, 4), (3, 4), (4, 5)])) == [0.0, 0.0, 0.0, 3.0, 2.5]
    assert exact(graph_of([(1, 2), (3, 4)])) == [0.0, 1.0, 0.0, 1.0]
    assert exact(graph_of([])) == []


@pytest.mark.parametrize("without_numba", [False, True])
def test_counters_are_about_right(without_numba: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,000 that link to one, which links to another: 1,000 for it, and 1 + 500 for that."""
    if without_numba:
        monkeypatch.setattr(kernels, "_SPREAD", None)
    values = hyperball(graph_of([*((number, 5000) for number in range(1, 1001)), (5000, 5001)]), 7)
    assert values[:1000].max() == 0.0
    assert values[1000] == pytest.approx(1000, rel=0.2)
    assert values[1001] == pytest.approx(501, rel=0.2)


@settings(max_examples=40)
@given(edges=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=80))
def test_small_sets_are_counted_almost_exactly(edges: list[tuple[int, int]]) -> None:
    graph = graph_of(edges)
    assert np.allclose(hyperball(graph, 12), exact(graph), rtol=0.05, atol=0.05)


def test_both_ways_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of([(number * 7 % 101, number * 11 % 97) for number in range(400)])
    compiled = hyperball(graph, 6)
    monkeypatch.setattr(kernels, "_SPREAD", None)
    assert list(hyperball(graph, 6)) == list(compiled)


def test_the_size_decides() -> None:
    graph = graph_of([(1, 2)])
    assert precision(graph) is None
    for nodes, expected in ((20_001, 7), (1_000_000, 7), (3_000_000, 6), (50_000_000, 5)):
        assert precision(type("Sized", (), {"nodes": nodes})()) == expected
