"""How far a run is: on a terminal a table that updates in place, elsewhere a line now and then. Nothing of Scrapy."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from rich.live import Live
from rich.table import Table

from backlink_crawler.store.figures import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from backlink_crawler.store.figures import Figures, Number

SECONDS_ON_TERMINAL = 0.5
SECONDS_IN_LOG = 60.0
SECONDS_OF_NOW = 10.0
SECONDS_BETWEEN_COUNTS = 3.0  # on a terminal, of what only the database knows; more, when they would take more than
SHARE_OF_COUNTING = 0.02  # of the server's time, those of all workers together
ERRORS_SHOWN = 6


class Rate:
    """Pages a second, of the last SECONDS_OF_NOW and of the run. All moments are monotonic seconds."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._seen = deque([(started, 0)])

    def see(self, at: float, pages: int) -> None:
        """So many have been recorded until this moment."""
        self._seen.append((at, pages))
        while self._seen[1][0] <= at - SECONDS_OF_NOW:
            self._seen.popleft()

    def __str__(self) -> str:
        (since, before), (at, pages) = self._seen[0], self._seen[-1]
        now = (pages - before) / max(at - since, 0.001)
        return f"{now:,.1f}/s now, {pages / max(at - self._started, 0.001):,.1f}/s of the run"


class HowFar(NamedTuple):
    """What a worker has recorded; its hosts in work, and how many of them wait for their delay; its pages in the browser,
    and those that wait for it; and by outcome its visits that ended otherwise than well.
    """

    pages: int = 0
    links: int = 0
    new_referring_domains: int = 0
    hosts: int = 0
    waiting: int = 0
    in_browser: int = 0
    for_browser: int = 0
    errors: dict[str, int] = {}  # noqa: RUF012  read only

    def ended(self) -> HowFar:
        """It has nothing in hand any more."""
        return self._replace(hosts=0, waiting=0, in_browser=0, for_browser=0)


def together(workers: Iterable[HowFar]) -> HowFar:
    sums, errors = [0] * (len(HowFar._fields) - 1), Counter[str]()
    for *numbers, of_one in workers:
        sums = [sum(pair) for pair in zip(sums, numbers, strict=True)]
        errors.update(of_one)
    return HowFar._make([*sums, dict(errors.most_common())])


class Display:
    """Begins with the run. figures: what the database told last; None: it has not, or cannot."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.figures: Figures | None = None
        self.rate = Rate(time.monotonic())
        self._live: Live | None = None
        self._next_report = self._next_count = 0.0

    def start(self) -> None:
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        else:
            self._next_report = time.monotonic() + SECONDS_IN_LOG

    def stop(self) -> None:
        if self._live:
            self._live.stop()
        self._live, self._next_report = None, math.inf

    @property
    def is_live(self) -> bool:
        return self._live is not None

    def say(self, line: str) -> None:
        """Above the table."""
        self.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def show(self, far: HowFar) -> bool:
        """Is it time for a report?"""
        now = time.monotonic()
        self.rate.see(now, far.pages)
        if self._live:
            self._live.update(self._table(far))
        if now < self._next_report:
            return False
        self._next_report = now + (SECONDS_BETWEEN_COUNTS if self._live else SECONDS_IN_LOG)
        return True

    @property
    def may_count(self) -> bool:
        return time.monotonic() >= self._next_count

    def counted(self, began: float, workers: int) -> None:
        """The database was asked for figures, by each of so many."""
        ended = time.monotonic()
        self._next_count = ended + (ended - began) * workers / SHARE_OF_COUNTING

    def report(self, far: HowFar) -> None:
        if not self._live:
            self.say("  ".join(f"{name} {value}" for name, value in self.told(far).items()))  # one line in a log

    def _table(self, far: HowFar) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, value in self.told(far).items():
            table.add_row(name, value)
        return table

    def told(self, far: HowFar) -> dict[str, str]:
        told = {
            "pages": f"{far.pages:,} ({self.rate})",
            "links": f"{far.links:,}",
            "new referring domains": f"{far.new_referring_domains:,}",
            "hosts in work": f"{far.hosts:,} ({far.waiting:,} waiting for their delay)",
            **_of_database(self.figures),
        }
        if far.in_browser or far.for_browser:
            told["browser"] = f"{far.in_browser:,} being rendered, {far.for_browser:,} waiting"
        return told | {"errors": listed(far.errors) or "none"}


def listed(errors: dict[str, int]) -> str:
    """errors: most first."""
    return ", ".join(f"{outcome} {number:,}" for outcome, number in list(errors.items())[:ERRORS_SHOWN])


def _of_database(figures: Figures | None) -> dict[str, str]:
    if figures is None:
        return dict.fromkeys(("due", "resting", "held back"), "…")
    held = [f"{kind} {number}" for kind in KINDS if (number := figures.held(kind)).counted]
    return {
        "due": f"{_counted(figures.pages, 'page')} on {_counted(figures.hosts, 'host')}",
        "resting": _counted(figures.resting, "host"),
        "held back": f"{', '.join(held)} hosts" if held else "0 hosts",
    }


def _counted(number: Number, what: str) -> str:
    return f"{number} {what}{'' if number == (1, False) else 's'}"
