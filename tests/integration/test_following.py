"""What stands around a link follows the last reading, and a visit costs by the links that its page has."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.archive import Archive, day
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database

PAGE, TO = "http://from.test/", "http://to.test/"


@pytest.fixture
def archive(database: Database) -> Iterator[Archive]:
    with Archive(database) as made:
        yield made


def test_position_snippets_and_title_are_those_of_the_last_reading(
    archive: Archive, connection: psycopg.Connection
) -> None:
    first = link(TO, "To")
    first.snippet_left, first.snippet_right = "old left", "old right"
    archive.capture(day(1), PAGE, first, title="Old")
    again = link(TO, "To")
    again.snippet_left = "new left"
    archive.capture(day(2), PAGE, link(TO + "above", "Above"), again, title="New")
    query = "SELECT position, snippet_left, snippet_right, title_from FROM backlinks WHERE url_to = %s"
    assert connection.execute(query, [TO]).fetchall() == [(1, "new left", "", "New")]
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)  # nothing has happened to it


def test_an_unchanged_page_writes_no_link(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"), link(TO, "Two"))
    before = connection.execute("SELECT ctid, xmin FROM links ORDER BY id").fetchall()
    archive.capture(day(2), PAGE, link(TO, "To"), link(TO, "Two"))
    assert connection.execute("SELECT ctid, xmin FROM links ORDER BY id").fetchall() == before


def test_anchors_that_are_edited_below_a_new_link_are_told_as_they_were_edited(
    archive: Archive, connection: psycopg.Connection
) -> None:
    """When position stayed as it was first, the links were read in another order than they stood in."""
    archive.capture(day(1), PAGE, link(TO, "one"), link(TO, "two"))
    archive.capture(day(2), PAGE, link(TO + "new", "new"), link(TO, "zero"), link(TO, "one"), link(TO, "two"))
    archive.capture(day(3), PAGE, link(TO + "new", "new"), link(TO, "ZERO"), link(TO, "ONE"), link(TO, "two"))
    query = "SELECT before, after FROM link_history WHERE event = 'anchor_changed' ORDER BY before"
    assert connection.execute(query).fetchall() == [("one", "ONE"), ("zero", "ZERO")]


def test_a_lost_link_that_is_back_is_the_one_that_was_lost(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To", "nofollow"), link(TO, "To"))
    for number in (2, 3):
        archive.capture(day(number), PAGE, link(TO, "To"))
    archive.capture(day(4), PAGE, link(TO, "To"), link(TO, "To", "nofollow"))
    query = "SELECT rel, first_seen, status FROM backlinks ORDER BY rel"
    assert connection.execute(query).fetchall() == [([], day(1), "unverified"), (["nofollow"], day(1), "unverified")]
    events = connection.execute("SELECT event FROM link_history ORDER BY happened_at, event").fetchall()
    assert events == [("found",), ("found",), ("missing",), ("lost",), ("restored",)]


def test_a_visit_costs_by_the_links_that_the_page_has(database: Database, connection: psycopg.Connection) -> None:
    """A page that shows 40 others at each visit: what it has shown before makes no visit dearer. In rows of `links`."""

    def rows_read(numbers: range) -> int:
        query = "SELECT sum(idx_tup_read)::int FROM pg_stat_user_indexes WHERE relname = 'links'"
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        before = connection.execute(query).fetchone()[0]
        with Archive(database) as archive:
            for number in numbers:
                links = [link(f"http://to{number % 7}.test/{number}/{each}", "rotating") for each in range(40)]
                archive.capture(day(number), PAGE, *links)
        while connection.execute(others).fetchone() != (0,):  # a session says what it has read when it ends
            time.sleep(0.05)
        return connection.execute(query).fetchone()[0] - before

    connection.execute("ALTER TABLE links SET (autovacuum_enabled = false)")
    rows_read(range(3))
    early = rows_read(range(3, 10))
    rows_read(range(10, 80))
    assert rows_read(range(80, 87)) <= 1.2 * early
