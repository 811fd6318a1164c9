"""Claim: the profile of the largest target of 10 million links is there within two seconds.

Invented links, skewed as the web is (invented_web.sql), ranked but for their relevance; each question over a new connection. How
long `backlinks rank` takes to measure what is usual is told too.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from backlink_crawler.ask.profiles import profile
from backlink_crawler.model import Target, TargetMode
from backlink_crawler.rank.steps import anchors, authority, profiles, sitewide
from backlink_crawler.store.groups import group_anew
from backlink_crawler.store.profiles import FIGURES, count_profile
from backlink_crawler.store.ranking import ranking_run
from benchmarks.claims import Claim, at_most
from benchmarks.environment import fresh_index
from benchmarks.filling import fill
from benchmarks.storage import LINKS, LINKS_FOR_A_TRY, proportions

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

TARGET = 2.0  # seconds
ROUNDS = 9


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the links, whose figures are no claim."""
    links = LINKS if pairs > 1 else LINKS_FOR_A_TRY
    with fresh_index() as index:
        print(f"profiles: inventing {links:,} links")
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "invented_web", proportions(links))
            group_anew(connection)
            largest = _largest(connection)
        _rank(index.database)
        with index.database.connect(autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        return [_asked(index.database, links, *largest)]


def _largest(connection: psycopg.Connection) -> tuple[str, int, int]:
    """Its name, links and referring domains. What is invented stands nowhere, so its links are put somewhere."""
    row = connection.execute(
        "SELECT d.name, t.backlinks + t.unverified_links, t.refdomains, d.id FROM domain_totals AS t "
        "INNER JOIN domains AS d ON t.domain_id = d.id ORDER BY 2 DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    connection.execute("UPDATE links SET link_position = 1 + id %% 7 WHERE domain_to_id = %s", [row[3]])
    return row[:3]


def _rank(database: Database) -> None:
    with ranking_run(database) as run:
        for step in (authority, sitewide, anchors, profiles):
            began = time.monotonic()
            step.step(database, run, lambda _doing: None)
            print(f"profiles: {step.__name__.rsplit('.', 1)[-1]} {time.monotonic() - began:.1f} s", flush=True)
        print(f"profiles: {run.figures['profiles']}", flush=True)


def _asked(database: Database, links: int, name: str, backlinks: int, refdomains: int) -> Claim:
    target = Target(TargetMode.DOMAIN, name, (name,))
    for view in FIGURES:
        times = [_seconds(lambda view=view: _count(database, target, view)) for _ in range(3)]
        print(f"profiles: {view} {times[0]:.3f} s at first, then {min(times):.3f} s", flush=True)
    times = [_seconds(lambda: profile(database, target, ())) for _ in range(ROUNDS)]
    print(f"profiles: {name}, {backlinks:,} links from {refdomains:,} domains: {min(times):.2f} to {max(times):.2f} s")
    return at_most(f"profile of the largest target of {links:,} links", TARGET, median(times), "s")


def _count(database: Database, target: Target, view: str) -> None:
    with database.connect(autocommit=True) as connection:
        count_profile(connection, target, (view,))


def _seconds(ask: object) -> float:
    began = time.monotonic()
    ask()  # type: ignore[operator]
    return time.monotonic() - began


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
