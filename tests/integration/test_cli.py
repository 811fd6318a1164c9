"""`backlinks …`: what goes wrong outside is one sentence and an exit code (errors.py), never a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backlink_crawler.store.database import Database
from tests.migrations.test_schema_states import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Server
    from tests.integration.conftest import Ran

    Backlinks = Callable[..., Ran]

# Commands that ask the database, by how much they need of it.
READING = [
    *(("refdomains", "example.com"), ("overview", "example.com"), ("new", "example.com"), ("history", "example.com")),
    *(("seeds", "list"), ("skip", "list"), ("optout", "list"), ("targets", "list"), ("status", "--json")),
    *(("db", "vacuum"), ("db", "check"), ("db", "prune", "--lost-before", "400d", "--visits-older-than", "12mo")),
]
WRITING = [
    *(("db", "upgrade"), ("seeds", "add", "example.com"), ("skip", "add", "example.com")),
    *(("optout", "add", "example.com"), ("targets", "add", "example.com"), ("crawl",), ("verify", "example.com")),
]
ALL = [*READING, *WRITING, ("db", "status")]


def sentence(ran: Ran, code: int) -> str:
    """The one sentence that a failed command says."""
    assert (ran.code, ran.out) == (code, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("backlinks: ")
    assert line.endswith((".", "?"))
    return line.removeprefix("backlinks: ")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_a_database_that_is_down(backlinks: Backlinks, command: tuple[str, ...]) -> None:
    port = closed_port()
    said = sentence(backlinks(*command, database_url=f"postgresql://me:secret@127.0.0.1:{port}/links"), 3)
    assert said.startswith(f"cannot reach PostgreSQL at 127.0.0.1:{port}/links (")
    assert said.endswith("is it running, and is BACKLINKS_DATABASE_URL right?")
    assert "secret" not in said


@pytest.mark.parametrize("command", [READING[0], WRITING[0], ("db", "status")], ids=" ".join)
def test_a_database_that_does_not_exist(backlinks: Backlinks, server: Server, command: tuple[str, ...]) -> None:
    said = sentence(backlinks(*command, database=server.database("no_such_database")), 3)
    assert 'database "no_such_database" does not exist' in said
    assert "BACKLINKS_DATABASE_URL" in said


@pytest.mark.parametrize("command", [READING[0], WRITING[0], ("db", "status")], ids=" ".join)
def test_a_role_that_does_not_exist(backlinks: Backlinks, server: Server, command: tuple[str, ...]) -> None:
    said = sentence(backlinks(*command, database=server.database("postgres", user="nobody_of_that_name")), 3)
    assert 'role "nobody_of_that_name" does not exist' in said
    assert "BACKLINKS_DATABASE_URL" in said


@pytest.mark.both_servers
def test_a_wrong_password(backlinks: Backlinks, server: Server, database: Database) -> None:
    folder = Path(conninfo_to_dict(server.dsn)["host"])
    rules = next(file for file in (folder / "pg_hba.conf", folder / "data" / "pg_hba.conf") if file.exists())
    before = rules.read_text()
    name = f"locked_{conninfo_to_dict(database.dsn)['dbname']}"
    server.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
    try:
        rules.write_text(f"local all {name} scram-sha-256\n{before}")
        server.execute("SELECT pg_reload_conf()")
        for _ in range(50):  # the postmaster reads it when it gets to it
            ran = backlinks(
                "db",
                "status",
                database=Database(make_conninfo(database.dsn, user=name, password="wr0ng"), is_embedded=False),
            )
            if ran.code == 3:
                break
        said = sentence(ran, 3)
    finally:
        rules.write_text(before)
        server.execute(f"DROP ROLE {name}")
        server.execute("SELECT pg_reload_conf()")
    assert "password authentication failed" in said
    assert "wr0ng" not in said


def test_a_role_without_rights(backlinks: Backlinks, server: Server, database: Database) -> None:
    name = f"powerless_{conninfo_to_dict(database.dsn)['dbname']}"
    server.execute(f"CREATE ROLE {name} LOGIN")
    try:
        theirs = Database(make_conninfo(database.dsn, user=name), is_embedded=False)
        for command in ALL:
            said = sentence(backlinks(*command, database=theirs), 3)
            assert "refuses this user (permission denied for table " in said
            assert "grant it the rights" in said
    finally:
        server.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_an_empty_database_that_is_read_only(
    backlinks: Backlinks, empty_database: Database, command: tuple[str, ...]
) -> None:
    make_read_only(empty_database)
    said = sentence(backlinks(*command, database=empty_database), 3)
    assert "is read-only (cannot execute " in said
    assert "point BACKLINKS_DATABASE_URL at its primary" in said


def test_a_current_database_that_is_read_only_answers_and_takes_nothing(
    backlinks: Backlinks, database: Database
) -> None:
    make_read_only(database)
    assert backlinks("db", "status", database=database).code == 0
    assert backlinks("skip", "list", database=database).code == 0
    assert backlinks("db", "upgrade", database=database).code == 0  # nothing to do
    for command in (("seeds", "add", "example.com"), ("skip", "add", "example.com"), ("skip", "remove", "x.com")):
        assert "is read-only" in sentence(backlinks(*command, database=database), 3)


def make_read_only(database: Database) -> None:
    with database.connect() as connection:
        name = conninfo_to_dict(database.dsn)["dbname"]
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())


def test_a_database_with_a_newer_schema(backlinks: Backlinks, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '20990101_0000'")
    for command in [*READING, *WRITING]:
        said = sentence(backlinks(*command, database=database), 4)
        assert f"(20990101_0000) is newer than this program ({HEAD}); install the version" in said
    ran = backlinks("db", "status", database=database)
    assert ran.code == 4
    assert "newer than this program (20990101_0000)" in ran.out


def test_a_database_without_a_schema(backlinks: Backlinks, empty_database: Database) -> None:
    for command in READING:
        said = sentence(backlinks(*command, database=empty_database), 4)
        assert said.startswith("nothing has been crawled into PostgreSQL at ")
        assert said.endswith(
            "yet: `backlinks crawl --seeds example.com` crawls a site, and `backlinks demo` shows what comes of it."
        )
    ran = backlinks("db", "status", database=empty_database)
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert "missing (none)" in ran.out
    assert backlinks("db", "upgrade", database=empty_database).code == 0
    assert backlinks("db", "status", database=empty_database).code == 0


def test_a_schema_whose_tables_were_dropped_by_hand(backlinks: Backlinks, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("DROP TABLE domain_edges CASCADE")
    said = sentence(backlinks("refdomains", "example.com", database=database), 4)
    assert "has no up-to-date schema" in said


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("database_url", "mysql://localhost/links", "is not a PostgreSQL address"),
        ("database_url", "host=localhost nonsense", "is not a PostgreSQL address"),
        ("resolve", "nonsense", "is not HOST=ADDRESS; write, for example, *.test=127.0.0.1"),
        ("resolve", "*.test=localhost", "is not HOST=ADDRESS"),
        ("allow_networks", "10.0.0.0/33", "write, for example, 10.0.0.0/8"),
        ("allow_networks", "everything", "write, for example, 10.0.0.0/8"),
        ("contact", "me@example.com\r\nX-Evil: 1", "must be a URL or a mail address in plain ASCII"),
        ("contact", "mé@example.com", "must be a URL or a mail address in plain ASCII"),
    ],
)
def test_a_bad_value_in_the_environment_is_named(backlinks: Backlinks, name: str, value: str, says: str) -> None:
    for command in (READING[0], ("db", "status")):
        said = sentence(backlinks(*command, **{name: value}), 2)
        assert said.startswith(f"BACKLINKS_{name.upper()}")
        assert says in said


def test_a_home_that_cannot_be_written_to(backlinks: Backlinks, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = sentence(backlinks("db", "status", home=str(tmp_path / "file" / "home")), 3)
    assert said.startswith("the embedded PostgreSQL under ")
    assert "Set BACKLINKS_HOME to a folder that can be written to" in said


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("-h",), ("refdomains", "--help"), ("db", "-h"), ("--version",)]
)
def test_help_needs_no_database(backlinks: Backlinks, arguments: tuple[str, ...]) -> None:
    ran = backlinks(*arguments, database_url="postgresql://127.0.0.1:1/x")
    assert ran.code == (0 if arguments else 2)
    assert ran.out + ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("refdomains",),
        ("refdomains", "a.test", "--mode", "x"),
        ("refdomains", "a.test", "--limit", "-1"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(backlinks: Backlinks, arguments: tuple[str, ...]) -> None:
    assert backlinks(*arguments).code == 2


@pytest.mark.parametrize(
    "target", ["", " ", "two words", "http://", "mailto:me@example.com", "ftp://example.com/", "*"]
)
def test_a_target_that_is_none_is_exit_code_2(backlinks: Backlinks, target: str) -> None:
    said = sentence(backlinks("refdomains", target), 2)
    assert said.endswith("write example.com, blog.example.com or https://example.com/page.")


def test_the_installed_command_ends_with_its_exit_code() -> None:
    command = Path(sys.executable).with_name("backlinks")
    ran = subprocess.run([command, "refdomains", "two words"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("backlinks: 'two words' is not a domain")
