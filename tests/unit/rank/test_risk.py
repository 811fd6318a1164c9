"""Which values are reasons."""

from __future__ import annotations

import numpy as np
import pytest

from backlink_crawler.rank.risk import SIGNALS, Known, Signal, factors, reasons, usual

HUNDRED = np.arange(100.0)  # 90th percentile 89.1, 99th 98.01


def test_a_factor_rises_from_the_90th_percentile_to_the_99th() -> None:
    known = usual(HUNDRED)
    assert (known.judged, known.low, known.high) == (100, pytest.approx(89.1), pytest.approx(98.01))
    assert list(factors(np.array([0, 89.1, 93.555, 98.01, 500, np.nan]), known, 0)) == [0, 0, 0.5, 1, 1, 0]


def test_of_too_few_nobody_is_judged() -> None:
    known = usual(HUNDRED[:99])
    assert (known.judged, known.low, known.high) == (99, None, None)
    assert list(factors(np.array([1e9]), known, 0)) == [0]


def test_what_is_below_the_least_value_is_no_reason_however_rare() -> None:
    known = usual(HUNDRED)
    assert list(factors(np.array([95, 97.9, 98, 99]), known, 98)) == pytest.approx([0, 0, 0, 1])
    assert list(factors(np.array([99, 149, 150, 151]), known, 150)) == [0, 0, 1, 1]  # beyond the 99th percentile


def test_what_many_have_is_usual() -> None:
    known = usual(np.array([0.0] * 80 + [1.0] * 20))
    assert list(factors(np.array([0, 1.0, 1.5]), known, 0.5)) == [0, 0, 1]


def test_reasons_say_what_how_rare_and_of_whom() -> None:
    signal = Signal("many", 0.5, 90, "policy")
    found = reasons(signal, Known(np.arange(1000, 1100), HUNDRED))
    assert list(found.domains) == list(range(1091, 1100))
    assert list(found.targets) == [0] * 9
    assert list(found.values) == list(range(91, 100))
    assert list(found.percentiles) == list(range(91, 100))
    assert found.factors[-1] == 1
    # of pairs: percentiles may be of something else
    found = reasons(signal, Known(np.array([5]), np.array([98.5]), np.array([6]), HUNDRED))
    assert (found.domains[0], found.targets[0], found.percentiles[0], found.usual.judged) == (5, 6, 99, 100)


def test_every_signal_is_one_of_a_kind() -> None:
    assert len({signal.name for signal in SIGNALS}) == len(SIGNALS)
    assert all(0 < signal.weight < 1 for signal in SIGNALS)
