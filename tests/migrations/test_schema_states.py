"""Missing, out of date, current, newer: what each means to a command, and the sentence that says what to do."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory
from psycopg.conninfo import conninfo_to_dict

from backlink_crawler.errors import SchemaMismatch
from backlink_crawler.store import migrations, preparing, versions
from backlink_crawler.store.database import Database
from backlink_crawler.store.running import ADVISORY_LOCK
from backlink_crawler.store.versions import Schema, SchemaState
from tests.integration.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = versions.revisions()[-1]


def pretend(database: Database, revision: str) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])


def name_of(database: Database) -> str:
    return str(conninfo_to_dict(database.dsn)["dbname"])


@pytest.fixture
def newer_program(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """This program, as if a release later: with one migration more. Returns its revision."""
    revision = "20990101_0000"
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    ours = versions.folder()
    for file in [ours / "env.py", *ours.glob("versions/*.py")]:
        (folder / file.relative_to(ours)).write_bytes(file.read_bytes())
    (folder / "versions" / f"{revision}_more.py").write_text(
        f'from alembic import op\nrevision = "{revision}"\ndown_revision = "{HEAD}"\n'
        'def upgrade(): op.execute("CREATE TABLE more (id bigint)")\n'
        'def downgrade(): op.execute("DROP TABLE more")\n'
    )
    monkeypatch.setattr(versions, "folder", lambda: folder)
    return revision


def test_migrations_are_named_by_their_revisions_which_follow_each_other() -> None:
    scripts = [*ScriptDirectory.from_config(migrations._alembic()).walk_revisions()][::-1]
    assert versions.revisions() == [script.revision for script in scripts]


def test_a_database_without_a_schema_is_missing_one(empty_database: Database) -> None:
    assert versions.schema_of(empty_database) == Schema(SchemaState.MISSING, None, HEAD)
    with pytest.raises(SchemaMismatch) as caught:
        versions.require_current(empty_database)
    assert f"/{name_of(empty_database)} yet: `backlinks crawl --seeds example.com` crawls a site" in str(caught.value)
    assert caught.value.exit_code == 4


def test_an_empty_version_table_is_a_missing_schema(empty_database: Database) -> None:
    """What a downgrade to base leaves behind."""
    with empty_database.connect() as connection:
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
    assert versions.schema_of(empty_database).state is SchemaState.MISSING


def test_a_migrated_database_is_current(database: Database) -> None:
    assert versions.schema_of(database) == Schema(SchemaState.CURRENT, HEAD, HEAD)
    versions.require_current(database)


def test_an_older_revision_is_out_of_date(database: Database, newer_program: str) -> None:
    assert versions.schema_of(database) == Schema(SchemaState.OUTDATED, HEAD, newer_program)
    with pytest.raises(SchemaMismatch) as caught:
        versions.require_current(database)
    assert str(caught.value).endswith(f"is out of date ({HEAD}, needed {newer_program}); run `backlinks db upgrade`.")
    migrations.upgrade(database)
    versions.require_current(database)


def test_a_schema_whose_views_are_of_another_version_is_out_of_date(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE index_state SET value = 'of another version' WHERE name = 'views'")
    assert versions.schema_of(database).state is SchemaState.OUTDATED
    with pytest.raises(SchemaMismatch, match=r"the views of .* are out of date; run `backlinks db upgrade`"):
        preparing.prepare(database)
    migrations.upgrade(database)
    versions.require_current(database)


def test_a_revision_that_nobody_knows_is_newer_than_this_program(database: Database) -> None:
    pretend(database, "20991231_2359")
    assert versions.schema_of(database) == Schema(SchemaState.NEWER, "20991231_2359", HEAD)
    for attempt in (versions.require_current, migrations.upgrade, preparing.prepare):
        with pytest.raises(SchemaMismatch) as caught:
            attempt(database)
        assert str(caught.value).endswith(
            f"(20991231_2359) is newer than this program ({HEAD}); "
            "install the version of backlink-crawler that made it."
        )


def test_a_crawl_makes_the_schema_of_an_empty_database(empty_database: Database) -> None:
    preparing.prepare(empty_database)
    versions.require_current(empty_database)


def test_a_crawl_upgrades_the_embedded_database(database: Database, newer_program: str) -> None:
    preparing.prepare(Database(database.dsn, is_embedded=True))
    assert versions.schema_of(database).revision == newer_program


@pytest.mark.usefixtures("newer_program")
def test_a_crawl_does_not_upgrade_a_database_of_yours_by_itself(database: Database) -> None:
    with pytest.raises(SchemaMismatch, match="run `backlinks db upgrade`"):
        preparing.prepare(database)
    assert versions.schema_of(database).revision == HEAD


def test_a_crawl_makes_the_partitions_of_this_month_and_the_next(database: Database) -> None:
    partitions = """
        SELECT c.oid::regclass::text FROM pg_inherits AS i INNER JOIN pg_class AS c ON i.inhrelid = c.oid
        WHERE i.inhparent = 'visits'::regclass ORDER BY c.relname"""
    months = "SELECT 'visits_' || to_char(now() + n * interval '1 month', 'YYYY_MM') FROM generate_series(0, 1) AS n"
    for _ in range(2):  # and again does no harm
        preparing.prepare(database)
        with database.connect() as connection:
            found = [row[0] for row in connection.execute(partitions)]
            assert found == [*(row[0] for row in connection.execute(months)), "visits_default"]


def test_a_month_whose_visits_had_no_partition_stays_in_the_default_one(database: Database) -> None:
    """As when a crawl outlasts the two months whose partitions it made: the next one starts all the same."""
    with database.connect() as connection:
        for (name,) in connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'visits'::regclass"
        ).fetchall():
            if name != "visits_default":
                connection.execute(f"DROP TABLE {name}".encode())
        connection.execute(
            "INSERT INTO visits (page_id, observed_at, batch_id, size, elapsed_ms, links_found, links_gone, outcome) "
            "VALUES (1, now(), 1, 0, 0, 0, 0, 0)"
        )
    preparing.prepare(database)
    with database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM visits_default").fetchone() == (1,)
        made = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'visits'::regclass"
        assert connection.execute(made).fetchone() == (2,)  # the next month's, and the default one


# A crawl that goes on until it is killed.
CRAWL = """
import asyncio, sys
from uuid import uuid4
from backlink_crawler.store.database import Database
from backlink_crawler.store.frontier import Frontier
async def crawl():
    held = await Frontier.open(Database(sys.argv[1], is_embedded=False), uuid4())
    print("crawls", flush=True)
    await asyncio.sleep(600)
