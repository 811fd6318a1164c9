"""What the benchmarks stand on: a fresh embedded PostgreSQL, the little web of real sites, and workers as processes.

Everything stays on this machine: the web is served on loopback, in a network namespace that has nothing else.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backlink_crawler.store import embedded
from backlink_crawler.store.database import Database
from backlink_crawler.store.migrations import upgrade
from backlink_crawler.store.preparing import prepare
from benchmarks.claims import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = Path(__file__).resolve().parent.parent
RUN_SECONDS = 1800  # no contender takes nearly so long
LOOK_SECONDS = 0.2  # between two looks at a process


@dataclass(frozen=True, slots=True)
class Index:
    """A backlink index of its own. home: its BACKLINKS_HOME."""

    home: Path
    database: Database


@contextmanager
def fresh_index() -> Iterator[Index]:
    """An embedded server with an up-to-date schema and nothing in it; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="backlinks-benchmark-"))
    try:
        database = Database(embedded.start(home), is_embedded=True)
        upgrade(database)
        prepare(database)
        yield Index(home, database)
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Web:
    """The little web: root has a folder of files for each host, miniweb serves them over TLS."""

    root: Path
    miniweb: Path

    @property
    def hosts(self) -> list[str]:
        return sorted(folder.name for folder in self.root.iterdir())

    def command(self, *command: str) -> list[str]:
        """`command`, run where nothing but these sites can be reached."""
        return [str(self.miniweb), str(self.root), "--", *command]


def data_file(name: str) -> Path:
    """Of the conformance data. Raises Skipped."""
    file = Path(os.environ.get("CONFORMANCE_DATA") or PROJECT.parent / "shared" / "data", name)
    if not file.is_file():
        raise Skipped(f"{file} is not there; CONFORMANCE_DATA names the folder that has {name}")
    return file


def conformance_data(name: str) -> tuple[Path, Path]:
    """An archive of sites, and miniweb, which serves them. Raises Skipped."""
    archive, miniweb = data_file(name), data_file("../check/miniweb")
    if os.geteuid() != 0:
        raise Skipped("miniweb makes a network namespace, which needs root")
    if not shutil.which("nginx"):
        raise Skipped("miniweb needs nginx")
    return archive, miniweb


@contextmanager
def little_web() -> Iterator[Web]:
    """The 20 real sites of the conformance data, unpacked for as long as it lasts. Raises Skipped."""
    archive, miniweb = conformance_data("web.tar.xz")
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-web-") as folder:
        Path(folder).chmod(0o755)  # nginx's workers are not root
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        yield Web(Path(folder, "web"), miniweb)


@dataclass(frozen=True, slots=True)
class Ended:
    """cpu: seconds of processor time of the process and of all that it has waited for; PostgreSQL's and nginx's not.

    peak: the most memory that the process itself has had, in MB (10⁶ bytes); a child's, miniweb's say, is not in it.
    """

    output: str
    errors: str
    cpu: float
    peak: float


def run(command: list[str], environment: Mapping[str, str] | None = None) -> Ended:
    """Run to its end. Raises RuntimeError, with what it said, when it fails or does not end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=clean_environment() | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors, peak = _watch(process)
    except BaseException:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{errors[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Ended(output, errors, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)


def _watch(process: subprocess.Popen[str]) -> tuple[str, str, float]:
    """Its output and errors, and its peak of memory."""
    peak, deadline = 0.0, time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        try:
            return *process.communicate(timeout=LOOK_SECONDS), peak
        except subprocess.TimeoutExpired:
            peak = max(peak, _high_water(process.pid))
    raise RuntimeError(f"{process.args} has not ended after {RUN_SECONDS} s")


def _high_water(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")  # 0: it has ended
    return int(line.split()[1]) * 1024 / 1e6


def clean_environment() -> dict[str, str]:
    """The environment without what would lead a crawl to another database or to other addresses."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BACKLINKS_", "SCRAPY_"))}
    return kept | {"PYTHONWARNINGS": "ignore"}


def crawl_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", "crawl", "seeds", *arguments]
