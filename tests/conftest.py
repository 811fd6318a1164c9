"""Databases for tests: one server a session, a migrated template in it, and a fresh copy of that for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backlink_crawler.store import embedded, preparing
from backlink_crawler.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).parent.parent))  # `from tests.site.expected import …`
pytest.register_assert_rewrite("tests.integration.consistency", "tests.integration.worker")

_TEMPLATE = "backlinks_template"
_SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
# Nothing here outlives the machine: no need to wait for the disk.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LONG = {"crawl", "migrations", "web"}  # folders
_MOST_UNWANTED = 8  # databases of tests that are over


@dataclass
class Server:
    """A PostgreSQL of ours. dsn: of its maintenance database."""

    dsn: str
    _numbers: Iterator[int] = field(default_factory=count)
    _has_template: bool = False
    _unwanted: deque[str] = field(default_factory=deque)
    _session: psycopg.Connection | None = None

    def execute(self, statement: str) -> None:
        if self._session is None or self._session.closed:
            self._session = psycopg.connect(self.dsn, autocommit=True)
        self._session.execute(statement.encode())

    def empty(self, name: str | None = None) -> Database:
        """A new database without a schema."""
        name = name or f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        return self.database(name)

    def copy(self, template: Database | None = None) -> Database:
        """A new database like `template`; None: with the current schema and nothing in it."""
        if template is None and not self._has_template:
            preparing.prepare(self.empty(_TEMPLATE))
            self._has_template = True
        original = _TEMPLATE if template is None else conninfo_to_dict(template.dsn)["dbname"]
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {original}")
        return self.database(name)

    def drop(self, database: Database) -> None:
        """Sooner or later: where a session has only just ended, the server waits 0.1 s before it looks again."""
        self._unwanted.append(conninfo_to_dict(database.dsn)["dbname"])
        if len(self._unwanted) > _MOST_UNWANTED:
            self.drop_now(self.database(self._unwanted.popleft()))

    def drop_now(self, database: Database) -> None:
        self.execute(f"DROP DATABASE {conninfo_to_dict(database.dsn)['dbname']} WITH (FORCE)")

    def close(self) -> None:
        if self._session:
            self._session.close()

    def database(self, name: str, **parameters: str) -> Database:
        return Database(make_conninfo(self.dsn, dbname=name, **parameters), is_embedded=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_servers: runs on the embedded PostgreSQL and on the system's own")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: else one process still has some of them when the others have nothing left."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in _LONG)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_servers")
        metafunc.parametrize("server", ["embedded", "system"] if both else ["embedded"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No BACKLINKS_… of the person who runs the tests counts, and nothing is written to that person's home."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BACKLINKS_")]:
            patch.delenv(name)
        patch.setenv("BACKLINKS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """The current schema, and nothing in it."""
    made = server.copy()
    yield made
    server.drop(made)


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """No schema yet."""
    made = server.empty()
    yield made
    server.drop(made)


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection]:
    """Autocommitting, for looking at what others have written."""
    with database.connect(autocommit=True) as made:
        yield made


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))  # short: a socket's path has at most 107 bytes
    try:
        dsn = make_conninfo(embedded.keep(home), dbname="postgres")
        server = Server(dsn)
        for name, value in _FAST.items():
            server.execute(f"ALTER SYSTEM SET {name} = {value}")
        server.execute("SELECT pg_reload_conf()")
        yield server
        server.close()
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def system_server() -> Iterator[Server]:
    if not _SYSTEM:
        pytest.skip("no PostgreSQL under /usr/lib/postgresql")
    user = _unprivileged_user()
    programs, folder = _SYSTEM[-1].parent, Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        # A file, not a pipe: the server inherits it and keeps it open.
        with (folder / "output").open("a") as output:
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=output, stderr=output, timeout=60)

    try:
        run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = "".join(f" -c {name}={value}" for name, value in _FAST.items())
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-c listen_addresses='' -k {folder}{options}", "start")
        server = Server(make_conninfo(host=str(folder), user="postgres", dbname="postgres"))
        yield server
        server.close()
    finally:
        if (data / "postmaster.pid").exists():
            run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; None: we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
