"""What a command does not need, it does not import: nobody waits for it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from benchmarks.__main__ import NAMES

HEAVY = {
    "alembic",
    "lxml",
    "playwright",
    "requests",
    "rich.console",
    "scrapy",
    "selectolax",
    "sqlalchemy",
    "tldextract",
    "twisted",
}


@pytest.mark.parametrize("command", ["ask", "crawl", "seeds", "skip", "status", "targets"])
def test_a_command_imports_no_heavy_library_that_it_does_not_need(command: str) -> None:
    program = f"import sys, backlink_crawler.cli.{command}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(said.stdout.split()) & HEAVY == set()


@pytest.mark.parametrize("benchmark", NAMES)
def test_a_benchmark_still_finds_what_it_measures(benchmark: str) -> None:
    assert callable(import_module(f"benchmarks.{benchmark}").measure)
