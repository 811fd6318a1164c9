"""Upgrade, downgrade to nothing, upgrade again: with data in between, and with two at once."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.manners.robots import RobotsAnswer
from backlink_crawler.store import migrations, preparing, versions
from backlink_crawler.store.versions import SchemaState
from tests.integration.worker import Worker, add_seed, link, page_found

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_THINGS = """
SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
UNION ALL
SELECT t.typname FROM pg_type AS t WHERE t.typnamespace = 'public'::regnamespace
"""


def things(database: Database) -> set[str]:
    """Names of all tables, indexes, sequences, views, functions and types."""
    with database.connect() as connection:
        return {row[0] for row in connection.execute(_THINGS)}


def fill(database: Database) -> None:
    """A seed, two pages, links that are found, changed and missing: every table gets a row or more."""
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        host = worker.claim()["from.test"]
        worker.read(
            "http://from.test/",
            link("http://to.test/", "To", "nofollow"),
            link("http://other.test/", "Other"),
            found=[page_found("http://from.test/two")],
        )
        worker.read("http://from.test/", link("http://to.test/", "To, edited"))
        worker.remember_robots(host, RobotsAnswer(200, "User-agent: *"))
        worker.release(host)


@pytest.mark.both_servers
def test_a_filled_schema_goes_down_to_nothing_and_up_again(empty_database: Database) -> None:
    migrations.upgrade(empty_database)
    preparing.prepare(empty_database)
    before = things(empty_database)
    fill(empty_database)
    with empty_database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM backlinks").fetchone() == (2,)
        for table in (
            "batches",
            "sources",
            "crawled_hosts",
            "domain_totals",
            "domain_coverage",
            "daily_changes",
            "queue_hosts",
            "seed_pages",
            "domain_edges",
            "hosts",
            "link_events",
            "page_facts",
            "pages",
            "rels",
            "robots",
            "visits",
        ):
            assert connection.execute(f"SELECT count(*) > 0 FROM {table}".encode()).fetchone() == (True,), table

    migrations.migrate(empty_database, "base")
    assert things(empty_database) == {"alembic_version", "_alembic_version", "alembic_version_pkc"}
    assert versions.schema_of(empty_database).state is SchemaState.MISSING

    migrations.upgrade(empty_database)
    preparing.prepare(empty_database)
    assert things(empty_database) == before
    fill(empty_database)
    with empty_database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM backlinks").fetchone() == (2,)


def test_every_step_down_undoes_its_step_up(empty_database: Database) -> None:
    """One revision at a time, each way."""
    own = {"alembic_version", "_alembic_version", "alembic_version_pkc"}
    states = [things(empty_database)]
    revisions = versions.revisions()
    for revision in revisions:
        migrations.migrate(empty_database, revision)
        states.append(things(empty_database) - own)
    for revision, state in zip(["base", *revisions[:-1]][::-1], states[-2::-1], strict=True):
        migrations.migrate(empty_database, revision)
        assert things(empty_database) - own == state


def test_an_upgrade_of_a_current_schema_changes_nothing(database: Database) -> None:
    fill(database)
    before = things(database)
    migrations.upgrade(database)
    assert things(database) == before
    with database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM links").fetchone() == (2,)


def test_upgrades_that_start_together_do_not_clash(empty_database: Database) -> None:
    command = [sys.executable, "-c", "from backlink_crawler.cli import main; main()", "db", "upgrade"]
    environment = os.environ | {"BACKLINKS_DATABASE_URL": empty_database.dsn}
    upgrades = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [upgrade.communicate(timeout=60) for upgrade in upgrades]
    assert [upgrade.returncode for upgrade in upgrades] == [0, 0], said
    assert versions.schema_of(empty_database).state is SchemaState.CURRENT
    with empty_database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM skipped_domains WHERE domain = 'facebook.com'").fetchone() == (
            1,
        )


def test_views_that_cannot_be_made_leave_none_behind(empty_database: Database) -> None:
    """A view of somebody else's has the name of one of ours, and other columns."""
    with empty_database.connect(autocommit=True) as connection:
        connection.execute("CREATE VIEW target_overview AS SELECT 1 AS theirs")
    with pytest.raises(Exception, match="theirs"):
        migrations.upgrade(empty_database)
    assert versions.schema_of(empty_database).state is SchemaState.OUTDATED
    assert not {"backlinks", "anchors", "url_hash"} & things(empty_database)
    with empty_database.connect(autocommit=True) as connection:
        connection.execute("DROP VIEW target_overview")
    assert migrations.upgrade(empty_database).state is SchemaState.CURRENT
