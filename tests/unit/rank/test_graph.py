"""Edges by target become a graph of nodes."""

from __future__ import annotations

import pytest

from backlink_crawler.rank.graph import Edges, graph_of


def packed(*keys: int) -> bytes:
    return b"".join(key.to_bytes(4) for key in keys)


@pytest.mark.usefixtures("way")
def test_keys_become_nodes_in_their_order() -> None:
    edges = Edges()
    edges.add(7, packed(900, 3))
    edges.add(900, packed(3), packed(41))
    graph = edges.graph()
    assert list(graph.domains) == [3, 7, 41, 900]
    assert list(graph.starts) == [0, 0, 2, 2, 3]
    assert sorted(graph.sources[0:2]) == [0, 3]
    assert graph.sources[2] == 0
    assert (graph.nodes, graph.edges) == (4, 3)


@pytest.mark.usefixtures("way")
def test_nothing_is_a_graph_too() -> None:
    graph = Edges().graph()
    assert (graph.nodes, graph.edges, list(graph.starts)) == (0, 0, [0])


@pytest.mark.usefixtures("way")
def test_a_link_that_is_not_followed_makes_nodes_and_no_edge() -> None:
    edges = Edges()
    edges.add(5, b"", packed(2))
    graph = edges.graph()
    assert (list(graph.domains), graph.edges) == ([2, 5], 0)


@pytest.mark.usefixtures("way")
def test_pairs_count_once_and_never_to_themselves() -> None:
    graph = graph_of([(1, 2), (1, 2), (2, 2), (3, 2)])
    assert (list(graph.domains), list(graph.sources)) == ([1, 2, 3], [0, 2])


def test_targets_out_of_order_are_a_mistake() -> None:
    edges = Edges()
    edges.add(2, packed(1))
    with pytest.raises(AssertionError):
        edges.add(1, packed(2))
