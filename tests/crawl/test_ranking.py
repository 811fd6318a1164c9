"""BACKLINKS_RANK_AT_END: the last worker's run is followed by `backlinks rank`."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.crawl.conftest import SECONDS
from tests.crawl.small_web import SmallWeb

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.crawl.conftest import Crawler, Start

RANKED = "ranked 3 domains by 2 follow edges; the scores of 3 have changed"
RUNS = "SELECT count(*), count(finished_at) FROM ranking_runs"


@pytest.fixture
def sites() -> Iterator[SmallWeb]:
    """one.test and two.test link to to.test."""
    pages = {}
    for host in ("one.test", "two.test"):
        pages[f"{host}/"] = "<a href=http://to.test/>to</a> " + "".join(
            f"<a href=/{number}>n</a>" for number in range(20)
        )
        pages |= {f"{host}/{number}": f"<p>page {number}</p>" for number in range(20)}
    with SmallWeb(pages, seconds=0.02) as web:
        yield web


def of(sites: SmallWeb) -> str:
    return f"{sites.url('one.test/')},{sites.url('two.test/')}"


def test_a_run_is_followed_by_a_ranking(crawler: Crawler, sites: SmallWeb, connection: psycopg.Connection) -> None:
    code, output = crawler.run("-a", f"seeds={of(sites)}", "-s", "BACKLINKS_RANK_AT_END=True")
    assert (code, RANKED in output.splitlines()) == (0, True)
    assert connection.execute(RUNS).fetchone() == (1, 1)


def test_a_run_that_was_not_told_to_ranks_nothing(
    crawler: Crawler, sites: SmallWeb, connection: psycopg.Connection
) -> None:
    code, _ = crawler.run("-a", f"seeds={of(sites)}")
    assert (code, connection.execute(RUNS).fetchone()) == (0, (0, 0))


def test_of_several_workers_the_last_ranks(start: Start, sites: SmallWeb, connection: psycopg.Connection) -> None:
    settings = ("-s", "BACKLINKS_RANK_AT_END=1", "-s", "DOWNLOAD_DELAY=0")
    process = start("crawl", "--workers", 2, "--seeds", of(sites), *settings)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert RANKED in output
    runs, finished = connection.execute(RUNS).fetchone() or (0, 0)
    assert runs == finished >= 1


def test_a_run_that_is_stopped_ranks_nothing(crawler: Crawler, sites: SmallWeb, connection: psycopg.Connection) -> None:
    sites.seconds = 0.2
    process = crawler.start("-a", f"seeds={of(sites)}", "-s", "BACKLINKS_RANK_AT_END=True")
    deadline = time.monotonic() + 60
    while len(sites.asked) < 8:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert connection.execute(RUNS).fetchone() == (0, 0)
