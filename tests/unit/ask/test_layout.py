"""Where the nodes of a graph are drawn."""

from __future__ import annotations

import random
from itertools import combinations
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from backlink_crawler.ask.layout import BOTTOM, GAP, HEIGHT, SIDE, TOP, WIDTH, Point, placed

ENDS = st.integers(0, 59)


def distance(one: Point, other: Point) -> float:
    return float(((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5)


def neighbourhood(nodes: int, edges: int) -> tuple[list[str], list[tuple[str, str]]]:
    """All link to the first, and so many in all to each other."""
    chance = random.Random(1)
    found = {(number, 0) for number in range(1, nodes)}
    while len(found) < edges:
        one, other = chance.sample(range(nodes), 2)
        found.add((one, other))
    return [str(number) for number in range(nodes)], [(str(one), str(other)) for one, other in sorted(found)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.lists(st.tuples(ENDS, ENDS), max_size=150))
def test_every_node_has_a_place_of_its_own_with_room_for_its_label(nodes: int, ends: list[tuple[int, int]]) -> None:
    names = [f"{number}.test" for number in range(nodes)]
    edges = [(names[one], names[other]) for one, other in ends if max(one, other) < nodes]
    places = placed(names, edges)
    assert list(places) == names
    for place in places.values():
        assert SIDE <= place.x <= WIDTH - SIDE
        assert TOP <= place.y <= HEIGHT - BOTTOM
    assert all(distance(one, other) >= GAP - 1e-9 for one, other in combinations(places.values(), 2))


def test_more_nodes_than_have_room_lie_nearer_to_each_other() -> None:
    names = [str(number) for number in range(400)]
    assert len(set(placed(names, []).values())) == 400


def test_the_same_graph_is_drawn_alike_whatever_the_order_and_direction_of_its_edges() -> None:
    names, edges = neighbourhood(30, 60)
    turned = [(other, one) for one, other in reversed(edges)]
    assert placed(names, edges) == placed(names, turned) == placed(names, [*edges, *turned])


def test_a_link_to_oneself_pulls_nowhere() -> None:
    assert placed(["a", "b"], [("a", "b"), ("a", "a")]) == placed(["a", "b"], [("a", "b")])


def test_one_node_is_in_the_middle_and_no_node_is_nowhere() -> None:
    assert placed(["a.test"], []) == {"a.test": Point(500, 340)}
    assert placed([], []) == {}


def test_who_link_to_each_other_stand_together() -> None:
    """Two groups of ten that all link to each other, and one edge between them."""
    groups = [[f"{group}{number}" for number in range(10)] for group in "ab"]
    inside = [pair for group in groups for pair in combinations(group, 2)]
    places = placed([*groups[0], *groups[1]], [*inside, ("a0", "b0")])
    near = [distance(places[one], places[other]) for one, other in inside]
    far = [distance(places[one], places[other]) for one in groups[0] for other in groups[1]]
    assert max(near) < sum(far) / len(far)


def test_what_everybody_links_to_is_in_the_middle() -> None:
    names, edges = neighbourhood(60, 59)
    places = placed(names, edges)
    assert distance(places["0"], Point(500, 340)) < 60


def test_the_largest_neighbourhood_takes_no_longer_than_an_answer() -> None:
    """A tenth of a second where nothing else runs; twice the budget here."""
    names, edges = neighbourhood(200, 2000)
    spent = []
    for _ in range(3):
        began = process_time()
        placed(names, edges)
        spent.append(process_time() - began)
    assert min(spent) <= 0.3
