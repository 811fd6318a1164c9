"""Claims: of the largest targets of 10 million links every page of the explorer is answered within 150 ms, the first page of
any filter within 500 ms or in parts, fifty readers at once within a second; and no page weighs more than 150 kB.

The explorer runs as a process of its own, and is asked over HTTP by one reader after another, then by fifty who each open a
page every ten seconds. Targets: the five with most links, and twenty drawn by links. `python -m benchmarks.explorer HOME`
asks an index that stands.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from backlink_crawler.rank.job import rank
from backlink_crawler.store import embedded
from backlink_crawler.store.database import Database
from backlink_crawler.store.groups import group_anew
from benchmarks.claims import Claim, at_most, show, show_claims
from benchmarks.environment import fresh_index
from benchmarks.filling import fill
from benchmarks.storage import LINKS, LINKS_FOR_A_TRY, proportions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

PAGE_TARGET, FILTER_TARGET, CROWD_TARGET = 150, 500, 1_000  # milliseconds, 95th percentile
WEIGHT_TARGET = 150  # kB
LARGEST, DRAWN, ROUNDS = 5, 20, 3
READERS, READ_SECONDS, BETWEEN_SECONDS = 50, 60, 10
PAGES = (
    *("overview", "profile", "links", "refdomains", "anchors", "best", "broken", "new", "lost", "history", "daily"),
    *("linked", "competitors", "prospects", "risk", "networks", "mirrors", "network"),
)
FILTERS = (
    {"status": "lost"},
    {"status": "unverified"},
    {"dofollow": "true"},
    {"rel": "sponsored"},
    {"type": "image"},
    {"type": "canonical"},
    {"position": "comments"},
    {"origin": "rendered"},
    {"anchor": "no such words"},
    {"class": "exact"},
    {"language": "de"},
    {"min_authority": "60"},
    {"max_authority": "1"},
    {"min_relevance": "0.9"},
    {"max_risk": "0.1"},
    {"first_from": "2026-01-01"},
    {"lost_reason": "page_gone"},
    {"mark": "any"},
    {"one_per_domain": "true"},
    {"group_similar": "true"},
)


class Asked(NamedTuple):
    milliseconds: float
    status: int
    size: int


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a tenth of the links, whose figures are no claim."""
    links = LINKS if pairs > 1 else LINKS_FOR_A_TRY
    with fresh_index() as index:
        print(f"explorer: inventing {links:,} links")
        with index.database.connect(autocommit=True) as connection:
            fill(connection, "invented_web", proportions(links))
            group_anew(connection)
        rank(index.database, lambda _: None)
        with index.database.connect(autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        return of_index(index.home, index.database)


def of_index(home: Path, database: Database) -> list[Claim]:
    with database.connect() as connection:
        targets = _targets(connection)
    with explorer(home) as port:
        return [*pages(port, targets), filters(port, targets[0]), crowd(port, targets)]


def pages(port: int, targets: Sequence[str]) -> list[Claim]:
    rows, worst, heaviest = [], 0.0, 0
    for page in PAGES:
        asked = [ask(port, f"/{page}?{urlencode({'target': target})}") for _ in range(ROUNDS) for target in targets]
        assert all(each.status == 200 for each in asked), (page, {each.status for each in asked})
        times = [each.milliseconds for each in asked]
        p95, size = quantiles(times, n=20)[-1], max(each.size for each in asked) // 1_000
        worst, heaviest = max(worst, p95), max(heaviest, size)
        rows.append((page, f"{median(times):.0f}", f"{p95:.0f}", f"{max(times):.0f}", f"{size}"))
    show("Pages", ("page", "median ms", "p95 ms", "longest ms", "kB"), rows)
    return [
        at_most("every page of the explorer, p95", PAGE_TARGET, worst, "ms"),
        at_most("heaviest page", WEIGHT_TARGET, heaviest, "kB"),
    ]


def filters(port: int, target: str) -> Claim:
    rows, worst = [], 0.0
    for chosen in FILTERS:
        asked = [ask(port, f"/links?{urlencode({'target': target, **chosen})}") for _ in range(2 * ROUNDS)]
        times = [each.milliseconds for each in asked]
        worst = max(worst, *times[1:])
        ((name, value),) = chosen.items()
        rows.append((f"{name} {value}", f"{median(times):.0f}", f"{max(times):.0f}"))
    show(f"Filters of the links to the largest target, {target}", ("filter", "median ms", "longest ms"), rows)
    return at_most("first page of any filter", FILTER_TARGET, worst, "ms")


def crowd(port: int, targets: Sequence[str]) -> Claim:
    """Fifty readers, each of whom opens a page every ten seconds."""
    asked: list[Asked] = []
    until = time.monotonic() + READ_SECONDS

    def read(number: int) -> None:
        chance = random.Random(number)
        time.sleep(chance.uniform(0, BETWEEN_SECONDS))
        while time.monotonic() < until:
            page, target = chance.choice(PAGES), chance.choice(targets)
            asked.append(ask(port, f"/{page}?{urlencode({'target': target})}"))
            time.sleep(BETWEEN_SECONDS)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    p95 = quantiles([each.milliseconds for each in asked], n=20)[-1]
    assert all(each.status == 200 for each in asked)
    return at_most(f"{READERS} readers at once, p95", CROWD_TARGET, p95, "ms")


def ask(port: int, address: str) -> Asked:
    """With a connection of its own, as a reader's first page has."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    started = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    return Asked(1_000 * (time.perf_counter() - started), answer.status, size)


@contextmanager
def explorer(home: Path) -> Iterator[int]:
    """Its port."""
    command = [sys.executable, "-c", "from backlink_crawler.start import main; main()", "serve", "--port", "0"]
    environment = {"BACKLINKS_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            port = int(said.split("http://127.0.0.1:")[1].split("/")[0])
            ask(port, "/")  # templates are compiled once
            yield port
        finally:
            process.terminate()


def _targets(connection: psycopg.Connection) -> list[str]:
    largest = connection.execute(
        "SELECT d.name FROM domain_totals AS t INNER JOIN domains AS d ON t.domain_id = d.id "
        "ORDER BY t.backlinks DESC LIMIT %s",
        [LARGEST],
    ).fetchall()
    (most,) = connection.execute("SELECT max(id) FROM links").fetchone()
    chance, drawn = random.Random(1), []
    for _ in count():
        row = connection.execute(
            "SELECT d.name FROM links AS l INNER JOIN domains AS d ON l.domain_to_id = d.id WHERE l.id >= %s AND l.status = 0 "
            "ORDER BY l.id LIMIT 1",
            [chance.randrange(most)],
        ).fetchone()
        drawn += [row] if row else []
        if len(drawn) == DRAWN:
            break
    return [name for (name,) in [*largest, *drawn]]


if __name__ == "__main__":
    home = Path(sys.argv[1])
    dsn = embedded.keep(home)
    try:
        show_claims(of_index(home, Database(dsn, is_embedded=True)))
    finally:
        embedded.stop(home)
