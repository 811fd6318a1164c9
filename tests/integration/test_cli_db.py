"""The embedded PostgreSQL: started on demand, shared by commands, stopped by the last, whoever was killed meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from tests.integration.homes import Home
from tests.integration.test_cli import sentence
from tests.migrations.test_schema_states import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

# A client that joins the server's users, says so, and stays.
CLIENT = """
import sys, time
from pathlib import Path
from backlink_crawler.store import embedded
embedded.start(Path(sys.argv[1]))
print("joined", flush=True)
time.sleep(600)
"""


class Served(Home):
    """Commands are processes: the server's users are counted by process."""

    def client(self) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(self.path)], stdout=subprocess.PIPE, text=True, env=self.environment
        )
        assert made.stdout is not None
        assert made.stdout.readline() == "joined\n"
        return made

    @property
    def users(self) -> list[int]:
        listed: list[int] = json.loads((self.path / "users.json").read_text())
        return listed


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """Initdb takes longer than all else here: once for all tests."""
    path = Path(tempfile.mkdtemp(prefix="backlinks-tests-"))
    assert Home(path).run("db", "upgrade").returncode == 0
    yield path
    shutil.rmtree(path)


@pytest.fixture
def home(initialised: Path) -> Iterator[Served]:
    made = Served(initialised)
    assert made.server is None
    yield made
    made.run("db", "stop")
    assert made.server is None


def test_a_command_starts_the_server_and_the_last_one_stops_it(home: Served) -> None:
    ran = home.run("db", "status")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "the embedded PostgreSQL" in ran.stdout
    assert home.server is None


def test_the_server_runs_on_between_start_and_stop(home: Served) -> None:
    assert home.run("db", "start").stdout == "the embedded PostgreSQL keeps running until `backlinks db stop`\n"
    first = home.server
    assert first
    assert home.run("db", "status").returncode == 0
    assert home.server == first
    assert home.run("db", "start").returncode == 0  # again is no error
    assert home.run("db", "stop").stdout == "the embedded PostgreSQL is stopped\n"
    assert home.server is None
    assert home.run("db", "stop").stdout == "the embedded PostgreSQL was not running\n"


def test_the_url_is_one_that_others_connect_to(home: Served) -> None:
    ran = home.run("db", "url")
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)
    with psycopg.connect(ran.stdout.strip()) as connection:
        assert connection.execute("SELECT count(*) FROM sources").fetchone() == (0,)
    ran = home.run("db", "shell", "-Atc", "SELECT 6 * 7")
    assert (ran.returncode, ran.stdout) == (0, "42\n")


def test_a_client_that_was_killed_does_not_keep_the_server_from_stopping(home: Served) -> None:
    client = home.client()
    assert home.server
    client.kill()
    client.wait()
    assert client.pid in home.users  # nobody struck it off
    assert home.run("db", "stop").stdout == "the embedded PostgreSQL is stopped\n"


def test_a_client_that_was_killed_does_not_keep_the_last_one_from_stopping_it(home: Served) -> None:
    client = home.client()
    client.kill()
    client.wait()
    assert home.run("db", "status").returncode == 0
    assert home.server is None


def test_start_and_url_cope_with_a_client_that_was_killed(home: Served) -> None:
    for command in ("start", "url"):
        client = home.client()
        client.kill()
        client.wait()
        assert home.run("db", command).returncode == 0
        assert client.pid not in home.users
        assert home.server
        assert home.run("db", "stop").stdout == "the embedded PostgreSQL is stopped\n"
        assert home.server is None


def test_everybody_killed_and_the_server_too_and_all_starts_again(home: Served) -> None:
    client = home.client()
    server = home.server
    assert server
    children = server.children()
    for process in (client, server):
        process.kill()
    client.wait()
    psutil.wait_procs([server, *children], timeout=20)
    ran = home.run("db", "stop")
    assert (ran.returncode, ran.stdout) == (0, "the embedded PostgreSQL was not running\n")
    assert home.run("db", "start").returncode == 0
    assert client.pid not in home.users
    assert home.run("db", "stop").stdout == "the embedded PostgreSQL is stopped\n"


def test_a_stranger_who_was_given_the_number_of_a_dead_client_does_not_count(home: Served) -> None:
    """As after a restart of the machine: this process stands for the stranger, the list is older than it."""
    home.run("db", "start")
    listed = home.path / "users.json"
    listed.write_text(json.dumps([1, os.getpid()]))
    long_ago = psutil.Process().create_time() - 3600
    os.utime(listed, (long_ago, long_ago))
    assert home.run("db", "stop").stdout == "the embedded PostgreSQL is stopped\n"


def test_the_server_is_not_stopped_under_a_command_that_uses_it(home: Served) -> None:
    client = home.client()
    try:
        ran = home.run("db", "stop")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert ran.stderr == (
            f"backlinks: the embedded PostgreSQL is in use by process {client.pid}; stop that first.\n"
        )
        assert home.server
        assert home.run("db", "status").returncode == 0
        assert home.server  # the command that ended was not the last
    finally:
        client.terminate()
        client.wait()


def test_a_server_that_was_killed_is_started_again(home: Served) -> None:
    home.run("db", "start")
    server = home.server
    assert server
    children = server.children()
    server.kill()
    psutil.wait_procs([server, *children], timeout=20)  # they notice, and end
    ran = home.run("db", "status")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_start_and_stop_are_for_the_embedded_server_only(backlinks: Backlinks, database: Database) -> None:
    for command in ("start", "stop"):
        assert sentence(backlinks("db", command, database=database), 2) == (
            "BACKLINKS_DATABASE_URL names your own server; start and stop are for the embedded one."
        )
    ran = backlinks("db", "url", database=database)
    assert (ran.code, ran.out) == (0, f"{database.dsn}\n")


def test_status_counts_what_is_there(backlinks: Backlinks, database: Database) -> None:
    ran = backlinks("db", "status", database=database)
    values = dict(line.split(maxsplit=1) for line in ran.out.splitlines() if len(line.split()) > 1)
    assert ran.code == 0
    assert values["schema"] == f"up to date ({HEAD})"
    assert values["server"].startswith("PostgreSQL ")
    assert (values["pages"], values["links"]) == ("0", "0")


def test_upgrade_says_what_the_schema_is(backlinks: Backlinks, empty_database: Database) -> None:
    assert backlinks("db", "upgrade", database=empty_database).out.endswith(f" is now {HEAD}\n")
    assert backlinks("db", "upgrade", database=empty_database).out.endswith(f" is {HEAD}\n")
