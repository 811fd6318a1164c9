"""Claim: many hosts of one page each cost `scrapy crawl seeds` little of what Scrapy can fetch at all.

Every host is a site of its own that the user has named: its robots.txt is asked for, then its page, nothing waits. Bare
Scrapy fetches the same pages and, as its settings say, each host's robots.txt. Each is timed as a process, from its start
to its end, seeds and database included, in turns. One nginx answers for all hosts, over http and over https.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.claims import Claim, Skipped, at_least, at_most, show, spread
from benchmarks.crawl_speed import concurrency
from benchmarks.environment import crawl_command, fresh_index, run

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY = 5_000, 50_000
TARGET = 0.75
SAME = 0.9  # of the pages a second of few hosts, for many
MOST_MEMORY = 300  # MB
_NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/errors crit; worker_rlimit_nofile 8192; daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{http} backlog=4096; listen 127.0.0.1:{https} ssl backlog=4096;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem; ssl_session_cache shared:s:10m;
    location = /robots.txt {{ default_type text/plain; return 200 "User-agent: *\\nDisallow: /private\\n"; }}
    location / {{ default_type text/html; return 200 '{page}'; }}
  }}
}}
"""
_PARAGRAPH = "<p>Some words before <a href=https://target{0}.test/page>some words of a link</a> and some after it.</p>"
_PAGE = "<!doctype html><html lang=en><title>The page of a host</title>" + "".join(map(_PARAGRAPH.format, range(10)))


class Whole(NamedTuple):
    """Of a run from the start of its process to its end. memory: MB."""

    pages: int
    seconds: float
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        return self.pages / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s {1000 * self.cpu / self.pages:.1f} ms"


def measure(pairs: int) -> list[Claim]:
    claims = []
    with any_site() as ports:
        for scheme, port in zip(("http", "https"), ports, strict=True):
            few = compare(scheme, port, FEW, pairs)
            many = compare(scheme, port, MANY, max(1, pairs // 5))
            where = f"hosts of one page over {scheme}"
            for number, rounds in ((FEW, few), (MANY, many)):
                ratios = [ours.rate / bare.rate for bare, ours in rounds]
                claims.append(at_least(f"pages/s ÷ bare Scrapy, {number:,} {where}", TARGET, ratios))
            same = [ours.rate / few[0][1].rate for _, ours in many]
            claims.append(at_least(f"pages/s of {MANY:,} {where} ÷ {FEW:,}", SAME, same))
            most = max(ours.memory for _, ours in many)
            claims.append(at_most(f"memory of a worker, {MANY:,} {where}", MOST_MEMORY, most, "MB"))
    return claims


def compare(scheme: str, port: int, number: int, pairs: int) -> list[tuple[Whole, Whole]]:
    rounds = []
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-") as name:
        urls = Path(name, "urls.txt")
        urls.write_text("".join(f"{scheme}://h{each}.test:{port}/\n" for each in range(number)), encoding="ascii")
        for pair in range(1, pairs + 1):
            rounds.append((bare(urls), ours(urls)))
            print(f"wide: {scheme}, {number:,}, pair {pair} of {pairs}: bare %s, ours %s" % rounds[-1], flush=True)
    ratios = [each.rate / scrapy.rate for scrapy, each in rounds]
    rows: list[tuple[object, ...]] = [(*each, f"{ratio:.2f}") for each, ratio in zip(rounds, ratios, strict=True)]
    show(f"{number:,} hosts of one page over {scheme}", ("bare", "ours", "ratio"), [*rows, ("", "", spread(ratios))])
    return rounds


def bare(urls: Path) -> Whole:
    return timed([sys.executable, "-m", "benchmarks.contenders.bare", str(urls), "with-robots"], urls, {})


def ours(urls: Path) -> Whole:
    with fresh_index() as index:
        command = crawl_command("-a", f"seeds={urls}", "-a", "render=never", *concurrency())
        environment = {"BACKLINKS_HOME": str(index.home), "BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
        whole = timed(command, urls, environment)
        with index.database.connect() as connection:
            counted = connection.execute("SELECT count(*) FROM pages WHERE settled = 0").fetchone()
        assert counted
        return whole._replace(pages=counted[0])


def timed(command: list[str], urls: Path, environment: dict[str, str]) -> Whole:
    began = time.monotonic()
    ended = run(command, environment)
    return Whole(urls.read_bytes().count(b"\n"), time.monotonic() - began, ended.cpu, ended.peak)


@contextmanager
def any_site() -> Iterator[tuple[int, int]]:
    """Nginx answers for every host on loopback; gives its ports for http and https. Raises Skipped."""
    if not shutil.which("nginx") or not shutil.which("openssl"):
        raise Skipped("nginx or openssl is not there")
    ports = _free_port(), _free_port()
    with tempfile.TemporaryDirectory(prefix="backlinks-benchmark-web-") as folder:
        names = {"key": f"{folder}/key.pem", "certificate": f"{folder}/certificate.pem"}
        make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=any.test")
        subprocess.run([*make, "-keyout", names["key"], "-out", names["certificate"]], check=True, capture_output=True)
        told = _NGINX.format(folder=folder, http=ports[0], https=ports[1], page=_PAGE)
        Path(folder, "nginx.conf").write_text(told, encoding="ascii")
        with subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder]) as server:
            try:
                time.sleep(1)
                yield ports
            finally:
                server.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
