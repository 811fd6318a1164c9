"""The life of a link in the database, visit by visit: live, missing, lost, restored, unverified (DESIGN, section 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import LinkType, Outcome, Settled
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database

PAGE, TWO, TO = "http://from.test/", "http://from.test/two", "http://to.test/"
GONE = {"outcome": Outcome.GONE, "http_code": 404}
MOVED = {"outcome": Outcome.REDIRECT, "http_code": 301}
AWAY = {"outcome": Outcome.REDIRECT, "http_code": 302}
DOWN = {"outcome": Outcome.SERVER_ERROR, "http_code": 503}
READ: dict[str, object] = {}
SAME = {"outcome": Outcome.NOT_MODIFIED, "http_code": 304}


@pytest.fixture
def worker(database: Database) -> Iterator[Worker]:
    add_seed(database, PAGE)
    with Worker(database) as made:
        made.claim()
        yield made


def state(connection: psycopg.Connection, to: str = "to.test") -> tuple[str, str | None]:
    query = "SELECT status, lost_reason FROM backlinks WHERE domain_to = %s"
    (row,) = connection.execute(query, [to]).fetchall()
    return row


def edge(connection: psycopg.Connection, to: str = "to.test") -> tuple[str, int]:
    query = "SELECT status, links FROM referring_domains WHERE domain_to = %s"
    (row,) = connection.execute(query, [to]).fetchall()
    return row


def events(connection: psycopg.Connection) -> list[str]:
    query = "SELECT event FROM link_history WHERE domain_to = 'to.test' ORDER BY happened_at, event"
    return [row[0] for row in connection.execute(query).fetchall()]


def due_in(connection: psycopg.Connection) -> timedelta:
    query = (
        "SELECT p.next_visit - p.last_visited FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE u.url = %s"
    )
    row = connection.execute(query, [PAGE]).fetchone()
    assert row
    return row[0]


LIVES = {
    "removed": ([READ, READ], ("lost", "link_removed"), ["found", "missing", "lost"]),
    "missing once": ([READ], ("missing", None), ["found", "missing"]),
    "gone": ([GONE, GONE], ("lost", "page_gone"), ["found", "missing", "lost"]),
    "gone once": ([GONE], ("missing", None), ["found", "missing"]),
    "moved": ([MOVED, MOVED], ("lost", "page_redirected"), ["found", "missing", "lost"]),
    "removed, then gone": ([READ, GONE], ("missing", None), ["found", "missing"]),
    "gone, then read without it": ([GONE, READ], ("missing", None), ["found", "missing"]),
    "gone, then read without it twice": ([GONE, READ, READ], ("lost", "link_removed"), ["found", "missing", "lost"]),
    "gone, no answer, gone": ([GONE, DOWN, GONE], ("lost", "page_gone"), ["found", "missing", "lost"]),
    "no answer": ([DOWN], ("unverified", None), ["found"]),
    "no answer ever": ([DOWN] * 5, ("unverified", None), ["found"]),
    "redirected for the time being": ([AWAY, AWAY, AWAY], ("unverified", None), ["found"]),
    "missing, then no answer": ([READ, DOWN, DOWN], ("missing", None), ["found", "missing"]),
    "lost stays lost": ([READ, READ, READ, DOWN, GONE], ("lost", "link_removed"), ["found", "missing", "lost"]),
    "an unasked 304 while it is missing": ([READ, SAME, SAME], ("missing", None), ["found", "missing"]),
}


@pytest.mark.parametrize("life", LIVES)
def test_what_becomes_of_a_link_that_is_not_seen(worker: Worker, connection: psycopg.Connection, life: str) -> None:
    visits, expected, told = LIVES[life]
    worker.read(PAGE, link(TO, "To"))
    for facts in visits:
        worker.read(PAGE, **facts)
    assert state(connection) == expected
    assert edge(connection)[0] == expected[0]
    assert events(connection) == told
    assert_edges_are_right(connection, life)


@pytest.mark.parametrize("life", LIVES)
def test_whatever_it_was_it_is_live_again_when_it_is_seen(
    worker: Worker, connection: psycopg.Connection, life: str
) -> None:
    visits, _, told = LIVES[life]
    worker.read(PAGE, link(TO, "To"))
    first_seen = connection.execute("SELECT first_seen FROM links").fetchall()
    for facts in visits:
        worker.read(PAGE, **facts)
    worker.read(PAGE, link(TO, "To"))
    assert (state(connection), edge(connection)) == (("live", None), ("live", 1))
    assert events(connection) == ([*told, "restored"] if "missing" in told else told)
    assert connection.execute("SELECT first_seen FROM links").fetchall() == first_seen
    assert_edges_are_right(connection, life)


def test_each_event_names_the_visit_that_proves_it(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link(TO, "To", "ugc"))
    worker.read(PAGE, link(TO, "To"))
    worker.read(PAGE, **GONE)
    worker.read(PAGE, **GONE)
    query = 'SELECT event, "before", "after", outcome, http_code FROM link_history ORDER BY happened_at'
    assert connection.execute(query).fetchall() == [
        ("found", None, None, "ok", 200),
        ("rel_changed", "ugc", "", "ok", 200),
        ("missing", None, None, "gone", 404),
        ("lost", None, "page_gone", "gone", 404),
    ]


def test_a_site_that_moves_keeps_its_backlinks_as_redirects(worker: Worker, connection: psycopg.Connection) -> None:
    redirect = link("http://new.test/", link_type=LinkType.REDIRECT)
    worker.read(PAGE, link(TO, "To"))
    worker.read(PAGE, redirect, **AWAY)  # perhaps for the time being
    assert (state(connection), state(connection, "new.test")) == (("unverified", None), ("unverified", None))
    worker.read(PAGE, redirect, **MOVED)
    worker.read(PAGE, redirect, **MOVED)
    assert (state(connection), state(connection, "new.test")) == (("lost", "page_redirected"), ("live", None))


def test_where_a_page_redirected_to_for_a_time_is_lost_when_it_is_read_again(
    worker: Worker, connection: psycopg.Connection
) -> None:
    """A login page's address differs each time."""
    worker.read(PAGE, link(TO, "To"))
    for number in (1, 2):
        worker.read(PAGE, link(f"http://login{number}.test/", link_type=LinkType.REDIRECT), **AWAY)
    assert [state(connection, f"login{number}.test") for number in (1, 2)] == [("missing", None), ("unverified", None)]
    assert_edges_are_right(connection, PAGE)
    worker.read(PAGE, link(TO, "To"))
    worker.read(PAGE, link(TO, "To"))
    assert [state(connection, f"login{number}.test") for number in (1, 2)] == [("lost", "link_removed")] * 2
    assert state(connection) == ("live", None)
    assert_edges_are_right(connection, PAGE)


