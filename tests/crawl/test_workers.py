"""`backlinks crawl`: several workers find what one would, share what limits them, end together. `backlinks verify`."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.crawl.conftest import SECONDS, SEEDS, Start
from tests.crawl.small_web import SmallWeb
from tests.crawl.test_little_web import expected_links, links_found, rows
from tests.integration.consistency import assert_edges_are_right
from tests.site.expected import LINKS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from backlink_crawler.demo.server import LittleWeb
    from backlink_crawler.store.database import Database

SITES = {f"site{number}.test" for number in range(6)}
PAGES = 40


def ended(process: subprocess.Popen[str]) -> list[str]:
    """The lines that it printed."""
    output, _ = process.communicate(timeout=SECONDS)
    assert "Traceback" not in output, output
    return output.splitlines()


@pytest.fixture
def sites() -> Iterator[SmallWeb]:
    """Six sites of 40 pages, each with a link to to.test, that take their time."""
    pages = {}
    for host in SITES:
        pages[f"{host}/"] = "".join(f"<a href=/{number}>{number}</a> " for number in range(1, PAGES))
        pages |= {f"{host}/{number}": f"<a href=http://to.test/{number}>to</a>" for number in range(1, PAGES)}
    with SmallWeb(pages, seconds=0.05) as web:
        yield web


def of(sites: SmallWeb) -> str:
    return ",".join(sites.url(f"{host}/") for host in sorted(SITES))


def wait_for(process: subprocess.Popen[str], sites: SmallWeb, pages: int) -> None:
    deadline = time.monotonic() + 60
    while sum(asked.path != "/robots.txt" for asked in sites.asked) < pages:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_workers_find_exactly_what_an_undisturbed_run_finds(
    start: Start, little_web: LittleWeb, database: Database, connection: psycopg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "seeds.txt").write_text(little_web.localise(SEEDS), encoding="utf-8")
    crawl = start(
        "crawl", "--workers", 2, "--seeds", "seeds.txt", "-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS=4"
    )
    lines = ended(crawl)
    assert crawl.returncode == 0, lines
    found, expected = links_found(database, little_web), expected_links()
    for page in expected.keys() | found.keys():
        assert sorted(map(str, found[page])) == sorted(map(str, expected[page])), page
    summaries = [line for line in lines if "  finished: " in line]
    assert sorted(line.split("  ")[0] for line in summaries) == ["worker 1", "worker 2"]
    assert lines[-1].startswith(f"2 workers: 116 pages and 4 sitemaps, {len(LINKS)} new links, "), lines
    runs = "SELECT reason, seen_at >= started_at, (stats ->> 'recorded/pages')::int > 0 FROM sources"
    assert rows(database, runs) == [("finished", True, True)] * 2
    assert rows(database, "SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL") == [(0,)]
    assert_edges_are_right(connection, concurrent=True)


def test_ctrl_c_once_ends_all_of_them_cleanly(start: Start, sites: SmallWeb, connection: psycopg.Connection) -> None:
    crawl = start("crawl", "--workers", 2, "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0")
    wait_for(crawl, sites, 60)
    crawl.send_signal(signal.SIGINT)
    lines = ended(crawl)
    assert crawl.returncode == 0, lines
    assert len([line for line in lines if "  shutdown: " in line]) == 2
    assert connection.execute("SELECT reason FROM sources").fetchall() == [("shutdown",)] * 2
    assert connection.execute("SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL").fetchone() == (0,)
    fetched = len({(asked.host, asked.path) for asked in sites.asked if asked.path != "/robots.txt" and asked.answered})
    assert connection.execute("SELECT count(*) FROM pages WHERE last_visited IS NOT NULL").fetchone() == (fetched,)
    # the rest is for the next
    crawl = start("crawl", "--workers", 2, "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0")
    assert ended(crawl)[-1].startswith("2 workers: ")
    links = len(SITES) * (PAGES - 1)
    assert connection.execute("SELECT count(*), count(DISTINCT page_id) FROM links").fetchone() == (links, links)


@pytest.mark.parametrize("workers", [1, 2])
def test_twice_ends_them_at_once(start: Start, sites: SmallWeb, workers: int) -> None:
    sites.seconds = 0.01
    crawl = start("crawl", "--workers", workers, "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0")
    wait_for(crawl, sites, 30)
    children = psutil.Process(crawl.pid).children()
    assert len(children) == workers
    sites.seconds = 15
    time.sleep(0.3)
    before = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):
        crawl.send_signal(number)
        time.sleep(0.5)
    crawl.communicate(timeout=30)
    assert time.monotonic() - before < 10
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_a_signal_before_they_have_begun_leaves_none_behind(start: Start, sites: SmallWeb) -> None:
    crawl = start("crawl", "--workers", 3, "--seeds", of(sites))
    while len(children := psutil.Process(crawl.pid).children()) < 3:
        assert crawl.poll() is None
        time.sleep(0.01)
    crawl.send_signal(signal.SIGINT)
    lines = ended(crawl)
    assert crawl.returncode == 0, lines
    assert not [child for child in children if child.is_running()]


def test_a_worker_that_is_killed_makes_it_exit_code_1_and_the_other_goes_on(
    start: Start, sites: SmallWeb, connection: psycopg.Connection
) -> None:
    crawl = start(
        "crawl", "--workers", 2, "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0", "-s", "CONCURRENT_REQUESTS=2"
    )
    wait_for(crawl, sites, 60)
    psutil.Process(crawl.pid).children()[0].kill()
    time.sleep(0.3)
    connection.execute("UPDATE crawled_hosts SET leased_until = now() WHERE worker IS NOT NULL")  # the leases are over
    lines = ended(crawl)
    assert crawl.returncode == 1, lines
    assert len([line for line in lines if line.endswith(" was killed (SIGKILL).")]) == 1
    assert len([line for line in lines if "  finished: " in line]) == 1
    links = len(SITES) * (PAGES - 1)
    assert connection.execute("SELECT count(*), count(DISTINCT page_id) FROM links").fetchone() == (links, links)


def test_the_page_limit_is_shared(start: Start, sites: SmallWeb, connection: psycopg.Connection) -> None:
    crawl = start("crawl", "--workers", 2, "--max-pages", 25, "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0")
    lines = ended(crawl)
    assert crawl.returncode == 0, lines
    assert lines[-1].startswith("2 workers: 25 pages, ")
    assert sorted(connection.execute("SELECT (stats ->> 'recorded/pages')::int FROM sources").fetchall()) == [
        (12,),
        (13,),
    ]


def test_a_page_limit_below_the_workers_needs_fewer(start: Start, sites: SmallWeb, database: Database) -> None:
    crawl = start("crawl", "--workers", 4, "--max-pages", 1, "--seeds", of(sites))
    lines = ended(crawl)
    assert (crawl.returncode, lines[0].split(":")[0]) == (0, "max_pages")
    assert rows(database, "SELECT count(*) FROM sources") == [(1,)]


def test_a_lone_worker_says_what_scrapy_crawl_says(start: Start, sites: SmallWeb) -> None:
    crawl = start("crawl", "--seeds", of(sites), "--max-minutes", 0.02, "-s", "DOWNLOAD_DELAY=0.2")
    lines = ended(crawl)
    assert crawl.returncode == 0
    assert lines[0].startswith("max_minutes: ")


@pytest.mark.parametrize("workers", [1, 3])
def test_what_cannot_start_is_said_once_and_is_its_exit_code(start: Start, workers: int) -> None:
    crawl = start("crawl", "--workers", workers, "--seeds", "no-such-file.txt")
    lines = ended(crawl)
    assert crawl.returncode == 2
    assert lines[0] == "backlinks: seeds: there is no file 'no-such-file.txt'."
    assert [line for line in lines[1:] if not line.startswith("3 workers: 0 pages")] == []


def test_workers_on_a_database_that_is_down_do_not_start(start: Start) -> None:
    crawl = start("crawl", "--workers", 2, BACKLINKS_DATABASE_URL="postgresql://127.0.0.1:1/x")
    lines = ended(crawl)
    assert (crawl.returncode, len(lines)) == (3, 1)


def test_verify_visits_just_the_pages_that_hold_the_targets_links(
    start: Start, sites: SmallWeb, connection: psycopg.Connection
) -> None:
    assert ended(start("crawl", "--seeds", of(sites), "-s", "DOWNLOAD_DELAY=0"))[0].startswith(
        "finished: 240 pages in "
    )
    before, after = len(sites.asked), time.time()
    verify = start("verify", "http://to.test/7", "-s", "DOWNLOAD_DELAY=0")
    lines = ended(verify)
    assert (verify.returncode, lines[0]) == (0, "6 pages with links to http://to.test/7 will be visited")
    assert lines[1].startswith("finished: 6 pages in ")
    assert sorted((asked.host, asked.path) for asked in sites.asked[before:]) == [
        (host, "/7") for host in sorted(SITES)
    ]
    verified = "SELECT count(*) FROM backlinks WHERE last_seen > to_timestamp(%s)"
    assert connection.execute(verified, [after]).fetchone() == (6,)
    before = len(sites.asked)
    assert ended(start("targets", "add", "to.test/8"))[0].endswith("; 6 pages link to it and are visited first")
    verify = start("verify", "--all", "-s", "DOWNLOAD_DELAY=0")
    assert ended(verify)[0] == "6 pages with links to watched targets will be visited"
    assert {asked.path for asked in sites.asked[before:]} == {"/8"}
    # a verification is no nightly run
    assert connection.execute("SELECT name FROM sources ORDER BY id").fetchall()[1:] == [
        ("verify http://to.test/7",),
        ("verify all",),
    ]
    status = start("status")
    assert ended(status)
    assert status.returncode == 0
