"""Whatever ends a run, what was recorded stays and what was not is due."""

from __future__ import annotations

import itertools
import random
import re
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.crawl.conftest import SECONDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    import psycopg

    from tests.crawl.conftest import Crawler

pytestmark = pytest.mark.timeout(3 * SECONDS)  # some make two runs
PAGES = 300


class SlowSite:
    """A site of PAGES pages, each with one link out, that takes `seconds` to answer and remembers when it was asked."""

    def __init__(self, seconds: float) -> None:
        self.asked: list[tuple[float, str]] = []
        site, lock = self, Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with lock:
                    site.asked.append((time.monotonic(), self.path))
                time.sleep(seconds)
                body = self._body().encode()
                self.send_response(404 if self.path == "/robots.txt" else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _body(self) -> str:
                if self.path == "/":
                    return "".join(f"<a href=/{number}>{number}</a> " for number in range(1, PAGES))
                return f"<a href=http://target.test/{self.path[1:]}>word</a>"

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://slow.test:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def slow_site() -> Iterator[SlowSite]:
    site = SlowSite(0.02)
    yield site
    site.close()


def wait_for(process: subprocess.Popen[str], site: SlowSite, requests: int) -> None:
    """However slow the machine is: as long as requests come, it waits."""
    seen, deadline = 0, 0.0
    while len(site.asked) < requests:
        if len(site.asked) > seen or not deadline:
            seen, deadline = len(site.asked), time.monotonic() + SECONDS
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_once_records_all_that_was_fetched(
    crawler: Crawler,
    slow_site: SlowSite,
    connection: psycopg.Connection,
) -> None:
    process = crawler.start("-a", f"seeds={slow_site.url}")
    wait_for(process, slow_site, 60)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert re.fullmatch(
        r"stopping: finishing [01] requests? and recording what was read, (45|15) s at most; once more stops at once\n"
        r"shutdown: .*\nstill due: .*\n",
        output,
        re.DOTALL,
    ), output
    assert "Traceback" not in output
    fetched = len({path for _, path in slow_site.asked} - {"/robots.txt"})
    assert connection.execute("SELECT count(*) FROM pages WHERE last_visited IS NOT NULL").fetchone() == (fetched,)
    assert connection.execute("SELECT reason FROM sources").fetchall() == [("shutdown",)]
    assert connection.execute("SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL").fetchone() == (0,)


@pytest.fixture
def hang(connection: psycopg.Connection) -> Iterator[Callable[[], None]]:
    """The server is there and does nothing more, until the test is over."""
    postmaster = psutil.Process(connection.info.backend_pid).parent()
    assert postmaster is not None
    stopped: list[psutil.Process] = []

    def stop() -> None:
        for process in (postmaster, *postmaster.children()):
            process.suspend()
            stopped.append(process)

    yield stop
    for process in stopped:
        process.resume()


def test_a_database_that_hangs_holds_up_nobody_who_wants_to_stop(
    crawler: Crawler, slow_site: SlowSite, hang: Callable[[], None]
) -> None:
    process = crawler.start("-a", f"seeds={slow_site.url}", "-s", "DOWNLOAD_TIMEOUT=2")
    wait_for(process, slow_site, 60)
    hang()
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    output, _ = process.communicate(timeout=60)

    assert time.monotonic() - asked < 2 + 15 + 10
    assert process.returncode == 3, output
    assert "Traceback" not in output
    (said,) = [line for line in output.splitlines() if line.startswith("backlinks: ")]
    found = re.search(
        r" does not answer; ([\d,]+) pages? w\w+ read and not recorded, and will be visited again\.$", said
    )
    assert found, output
    assert int(found[1]) > 0


@pytest.mark.parametrize("seconds", [random.Random(12).uniform(0, 4) for _ in range(8)])
def test_sigterm_at_any_moment_ends_without_a_word_too_many(
    crawler: Crawler, slow_site: SlowSite, connection: psycopg.Connection, seconds: float
) -> None:
    crawler.imports = True
    process = crawler.start("-a", f"seeds={slow_site.url}")
    time.sleep(seconds)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    # Before Scrapy has taken over signals there is nothing to end.
    assert process.returncode in {0, -signal.SIGTERM}, output
    assert "Traceback" not in output
    if process.returncode == 0:
        assert connection.execute("SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL").fetchone() == (0,)


@pytest.mark.parametrize("signals", [(signal.SIGINT, signal.SIGINT), (signal.SIGKILL,)], ids=["twice", "kill"])
def test_an_abrupt_end_loses_nothing_recorded(
    crawler: Crawler,
    slow_site: SlowSite,
    connection: psycopg.Connection,
    signals: tuple[signal.Signals, ...],
) -> None:
    """Ctrl-C twice and kill -9: the next run, once the lease is over, ends where an undisturbed one would have."""
    process = crawler.start("-a", f"seeds={slow_site.url}")
    wait_for(process, slow_site, 150)
    for each in signals:
        process.send_signal(each)
        time.sleep(0.05)
    process.communicate(timeout=SECONDS)
    recorded = connection.execute("SELECT count(*) FROM links").fetchone()[0]
    assert recorded > 0
    connection.execute("UPDATE crawled_hosts SET leased_until = now() WHERE worker IS NOT NULL")  # the lease is over
    code, output = crawler.run("-a", f"seeds={slow_site.url}")
    assert code == 0, output
    assert connection.execute("SELECT count(*), count(DISTINCT url_to_id) FROM links").fetchone() == (
        PAGES - 1,
        PAGES - 1,
    )
    edge = connection.execute("SELECT links, refpages, pages_to FROM referring_domains WHERE domain_to = 'target.test'")
    assert edge.fetchone() == (PAGES - 1, PAGES - 1, PAGES - 1)
    assert connection.execute("SELECT max(visits) FROM pages").fetchone() == (1,)


def test_the_gap_between_two_requests_is_kept(crawler: Crawler, slow_site: SlowSite) -> None:
    crawler.run("-a", f"seeds={slow_site.url}", "-a", "max_pages=8", "-s", "DOWNLOAD_DELAY=0.3")
    times = sorted(moment for moment, _ in slow_site.asked)
    assert len(times) == 9
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.29


def test_a_run_of_minutes_ends(crawler: Crawler, slow_site: SlowSite) -> None:
    code, output = crawler.run("-a", f"seeds={slow_site.url}", "-a", "max_minutes=0.02", "-s", "DOWNLOAD_DELAY=0.2")
    assert code == 0
    assert output.startswith("max_minutes: ")
    assert "still due: " in output