def test_a_link_that_moves_on_its_page_has_its_new_place_and_no_event(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read(PAGE, link(TO, "To"), link("http://b.test/", "B"))
    worker.read(PAGE, link("http://b.test/", "B"), link(TO, "To"))
    query = "SELECT url_to, position FROM backlinks ORDER BY position"
    assert connection.execute(query).fetchall() == [("http://b.test/", 0), (TO, 1)]
    assert events(connection) == ["found"]


@pytest.mark.parametrize(
    ("visits", "hours"),
    [
        ([READ], 72),
        ([GONE], 6),
        ([GONE, GONE], 30 * 24),
        ([MOVED], 6),
        ([DOWN], 20),
        ([DOWN, DOWN, DOWN], 80),
    ],
)
def test_when_a_page_is_due_again(
    worker: Worker, connection: psycopg.Connection, visits: list[dict[str, object]], hours: int
) -> None:
    worker.read(PAGE, link(TO, "To"))
    for facts in visits:
        worker.read(PAGE, *([link(TO, "To")] if facts is READ else []), **facts)
    assert due_in(connection) == timedelta(hours=hours)


def test_a_domain_is_unverified_when_all_its_pages_are(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link(TO, "To"), found=[page_found(TWO)])
    worker.read(TWO, link(TO, "To"))
    for page, expected in ((PAGE, "live"), (TWO, "unverified")):
        worker.read(page, **DOWN)
        assert edge(connection) == (expected, 2)
        assert_edges_are_right(connection, page)
    overview = "SELECT backlinks, unverified_links, refdomains FROM target_overview WHERE domain_to = 'to.test'"
    assert connection.execute(overview).fetchall() == [(0, 2, 0)]
    worker.read(PAGE, link(TO, "To"))
    assert edge(connection) == ("live", 2)
    assert connection.execute(overview).fetchall() == [(1, 1, 1)]


def test_conditional_requests_are_made_where_a_304_says_all(worker: Worker, database: Database) -> None:
    def etag() -> str:
        with database.connect(autocommit=True) as own:
            own.execute("UPDATE pages SET next_visit = now()")
        (page,) = worker.due_pages(worker.claimed["from.test"], (), 10)
        return page.etag

    assert etag() == ""
    worker.read(PAGE, link(TO, "To"), etag='"1"')
    assert etag() == '"1"'
    worker.read(PAGE, **DOWN)
    assert etag() == '"1"'
    worker.read(PAGE, etag='"2"')  # the link is missing: a 304 could not say that it is lost
    assert etag() == ""
    worker.read(PAGE, etag='"2"')
    assert etag() == '"2"'
    worker.read(PAGE, **GONE)
    assert etag() == ""


def test_a_304_confirms_every_link_and_writes_none(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link(TO, "To"), etag='"1"')
    before = connection.execute("SELECT ctid, xmin FROM links").fetchall()
    worker.read(PAGE, **SAME)
    assert connection.execute("SELECT ctid, xmin FROM links").fetchall() == before
    query = "SELECT status, last_seen = (SELECT max(observed_at) FROM visits) FROM backlinks"
    assert connection.execute(query).fetchall() == [("live", True)]
    assert connection.execute("SELECT settled FROM pages").fetchall() == [(Settled.READ,)]
