"""Claim: a hostile page holds up nobody: not the event loop, not other sites, not the end of a run.

The 20 real sites are crawled with 40 hostile sites beside them, of one page each (hostile_pages.py), and without, in
turns. What the real sites' pages take is counted until the last of them is recorded. The worker notes itself how long
its event loop was held, and its and its children's memory (crawl/watch.py): held is the time in which it worked itself, as
other processes share the processors. In the end two workers crawl all of it together.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.claims import Claim, at_least, at_most, show
from benchmarks.crawl_speed import concurrency
from benchmarks.environment import Web, crawl_command, fresh_index, little_web, run
from benchmarks.hostile_pages import PAGES
from benchmarks.workers import _BACKLINKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.environment import Index


MOST_HELD = 1.0  # seconds
MOST_MEMORY = 300  # MB, of the process
MOST_MEMORY_OF_A_CHILD = 512  # MB
OTHERS = 0.9  # of the pages a second of other sites


class Crawled(NamedTuple):
    """pages, seconds: of the real sites. held, held_wall: seconds. memory, child: MB. endings: of hostile pages."""

    pages: int
    seconds: float
    held: float
    held_wall: float
    memory: float
    child: float
    endings: dict[str, str]

    @property
    def rate(self) -> float:
        return self.pages / self.seconds


def measure(pairs: int) -> list[Claim]:
    with little_web() as web, hostile_web(web) as all_sites:
        rounds = []
        for number in range(1, pairs + 1):
            with fresh_index() as index:
                without = crawl(all_sites, index, web.hosts, 1)
            with fresh_index() as index:
                beside = crawl(all_sites, index, all_sites.hosts, 1)
            rounds.append((without, beside))
            print(f"hostile: round {number} of {pairs}: {without.rate:.1f}/s without, {beside.rate:.1f}/s", flush=True)
        with fresh_index() as index:
            two = crawl(all_sites, index, all_sites.hosts, 2)
        return conclude(rounds, two)


@contextmanager
def hostile_web(web: Web) -> Iterator[Web]:
    """The real sites and the hostile ones."""
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-hostile-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for site in web.root.iterdir():
            (root / site.name).symlink_to(site)
        for name, page in PAGES.items():
            (root / f"{name}.test").mkdir()
            (root / f"{name}.test" / "index.html").write_bytes(page())
        yield Web(root, web.miniweb)


def crawl(web: Web, index: Index, hosts: list[str], workers: int) -> Crawled:
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        seeds = Path(name, "seeds.txt")
        seeds.write_text("".join(f"https://{host}/\n" for host in hosts), encoding="utf-8")
        options = ("-a", f"seeds={seeds}", "-a", "render=never", *concurrency())
        command = crawl_command(*options)
        if workers > 1:
            crew = ("crawl", f"--workers={workers}", f"--seeds={seeds}", "--render=never", *concurrency())
            command = [sys.executable, "-c", _BACKLINKS, *crew]
        environment = {"BACKLINKS_HOME": str(index.home), "BACKLINKS_ALLOW_NETWORKS": "127.0.0.0/8"}
        run(web.command(*command), environment)
    with index.database.connect() as connection:
        pages, seconds = connection.execute(
            """
            SELECT count(*), extract(EPOCH FROM max(b.recorded_at) - min(s.started_at))::float8
            FROM sources AS s
            INNER JOIN batches AS b ON s.id = b.source_id
            INNER JOIN visits AS v ON b.id = v.batch_id
            INNER JOIN pages AS p ON v.page_id = p.page_id
            INNER JOIN hosts AS h ON p.host_id = h.id
            WHERE v.http_code IS NOT NULL AND h.name NOT LIKE '%.test'
            """,
        ).fetchone()
        told = [stats for (stats,) in connection.execute("SELECT stats FROM sources")]
        endings = dict(
            connection.execute(
                "SELECT host, concat_ws(' ', outcome, reason) FROM crawled_pages WHERE url LIKE 'https://%.test/'"
            ).fetchall()
        )
    names = ("loop/held_cpu_seconds", "loop/held_seconds", "memory/process_mb", "memory/child_mb")
    return Crawled(pages, seconds, *(max(float(stats.get(name, 0)) for stats in told) for name in names), endings)


def conclude(rounds: list[tuple[Crawled, Crawled]], two: Crawled) -> list[Claim]:
    beside = [each for _, each in rounds]
    ratios = [each.rate / without.rate for without, each in rounds]
    rows = [
        (
            number,
            f"{without.rate:.1f}",
            f"{each.rate:.1f}",
            f"{ratio:.2f}",
            each.held,
            each.held_wall,
            each.memory,
            each.child,
        )
        for number, ((without, each), ratio) in enumerate(zip(rounds, ratios, strict=True), 1)
    ]
    rows.append(("two workers", "", f"{two.rate:.1f}", "", two.held, two.held_wall, two.memory, two.child))
    columns = (
        "round",
        "without, pages/s",
        "with",
        "ratio",
        "held, s",
        "by the clock, s",
        "memory, MB",
        "a child's, MB",
    )
    show("Real sites beside 40 hostile pages", columns, rows)
    show("What became of the hostile pages", ("page", "outcome"), sorted(beside[-1].endings.items()))
    every = [*beside, two]
    unread = sum(1 for name in PAGES if not two.endings.get(f"{name}.test"))
    return [
        at_most("the event loop is held by a hostile page", MOST_HELD, max(each.held for each in every), "s"),
        at_most("memory of a worker beside 40 hostile pages", MOST_MEMORY, max(each.memory for each in every), "MB"),
        at_most("memory of a child that reads", MOST_MEMORY_OF_A_CHILD, max(each.child for each in every), "MB"),
        at_least("pages/s of other sites ÷ without the hostile pages", OTHERS, ratios),
        at_most("hostile pages without an outcome, two workers having ended by themselves", 0, unread, "pages"),
    ]
