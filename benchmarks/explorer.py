"""Claims: of the largest targets of 10 million links every page of the explorer is answered within 150 ms, the first page of
any filter within 500 ms or in parts, fifty readers at once within a second while a crawl runs, which keeps nine tenths of its
speed; and no page weighs more than 150 kB.

The explorer runs as a process of its own, and is asked over HTTP by one reader after another, then by fifty who each open a
page every ten seconds while hosts of one page each are crawled into the same index; in turns with a crawl that has no readers beside
it. Targets: the five with most links, and twenty drawn by links. `python -m benchmarks.explorer HOME` asks an index that stands,
whose files it reads once first: those of one that was just ranked are in the system's memory too.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
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
from benchmarks.claims import Claim, at_least, at_most, show, show_claims
from benchmarks.crawl_speed import concurrency
from benchmarks.environment import crawl_command, fresh_index
from benchmarks.filling import fill
from benchmarks.storage import LINKS, LINKS_FOR_A_TRY, proportions
from benchmarks.wide import any_site, timed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

PAGE_TARGET, FILTER_TARGET, CROWD_TARGET = 150, 500, 1_000  # milliseconds, 95th percentile
WEIGHT_TARGET = 150  # kB
LARGEST, DRAWN, ROUNDS = 5, 20, 3
READERS, BETWEEN_SECONDS = 50, 10
HOSTS, CRAWL_PAIRS, SPEED_TARGET = 5_000, 5, 0.9  # of each crawl; of its pages a second without readers
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
        return of_index(index.home, index.database, CRAWL_PAIRS if pairs > 1 else 1)


def of_index(home: Path, database: Database, pairs: int = CRAWL_PAIRS) -> list[Claim]:
    with database.connect() as connection:
        targets = _targets(connection)
    with explorer(home) as port:
        return [*pages(port, targets), filters(port, targets[0]), *beside_a_crawl(home, port, targets, pairs)]


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


def beside_a_crawl(home: Path, port: int, targets: Sequence[str], pairs: int) -> list[Claim]:
    """Crawls without readers and with them, in turns. Each has hosts that the index does not know."""
    rows, ratios, waited = [], [], []
    with any_site() as (web, _):
        for pair in range(1, pairs + 1):
            alone = crawl(home, web, f"alone{pair}")
            with readers(port, targets) as asked:
                beside = crawl(home, web, f"beside{pair}")
            assert all(each.status == 200 for each in asked)
            p95 = quantiles([each.milliseconds for each in asked], n=20)[-1]
            ratios.append(beside / alone)
            waited.append(p95)
            rows.append((f"{alone:.0f}", f"{beside:.0f}", f"{beside / alone:.2f}", len(asked), f"{p95:.0f}"))
            print(f"explorer: crawl beside readers, pair {pair} of {pairs}: {rows[-1]}", flush=True)
    titles = ("pages/s alone", "beside readers", "ratio", "pages read", "p95 ms")
    show(f"A crawl of {HOSTS:,} hosts beside {READERS} readers", titles, rows)
    return [
        at_least(f"pages/s of a crawl beside {READERS} readers ÷ without", SPEED_TARGET, ratios),
        at_most(f"{READERS} readers at once beside a crawl, p95", CROWD_TARGET, median(waited), "ms"),
    ]


def crawl(home: Path, web: int, name: str) -> float:
    """Pages a second, from start to end."""
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as folder:
        urls = Path(folder, "urls.txt")
        names = (f"{name}-{each}-{time.time_ns()}.test" for each in range(HOSTS))
        urls.write_text("".join(f"http://{each}:{web}/\n" for each in names), encoding="ascii")
        environment = {"BACKLINKS_HOME": str(home), "BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
        command = crawl_command("-a", f"seeds={urls}", "-a", "render=never", *concurrency())
        return timed(command, urls, environment).rate


@contextmanager
def readers(port: int, targets: Sequence[str]) -> Iterator[list[Asked]]:
    """For as long as it lasts, so many readers each open a page every ten seconds. Gives what they have asked so far."""
    asked: list[Asked] = []
    is_over = threading.Event()

    def read(number: int) -> None:
        chance = random.Random(number)
        is_over.wait(chance.uniform(0, BETWEEN_SECONDS))
        while not is_over.is_set():
            page, target = chance.choice(PAGES), chance.choice(targets)
            asked.append(ask(port, f"/{page}?{urlencode({'target': target})}"))
            is_over.wait(BETWEEN_SECONDS)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


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
    """Not those that only the crawls of an earlier run have linked to, which are not ranked."""
    largest = connection.execute(
        "SELECT d.name FROM domain_totals AS t INNER JOIN domains AS d ON t.domain_id = d.id "
        "INNER JOIN domain_ranks AS r ON d.id = r.domain_id "
        "ORDER BY t.backlinks DESC LIMIT %s",
        [LARGEST],
    ).fetchall()
    (most,) = connection.execute("SELECT max(id) FROM links").fetchone()
    chance, drawn = random.Random(1), []
    for _ in count():
        row = connection.execute(
            "SELECT d.name FROM links AS l INNER JOIN domains AS d ON l.domain_to_id = d.id "
            "INNER JOIN domain_ranks AS r ON d.id = r.domain_id WHERE l.id >= %s AND l.status = 0 "
            "ORDER BY l.id LIMIT 1",
            [chance.randrange(most)],
        ).fetchone()
        drawn += [row] if row else []
        if len(drawn) == DRAWN:
            break
    return [name for (name,) in [*largest, *drawn]]


def read_once(home: Path) -> None:
    for file in home.rglob("*"):
        if file.is_file():
            with file.open("rb") as read:
                while read.read(1 << 24):
                    pass


if __name__ == "__main__":
    home = Path(sys.argv[1])
    read_once(home)
    dsn = embedded.keep(home)
    try:
        show_claims(of_index(home, Database(dsn, is_embedded=True)))
    finally:
        embedded.stop(home)
