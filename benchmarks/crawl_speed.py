"""Claim: storing everything costs `scrapy crawl seeds` little of what Scrapy can fetch at all.

Whole runs: from a process's start to its end, without rendering, with the same concurrency, the same loop (uvloop) and no
delay. Two webs are served over TLS on loopback: the 20 real sites, and 50 hosts of modern, heavy pages
(benchmarks/heavy_web.py), 60 pages each and 340 each. On each, ours with everything stored in a fresh embedded
PostgreSQL, and bare Scrapy, which fetches the URLs that ours has visited and does nothing with them, take turns.

On the 20 sites there is a peer too, a CrawlSpider with LinkExtractor and a SQLAlchemy pipeline, which would take a quarter
of an hour for all of them: ours is run once more, for as many pages as the peer.
Pages are answers that came, whatever their status.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import make_url

from benchmarks.claims import Claim, at_least, at_most, show, spread
from benchmarks.contenders.speed import CONCURRENCY
from benchmarks.environment import Index, crawl_command, fresh_index, little_web, run
from benchmarks.heavy_web import heavy_web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.environment import Web

BARE_TARGET = 0.75
PEER_TARGET = 4.5
PEER_PAGES = 3_000
MOST_MEMORY = 300  # MB
PAGES_OF_HEAVY_HOSTS = (60, 340)


class Speed(NamedTuple):
    """seconds, cpu: of the whole run; cpu: processor time of the crawling process and its children, PostgreSQL's and
    nginx's left out. peak: the most memory that the largest of them had, in MB.
    """

    pages: int
    seconds: float
    cpu: float
    peak: float

    @property
    def rate(self) -> float:
        return self.pages / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:,.1f}/s {1000 * self.cpu / self.pages:.1f} ms"


@dataclass(frozen=True, slots=True)
class Round:
    """ours_bounded, peer: on the 20 sites only."""

    bare: Speed
    ours: Speed
    ours_bounded: Speed | None = None
    peer: Speed | None = None


def measure(pairs: int) -> list[Claim]:
    with little_web() as web, prepared(web, "the 20 sites") as folder:
        claims = conclude("the 20 sites", [one_round(web, folder, with_peer=True) for _ in range(pairs)])
    for pages in PAGES_OF_HEAVY_HOSTS:
        name = f"50 heavy hosts of {pages} pages"
        with heavy_web(pages) as web, prepared(web, name) as folder:
            claims += conclude(name, [one_round(web, folder, with_peer=False) for _ in range(pairs)])
    return claims


@contextmanager
def prepared(web: Web, name: str) -> Iterator[Path]:
    """A folder with the seeds, and the URLs that a first run has visited, which warms the caches too."""
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as temporary:
        folder = Path(temporary)
        (folder / "hosts").write_text("\n".join(web.hosts), encoding="utf-8")
        (folder / "seeds.txt").write_text("".join(f"https://{host}/\n" for host in web.hosts), encoding="utf-8")
        with fresh_index() as index:
            warm = crawl(web, folder, index)
            (folder / "urls").write_text("\n".join(visited(index)), encoding="utf-8")
        print(f"crawl_speed: {name}; a first run: {warm.pages:,} pages, {warm}", flush=True)
        yield folder


def one_round(web: Web, folder: Path, *, with_peer: bool) -> Round:
    bare = contender(web, "bare", str(folder / "urls"))
    with fresh_index() as index:
        ours = crawl(web, folder, index)
    made = Round(bare, ours)
    if with_peer:
        with fresh_index() as index:
            ours_bounded = crawl(web, folder, index, "-a", f"max_pages={PEER_PAGES}")
        with fresh_index() as index:
            made = Round(bare, ours, ours_bounded, crawl_as_peer(web, folder, index))
    print(f"crawl_speed: bare {made.bare}, ours {made.ours}, {made.ours.peak:.0f} MB", flush=True)
    return made


def crawl(web: Web, folder: Path, index: Index, *arguments: str) -> Speed:
    """Ours, as a user runs it, but for manners: the loopback is opened, and no site waits."""
    command = crawl_command("-a", f"seeds={folder / 'seeds.txt'}", "-a", "render=never", *arguments, *concurrency())
    environment = {"BACKLINKS_HOME": str(index.home), "BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}
    told = whole(web, command, environment)
    with index.database.connect() as connection:
        row = connection.execute(
            """
            SELECT count(*)
            FROM batches AS b
            INNER JOIN visits AS v ON b.id = v.batch_id
            WHERE v.http_code IS NOT NULL AND b.source_id = (SELECT max(id) FROM sources)
            """,
        ).fetchone()
    assert row
    return Speed(row[0], **told[-1])


def whole(web: Web, command: list[str], environment: dict[str, str] | None = None) -> list[dict[str, float]]:
    """What the command says on its lines of JSON, and last what the whole of it took."""
    measured = [sys.executable, "-m", "benchmarks.contenders.whole", *command]
    return [json.loads(line) for line in run(web.command(*measured), environment).output.splitlines()[-2:]]


def contender(web: Web, name: str, *arguments: str) -> Speed:
    told, took = whole(web, [sys.executable, "-m", f"benchmarks.contenders.{name}", *arguments])
    return Speed(int(told["pages"]), **took)


def concurrency() -> list[str]:
    """That of all contenders, as options of `scrapy crawl` and of `backlinks crawl`."""
    names = [name for name in CONCURRENCY if name.startswith(("CONCURRENT_REQUESTS", "DOWNLOAD"))]
    return [part for name in names for part in ("-s", f"{name}={CONCURRENCY[name]}")]


def visited(index: Index) -> list[str]:
    """The URLs that answered, in the order in which they were asked for."""
    with index.database.connect() as connection:
        rows = connection.execute(
            "SELECT url FROM crawled_pages WHERE http_code IS NOT NULL ORDER BY last_visited, url"
        )
        return [url for (url,) in rows]


def crawl_as_peer(web: Web, folder: Path, index: Index) -> Speed:
    with index.database.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE peer")
    url = make_url(index.database.dsn).set(drivername="postgresql+psycopg", database="peer")
    database = url.render_as_string(hide_password=False)
    return contender(web, "peer", str(folder / "hosts"), str(PEER_PAGES), database)


def conclude(name: str, rounds: list[Round]) -> list[Claim]:
    over_bare = [each.ours.rate / each.bare.rate for each in rounds]
    rows = [
        (number, each.ours.pages, each.bare, each.ours, f"{bare:.2f}", each.ours_bounded or "", each.peer or "")
        for number, (each, bare) in enumerate(zip(rounds, over_bare, strict=True), 1)
    ]
    rows.append(("median", "", "", "", spread(over_bare), "", ""))
    columns = ("round", "pages", "bare", "ours", "ours ÷ bare", f"ours, {PEER_PAGES} pages", "peer")
    show(f"Whole runs, pages a second, and processor time a page: {name}", columns, rows)
    peak = max(each.ours.peak for each in rounds)
    claims = [
        at_least(f"whole runs, {name}: pages/s, everything stored ÷ bare Scrapy (aim 1.0)", BARE_TARGET, over_bare),
        at_most(f"whole runs, {name}: memory of the largest process", MOST_MEMORY, peak, "MB"),
    ]
    over_peer = [each.ours_bounded.rate / each.peer.rate for each in rounds if each.ours_bounded and each.peer]
    if over_peer:
        what = "whole runs: pages/s, everything stored ÷ CrawlSpider, LinkExtractor, SQLAlchemy"
        claims.append(at_least(what, PEER_TARGET, over_peer))
    return claims
