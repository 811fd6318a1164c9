"""When is a page due again, and how urgently?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.frontier.revisit import History, Pace, failed, next_visit, priority
from backlink_crawler.model import Outcome, PageKind, Priority, Settled

PACE = Pace()
DAY = timedelta(days=1)
READ = (Outcome.OK, Settled.READ)


def read(changes: list[bool], days: float = 1.0) -> History:
    """One reading every `days`; did it find a change?"""
    history = History()
    for changed in changes:
        history = history.after(changed=changed, days=days)
    return history


def test_after_its_first_reading_a_page_is_due_in_three_days():
    assert next_visit(History(), *READ, PACE) == timedelta(days=3)


def test_a_page_that_always_changes_is_due_in_the_next_night():
    assert next_visit(read([True] * 10), *READ, PACE) == timedelta(hours=20)


def test_a_page_that_changes_every_other_day_is_due_after_a_day():
    # of about 6.5 remembered visits half found a change: ln(7 / 3.76) = 0.62 a day, and 0.7 / 0.62 is 1.1 days
    assert next_visit(read([True, False] * 10), *READ, PACE) == pytest.approx(1.1 * DAY, rel=0.15)


def test_a_page_that_never_changes_waits_twice_as_long_each_time_and_at_most_a_month():
    history, wait, waits = History(), timedelta(days=3), []
    for _ in range(9):
        history = history.after(changed=False, days=wait / DAY)
        wait = next_visit(history, *READ, PACE)
        waits.append(wait / DAY)
    assert waits[0] == 6
    assert waits == sorted(waits)
    assert waits[-1] == 30


@pytest.mark.parametrize(
    ("failures", "days"), [(1, 20 / 24), (2, 40 / 24), (3, 80 / 24), (5, 320 / 24), (7, 30), (100, 30)]
)
def test_a_page_that_cannot_be_read_is_tried_ever_less_often(failures, days):
    history = History(failures=failures)
    assert next_visit(history, Outcome.TIMEOUT, None, PACE) / DAY == pytest.approx(days)


@pytest.mark.parametrize("outcome", [Outcome.NOT_HTML, Outcome.TOO_LARGE])
def test_what_will_hardly_become_a_page_is_due_in_a_month(outcome):
    assert next_visit(History(failures=1), outcome, None, PACE) == timedelta(days=30)


@pytest.mark.parametrize(("failures", "days"), [(1, 3), (2, 6), (4, 24), (5, 30)])
def test_a_page_that_is_too_complex_is_left_alone_for_days(failures, days):
    assert next_visit(History(failures=failures), Outcome.TOO_COMPLEX, None, PACE) == timedelta(days=days)


@pytest.mark.parametrize("said", list(Settled))
def test_a_missing_link_is_looked_for_soon(said):
    assert next_visit(read([True]), Outcome.OK, said, PACE, has_missing=True) == timedelta(hours=6)


def test_a_page_that_is_gone_for_good_is_due_in_a_month():
    assert next_visit(read([True]), Outcome.GONE, Settled.GONE, PACE) == timedelta(days=30)


def test_a_sitemap_is_read_every_night():
    assert next_visit(read([False] * 20, 9), *READ, PACE, kind=PageKind.SITEMAP) == timedelta(hours=20)


def test_reading_a_page_ends_its_failures_and_failing_keeps_what_was_learnt():
    history = failed(failed(read([True, True])))
    assert (history.failures, history.changes) == (2, read([True, True]).changes)
    assert history.after(changed=False, days=1).failures == 0


_ANY = st.lists(st.booleans(), max_size=30)


@given(_ANY, st.floats(0.01, 100), st.sampled_from(Outcome), st.sampled_from([None, *Settled]), st.booleans())
def test_every_page_is_due_again_within_the_bounds(changes, days, outcome, said, has_missing):
    wait = next_visit(read(changes, days), outcome, said, PACE, has_missing=has_missing)
    assert PACE.soon <= wait <= PACE.most
    assert has_missing or said is None or wait >= PACE.least


@given(_ANY, st.integers(0, 29), st.floats(0.1, 50))
def test_one_more_change_never_makes_the_wait_longer(changes, at, days):
    more = [changed or position == at for position, changed in enumerate(changes)]
    assert next_visit(read(more, days), *READ, PACE) <= next_visit(read(changes, days), *READ, PACE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], Priority.OTHER),
        ([False] * 5, Priority.OTHER),
        ([True], Priority.SOURCE),
        ([False] * 3 + [True] + [False], Priority.SOURCE),
        ([True] + [False] * 20, Priority.OTHER),
    ],
)
def test_pages_whose_links_change_come_before_others(changes, expected):
    assert priority(read(changes), PageKind.PAGE) is expected


def test_sitemaps_come_with_the_likely_sources():
    assert priority(History(), PageKind.SITEMAP) is Priority.SOURCE
