"""Claim: two workers on one index crawl faster than one, on 2 cores that PostgreSQL and the web server share with them.

`backlinks crawl --workers 2` and `--workers 1` in turns, everything stored in a fresh embedded PostgreSQL each time: over
the 20 real sites, served over TLS on loopback, and over a web of 1,000 hosts with 5 small pages each. Without rendering:
one browser takes both cores. A host is one worker's at a time, so a site that is larger than the others together is
crawled by one worker, whatever their number.
Pages are answers that came, whatever their status; seconds are those from the first worker's start to the last one's
end. `alone`: seconds in which just one of the workers still had pages.
"""

from __future__ import annotations

import sys
import tempfile
from os import getloadavg
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.any_host import any_host
from benchmarks.claims import Claim, at_least, show, spread
from benchmarks.crawl_speed import concurrency
from benchmarks.environment import fresh_index, little_web, run
from benchmarks.filling import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.environment import Ended, Index

TARGET = 1.3
HOSTS, PAGES = 1_000, 5_000
_BACKLINKS = "from backlink_crawler.cli import main; main()"


class Crew(NamedTuple):
    """alone: seconds. lesser: the share of the pages that the worker with the fewest has visited.

    cpu: seconds of processor time of all workers, their start included; PostgreSQL's and nginx's left out.
    """

    pages: int
    seconds: float
    alone: float
    lesser: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.pages / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:,.1f}/s {1000 * self.cpu / self.pages:.1f} ms"


def measure(pairs: int) -> list[Claim]:
    with little_web() as web, tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        seeds = Path(name, "seeds.txt")
        seeds.write_text("".join(f"https://{host}/\n" for host in web.hosts), encoding="utf-8")

        def real(number: int) -> Crew:
            with fresh_index() as index:
                command = web.command(*crawl_command(number, "--seeds", str(seeds)))
                return crew(index, run(command, at_home(index) | {"BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}))

        sites = compare(f"{len(web.hosts)} real sites", real, pairs)
    hosts = compare(f"{HOSTS:,} hosts of {PAGES // HOSTS} small pages", many_hosts, pairs)
    return [sites, hosts]


def many_hosts(number: int) -> Crew:
    with any_host() as port, fresh_index() as index:
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "crowded_frontier", {"hosts": HOSTS, "pages": PAGES, "port": port}, quiet=True)
        ended = run(crawl_command(number), at_home(index) | {"BACKLINKS_RESOLVE": "*.test=127.0.0.1"})
        return crew(index, ended)


def crawl_command(number: int, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        _BACKLINKS,
        "crawl",
        f"--workers={number}",
        "--render=never",
        *arguments,
        *concurrency(),
    ]


def at_home(index: Index) -> dict[str, str]:
    return {"BACKLINKS_HOME": str(index.home)}


def crew(index: Index, ended: Ended) -> Crew:
    with index.database.connect() as connection:
        row = connection.execute(
            """
            WITH crews AS (
                SELECT c.started_at, c.finished_at, count(v.observed_at) AS pages, coalesce(max(v.observed_at), c.started_at) AS worked_until
                FROM sources AS c
                LEFT JOIN batches AS b ON c.id = b.source_id
                LEFT JOIN visits AS v ON b.id = v.batch_id AND v.http_code IS NOT NULL
                GROUP BY c.id
            )
            SELECT
                sum(pages)::int,
                extract(EPOCH FROM max(finished_at) - min(started_at))::float8,
                extract(EPOCH FROM max(worked_until) - min(worked_until))::float8,
                min(pages)::float8 / sum(pages)::float8
            FROM crews
            """,
        ).fetchone()
    assert row
    pages, seconds, alone, lesser = row
    return Crew(pages, seconds, alone, lesser, ended.cpu)


def compare(where: str, crawl: Callable[[int], Crew], pairs: int) -> Claim:
    """In turns, every other pair the other way round: neither is always the first."""
    print(f"workers: {where}", flush=True)
    rows: list[tuple[object, ...]] = []
    ratios: list[float] = []
    for number in range(1, pairs + 1):
        one, two = (crawl(1), crawl(2)) if number % 2 else reversed((crawl(2), crawl(1)))
        ratios.append(two.rate / one.rate)
        alone, load = f"{two.alone:.1f} of {two.seconds:.1f} s", f"{getloadavg()[0]:.1f}"
        rows.append((number, one, two, f"{two.lesser:.0%}", alone, load, f"{ratios[-1]:.2f}"))
        told = f"one {one}, two {two}, {two.lesser:.0%} by the lesser, alone {alone}, load {load}"
        print(f"workers: pair {number} of {pairs}: {told}", flush=True)
    rows.append(("median", "", "", "", "", "", spread(ratios)))
    columns = ("pair", "one worker", "two workers", "lesser", "alone", "load", "two ÷ one")
    show(f"Pages a second, and processor time a page of all workers: {where}", columns, rows)
    return at_least(f"pages/s of two workers ÷ one, {where}", TARGET, ratios)
