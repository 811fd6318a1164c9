"""500 names on one address, two workers, 2,000 requests: no second above the address's bound, by the server's own log.

Each name is a domain of its own, of three pages and a robots.txt; settings are those that everybody gets.
"""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.claims import Claim
from benchmarks.environment import PROJECT, clean_environment, crawl_command, fresh_index

if TYPE_CHECKING:
    from pathlib import Path

NAMES, NAMES_FOR_A_TRY = 500, 20
PAGES = 3
WORKERS = 2
BOUND = 4  # requests a second: BACKLINKS_ADDRESS_REQUESTS
DELAY = 1.0  # seconds between two requests to a host: DOWNLOAD_DELAY


class Asked(NamedTuple):
    """at: monotonic seconds."""

    at: float
    host: str


class Sites(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Site)
        self.asked: list[Asked] = []


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Sites

    def do_GET(self) -> None:
        self.server.asked.append(Asked(time.monotonic(), self.headers["Host"]))
        is_page = self.path != "/robots.txt"
        body = "".join(f"<a href=/{number}>{number}</a> " for number in range(1, PAGES)).encode() if is_page else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if is_page else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def measure(pairs: int) -> list[Claim]:
    """One pair is a try with a few names."""
    names = NAMES if pairs > 1 else NAMES_FOR_A_TRY
    sites = Sites()
    threading.Thread(target=sites.serve_forever, daemon=True).start()
    try:
        with fresh_index() as index:
            seeds = index.home / "seeds.txt"
            port = sites.server_address[1]
            seeds.write_text("".join(f"http://www.name{number}.test:{port}/\n" for number in range(names)))
            _crawl(seeds, index.home)
    finally:
        sites.shutdown()
        sites.server_close()
    return _judge(sorted(sites.asked), names)


def _crawl(seeds: Path, home: Path) -> None:
    environment = clean_environment() | {"BACKLINKS_HOME": str(home), "BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
    command = crawl_command("-a", f"seeds={seeds}", "-a", "render=never", "-s", f"BACKLINKS_WORKERS={WORKERS}")
    workers = [
        subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        output, _ = worker.communicate(timeout=1800)
        print(f"  {output.strip()}", flush=True)
        if worker.returncode:
            raise RuntimeError(f"a worker ended with {worker.returncode}:\n{output[-2000:]}")


def _judge(asked: list[Asked], names: int) -> list[Claim]:
    moments = [each.at for each in asked]
    most = max(bisect_left(moments, at + 1) - place for place, at in enumerate(moments))
    by_host: dict[str, list[float]] = defaultdict(list)
    for each in asked:
        by_host[each.host].append(each.at)
    gap = min(later - earlier for of_host in by_host.values() for earlier, later in itertools.pairwise(of_host))
    rate = len(asked) / (moments[-1] - moments[0])
    where = f"{names} names on one address, {WORKERS} workers, {len(asked):,} requests"
    whole = len(asked) == names * (PAGES + 1)
    return [
        Claim(f"requests in any one second, {where}", f"≤ {BOUND}", f"{most} ({rate:.2f} on average)", most <= BOUND),
        Claim(f"smallest gap between two requests to a host, {where}", f"≥ {DELAY:g} s", f"{gap:.3f} s", gap >= DELAY),
        Claim(f"each page asked for once, {where}", "all", f"{len(asked):,}", whole),
    ]
