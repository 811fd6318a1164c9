"""How long is a host left alone that asks for it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.manners.back_off import BackOff, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
BACK_OFF = BackOff(first=60.0, longest=86_400.0, longest_asked=604_800.0)
times = st.integers(min_value=0, max_value=32_767)
chances = st.floats(min_value=0, max_value=1, exclude_max=True)
asked = st.none() | st.floats(min_value=0, max_value=1e10)


@pytest.mark.parametrize(
    ("times", "shortest", "longest"),
    [(0, 30.0, 60.0), (1, 60.0, 120.0), (5, 960.0, 1920.0), (10, 30_720.0, 61_440.0), (11, 43_200.0, 86_400.0)],
)
def test_a_host_rests_twice_as_long_after_each_time_half_of_it_left_to_chance(times, shortest, longest):
    assert BACK_OFF.rest(times, None, 0.0) == shortest
    assert BACK_OFF.rest(times, None, 0.5) == (shortest + longest) / 2


def test_what_a_host_asks_for_is_obeyed_when_it_is_longer():
    assert BACK_OFF.rest(0, 3600.0, 0.0) == 3600.0
    assert BACK_OFF.rest(0, 172_800.0, 0.9) == 172_800.0
    assert BACK_OFF.rest(0, 5.0, 0.0) == 30.0


def test_more_than_a_week_is_a_week():
    assert BACK_OFF.rest(0, 1e9, 0.0) == 604_800.0


@given(times, asked, chances)
def test_a_rest_is_bounded_and_never_shorter_than_asked_for(times, asked, chance):
    rest = BACK_OFF.rest(times, asked, chance)
    assert 30.0 <= rest <= 604_800.0
    assert rest >= min(asked or 0.0, 604_800.0)
    if asked is None:
        assert rest <= 86_400.0


@given(times, times, chances)
def test_more_times_never_mean_a_shorter_rest(few, more, chance):
    few, more = sorted((few, more))
    assert BACK_OFF.rest(few, None, chance) <= BACK_OFF.rest(more, None, chance)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0010", 10.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120.0),  # IMF-fixdate
        ("Sunday, 22-Nov-26 12:02:00 GMT", 120.0),  # RFC 850
        ("Sun Nov 22 12:02:00 2026", 120.0),  # asctime
        ("Sun, 22 Nov 2026 13:02:00 +0100", 120.0),
    ],
)
def test_seconds_and_dates_are_understood(value, seconds):
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "0", "-5", "+5", "1.5", "1e3", "soon", "120 s", "١٢٠", "99999999999", "\0", "5, 10"),
        "Sun, 22 Nov 2026 11:59:59 GMT",
        "Sun, 22 Nov 2026 12:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sun, 99 Nov 2026 12:02:00 GMT",
        "Sun, 22 Nov 99999 12:02:00 GMT",
    ],
)
def test_nonsense_the_past_and_what_is_not_above_nothing_are_ignored(value):
    assert retry_after(value, NOW) is None


@given(st.text())
def test_any_text_is_seconds_or_nothing(value):
    found = retry_after(value, NOW)
    assert found is None or found > 0


@given(st.integers(min_value=1, max_value=10**6))
def test_a_date_is_as_far_away_as_it_is(seconds):
    date = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert retry_after(date, NOW) == seconds
