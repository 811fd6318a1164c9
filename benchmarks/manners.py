"""The gap between two requests to a host, at its server: two workers, 1,000 pages, hosts that change hands.

Each worker ends after so many pages and is started again, so that most hosts are asked by both, in turns.
"""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.claims import Claim, show
from benchmarks.environment import PROJECT, clean_environment, crawl_command, fresh_index

if TYPE_CHECKING:
    from benchmarks.environment import Index

HOSTS, PAGES_OF_EACH = 5, 200
DELAY = 0.05  # seconds
WORKERS = ("one", "two")
PAGES_A_RUN = 100
ROUNDS = 20  # more than enough


class Asked(NamedTuple):
    """at: monotonic seconds."""

    at: float
    host: str
    path: str
    worker: str


class Sites(ThreadingHTTPServer):
    """HOSTS sites whose first page leads to all others, and whose robots.txt asks for DELAY."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Site)
        self.asked: list[Asked] = []

    @property
    def seeds(self) -> str:
        return ",".join(f"http://site{number}.test:{self.server_address[1]}/" for number in range(HOSTS))


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Sites

    def do_GET(self) -> None:
        host, worker = self.headers["Host"].partition(":")[0], self.headers["User-Agent"].rpartition("/")[2]
        self.server.asked.append(Asked(time.monotonic(), host, self.path, worker))
        body = self._body().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> str:
        if self.path == "/robots.txt":
            return f"User-agent: *\nCrawl-delay: {DELAY}\n"
        return "".join(f"<a href=/{number}>{number}</a> " for number in range(1, PAGES_OF_EACH))

    def log_message(self, *_: object) -> None:
        pass


def measure(_pairs: int) -> list[Claim]:
    sites = Sites()
    threading.Thread(target=sites.serve_forever, daemon=True).start()
    try:
        with fresh_index() as index:
            rounds = _crawl(sites, index)
    finally:
        sites.shutdown()
        sites.server_close()
    return _judge(sites.asked, rounds)


def _crawl(sites: Sites, index: Index) -> int:
    """Until every page was asked for. Returns how often the workers were started."""
    for rounds in range(1, ROUNDS + 1):
        workers = [_start(name, sites, index) for name in WORKERS]
        for worker in workers:
            output, _ = worker.communicate(timeout=300)
            if worker.returncode:
                raise RuntimeError(f"a worker ended with {worker.returncode}:\n{output[-2000:]}")
        if len({(asked.host, asked.path) for asked in sites.asked}) == HOSTS * (PAGES_OF_EACH + 1):
            return rounds
    raise RuntimeError(f"{ROUNDS} rounds did not visit every page")


def _start(name: str, sites: Sites, index: Index) -> subprocess.Popen[str]:
    settings = ("-s", "DOWNLOAD_DELAY=0", "-s", f"USER_AGENT=backlink-crawler/{name}")
    return subprocess.Popen(
        crawl_command("-a", f"seeds={sites.seeds}", "-a", f"max_pages={PAGES_A_RUN}", *settings),
        cwd=PROJECT,
        env=clean_environment() | {"BACKLINKS_HOME": str(index.home), "BACKLINKS_RESOLVE": "*.test=127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _judge(requests: list[Asked], rounds: int) -> list[Claim]:
    by_host: dict[str, list[Asked]] = defaultdict(list)
    for asked in sorted(requests):
        by_host[asked.host].append(asked)
    pairs = [pair for asked in by_host.values() for pair in itertools.pairwise(asked)]
    gaps = [later.at - earlier.at for earlier, later in pairs]
    changes = [later.at - earlier.at for earlier, later in pairs if earlier.worker != later.worker]
    show(
        f"Gaps that the server saw, ms; Crawl-delay {1000 * DELAY:g} ms, {len(WORKERS)} workers, {rounds} starts each",
        ("", "gaps", "smallest", "median", "largest"),
        [
            (what, f"{len(found):,}", *(f"{1000 * value:.2f}" for value in (min(found), median(found), max(found))))
            for what, found in (("all", gaps), ("where the worker changed", changes))
            if found
        ],
    )
    measured = f"{1000 * min(gaps):.2f} ms over {len(requests):,} requests, {len(changes)} changes of worker"
    return [
        Claim("smallest gap between two requests to a host", f"≥ {1000 * DELAY:g} ms", measured, min(gaps) >= DELAY)
    ]
