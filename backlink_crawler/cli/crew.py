"""Workers: processes that are started together, say what they do in one place, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from backlink_crawler.terminal import escaped

if TYPE_CHECKING:
    from types import FrameType

    from backlink_crawler.crawl.together import Together
    from backlink_crawler.store.database import Database

# SIGHUP: the terminal is gone.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STOPPED = {-signal.SIGTERM, -signal.SIGINT}


@dataclass
class _Worker:
    """process: runs in a process group of its own, so that a terminal's Ctrl-C reaches it through us, once."""

    name: str
    process: subprocess.Popen[str]
    output: threading.Thread | None = None


@dataclass
class _Crew:
    """Several workers: their output, and how they are stopped. display: None: a lone one shows itself."""

    display: Together | None = None
    workers: list[_Worker] = field(default_factory=list)
    asked_to_stop: bool = False
    _said: set[str] = field(default_factory=set)
    _printing: threading.Lock = field(default_factory=threading.Lock)

    def start(self, commands: list[list[str]]) -> None:
        for number, command in enumerate(commands, 1):
            worker = _Worker(f"worker {number}", self._started(command))
            self.workers.append(worker)
            if self.asked_to_stop:
                worker.process.terminate()
        if self.display:
            self.display.start()
            for worker in self.workers:
                worker.output = threading.Thread(target=self._print, args=(worker, self.display), daemon=True)
                worker.output.start()

    def _started(self, command: list[str]) -> subprocess.Popen[str]:
        if not self.display:
            return subprocess.Popen(command, process_group=0, text=True)  # noqa: S603
        pipe = self.display.listen()
        try:
            return subprocess.Popen(  # noqa: S603
                [*command, "-s", f"BACKLINKS_PROGRESS_PIPE={pipe}"],
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                process_group=0,
                pass_fds=(pipe,),
            )
        finally:
            os.close(pipe)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Once: all end cleanly. Twice: at once. SIGTERM does both; before Scrapy handles it, it leaves no traceback."""
        self.asked_to_stop = True
        for worker in self.workers:
            worker.process.terminate()

    def wait(self) -> int:
        """The highest exit code; 1 for a worker that was killed."""
        codes = [worker.process.wait() for worker in self.workers]
        for worker, code in zip(self.workers, codes, strict=True):
            if worker.output:
                worker.output.join()
            if self._failed(code) and code < 0:
                click.echo(f"backlinks: {worker.name} was killed ({signal.Signals(-code).name}).", err=True)
        return max((max(code, 1) for code in codes if self._failed(code)), default=0)

    def _failed(self, code: int) -> bool:
        return code != 0 and not (self.asked_to_stop and code in _STOPPED)

    def _print(self, worker: _Worker, display: Together) -> None:
        """Each line with the worker's name; what all of them say about the seeds or the database, once."""
        assert worker.process.stderr is not None
        for said in worker.process.stderr:
            line = escaped(said.rstrip("\n"))
            with self._printing:
                if not line.startswith(("seeds, ", "backlinks: ")):
                    display.say(f"{worker.name}  {line}")
                elif line not in self._said:
                    self._said.add(line)
                    display.say(line)


def scrapy_crawl(spider: str, arguments: list[str], settings: list[str]) -> list[str]:
    """The command."""
    options = [part for argument in arguments for part in ("-a", argument)]
    options += [part for setting in settings for part in ("-s", setting)]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *options]


def run_crew(commands: list[list[str]], database: Database) -> int:
    """Run these commands at once, and stop them as the user stops us. Returns the highest exit code."""
    crew = _Crew(_display(database) if len(commands) > 1 else None)
    before = {number: signal.signal(number, crew.stop) for number in _SIGNALS}
    try:
        crew.start(commands)
        return crew.wait()
    finally:
        if crew.display:
            crew.display.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _display(database: Database) -> Together:
    from backlink_crawler.crawl.together import Together  # noqa: PLC0415  a lone worker needs none

    return Together(database)
