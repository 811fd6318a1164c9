"""What becomes of a link, visit by visit."""

from __future__ import annotations

import pytest

from backlink_crawler.changes.life import fate, settles
from backlink_crawler.model import LinkStatus, LostReason, Outcome, Settled

LIVE, MISSING, LOST = LinkStatus.LIVE, LinkStatus.MISSING, LinkStatus.LOST
READ, GONE, MOVED = Settled.READ, Settled.GONE, Settled.MOVED
UNREADABLE = [
    Outcome.FORBIDDEN,
    Outcome.RATE_LIMITED,
    Outcome.SERVER_ERROR,
    Outcome.HTTP_ERROR,
    Outcome.NOT_HTML,
    Outcome.TOO_LARGE,
    Outcome.TIMEOUT,
    Outcome.DNS_ERROR,
    Outcome.TLS_ERROR,
    Outcome.CONNECTION_ERROR,
    Outcome.INVALID_RESPONSE,
    Outcome.ROBOTS_FORBIDDEN,
    Outcome.ADDRESS_REFUSED,
    Outcome.TOO_COMPLEX,
    Outcome.NOT_WHOLE,
]


@pytest.mark.parametrize("before", [None, READ, GONE, MOVED])
@pytest.mark.parametrize("outcome", UNREADABLE)
def test_what_could_not_be_read_settles_nothing(outcome, before):
    assert settles(outcome, None, before) is None


@pytest.mark.parametrize(
    ("outcome", "http_code", "before", "said"),
    [
        (Outcome.OK, 200, None, READ),
        (Outcome.OK, 200, GONE, READ),
        (Outcome.NOT_MODIFIED, 304, READ, READ),
        (Outcome.GONE, 404, READ, GONE),
        (Outcome.GONE, 410, None, GONE),
        (Outcome.REDIRECT, 301, READ, MOVED),
        (Outcome.REDIRECT, 308, READ, MOVED),
        (Outcome.REDIRECT, 302, READ, None),
        (Outcome.REDIRECT, 307, READ, None),
        (Outcome.REDIRECT, 302, None, MOVED),
        (Outcome.REDIRECT, 303, MOVED, MOVED),
        (Outcome.REDIRECT, 302, GONE, MOVED),
    ],
)
def test_what_a_visit_says_of_its_page(outcome, http_code, before, said):
    assert settles(outcome, http_code, before) is said


def test_every_outcome_is_spoken_of_here():
    told = {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.GONE, Outcome.REDIRECT}
    assert told | set(UNREADABLE) == set(Outcome)


@pytest.mark.parametrize("before", [None, READ, GONE, MOVED])
@pytest.mark.parametrize("said", [READ, GONE, MOVED])
def test_a_live_link_that_is_not_seen_is_missing_first(said, before):
    assert fate(LIVE, said, before) == (MISSING, None)


@pytest.mark.parametrize(
    ("said", "reason"),
    [(READ, LostReason.LINK_REMOVED), (GONE, LostReason.PAGE_GONE), (MOVED, LostReason.PAGE_REDIRECTED)],
)
def test_a_missing_link_is_lost_when_the_page_says_the_same_again(said, reason):
    assert fate(MISSING, said, said) == (LOST, reason)


@pytest.mark.parametrize(
    ("said", "before"), [(READ, GONE), (READ, MOVED), (GONE, READ), (GONE, MOVED), (MOVED, READ), (MOVED, GONE)]
)
def test_two_different_answers_do_not_lose_a_link(said, before):
    assert fate(MISSING, said, before) == (MISSING, None)
