"""Claim: a worker's memory does not grow with the frontier, and stays within 300 MB.

A frontier of 1,000,000 due pages on 50,000 hosts is put into a fresh embedded PostgreSQL, and `scrapy crawl seeds`
works on it for half a minute, without delays, against a server that answers for every host. What is measured is the
worker's peak of resident memory as the kernel keeps it (VmHWM). A small frontier is crawled before for comparison.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.any_host import any_host
from benchmarks.claims import Claim, at_most, show
from benchmarks.environment import crawl_command, fresh_index, run
from benchmarks.filling import fill

HOSTS = 50_000
PAGES_OF_A_SMALL_FRONTIER = 20_000
PAGES = 1_000_000
PAGES_FOR_A_TRY = 100_000
MINUTES = 0.5
TARGET = 300  # MB


class Worked(NamedTuple):
    """visits: pages done and recorded. peak: MB."""

    frontier: int
    visits: int
    peak: float


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the pages, whose figure is no claim."""
    pages = PAGES if pairs > 1 else PAGES_FOR_A_TRY
    small, large = work_on(PAGES_OF_A_SMALL_FRONTIER), work_on(pages)
    rows = [(f"{each.frontier:,}", f"{each.visits:,}", f"{each.peak:.0f}") for each in (small, large)]
    show(f"A worker's memory, {MINUTES} minutes", ("URLs in the frontier", "pages done", "peak, MB"), rows)
    note = f" ({large.visits:,} pages done; {small.peak:.0f} MB with {small.frontier:,} URLs)"
    return [at_most(f"a worker's memory, {pages:,} URLs in the frontier", TARGET, large.peak, "MB", note)]


def work_on(pages: int) -> Worked:
    with any_host() as port, fresh_index() as index:
        print(f"memory: a frontier of {pages:,} URLs")
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "crowded_frontier", {"hosts": HOSTS, "pages": pages, "port": port})
        ended = run(
            crawl_command("-a", "render=never", "-a", f"max_minutes={MINUTES}", "-s", "DOWNLOAD_DELAY=0"),
            {"BACKLINKS_HOME": str(index.home), "BACKLINKS_RESOLVE": "*.test=127.0.0.1"},
        )
        print(f"  {ended.errors.strip()}")
        with index.database.connect() as connection:
            (visits,) = connection.execute("SELECT count(*) FROM visits WHERE http_code = 200").fetchone()
        if not visits:
            raise RuntimeError(f"no page was done: {ended.errors[-2000:]}")
        return Worked(pages, visits, ended.peak)
