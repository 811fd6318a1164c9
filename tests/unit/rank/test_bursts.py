"""Weeks in which more new domains link to a target than its other weeks let expect."""

from __future__ import annotations

import pytest

from backlink_crawler.rank.bursts import unusual_weeks, usable_weeks

STEADY = dict.fromkeys(range(10), 100)


def test_an_index_of_seven_weeks_tells_nothing() -> None:
    assert usable_weeks({}) == {}
    assert usable_weeks(dict.fromkeys(range(7), 100)) == {}
    assert usable_weeks(STEADY) == STEADY


def test_a_week_in_which_the_index_itself_grew_is_left_out() -> None:
    """The first crawl finds everything."""
    usable = usable_weeks(STEADY | {99: 5_000})
    assert usable == STEADY
    assert unusual_weeks(usable, [99], [400]) == []


def test_against_nothing_each_new_domain_is_a_deviation() -> None:
    assert unusual_weeks(STEADY, [3], [10]) == [(3, pytest.approx(6.745, abs=0.01))]
    assert unusual_weeks(STEADY, [3], [4]) == []


def test_what_comes_every_week_is_no_burst() -> None:
    assert unusual_weeks(STEADY, range(10), [20] * 10) == [(week, 0) for week in range(10)]


def test_by_hand() -> None:
    """Shares: .02 four times, .04 five times, .20 once: median .04, deviations .02 ×4, 0 ×5, .16: median .01, and one domain
    is .01 of a week. .6745 × .16 ÷ .01.
    """
    found = unusual_weeks(STEADY, range(10), [2, 2, 2, 2, 4, 4, 4, 4, 4, 20])
    assert found == [(9, pytest.approx(10.79, abs=0.01))]


def test_shares_count_and_not_numbers() -> None:
    """Twice as many in a week in which the index learnt of twice as much."""
    usable = usable_weeks(STEADY | {5: 200})
    assert unusual_weeks(usable, range(10), [10] * 5 + [20] + [10] * 4)[5] == (5, 0)
