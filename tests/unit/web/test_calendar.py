"""The calendar of what came and went."""

from __future__ import annotations

from datetime import date

from backlink_crawler.web.calendar import months


def test_a_month_has_weeks_from_monday_with_what_each_day_brought() -> None:
    (found,) = months([{"day": date(2026, 11, 3), "new_links": 4}, {"day": date(2026, 11, 9), "new_links": 1}])
    assert found.first == date(2026, 11, 1)
    # 1 November 2026 is a Sunday
    assert [[day and day.day.day for day in week] for week in found.weeks] == [
        [None, None, None, None, None, None, 1],
        [2, 3, 4, 5, 6, 7, 8],
        [9, None, None, None, None, None, None],
    ]
    assert [day.figures for week in found.weeks for day in week if day and day.figures] == [
        {"day": date(2026, 11, 3), "new_links": 4},
        {"day": date(2026, 11, 9), "new_links": 1},
    ]


def test_months_between_are_there_too_and_the_last_one_stands_first() -> None:
    found = months([{"day": date(2025, 12, 31)}, {"day": date(2026, 2, 1)}])
    assert [month.first for month in found] == [date(2026, 2, 1), date(2026, 1, 1), date(2025, 12, 1)]


def test_nothing_learnt_is_no_month() -> None:
    assert list(months([])) == []
