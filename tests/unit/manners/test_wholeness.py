"""Which answers are surely no reading of their page."""

from __future__ import annotations

import pytest

from backlink_crawler.manners.wholeness import why_none


@pytest.mark.parametrize("status", [201, 202, 203, 204, 205, 206, 207, 208, 226, 299])
def test_of_the_successes_only_200_is_a_reading(status: int) -> None:
    assert why_none(status, has_retry_after=False) == f"status_{status}"


def test_one_that_says_come_again_is_none() -> None:
    assert why_none(200, has_retry_after=True) == "retry_after"
    assert why_none(200, has_retry_after=False) == ""


@pytest.mark.parametrize("status", [301, 304, 403, 404, 503])
def test_other_statuses_speak_for_themselves(status: int) -> None:
    assert why_none(status, has_retry_after=True) == ""
