"""Which pages count against a seed's budget?"""

from __future__ import annotations

import pytest

from backlink_crawler.frontier.budget import can_be_read
from backlink_crawler.model import Outcome, Settled


@pytest.mark.parametrize(
    ("outcome", "said", "before", "readable"),
    [
        (Outcome.OK, Settled.READ, None, True),
        (Outcome.OK, Settled.READ, Settled.GONE, True),
        (Outcome.NOT_MODIFIED, Settled.READ, Settled.READ, True),
        (Outcome.GONE, Settled.GONE, Settled.READ, None),
        (Outcome.GONE, Settled.GONE, Settled.GONE, False),
        (Outcome.GONE, Settled.GONE, Settled.MOVED, None),
        (Outcome.REDIRECT, Settled.MOVED, None, None),
        (Outcome.REDIRECT, Settled.MOVED, Settled.MOVED, False),
        (Outcome.REDIRECT, None, Settled.READ, None),
        (Outcome.TIMEOUT, None, Settled.GONE, None),
        (Outcome.NOT_HTML, None, None, False),
        (Outcome.TOO_LARGE, None, Settled.READ, False),
    ],
)
def test_a_page_counts_until_two_visits_in_a_row_say_that_it_cannot_be_read(
    outcome: Outcome, said: Settled | None, before: Settled | None, readable: bool | None
) -> None:
    assert can_be_read(outcome, said, before) is readable
