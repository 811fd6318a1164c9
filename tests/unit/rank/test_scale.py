"""Figures for people, and how they are sent to the database."""

from __future__ import annotations

from struct import unpack
from typing import Any

import numpy as np
import pytest

from backlink_crawler.rank import scale
from backlink_crawler.rank.rows import rows


@pytest.fixture
def given(way: str) -> Any:
    """Turns a list into what is computed with."""
    return list if way == "lists" else np.array


def test_authority_is_logarithmic(given: Any) -> None:
    # 100 × ln 10 ÷ ln 1000, and so on
    assert list(scale.authority(given([1.0, 10.0, 100.0, 1000.0]), given([0, 1, 1, 9]))) == [0.0, 33.3, 66.7, 100.0]


def test_a_link_from_one_that_gives_next_to_nothing_is_more_than_none(given: Any) -> None:
    assert list(scale.authority(given([1.0, 1.0000001, 1000.0]), given([0, 1, 1]))) == [0.0, 0.1, 100.0]


def test_where_nobody_links_all_is_nothing(given: Any) -> None:
    assert list(scale.authority(given([1.0, 1.0]), given([0, 0]))) == [0.0, 0.0]
    assert list(scale.authority(given([]), given([]))) == []


def test_percentiles_count_those_below(given: Any) -> None:
    assert list(scale.percentiles(given([0.3, 0.1, 0.1, 0.5, 0.4, 0.2]))) == [50.0, 0.0, 0.0, 83.3, 66.6, 33.3]
    assert list(scale.percentiles(given([]))) == []


def test_four_digits_are_kept(given: Any) -> None:
    assert list(scale.significant(given([0.0, 1.0, 123456.0, 0.000123456, 9999.6]))) == pytest.approx(
        [0.0, 1.0, 123500.0, 0.0001235, 10000.0], rel=1e-12
    )


def test_rows_are_as_copy_takes_them(given: Any) -> None:
    sent = b"".join(rows([given([7, 8]), None, given([0.5, 1.5])]))
    assert unpack(">" + "hiiiif" * 2, sent) == (3, 4, 7, -1, 4, 0.5, 3, 4, 8, -1, 4, 1.5)
    assert b"".join(rows([given([]), None])) == b""
