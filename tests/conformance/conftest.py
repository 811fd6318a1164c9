"""Real data of others, never copied into the project: CONFORMANCE_DATA names its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def data_file() -> Callable[[str], Path]:
    """From a name within the folder to its path; the test is skipped when there is no such file."""
    folder = Path(os.environ.get("CONFORMANCE_DATA") or _BESIDE_THE_PROJECT).resolve()

    def path_of(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"no conformance data at {path}; CONFORMANCE_DATA names its folder")
        return path

    return path_of
