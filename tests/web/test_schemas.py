"""The API answers as its OpenAPI says, whatever it is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Served

pytestmark = pytest.mark.slow
_SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.skipif(not _SCHEMATHESIS.exists(), reason="schemathesis is not installed")
@pytest.mark.parametrize("known", ["", 'target = "bergkaffee.test"'])
def test_nothing_is_an_error_of_ours_or_outside_the_schema(served: Served, tmp_path: Path, known: str) -> None:
    """known: of any target, and of one that there is."""
    (tmp_path / "schemathesis.toml").write_text(f"[parameters]\n{known}\n")
    ran = subprocess.run(
        [
            *(
                _SCHEMATHESIS,
                "run",
                f"{served.address}/api/v1/openapi.json",
                "--checks",
                _CHECKS,
                "--max-examples",
                "8",
            ),
            *("--phases", "coverage,fuzzing", "--seed", "1", "--no-color", "--request-timeout", "30"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6_000:]
