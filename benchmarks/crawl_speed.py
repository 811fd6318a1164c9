"""Claim: storing everything costs `scrapy crawl seeds` little of what Scrapy can fetch at all.

Three contenders fetch the same sites, 20 real ones served over TLS on loopback, with the same concurrency and no
delay: ours with everything stored in a fresh embedded PostgreSQL; bare Scrapy, which fetches the URLs that ours has
visited and does nothing with them; and the peer, a CrawlSpider with LinkExtractor and a SQLAlchemy pipeline. The peer
would take a quarter of an hour for all of it, so ours is run a second time, for as many pages as the peer. Each round
runs bare, ours, ours of the peer's pages, peer, so that every ratio comes from neighbours in time.
Pages are answers that came, whatever their status; seconds are those between the spider's start and its end.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import make_url

from benchmarks.claims import Claim, at_least, show, spread
from benchmarks.contenders.speed import CONCURRENCY
from benchmarks.environment import Index, crawl_command, fresh_index, little_web, run

if TYPE_CHECKING:
    from benchmarks.environment import Ended, Web

BARE_TARGET = 0.75
PEER_TARGET = 4.0
PEER_PAGES = 600


class Speed(NamedTuple):
    """cpu: seconds of processor time of the crawling process, its start included; PostgreSQL and nginx left out."""

    pages: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.pages / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:,.1f}/s {1000 * self.cpu / self.pages:.1f} ms"


@dataclass(frozen=True, slots=True)
class Round:
    bare: Speed
    ours: Speed
    ours_bounded: Speed
    peer: Speed


def measure(pairs: int) -> list[Claim]:
    with little_web() as web, tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        folder = Path(name)
        (folder / "hosts").write_text("\n".join(web.hosts), encoding="utf-8")
        (folder / "seeds.txt").write_text("".join(f"https://{host}/\n" for host in web.hosts), encoding="utf-8")
        with fresh_index() as index:
            warm = crawl(web, folder, index)
            (folder / "urls").write_text("\n".join(visited(index)), encoding="utf-8")
        print(f"crawl_speed: {len(web.hosts)} sites; a first run, which warms the caches: {warm.pages:,} pages, {warm}")
        rounds = []
        for number in range(1, pairs + 1):
            each = one_round(web, folder)
            rounds.append(each)
            shown = (
                f"bare {each.bare}, ours {each.ours}; of {PEER_PAGES} pages ours {each.ours_bounded}, peer {each.peer}"
            )
            print(f"crawl_speed: round {number} of {pairs}: {shown}", flush=True)
    return conclude(rounds)


def one_round(web: Web, folder: Path) -> Round:
    bare = speed(run(web.command(sys.executable, "-m", "benchmarks.contenders.bare", str(folder / "urls"))))
    with fresh_index() as index:
        ours = crawl(web, folder, index)
    with fresh_index() as index:
        ours_bounded = crawl(web, folder, index, "-a", f"max_pages={PEER_PAGES}")
    with fresh_index() as index:
        peer = crawl_as_peer(web, folder, index)
    return Round(bare, ours, ours_bounded, peer)


def crawl(web: Web, folder: Path, index: Index, *arguments: str) -> Speed:
    """Ours, as a user runs it, but for manners: the loopback is opened, and no site waits."""
    command = crawl_command("-a", f"seeds={folder / 'seeds.txt'}", "-a", "render=never", *arguments, *concurrency())
    environment = {"BACKLINKS_HOME": str(index.home), "BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}
    ended = run(web.command(*command), environment)
    with index.database.connect() as connection:
        row = connection.execute(
            """
            SELECT count(*), extract(EPOCH FROM c.finished_at - c.started_at)::float8
            FROM sources AS c
            INNER JOIN batches AS b ON c.id = b.source_id
            INNER JOIN visits AS v ON b.id = v.batch_id
            WHERE v.http_code IS NOT NULL AND c.id = (SELECT max(id) FROM sources)
            GROUP BY c.id
            """,
        ).fetchone()
    return Speed(*row, ended.cpu)


def concurrency() -> list[str]:
    """That of all contenders, as options of `scrapy crawl` and of `backlinks crawl`."""
    names = [name for name in CONCURRENCY if name.startswith(("CONCURRENT", "DOWNLOAD"))]
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
    command = [sys.executable, "-m", "benchmarks.contenders.peer", str(folder / "hosts"), str(PEER_PAGES), database]
    return speed(run(web.command(*command)))


def speed(ended: Ended) -> Speed:
    told = json.loads(ended.output.splitlines()[-1])
    return Speed(told["pages"], told["seconds"], ended.cpu)


def conclude(rounds: list[Round]) -> list[Claim]:
    over_bare = [each.ours.rate / each.bare.rate for each in rounds]
    over_peer = [each.ours_bounded.rate / each.peer.rate for each in rounds]
    rows = [
        (number, each.bare, each.ours, f"{bare:.2f}", each.ours_bounded, each.peer, f"{peer:.2f}")
        for number, (each, bare, peer) in enumerate(zip(rounds, over_bare, over_peer, strict=True), 1)
    ]
    rows.append(("median", "", "", spread(over_bare), "", "", spread(over_peer)))
    columns = ("round", "bare", "ours", "ours ÷ bare", f"ours, {PEER_PAGES} pages", "peer", "ours ÷ peer")
    show("Pages a second, and processor time a page of the crawling process", columns, rows)
    return [
        at_least("pages/s, everything stored ÷ bare Scrapy (aim 1.0)", BARE_TARGET, over_bare),
        at_least("pages/s, everything stored ÷ CrawlSpider, LinkExtractor, SQLAlchemy", PEER_TARGET, over_peer),
    ]
