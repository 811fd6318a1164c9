"""Several workers, one display: each tells through a pipe how far it is, and whoever started them shows the sums."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from backlink_crawler.crawl.display import SECONDS_ON_TERMINAL, Display, HowFar, together
from backlink_crawler.errors import BacklinksError
from backlink_crawler.store.figures import figures_now

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database


def tell(pipe: int, queue_id: int, far: HowFar) -> None:
    """A worker tells. Whoever listens may be gone or busy: then it says nothing."""
    with suppress(OSError):
        os.write(pipe, f"{json.dumps([queue_id, *far])}\n".encode())


@dataclass
class _Listened:
    """pipe: None: the worker has ended."""

    pipe: int | None
    heard: bytes = b""
    far: HowFar = field(default_factory=HowFar)


class Together:
    """Its threads end with `stop`, or with the process. Nobody waits for the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._display = Display(Console(stderr=True))
        self._workers: list[_Listened] = []
        self._queue_id: int | None = None
        self._stopped = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._reporting: threading.Thread | None = None

    def listen(self) -> int:
        """Before a worker is started: what it writes to. To be closed when it has been started."""
        ours, theirs = os.pipe()
        for pipe in (ours, theirs):
            os.set_blocking(pipe, False)
        self._workers.append(_Listened(ours))
        return theirs

    def start(self) -> None:
        """When all have been started."""
        self._display.start()
        self._watching.start()

    def say(self, line: str) -> None:
        self._display.say(line)

    def stop(self) -> None:
        self._stopped.set()
        if self._watching.is_alive():
            self._watching.join()
        self._display.stop()

    def _watch(self) -> None:
        while not self._stopped.wait(SECONDS_ON_TERMINAL):
            for worker in self._workers:
                self._hear(worker)
            is_due = self._display.show(together(worker.far for worker in self._workers))
            if is_due and not (self._reporting and self._reporting.is_alive()):
                self._reporting = threading.Thread(target=self._report, daemon=True)
                self._reporting.start()

    def _hear(self, worker: _Listened) -> None:
        if worker.pipe is None:
            return
        with suppress(BlockingIOError):
            while piece := os.read(worker.pipe, 65_536):
                worker.heard += piece
            os.close(worker.pipe)
            worker.pipe = None
        *lines, worker.heard = worker.heard.split(b"\n")
        if lines:
            with suppress(ValueError, TypeError):  # a pipe that was full may have taken half of it
                self._queue_id, *told = json.loads(lines[-1])
                worker.far = HowFar(*told)
        if worker.pipe is None:
            worker.far = worker.far.ended()

    def _report(self) -> None:
        if self._queue_id is not None and self._display.may_count:
            began, self._display.figures = time.monotonic(), None
            with suppress(BacklinksError):
                self._display.figures = figures_now(self._database, self._queue_id)
            self._display.counted(began, workers=1)
        if not self._stopped.is_set():
            self._display.report(together(worker.far for worker in self._workers))
