"""What a run shows while it goes on, and what `backlinks status` says of it meanwhile."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

from backlink_crawler.store.status import status_of
from tests.crawl.small_web import SmallWeb
from tests.crawl.test_manners import site
from tests.crawl.test_terminal import OURS, on_a_terminal

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database
    from tests.crawl.conftest import Crawler, Start


def test_a_terminal_shows_what_is_due_in_work_and_waiting(crawler: Crawler, database: Database) -> None:
    pages = site("slow.test", 10) | site("quick.test", 2)
    with SmallWeb(pages) as web:
        scrapy = (sys.executable, "-m", "scrapy", "crawl", "seeds", "-s", "DOWNLOAD_DELAY=0.5", "-a", "render=never")
        seeds = f"seeds={web.url('slow.test/')},{web.url('quick.test/')}"
        environment = crawler.environment | {"COLUMNS": "150", "TERM": "xterm"}
        said = OURS.sub("", on_a_terminal(*scrapy, "-a", seeds, folder=crawler.folder, **environment))
    assert "finished: 12 pages" in said
    for row in (
        r"pages +\d+ \(\d+\.\d/s now, \d+\.\d/s of the run\)",
        r"hosts in work +[12] \([12] waiting for their delay\)",
        r"due +\d+ pages? on (1 host|2 hosts)",
        r"resting +0 hosts",
        r"held back +0 hosts",
        r"errors +none",
    ):
        assert re.search(row, said), row


def test_status_names_the_host_that_asks_for_a_long_delay(crawler: Crawler, database: Database) -> None:
    pages = site("slow.test", 5, robots="User-agent: *\nCrawl-delay: 7") | site("quick.test", 5)
    with SmallWeb(pages) as web, database.connect(autocommit=True) as connection:
        seeds = f"seeds={web.url('slow.test/')},{web.url('quick.test/')}"
        run = crawler.start("-a", seeds, "-a", "render=never", "-s", "BACKLINKS_LEASE_SECONDS=3")
        try:
            delay, deadline = None, time.monotonic() + 30.0
            while delay is None and time.monotonic() < deadline:
                time.sleep(0.3)
                delay = next((each["delay"] for each in status_of(connection, "36 hours").slowest), None)
        finally:
            run.terminate()
            output, _ = run.communicate(timeout=60)
    assert run.returncode == 0, output
    assert delay == 7.0


def test_several_workers_show_one_display_on_a_terminal(crawler: Crawler, database: Database) -> None:
    pages = {"quick.test/": "".join(f"<a href=/{number}>{number}</a> " for number in range(1, 6))}
    pages |= {f"{host}.test/": "<a href=http://to.test/>to</a>" for host in ("one", "two", "three")}
    pages |= {f"quick.test/{number}": f"<a href=http://to.test/{number}>to</a>" for number in range(1, 6)}
    with SmallWeb(pages) as web:
        seeds = ",".join(
            [*(web.url(page) for page in pages if page.endswith(".test/")), web.url("one.test/gone"), "no..host"]
        )
        command = ("-c", "from backlink_crawler.cli import main; main()", "crawl", "--workers", "3", "--seeds", seeds)
        environment = crawler.environment | {"COLUMNS": "150", "TERM": "xterm"}
        said = on_a_terminal(
            *(sys.executable, *command, "-s", "DOWNLOAD_DELAY=1.5", "--render", "never"),
            folder=crawler.folder,
            **environment,
        )
    said = OURS.sub("", said).replace("\r", "")
    shown = [
        int(pages)
        for pages in re.findall(r"^ *pages +(\d+) \(\d+\.\d/s now, \d+\.\d/s of the run\)", said, re.MULTILINE)
    ]
    assert len(shown) > 2
    assert shown == sorted(shown)  # one display, of all: three would differ
    assert 0 < max(shown) <= 10
    for row in (
        r"links +[1-8]\b",
        r"hosts in work +[1-4] \([1-4] waiting for their delay\)",
        r"due +\d+ pages? on [1-4] hosts?",
        r"errors +gone 1",
    ):
        assert re.search(row, said), row
    # What they say beside it.
    assert len(re.findall(r"seeds, .*no\.\.host", said)) == 1
    assert sorted(re.findall(r"worker (\d)  finished: ", said)) == ["1", "2", "3"]
    assert re.search(r"^3 workers: 10 pages, 8 new links, 4 new referring domains$", said, re.MULTILINE), said[-2000:]


def test_warnings_of_each_worker_reach_the_user(start: Start) -> None:
    """Standard error is no terminal here, and a line now and then is for all of them."""
    pages = {f"{host}.test/": "<a href=http://to.test/>to</a>" for host in ("one", "two", "three", "four")}
    with SmallWeb(pages, seconds=1) as web:
        seeds = ",".join(web.url(page) for page in pages)
        run = start("crawl", "--workers", 2, "--seeds", seeds, "-s", "LOG_LEVEL=INFO", "-s", "DOWNLOAD_DELAY=0")
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 0, output
    assert {line[:8] for line in output.splitlines() if "Spider opened" in line} == {"worker 1", "worker 2"}
    assert " pages " not in "".join(
        line for line in output.splitlines() if line.startswith("worker") and "/s now" in line
    )
