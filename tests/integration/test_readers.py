"""Sessions of readers: bounded, and unable to change anything."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

from backlink_crawler.errors import Busy, DatabaseUnavailable, TookTooLong
from backlink_crawler.store import readers
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server


@pytest.fixture
def two(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    monkeypatch.setattr(readers, "WAIT_SECONDS", 0.3)
    made = Readers.of(database, most=2, seconds=0.5)
    yield made
    made.close()


@pytest.mark.both_servers
def test_a_reader_changes_nothing(two: Readers) -> None:
    for statement in (
        "DELETE FROM links",
        "CREATE TABLE t (i int)",
        "SET default_transaction_read_only = off; DELETE FROM links",
    ):
        with two.connect() as connection, pytest.raises((errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)):
            connection.execute(statement.encode())
    with two.connect() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("pg_read_all_data",)


def test_sessions_are_used_again_and_no_more_than_allowed(two: Readers) -> None:
    with two.connect() as one, two.connect() as other:
        pids = {one.info.backend_pid, other.info.backend_pid}
        with pytest.raises(Busy, match="in use; try again in a moment"):
            two.connect()
    for _ in range(5):
        with two.connect() as connection:
            assert connection.info.backend_pid in pids


def test_a_statement_that_takes_too_long_is_ended(two: Readers) -> None:
    with two.connect() as connection, pytest.raises(TookTooLong), database_errors(two):
        connection.execute("SELECT pg_sleep(5)")


def end_in_use(two: Readers, database: Database) -> None:
    with two.connect() as connection, database.connect(autocommit=True) as other:
        connection.execute("SELECT 1")
        other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        time.sleep(0.05)


def test_a_session_that_the_server_ended_is_replaced(two: Readers, database: Database) -> None:
    for _ in range(3):
        with pytest.raises(psycopg.OperationalError):
            end_in_use(two, database)
    with two.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_database_that_is_away_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "WAIT_SECONDS", 0.3)
    made = Readers.of(server.database("nowhere"), most=1, seconds=1)
    with pytest.raises(DatabaseUnavailable, match="nowhere"):
        made.connect()
    made.close()
