"""The two commands that README begins with, `backlinks demo` and "real use", typed as they are printed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = Path(sys.executable).parent
README = Path(__file__).parents[2] / "README.md"
BERGKAFFEE_DOMAINS = 15
SECONDS = 200


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    yield made
    shutil.rmtree(made)


def typed(line: str, folder: Path, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a shell that has not activated the virtual environment."""
    clean = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PATH"}}
    clean |= {"PATH": "/usr/bin:/bin", "BACKLINKS_HOME": str(home), "COLUMNS": "100"}
    ran = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran


@contextmanager
def port_taken(port: int) -> Iterator[None]:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


def domains(printed: str) -> list[str]:
    table = printed.partition("demo refdomains bergkaffee.test\n")[2].partition("\nTry next:")[0]
    return [line.split()[0] for line in table.splitlines() if ".test " in line and line.startswith(" ")]


def suggested(printed: str) -> list[str]:
    return [line.strip() for line in printed.partition("\nTry next:\n")[2].splitlines() if line.startswith("    ")]


def test_the_demo_has_an_index_of_its_own_and_what_it_suggests_works_as_printed(home: Path) -> None:
    """A database that the environment names is the user's. The second run finds its port taken."""
    mine = {"BACKLINKS_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/mine"}
    first = typed(f"{PROGRAMS.name}/backlinks demo", PROGRAMS.parent, home, **mine)
    assert first.returncode == 0, first.stderr
    assert f"the demo has an index of its own, under {home}/demo, which each run makes anew" in first.stdout
    assert "finished: 116 pages and 4 sitemaps" in first.stderr
    assert len(domains(first.stdout)) == BERGKAFFEE_DOMAINS
    with port_taken(8000):
        second = typed(f"{PROGRAMS.name}/backlinks demo", PROGRAMS.parent, home, **mine)
    assert second.returncode == 0, second.stderr
    assert "finished: 116 pages and 4 sitemaps" in second.stderr
    assert sorted(domains(second.stdout)) == sorted(domains(first.stdout))
    links, overview, shell = suggested(second.stdout)
    assert links == f"{PROGRAMS.name}/backlinks demo links bergkaffee.test --dofollow"
    for line, says in ((links, "horst-espresso.test"), (overview, "refdomains"), (shell, "(")):
        ran = typed(line, PROGRAMS.parent, home, **mine)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert says in ran.stdout
    assert [path.name for path in home.iterdir()] == ["demo"]


def test_with_the_virtual_environment_activated_the_demo_suggests_the_command_alone(home: Path) -> None:
    path = f"{PROGRAMS}:/usr/bin:/bin"
    ran = typed("backlinks demo", home, home, PATH=path)
    assert ran.returncode == 0, ran.stderr
    for line in suggested(ran.stdout):
        assert line.startswith("backlinks demo ")
        assert typed(line, home, home, PATH=path).returncode == 0


class Page(BaseHTTPRequestHandler):
    """One page that links to example.net, and no robots.txt."""

    def do_GET(self) -> None:
        body = b"" if self.path == "/robots.txt" else b'<!DOCTYPE html><title>A</title><a href="//example.net/">B</a>'
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="port 80 needs root")
def test_real_use_works_to_the_letter(home: Path) -> None:
    """All of README's lines but the first two, which install; example.com is on this machine."""
    block = README.read_text().partition("## Real use\n\n```\n")[2].partition("```")[0]
    installs, *lines = block.splitlines()[1:]
    assert installs.startswith("pip install .")
    with ThreadingHTTPServer(("127.0.0.81", 80), Page) as web:
        threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
        path = f"{PROGRAMS}:/usr/bin:/bin"
        ran = typed("\n".join(["set -e", *lines]), home, home, PATH=path, BACKLINKS_RESOLVE="*=127.0.0.81")
        web.shutdown()
    assert ran.returncode == 0, ran.stderr
    assert "1 new link, 1 new referring domain," in ran.stderr
    assert [line.split()[:2] for line in ran.stdout.splitlines() if line.startswith(" example")] == [
        ["example.com", "1"]
    ]
