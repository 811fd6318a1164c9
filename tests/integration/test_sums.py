"""Sums by domain and by day move with the links, and history stays as it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Outcome
from tests.integration.archive import Archive, day
from tests.integration.consistency import assert_edges_are_right
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


def lose(archive: Archive, *days: int) -> None:
    for number in days:
        archive.capture(day(number), PAGE)


def test_a_restored_link_leaves_its_loss_in_the_days_and_is_one_of_its_own(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"))
    lose(archive, 2, 3)
    columns = "new_links, lost_links, restored_links, new_refdomains, lost_refdomains, restored_refdomains"
    query = f"SELECT {columns} FROM new_lost_daily".encode()
    assert connection.execute(query).fetchall() == [(1, 1, 0, 1, 1, 0)]
    archive.capture(day(4), PAGE, link(TO, "To"))
    assert connection.execute(query).fetchall() == [(1, 1, 1, 1, 1, 1)]
    lose(archive, 5, 6)
    assert connection.execute(query).fetchall() == [(1, 2, 1, 1, 2, 1)]
    assert_edges_are_right(connection)


def test_the_days_are_those_of_learning(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"))
    lose(archive, 2, 3)
    query = "SELECT day = (now() AT TIME ZONE 'UTC')::date FROM new_lost_daily"
    assert connection.execute(query).fetchall() == [(True,)]


def test_a_day_that_is_over_is_told_the_same_for_ever(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"))
    connection.execute("UPDATE daily_changes SET day = day - 30")
    lose(archive, 2, 3)
    archive.capture(day(4), PAGE, link(TO, "To"))
    query = "SELECT new_links, lost_links, restored_links FROM new_lost_daily ORDER BY day"
    assert connection.execute(query).fetchall() == [(1, 0, 0), (0, 1, 1)]


def test_what_happens_to_a_domain_edge_is_an_event(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"))
    lose(archive, 2, 3)
    archive.capture(day(4), PAGE, link(TO, "To"))
    query = "SELECT kind, happened_at FROM edge_events ORDER BY id"
    assert connection.execute(query).fetchall() == [(0, day(2)), (1, day(2)), (2, day(4))]


def test_a_sum_that_has_drifted_refuses_no_page(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"), link(TO, "Two"))
    for table in (
        "domain_edges SET links = 0, dofollow_links = 0, refpages = 0, pages_to = 0",
        "domain_totals SET refpages = 0",
    ):
        connection.execute(f"UPDATE {table}".encode())
    archive.capture(day(2), PAGE, link(TO, "To"))
    archive.capture(day(3), PAGE, link(TO, "To"))
    assert connection.execute("SELECT count(*) FROM visits WHERE outcome = 0").fetchone() == (3,)
    assert connection.execute("SELECT status FROM backlinks ORDER BY status").fetchall() == [("lost",), ("unverified",)]


def test_totals_follow_every_kind_of_link(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "1"), link(TO, "2", "nofollow"), link(TO, "3", "sponsored ugc"))
    archive.capture(day(1), PAGE + "two", link(TO, "4"))
    connection.execute("UPDATE pages SET by_crawl = TRUE")  # as if a crawl had read them, so that they are verified
    for number in (2, 3):
        archive.capture(day(number), PAGE, link(TO, "2", "nofollow"), link(TO, "3", "sponsored ugc"))
        archive.capture(day(number), PAGE + "two", link(TO, "4"))
    query = """
        SELECT backlinks, dofollow_links, nofollow_links, sponsored_links, ugc_links, refpages, refdomains,
            dofollow_refdomains, missing_links, lost_links, unverified_links, first_seen, last_seen
        FROM target_overview"""
    assert connection.execute(query).fetchall() == [(3, 1, 1, 1, 1, 2, 1, 1, 0, 1, 0, day(1), day(3))]
    archive.capture(day(4), PAGE, outcome=Outcome.SERVER_ERROR, http_code=503)
    assert connection.execute(query).fetchall() == [(1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 2, day(1), day(3))]
    archive.capture(day(5), PAGE, link(TO, "2", "nofollow"), link(TO, "3", "sponsored ugc"))
    assert connection.execute(query).fetchall() == [
        (3, 1, 1, 1, 1, 2, 1, 1, 0, 1, 0, day(1), day(3))
    ]  # at least so late
    assert_edges_are_right(connection)
