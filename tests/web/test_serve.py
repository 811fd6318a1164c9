"""`backlinks serve` as a user starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database


@pytest.fixture
def start(database: Database) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "backlink_crawler.cli", "serve", *arguments],
            env=os.environ | {"BACKLINKS_DATABASE_URL": database.dsn} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def asked(port: int, path: str = "/", **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    found = re.search(r"the explorer is at http://\S+:(\d+)/", process.stdout.readline())
    assert found, process.communicate()
    return int(found[1])


def test_it_answers_until_a_signal(start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("--port", "0", "--name", "Links.Example.com")
    port = port_of(process)
    assert asked(port) == 200
    assert [asked(port, Host=name) for name in ("links.example.com", "localhost", "other.example.com")] == [
        200,
        200,
        421,
    ]
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("arguments", "password", "code", "said"),
    [
        (("--address", "0.0.0.0"), "", 2, "0.0.0.0 can be reached from other machines: set BACKLINKS_WEB_PASSWORD"),
        (("--address", "::"), "", 2, "set BACKLINKS_WEB_PASSWORD"),
        (("--address", "0.0.0.0"), "short", 2, "must have at least 8 characters"),
        ((), "short", 2, "must have at least 8 characters"),
        (("--port", "70000"), "", 2, "70000 is not in the range"),
        (("--address", "no.such.name.invalid"), "long enough", 2, "--address no.such.name.invalid"),
    ],
)
def test_how_it_does_not_start(
    start: Callable[..., subprocess.Popen[str]], arguments: tuple[str, ...], password: str, code: int, said: str
) -> None:
    process = start(*arguments, BACKLINKS_WEB_PASSWORD=password)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, said in told) == (code, True), told
    assert "Traceback" not in told


def test_a_port_that_is_taken_is_a_sentence(start: Callable[..., subprocess.Popen[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in told
    assert "name another with --port" in told


def test_connections_that_say_nothing_hold_up_nobody(start: Callable[..., subprocess.Popen[str]]) -> None:
    """They are more than it takes at once."""
    process = start("--port", "0")
    assert process.stdout
    found = re.search(r":(\d+)/", process.stdout.readline())
    assert found
    silent = [socket.create_connection(("127.0.0.1", int(found[1]))) for _ in range(220)]
    try:
        deadline = time.monotonic() + 20
        while asked(int(found[1]), "/api") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        for each in silent:
            each.close()
