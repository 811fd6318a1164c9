"""BACKLINKS_HOME of its own, for commands that run as a user runs them: as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "from backlink_crawler.start import main; main()"
SECONDS = 120


class Home:
    """environment: what is said besides, to every command."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path = path
        self.environment = os.environ | {"BACKLINKS_HOME": str(path)} | environment

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", MAIN, *arguments]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.environment, text=True, **(streams | options))

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=SECONDS)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def works(self, **options: Any) -> None:
        ran = self.run("db", "shell", "-Atc", "SELECT 6 * 7", **options)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "42\n", "")

    @property
    def data(self) -> Path:
        return self.path / "postgres"

    @property
    def server(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
            return None
        return process if process.is_running() and process.status() != psutil.STATUS_ZOMBIE else None

    @property
    def half_made(self) -> list[Path]:
        return sorted(self.path.glob("postgres.making-*"))


def kill(processes: list[psutil.Process]) -> None:
    """At once, as a machine that loses its power does."""
    for process in processes:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=20)
