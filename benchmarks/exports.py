r"""Claims: `backlinks export` runs at no less than a third of the speed of psql's `\copy`, as a workbook at a tenth, and a million
rows take less than 200 MB of memory in every format.

A million invented links (invented_web.sql), all of them led to one domain for this, in an embedded PostgreSQL. Each pair is
`\copy` of the query that `backlinks links --sql` prints, and the export of each format, by the clock, both with the start of
their processes. An export's memory is its process's own; the server's does not depend on it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.claims import Claim, at_least, at_most
from benchmarks.environment import fresh_index, run
from benchmarks.filling import fill
from benchmarks.storage import LINKS_FOR_A_TRY, proportions

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from benchmarks.environment import Ended, Index

LINKS = LINKS_FOR_A_TRY
SHARES = {"csv": 1 / 3, "jsonl": 1 / 3, "json": 1 / 3, "parquet": 1 / 3, "xlsx": 0.1}  # of the speed of \copy
MEMORY = 200  # MB
_BACKLINKS = (sys.executable, "-c", "from backlink_crawler.start import main; main()")


def measure(pairs: int) -> list[Claim]:
    with fresh_index() as index:
        print(f"exports: inventing {LINKS:,} links")
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "invented_web", proportions(LINKS))
            target, rows = _lead_all_to_one(connection)
        with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as folder:
            return list(_measured(index, target, rows, Path(folder, "export"), pairs))


def _lead_all_to_one(connection: psycopg.Connection) -> tuple[str, int]:
    """The largest target. Sums are not what is asked for, and stay as they are."""
    row = connection.execute("SELECT domain_id FROM domain_totals ORDER BY backlinks DESC LIMIT 1").fetchone()
    assert row
    connection.execute("SET session_replication_role = replica")
    rows = connection.execute("UPDATE links SET domain_to_id = %s WHERE status = 0", row).rowcount
    connection.execute("DELETE FROM links WHERE status <> 0")
    connection.execute("VACUUM (ANALYZE) links")
    (name,) = connection.execute("SELECT name FROM domains WHERE id = %s", row).fetchone() or ("",)
    return name, rows


def _measured(index: Index, target: str, rows: int, file: Path, pairs: int) -> Iterator[Claim]:
    home = {"BACKLINKS_HOME": str(index.home)}
    query = " ".join(run([*_BACKLINKS, "links", target, "--sql", "--format", "csv"], home).output.split()).rstrip(";")
    copy = [*_BACKLINKS, "db", "shell", "-qc", f"\\copy ({query}) to '{file}' csv header"]
    ratios: dict[str, list[float]] = {form: [] for form in SHARES}
    peaks = dict.fromkeys(SHARES, 0.0)
    for number in range(pairs):
        seconds, _ = _timed(copy, home)
        assert _lines(file) == rows + 1
        for form in SHARES:
            exported = file.with_suffix(f".{form}")
            took, ended = _timed([*_BACKLINKS, "export", target, "--what", "links", "-o", str(exported)], home)
            assert ended.output.startswith(f"{rows:,} rows written")
            ratios[form].append(seconds / took)
            peaks[form] = max(peaks[form], ended.peak)
            print(
                f"  pair {number + 1}: \\copy {seconds:.1f} s, {form} {took:.1f} s, {ended.cpu:.1f} s of a processor, "
                f"{ended.peak:.0f} MB of memory, {exported.stat().st_size / 1e6:,.0f} MB of file",
                flush=True,
            )
            exported.unlink()
    for form, measured in ratios.items():
        yield at_least(f"speed of an export of {rows:,} rows as {form} ÷ \\copy", round(SHARES[form], 2), measured)
        yield at_most(f"memory of an export of {rows:,} rows as {form}", MEMORY, peaks[form], "MB")


def _timed(command: list[str], home: dict[str, str]) -> tuple[float, Ended]:
    began = time.monotonic()
    ended = run(command, home)
    return time.monotonic() - began, ended


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
