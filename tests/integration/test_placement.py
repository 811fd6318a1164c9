"""Where links stand, as it is stored and shown; and which of them are sitewide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backlink_crawler.model import Placement, Position
from backlink_crawler.rank.steps import sitewide
from backlink_crawler.store.ranking import ranking_run
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

PAGES = [f"http://from.test/{number}" for number in range(6)]
SHOWN = "SELECT link_position, block_words, link_density, order_on_page FROM backlinks"
FOOTER = Placement(Position.FOOTER, 12, 50, 1000, -77)


def placed(to: str, placement: Placement) -> Link:
    made = link(to)
    made.placement = placement
    return made


def rank(database: Database) -> dict[str, Any]:
    with ranking_run(database) as run:
        sitewide.step(database, run, lambda _: None)
    return {name: number for name, number in run.figures["sitewide"].items() if name != "seconds"}


def test_a_link_shows_where_it_stands(database: Database, connection: psycopg.Connection) -> None:
    with SmallIndex(database) as index:
        index.read(0, PAGES[0], placed("http://to.test/", Placement(Position.CONTENT, 40, 5, 123, 9)))
        index.read(0, PAGES[1], link("http://to.test/"))
    assert connection.execute(SHOWN + " ORDER BY url_from").fetchall() == [
        ("content", 40, 0.05, 0.123),
        ("unknown", None, None, None),
    ]


def test_a_link_that_moves_on_its_page_is_the_same_link_and_no_event(
    database: Database, connection: psycopg.Connection
) -> None:
    with SmallIndex(database) as index:
        index.read(0, PAGES[0], placed("http://to.test/", Placement(Position.CONTENT, 40, 5, 123, 9)))
        index.read(1, PAGES[0], placed("http://to.test/", FOOTER), link("http://to.test/new"))
        index.read(2, PAGES[0], placed("http://to.test/", FOOTER), link("http://to.test/new"))
    assert connection.execute(SHOWN + " WHERE url_to = 'http://to.test/'").fetchall() == [("footer", 12, 0.5, 1.0)]
    assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)


def test_a_page_whose_links_are_the_same_writes_none_of_them(
    database: Database, connection: psycopg.Connection
) -> None:
    row = "SELECT xmin::text, order_on_page FROM links"
    with SmallIndex(database) as index:
        index.read(0, PAGES[0], placed("http://to.test/", FOOTER))
        before = connection.execute(row).fetchall()
        index.read(1, PAGES[0], placed("http://to.test/", FOOTER._replace(order=900)))
    assert connection.execute(row).fetchall() == before


def test_links_are_asked_for_by_where_they_stand(backlinks: Backlinks, database: Database) -> None:
    with SmallIndex(database) as index:
        index.read(0, PAGES[0], placed("http://to.test/", Placement(Position.CONTENT, 40, 5, 123, 9)))
        index.read(1, PAGES[1], placed("http://to.test/", FOOTER))
    ran = backlinks("links", "to.test", "--position", "content", "--format", "json", database=database)
    (row,) = json.loads(ran.out)
    assert (row["url_from"], row["link_position"], row["block_words"]) == (PAGES[0], "content", 40)
    assert (row["link_density"], row["order_on_page"], row["sitewide"]) == (0.05, 0.123, None)
    none = backlinks("links", "to.test", "--position", "nav", database=database)
    assert "no nav links to to.test" in none.out + none.err


def test_a_link_from_one_slot_on_half_of_the_pages_is_sitewide(
    database: Database, connection: psycopg.Connection
) -> None:
    with SmallIndex(database) as index:
        for page in PAGES[:3]:
            index.read(0, page, placed("http://to.test/", FOOTER), placed("http://to.test/", Placement(path=5)))
        for page in PAGES[3:]:
            index.read(0, page, placed("http://to.test/", Placement(path=6 + int(page[-1]))))
        index.read(0, "http://small.test/", placed("http://to.test/", FOOTER))
        assert {kind for (kind,) in connection.execute("SELECT sitewide FROM backlinks")} == {None}
        index.read(0, PAGES[0], placed("http://to.test/", FOOTER), placed("http://to.test/", Placement(path=4)))
        assert rank(database)["domains"] == 1
        index.read(1, PAGES[5], link("http://to.test/"), placed("http://to.test/later", Placement(path=1)))
    found = connection.execute(
        "SELECT domain_from, sitewide, count(*), count(DISTINCT slot_id) FROM backlinks "
        "WHERE link_position = 'footer' GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    assert found == [("from.test", True, 3, 1), ("small.test", None, 1, 1)]
    later = connection.execute("SELECT sitewide FROM backlinks WHERE url_to = 'http://to.test/later'").fetchall()
    assert later == [(None,)]


def test_an_edit_of_a_footer_is_one_event(database: Database, connection: psycopg.Connection) -> None:
    with SmallIndex(database) as index:
        for page in PAGES:
            index.read(
                0, page, placed("http://to.test/", FOOTER), placed(f"http://to.test{page[-2:]}", Placement(path=1))
            )
        rank(database)
        for page in PAGES:
            for at in (1, 2):
                index.read(at, page)
        rank(database)
    lost = (
        "SELECT count(*), count(DISTINCT slot_id) FROM link_history WHERE event = 'lost' AND url_to = 'http://to.test/'"
    )
    assert connection.execute(lost).fetchone() == (6, 1)
    others = "SELECT count(*), count(DISTINCT slot_id) FROM link_history WHERE event = 'lost' AND url_to <> 'http://to.test/'"
    assert connection.execute(others).fetchone() == (6, 6)


def test_ranking_anew_forgets_what_is_no_longer_sitewide(database: Database, connection: psycopg.Connection) -> None:
    with SmallIndex(database) as index:
        for page in PAGES[:5]:
            index.read(0, page, placed("http://to.test/", FOOTER))
        assert rank(database) == {"slots": 1, "domains": 1}
        for number in range(10):
            index.read(1, f"http://from.test/more{number}")
        assert rank(database) == {"slots": 0, "domains": 1}
    assert {kind for (kind,) in connection.execute("SELECT sitewide FROM backlinks")} == {False}
