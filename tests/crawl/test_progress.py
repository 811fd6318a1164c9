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
    from tests.crawl.conftest import Crawler


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
