"""The three ways to compute: Numba's, NumPy's alone, and Python's lists."""

from __future__ import annotations

import pytest

from backlink_crawler.rank import graph, harmonic, kernels, pagerank, rows, scale, trust
from backlink_crawler.rank.steps import authority

WAYS = ("numba", "numpy", "lists")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param != "numba":
        monkeypatch.setattr(kernels, "_STEP", None)
        monkeypatch.setattr(kernels, "_SPREAD", None)
    if request.param == "lists":
        for module in (authority, graph, harmonic, kernels, pagerank, rows, scale, trust):
            monkeypatch.setattr(module, "np", None)
    return str(request.param)
