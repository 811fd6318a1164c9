"""Claims: 50,000 seeds are kept, and listed, within seconds.

A file of a line each, a third of them subdomains, a third domains, a third URLs, in a fresh embedded PostgreSQL. By the clock,
with the start of the processes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.claims import Claim, at_most
from benchmarks.environment import fresh_index, run

LINES = 50_000
TO_ADD, TO_LIST = 10, 5  # seconds
_SEEDS = (sys.executable, "-c", "from backlink_crawler.start import main; main()", "seeds")


def measure(pairs: int) -> list[Claim]:
    added, listed = [], []
    for _ in range(pairs):
        with fresh_index() as index, tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as folder:
            home, file = {"BACKLINKS_HOME": str(index.home)}, Path(folder, "seeds.txt")
            file.write_text("".join(f"{_line(number)}\n" for number in range(LINES)), encoding="utf-8")
            began = time.monotonic()
            assert run([*_SEEDS, "add", str(file)], home).output.startswith(f"{LINES:,} seeds kept")
            added.append(time.monotonic() - began)
            began = time.monotonic()
            assert len(run([*_SEEDS, "list", "--format", "csv"], home).output.splitlines()) == LINES + 1
            listed.append(time.monotonic() - began)
            print(f"  seeds: add {added[-1]:.1f} s, list {listed[-1]:.1f} s")
    note = f", median of {pairs}"
    return [
        at_most(f"`seeds add` of {LINES:,} lines", TO_ADD, median(added), "s", note),
        at_most(f"`seeds list` of {LINES:,}", TO_LIST, median(listed), "s", note),
    ]


def _line(number: int) -> str:
    match number % 3:
        case 0:
            return f"site-{number}.example{number % 97}.com"
        case 1:
            return f"shop{number}.org"
        case _:
            return f"https://www.blog{number}.net/news/"