asyncio.run(crawl())
"""


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_migration_waits_for_crawls_that_run_and_a_crawl_that_starts_then_waits_for_it(
    database: Database, newer_program: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with ThreadPoolExecutor() as threads, Worker(database), Worker(database) as last:
        migration = threads.submit(migrations.upgrade, database)
        wait_until(lambda: "the migration waits for 2 running crawls to end; Ctrl-C gives it up" in caplog.messages)
        later = threads.submit(Worker, database)
        wait_until(lambda: "is being migrated, or is about to be: this crawl waits for that" in caplog.text)
        assert last.run(last.frontier.claim(10)) == []  # those that run are not held up
        assert versions.schema_of(database).revision == HEAD
        assert not migration.done()
        assert not later.done()
        last.run(last.frontier.close())
        time.sleep(0.1)
        assert not migration.done()  # the other one still runs, until it is gone
        with database.connect(autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND mode = 'ShareLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        assert migration.result(30).revision == newer_program
        later.result(30).__exit__()


def test_a_crawl_that_was_killed_holds_no_migration_up(database: Database, newer_program: str) -> None:
    crawl = subprocess.Popen([sys.executable, "-c", CRAWL, database.dsn], stdout=subprocess.PIPE, text=True)
    assert crawl.stdout is not None
    assert crawl.stdout.readline() == "crawls\n"
    with ThreadPoolExecutor() as threads:
        migration = threads.submit(migrations.upgrade, database)
        time.sleep(0.5)
        assert not migration.done()
        crawl.kill()
        crawl.wait()
        assert migration.result(30).revision == newer_program


def test_the_command_says_what_it_waits_for(empty_database: Database) -> None:
    command = [sys.executable, "-c", "from backlink_crawler.cli import main; main()", "db", "upgrade"]
    with empty_database.connect() as connection:
        connection.execute("SELECT pg_advisory_lock_shared(%s)", [ADVISORY_LOCK])
        upgrade = subprocess.Popen(
            command,
            env=os.environ | {"BACKLINKS_DATABASE_URL": empty_database.dsn},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert upgrade.stderr is not None
        assert upgrade.stderr.readline() == "the migration waits for 1 running crawl to end; Ctrl-C gives it up\n"
    said, _ = upgrade.communicate(timeout=60)
    assert upgrade.returncode == 0
    assert said.endswith(f" is now {HEAD}\n")
