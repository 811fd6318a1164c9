"""Who is claimed under the bounds that hosts share, and who stands in line."""

from __future__ import annotations

from backlink_crawler.frontier.bounds import Bound, Candidate, Held, InWork, Place, Shared, choose, places

BOUNDS = {"domain": Bound(2, 0.25), "suffix": Bound(3, 0.1), "address": Bound(4, 0.25)}
WILD, BLOGS, FARM = Shared("domain", "wild.test"), Shared("suffix", "blogs.test"), Shared("address", "203.0.113.7")


def test_of_a_domain_as_many_are_claimed_as_its_bound_says_and_the_rest_waits():
    hosts = [Candidate(number, 3, (WILD,)) for number in range(4)] + [Candidate(9, 3, (Shared("domain", "good.test"),))]
    assert choose(hosts, {}, BOUNDS, 10) == ([0, 1, 9], [Held(2, WILD, 3), Held(3, WILD, 3)])
    assert choose(hosts, {WILD: InWork(1)}, BOUNDS, 10)[0] == [0, 9]


def test_what_another_worker_has_in_work_is_not_claimed():
    assert choose([Candidate(1, 3, (WILD,))], {WILD: InWork(1, elsewhere=True)}, BOUNDS, 10)[0] == []


def test_a_turn_is_left_to_the_worker_that_has_the_bound_and_is_over_when_the_bound_is_full_here():
    in_turn = [Candidate(1, 3, (WILD,), in_turn=True)]
    assert choose(in_turn, {WILD: InWork(1, elsewhere=True)}, BOUNDS, 10) == ([], [])
    assert choose(in_turn, {WILD: InWork(2)}, BOUNDS, 10) == ([], [Held(1, WILD, 3)])
    assert choose(in_turn, {WILD: InWork(1)}, BOUNDS, 10) == ([1], [])


def test_of_very_many_turns_that_are_another_workers_those_at_the_head_are_left() -> None:
    """The others go to the end of their line: hosts that stand behind them are to be seen."""
    many = [Candidate(number, 3, (WILD,), in_turn=True) for number in range(100)]
    claimed, held = choose(many, {WILD: InWork(1, elsewhere=True)}, BOUNDS, 10)
    assert (claimed, [each.host_id for each in held]) == ([], list(range(64, 100)))


def test_without_a_gap_workers_may_share_a_bound():
    bounds = {"domain": Bound(2, 0.0)}
    assert choose([Candidate(1, 3, (WILD,))], {WILD: InWork(1, elsewhere=True)}, bounds, 10)[0] == [1]


def test_blogs_of_strangers_count_for_the_suffix_and_farms_for_their_address():
    blogs = [Candidate(number, 3, (Shared("domain", f"{number}.blogs.test"), BLOGS)) for number in range(5)]
    assert choose(blogs, {}, BOUNDS, 10)[0] == [0, 1, 2]
    farm = [Candidate(number, 3, (Shared("domain", f"{number}.test"), FARM)) for number in range(6)]
    assert choose(farm, {FARM: InWork(1)}, BOUNDS, 10) == ([0, 1, 2], [Held(number, FARM, 3) for number in (3, 4, 5)])


def test_who_is_held_by_one_bound_takes_no_place_under_another():
    held = [Candidate(number, 3, (WILD, FARM)) for number in range(9)]
    other = Candidate(99, 3, (Shared("domain", "other.test"), FARM))
    assert choose([*held, other], {}, BOUNDS, 20)[0] == [0, 1, 99]


def test_whom_the_limit_leaves_out_does_not_stand_in_line():
    hosts = [Candidate(number, 3, (Shared("domain", f"{number}.test"),)) for number in range(3)]
    assert choose(hosts, {}, BOUNDS, 2) == ([0, 1], [])


def test_a_kind_without_a_bound_holds_nobody():
    assert choose([Candidate(number, 3, (FARM,)) for number in range(9)], {}, {"domain": BOUNDS["domain"]}, 9)[1] == []


def test_places_in_a_line_follow_its_end_and_each_priority_has_its_own():
    held = [Held(1, WILD, 3), Held(2, WILD, 3), Held(3, WILD, 0), Held(4, FARM, 3)]
    assert places(held, {("domain wild.test", 3): 10.0}, BOUNDS) == [
        Place(1, "domain wild.test", 3, 10.5),
        Place(2, "domain wild.test", 3, 11.0),
        Place(3, "domain wild.test", 0, 0.5),
        Place(4, "address 203.0.113.7", 3, 0.5),
    ]
