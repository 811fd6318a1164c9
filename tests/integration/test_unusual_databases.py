"""Pools, encodings and settings that are not the usual ones: they work, or one sentence says what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store import sessions
from backlink_crawler.store.database import Database
from tests.conftest import _unprivileged_user
from tests.integration.test_cli import ALL, READING, WRITING, sentence
from tests.integration.worker import Worker, add_seed, link, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

FEW = [READING[0], WRITING[1], ("db", "status")]


def name_of(database: Database) -> str:
    return str(conninfo_to_dict(database.dsn)["dbname"])


def works(backlinks: Backlinks, database: Database) -> None:
    """An index is made, a page is read, and who asks for its links gets them."""
    ran = backlinks("seeds", "add", "http://from.test/", database=database)
    assert (ran.code, ran.err) == (0, "")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://from.test/", link("http://to.test/", "Köln \\1 京都"))
    ran = backlinks("links", "to.test", "--format", "json", database=database)
    assert (ran.code, ran.err) == (0, "")
    (found,) = json.loads(ran.out)
    assert (found["url_from"], found["anchor"]) == ("http://from.test/", "Köln \\1 京都")
    assert found["first_seen"].endswith("+00:00")
    for command in (("db", "check"), ("db", "vacuum"), ("status",)):
        assert backlinks(*command, database=database).code in {0, 1}


# PgBouncer


@pytest.fixture
def pool(system_server: Server, tmp_path: Path) -> Iterator[Pool]:
    if not shutil.which("pgbouncer"):
        pytest.skip("no pgbouncer")
    made = Pool(system_server, tmp_path)
    yield made
    made.close()


class Pool:
    """A PgBouncer of ours in front of a server."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        shutil.chown(folder, _unprivileged_user())

    def start(self, mode: str, **settings: object) -> None:
        upstream = conninfo_to_dict(self._server.dsn)["host"]
        more = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self._folder / "users").write_text('"postgres" ""\n')
        (self._folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={upstream}\n[pgbouncer]\nunix_socket_dir = {self._folder}\nlisten_port = 6432\n"
            f"auth_type = trust\nauth_file = {self._folder}/users\npool_mode = {mode}\n{more}"
        )
        user = _unprivileged_user()
        for parent in (self._folder, *self._folder.parents[:3]):
            parent.chmod(parent.stat().st_mode | 0o055)
        command = [shutil.which("pgbouncer") or "", "-q", str(self._folder / "pgbouncer.ini")]
        self._process = subprocess.Popen(command, user=user, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not (self._folder / ".s.PGSQL.6432").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def to(self, database: Database) -> Database:
        dsn = make_conninfo(host=str(self._folder), port=6432, user="postgres", dbname=name_of(database))
        return Database(dsn, is_embedded=False)

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def behind(system_server: Server) -> Iterator[Database]:
    """A current database on the server behind the pool."""
    made = system_server.copy()
    yield made
    system_server.drop(made)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pool_that_shares_sessions_is_refused(backlinks: Backlinks, pool: Pool, behind: Database, mode: str) -> None:
    pool.start(mode)
    for command in ALL:
        said = sentence(backlinks(*command, database=pool.to(behind)), 3)
        assert "is behind a connection pool that hands out its sessions by the transaction" in said
        assert said.endswith("pool_mode = session, or to PostgreSQL itself.")


@pytest.mark.parametrize("round_robin", [0, 1])
def test_however_busy_the_pool_is(backlinks: Backlinks, pool: Pool, behind: Database, round_robin: int) -> None:
    """With several sessions to choose from, by either of its two ways to choose."""
    pool.start("transaction", server_round_robin=round_robin)
    through = pool.to(behind)
    others = [psycopg.connect(through.dsn) for _ in range(4)]
    for other in others:
        other.execute("SELECT 1")
    for other in others[:3]:
        other.rollback()
    for _ in range(5):
        assert "is behind a connection pool" in sentence(backlinks("refdomains", "a.test", database=through), 3)
    for other in others:
        other.close()


def test_a_pool_that_keeps_sessions_works(backlinks: Backlinks, pool: Pool, system_server: Server) -> None:
    pool.start("session")
    empty = system_server.empty()
    works(backlinks, pool.to(empty))


def test_one_session_in_the_pool_is_enough_to_ask(backlinks: Backlinks, pool: Pool, behind: Database) -> None:
    pool.start("session", default_pool_size=1, query_wait_timeout=5)
    ran = backlinks("skip", "list", database=pool.to(behind))
    assert (ran.code, ran.err) == (0, "")


# Encodings


@pytest.mark.parametrize("encoding", ["WIN1252", "EUC_JP", "LATIN1", "SQL_ASCII"])
@pytest.mark.parametrize("command", FEW, ids=" ".join)
def test_an_encoding_without_the_world_s_scripts_is_refused(
    backlinks: Backlinks, server: Server, encoding: str, command: tuple[str, ...]
) -> None:
    name = f"encoded_{encoding.lower()}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    made = server.database(name)
    try:
        said = sentence(backlinks(*command, database=made), 3)
        assert f"stores text in {encoding}, which has no room for every page's" in said
        assert said.endswith("create the database anew with TEMPLATE template0 ENCODING 'UTF8'.")
    finally:
        server.drop_now(made)


# Settings of roles and databases


@pytest.mark.both_servers
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("search_path", "app, pg_catalog"),
        ("search_path", "app"),
        ("search_path", "''"),
        ("datestyle", "'SQL, DMY'"),
        ("datestyle", "'German'"),
        ("intervalstyle", "sql_standard"),
        ("timezone", "'Asia/Kathmandu'"),
        ("bytea_output", "escape"),
        ("client_encoding", "latin1"),
        ("standard_conforming_strings", "off"),
        ("default_transaction_isolation", "serializable"),
        ("lc_messages", "'C'"),
        ("extra_float_digits", "0"),
    ],
)
def test_settings_of_the_database_that_work(
    backlinks: Backlinks, server: Server, empty_database: Database, setting: str, value: str
) -> None:
    with empty_database.connect(autocommit=True) as connection:
        connection.execute("CREATE SCHEMA app")
    server.execute(f"ALTER DATABASE {name_of(empty_database)} SET {setting} = {value}")
    works(backlinks, empty_database)


