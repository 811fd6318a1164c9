"""The trees that are shipped: made by their script from the data, and as good on it as is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.links.placement import model_of
from benchmarks.placement_training import SHIPPED, Labelled, as_text, f1, read, says, train

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def labelled(data_file: Callable[[str], Path]) -> Labelled:
    return read(data_file("placement.tar.xz"))


def test_training_makes_what_is_shipped_and_that_tells_editorial_links(labelled: Labelled) -> None:
    made = train(labelled.links)
    assert as_text(made) == SHIPPED.read_text(encoding="utf-8")
    assert f1(labelled.links, says(model_of(made))) > 0.8
    assert f1(labelled.links, lambda link: link.by_landmarks) < 0.6
