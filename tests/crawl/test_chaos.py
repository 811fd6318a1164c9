"""Killed anywhere, the index comes out as if nothing had been. The long form is `make chaos`."""

from __future__ import annotations

import random

import pytest

from benchmarks.chaos import (
    cut_connections,
    differences,
    fresh_index,
    kill_one_of_two,
    kill_postgres,
    kill_worker,
    nothing,
    run,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # nine nights, on a machine that may be busy


def test_faults_in_three_nights_leave_the_index_of_three_quiet_ones() -> None:
    with fresh_index() as index:
        undisturbed = run([nothing] * 3, random.Random(0), index)
    assert {what: len(rows) for what, rows in undisturbed.items()} == {
        "links": 900,
        "events": 1570,
        "edges": 400,
        "visits": 150,
        "budgets": 10,
        "hosts held": 0,
    }
    with fresh_index() as index:
        assert (
            differences(undisturbed, run([kill_worker, kill_postgres, kill_one_of_two], random.Random(1), index)) == []
        )


def test_a_run_whose_connections_are_cut_goes_on() -> None:
    with fresh_index() as index:
        undisturbed = run([nothing], random.Random(0), index)
    with fresh_index() as index:
        assert differences(undisturbed, run([cut_connections], random.Random(2), index)) == []
