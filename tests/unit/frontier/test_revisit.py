"""When is a page due again?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from backlink_crawler.frontier.revisit import next_visit
from backlink_crawler.model import Outcome

UNREADABLE = [
    Outcome.FORBIDDEN,
    Outcome.RATE_LIMITED,
    Outcome.SERVER_ERROR,
    Outcome.HTTP_ERROR,
    Outcome.TIMEOUT,
    Outcome.DNS_ERROR,
    Outcome.TLS_ERROR,
    Outcome.CONNECTION_ERROR,
    Outcome.INVALID_RESPONSE,
    Outcome.ROBOTS_FORBIDDEN,
    Outcome.ADDRESS_REFUSED,
]


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.NOT_MODIFIED, Outcome.REDIRECT])
def test_a_page_that_was_read_is_due_in_a_week(outcome):
    assert next_visit(outcome) == timedelta(days=7)


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.NOT_HTML, Outcome.TOO_LARGE])
def test_a_page_that_will_hardly_change_is_due_in_a_month(outcome):
    assert next_visit(outcome) == timedelta(days=30)


@pytest.mark.parametrize("outcome", UNREADABLE)
def test_a_page_that_could_not_be_read_is_due_tomorrow(outcome):
    assert next_visit(outcome) == timedelta(days=1)


def test_every_outcome_has_an_answer():
    assert all(timedelta(0) < next_visit(outcome) <= timedelta(days=30) for outcome in Outcome)
