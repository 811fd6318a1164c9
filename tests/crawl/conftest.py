"""`scrapy crawl seeds` as a user runs it: another process, a real web server, a database of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

from backlink_crawler.demo.server import LittleWeb
from backlink_crawler.rank.job import rank
from tests.crawl.forked import new_python, start_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

Start = Callable[..., subprocess.Popen[str]]
SECONDS = 200  # a run that takes so long hangs, however busy the machine is
SEEDS = resources.files("backlink_crawler.demo").joinpath("seeds.txt").read_text(encoding="utf-8")
CLOSED_PROXY = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}  # must not be used


@dataclass
class Crawler:
    """Runs in an empty folder, so that no scrapy.cfg helps. imports: as a new Python, for what is seen of that."""

    folder: Path
    environment: dict[str, str]
    imports: bool = False

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return (new_python if self.imports else start_python)(
            *("-m", "scrapy", "crawl", "seeds", "-s", "DOWNLOAD_DELAY=0", *arguments),
            cwd=self.folder,
            env=os.environ | CLOSED_PROXY | self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """(exit code, all that was printed)"""
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=SECONDS)
        assert "Traceback" not in output, output
        return process.returncode, output

    def seeds(self, text: str, name: str = "seeds.txt") -> str:
        """The -a argument for a seeds file with this text."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return f"seeds={file}"


class FirstRun(NamedTuple):
    """The little web, crawled once. database: never written to after it. requests: what the web was asked during it."""

    web: LittleWeb
    seeds: Path
    database: Database
    code: int
    output: str
    requests: list[tuple[str, str]]


@pytest.fixture
def crawler(database: Database, tmp_path: Path) -> Crawler:
    return Crawler(tmp_path, {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"})


@pytest.fixture
def little_web() -> Iterator[LittleWeb]:
    with LittleWeb() as web:
        yield web


@pytest.fixture(scope="session")
def first_run(embedded_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    database, folder = embedded_server.copy(), tmp_path_factory.mktemp("first_run")
    crawler = Crawler(folder, {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"})
    with LittleWeb() as web:
        code, output = crawler.run("-a", crawler.seeds(web.localise(SEEDS)))
        yield FirstRun(web, folder / "seeds.txt", database, code, output, web.requests())


@pytest.fixture(scope="session")
def ranked(first_run: FirstRun, embedded_server: Server) -> Database:
    """What the first run left behind, ranked, as the demo is; nothing changes it."""
    made = embedded_server.copy(first_run.database)
    rank(made, lambda _: None)
    return made


@pytest.fixture
def crawled(first_run: FirstRun, embedded_server: Server) -> Iterator[Database]:
    """A copy of what the first run left behind, for a test to go on from."""
    made = embedded_server.copy(first_run.database)
    yield made
    embedded_server.drop(made)


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Start]:
    """`backlinks …` as a process, in an empty folder."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        named = {"BACKLINKS_DATABASE_URL": database.dsn, "BACKLINKS_RESOLVE": "*.test=127.0.0.1"}
        process = start_python(
            *("-c", "from backlink_crawler.cli import main; main()", *map(str, arguments)),
            cwd=tmp_path,
            env=os.environ | CLOSED_PROXY | named | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            for child in [*psutil.Process(process.pid).children(), process]:
                child.kill()