@pytest.mark.parametrize(
    "variable", [("PGCLIENTENCODING", "LATIN1"), ("PGDATESTYLE", "German"), ("PGTZ", "Asia/Tokyo")]
)
def test_settings_of_the_environment_that_work(
    backlinks: Backlinks, empty_database: Database, monkeypatch: pytest.MonkeyPatch, variable: tuple[str, str]
) -> None:
    monkeypatch.setenv(*variable)
    works(backlinks, empty_database)


def test_no_schema_named_public(backlinks: Backlinks, empty_database: Database) -> None:
    with empty_database.connect(autocommit=True) as connection:
        connection.execute("DROP SCHEMA public")
    said = sentence(backlinks("db", "upgrade", database=empty_database), 3)
    assert said.endswith("the index lives in the schema public; CREATE SCHEMA public makes it.")


def test_a_server_that_is_too_old(backlinks: Backlinks, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "OLDEST_SERVER", 99)
    for command in ALL:
        said = sentence(backlinks(*command, database=database), 3)
        assert said.endswith("; version 99 or newer is needed.")


# Time limits


@pytest.mark.both_servers
@pytest.mark.parametrize(
    ("setting", "says"),
    [
        (
            "statement_timeout",
            "ended a statement that took too long (canceling statement due to statement timeout); raise",
        ),
        (
            "lock_timeout",
            "is busy: another session holds what this one waits for (canceling statement due to lock timeout)",
        ),
    ],
)
def test_a_time_limit_that_is_reached_is_named(
    backlinks: Backlinks, server: Server, database: Database, setting: str, says: str
) -> None:
    server.execute(f"ALTER DATABASE {name_of(database)} SET {setting} = '200ms'")
    with database.connect() as other:
        other.execute("LOCK TABLE domains, skipped_domains")
        for command in (("refdomains", "a.test"), ("skip", "list"), ("skip", "add", "b.test")):
            said = sentence(backlinks(*command, database=database), 3)
            assert says in said


def test_a_batch_that_reaches_a_time_limit_ends_the_run_and_loses_nothing(server: Server, database: Database) -> None:
    """It is no fault of what is in it: nothing is recorded as unstorable, and the page stays due."""
    add_seed(database, "http://from.test/")
    server.execute(f"ALTER DATABASE {name_of(database)} SET statement_timeout = '500ms'")
    with Worker(database) as worker, database.connect() as other:
        worker.claim()
        page = worker.page("http://from.test/")
        other.execute("LOCK TABLE urls")
        with pytest.raises(DatabaseUnavailable, match=r"ended a statement that took too long .*statement_timeout"):
            worker.record(visit(page, link("http://to.test/")))
        other.rollback()
        assert other.execute("SELECT count(*), count(last_visited) FROM pages").fetchone() == (1, 0)
