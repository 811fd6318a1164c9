"""Captures and visits, recorded in any order, by the statements of the write path."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Outcome
from tests.integration.archive import Archive, day
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import link, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database

PAGE, TO = "http://from.test/", "http://to.test/"


@pytest.fixture
def archive(database: Database) -> Iterator[Archive]:
    with Archive(database) as made:
        yield made


def shown(connection: psycopg.Connection, column: str = "url_from", value: str = PAGE) -> list[tuple]:
    query = f"SELECT url_to, status, first_seen, last_seen, lost_at FROM backlinks WHERE {column} = %s ORDER BY url_to"
    return connection.execute(query.encode(), [value]).fetchall()


def test_a_page_known_from_captures_alone_is_unverified_as_of_the_latest(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(3), PAGE, link(TO, "To"))
    assert shown(connection) == [(TO, "unverified", day(3), day(3), None)]
    archive.capture(day(1), PAGE, link(TO, "To"))
    archive.capture(day(5), PAGE, link(TO, "To"))
    assert shown(connection) == [(TO, "unverified", day(1), day(5), None)]
    assert connection.execute("SELECT status, first_seen, last_seen FROM referring_domains").fetchall() == [
        ("unverified", day(1), day(5))
    ]


def test_what_only_an_old_capture_saw_is_lost_as_of_the_first_that_did_not(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(10), PAGE)
    archive.capture(day(5), PAGE)
    archive.capture(day(1), PAGE, link(TO, "To"))
    assert shown(connection) == [(TO, "lost", day(1), day(1), day(5))]
    query = "SELECT event, happened_at FROM link_history ORDER BY happened_at, event"
    assert connection.execute(query).fetchall() == [("found", day(1)), ("missing", day(5)), ("lost", day(10))]
    learnt = connection.execute("SELECT count(DISTINCT learnt_at) FROM link_history").fetchone()
    assert learnt == (1,)  # by one capture, the last to be recorded
    assert connection.execute("SELECT status, lost_at FROM referring_domains").fetchall() == [("lost", day(5))]
    assert_edges_are_right(connection)


def test_of_what_one_later_capture_did_not_see_nobody_can_tell_yet(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(10), PAGE)
    archive.capture(day(1), PAGE, link(TO, "To"))
    assert shown(connection) == [(TO, "missing", day(1), day(1), None)]
    archive.capture(day(11), PAGE)
    assert shown(connection) == [(TO, "lost", day(1), day(1), day(10))]
    assert_edges_are_right(connection)


def test_an_older_capture_overrides_no_words(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(10), PAGE, link(TO, "new words", "nofollow"), title="New")
    archive.capture(day(1), PAGE, link(TO, "old words"), title="Old")
    query = "SELECT anchor, rel, title_from, first_seen FROM backlinks"
    assert connection.execute(query).fetchall() == [("new words", ["nofollow"], "New", day(1))]


def test_the_same_capture_twice_is_one(archive: Archive, connection: psycopg.Connection) -> None:
    for _ in range(2):
        archive.capture(day(1), PAGE, link(TO, "To"))
        archive.capture(day(2), PAGE)
    assert connection.execute("SELECT count(*) FROM visits").fetchone() == (2,)
    assert shown(connection) == [(TO, "missing", day(1), day(1), None)]


def test_visits_and_events_name_their_source(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), PAGE, link(TO, "To"))
    archive.capture(day(2), PAGE)
    for table in ("visits", "link_events"):
        query = f"SELECT DISTINCT source_id FROM {table} AS t INNER JOIN batches AS b ON t.batch_id = b.id"
        assert connection.execute(query.encode()).fetchall() == [(archive.source_id,)]


def test_a_page_that_moves_for_good_takes_its_links_along(archive: Archive, connection: psycopg.Connection) -> None:
    home, secure = PAGE + "a?b=1", "https://www.from.test/a?b=1"
    archive.capture(day(1), home, link(TO, "To"), link(TO + "other", "Other"))
    archive.redirect(day(2), home, secure)
    archive.capture(day(3), secure, link(TO, "To"), link(TO + "new", "New"))
    assert shown(connection, "url_from", secure) == [
        (TO, "unverified", day(1), day(3), None),
        (TO + "new", "unverified", day(3), day(3), None),
    ]
    archive.redirect(day(4), home, secure)
    assert shown(connection, "url_from", home) == [(TO + "other", "lost", day(1), day(1), day(2))]
    events = "SELECT event, before, after, happened_at FROM link_history WHERE url_to = %s ORDER BY happened_at"
    assert connection.execute(events, [TO]).fetchall() == [
        ("found", None, None, day(1)),
        ("missing", None, None, day(2)),
        ("moved", home, secure, day(3)),
    ]
    assert connection.execute("SELECT new_links, lost_links FROM new_lost_daily").fetchall() == [(3, 1)]
    assert_edges_are_right(connection)


def test_a_page_that_was_read_at_its_new_address_first_passes_on_how_old_its_links_are(
    archive: Archive, connection: psycopg.Connection
) -> None:
    secure = "https://from.test/"
    archive.capture(day(1), PAGE, link(TO, "To"))
    archive.capture(day(2), secure, link(TO, "To"))
    archive.redirect(day(3), PAGE, secure)
    archive.redirect(day(4), PAGE, secure)
    assert shown(connection, "url_from", secure) == [(TO, "unverified", day(1), day(2), None)]
    assert shown(connection) == [(TO, "lost", day(1), day(1), day(3))]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_ends_as_the_order_of_their_times(
    archive: Archive, connection: psycopg.Connection, seed: int
) -> None:
    """Two pages of one domain with the same captures, whose links go to two domains."""
    chance = random.Random(seed)
    history = []
    for number in range(8):
        outcome = chance.choice([Outcome.OK] * 5 + [Outcome.GONE, Outcome.SERVER_ERROR])
        links = "".join(sorted(letter for letter in "abc" if outcome is Outcome.OK and chance.random() < 0.5))
        history.append((day(number), outcome, links))

    def record(name: str, each: tuple) -> None:
        at, outcome, letters = each
        links: list[Link] = [link(f"http://{name}.test/{letter}", letter) for letter in letters]
        code = {Outcome.OK: 200, Outcome.GONE: 404}.get(outcome, 503)
        archive.capture(at, f"{PAGE}{name}", *links, outcome=outcome, http_code=code)

    for each in history:
        record("sorted", each)
    for each in chance.sample(history, len(history)):
        record("shuffled", each)
    both = [
        connection.execute(
            "SELECT right(url_to, 1), status, first_seen, last_seen, lost_at, lost_reason FROM backlinks "
            "WHERE domain_to = %s ORDER BY url_to",
            [f"{name}.test"],
        ).fetchall()
        for name in ("sorted", "shuffled")
    ]
    assert both[0] == both[1], history
    edges = [
        connection.execute(
            "SELECT links, refpages, pages_to, first_seen, status, lost_at FROM referring_domains WHERE domain_to = %s",
            [f"{name}.test"],
        ).fetchall()
        for name in ("sorted", "shuffled")
    ]
    assert edges[0] == edges[1], history
    assert_edges_are_right(connection)


@pytest.mark.parametrize("late", [1, 4, 5])
def test_a_late_rendering_overrides_nothing_that_is_known_of_a_later_reading(
    archive: Archive, connection: psycopg.Connection, late: int
) -> None:
    """Rendered on day 3 and read without rendering on day 6, the page is just that, whatever another rendering saw."""

    def render(at: int, *shows: Link, html: tuple[Link, ...] = ()) -> None:
        made = rendered(archive.page(PAGE), *html, shows=[*html, *shows])
        made.observed_at = day(at)
        archive.record(made)

    render(3, link(TO, "To"))
    archive.capture(day(6), PAGE)
    render(late, html=(link(TO, "To"),))
    query = "SELECT rendered_at, unrendered_since, gained FROM pages"
    assert connection.execute(query).fetchall() == [(day(3), day(6), True)]
    assert shown(connection) == [(TO, "unverified", day(min(late, 3)), day(3), None)]
    assert_edges_are_right(connection)


def test_a_late_rendering_is_none_of_a_page_that_was_read_without_since(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(6), PAGE, link("http://html.test/", "H"))
    made = rendered(archive.page(PAGE), link("http://html.test/", "H"), shows=[link("http://html.test/", "H")])
    made.observed_at = day(5)
    archive.record(made)
    query = "SELECT rendered_at, unrendered_since, rendered_digest, gained FROM pages"
    assert connection.execute(query).fetchall() == [(None, None, None, None)]
    assert_edges_are_right(connection)
