"""A site that a worker holds, ready for visits; and the command line, ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from backlink_crawler.cli import main
from tests.integration.worker import Worker, add_seed, page_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlink_crawler.store.database import Database


@pytest.fixture
def worker(database: Database) -> Iterator[Worker]:
    """Holds from.test, whose pages are http://from.test/ and http://from.test/two."""
    add_seed(database, "http://from.test/")
    with Worker(database) as made:
        made.claim()
        made.read("http://from.test/", found=[page_found("http://from.test/two")])
        yield made


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def backlinks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """`backlinks …` in this process, as its entry point runs it. Keywords are BACKLINKS_… variables."""

    def run(*arguments: object, database: Database | None = None, **environment: str) -> Ran:
        for name, value in environment.items():
            monkeypatch.setenv(f"BACKLINKS_{name.upper()}", value)
        if database:
            monkeypatch.setenv("BACKLINKS_DATABASE_URL", database.dsn)
        monkeypatch.setattr("sys.argv", ["backlinks", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        else:
            code = 0
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(code, said.out, said.err)

    return run
