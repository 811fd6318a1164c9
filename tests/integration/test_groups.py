"""Sums over a large domain's URLs and anchors are at any time what counting its links would give."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Target, TargetMode
from backlink_crawler.store import groups
from backlink_crawler.store.asking import Filters, run_on
from backlink_crawler.store.summing import best
from tests.integration.archive import Archive, day
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database

ONE, TWO, OTHER = "http://one.test/", "http://one.test/two", "http://other.test/"
HOME, PAGE = "http://to.test/", "http://to.test/page"
COUNTED = """
SELECT
    l.domain_to_id, g.kind, g.key, g.anchor, count(*), count(*) FILTER (WHERE l.is_dofollow), count(DISTINCT l.page_id),
    count(DISTINCT l.domain_from_id)
FROM links AS l
INNER JOIN domain_totals AS t ON l.domain_to_id = t.domain_id AND t.has_groups
CROSS JOIN LATERAL (
    VALUES (0, l.url_to_id, ''), (1, hashtextextended(l.anchor, 0), l.anchor)
) AS g (kind, key, anchor)
WHERE l.status = 0
GROUP BY l.domain_to_id, g.kind, g.key, g.anchor ORDER BY 1, 2, 3"""
KEPT = """
SELECT domain_to_id, kind, key, anchor, links, dofollow_links, refpages, refdomains FROM link_groups ORDER BY 1, 2, 3"""
# The page that stands for a group has a live link of it in its HTML.
NAMELESS = """
SELECT g.kind, g.key, g.anchor FROM link_groups AS g WHERE g.last_page_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM links AS l WHERE
        l.page_id = g.last_page_id AND l.status = 0 AND l.domain_to_id = g.domain_to_id AND l.origin IS DISTINCT FROM 1
        AND CASE WHEN g.kind = 0 THEN l.url_to_id = g.key ELSE l.anchor = g.anchor END
)"""


@pytest.fixture
def archive(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """Domains are large from four links on, and small below two."""
    monkeypatch.setattr(groups, "MOST_COUNTED", 4)
    with Archive(database) as made:
        yield made


def assert_groups_are_right(connection: psycopg.Connection, where: object = "") -> None:
    counted, kept = (connection.execute(query.encode()).fetchall() for query in (COUNTED, KEPT))
    assert kept == counted, where
    assert connection.execute(NAMELESS.encode()).fetchall() == [], where


def rows(connection: psycopg.Connection, view: str, columns: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT {columns} FROM {view} ORDER BY refdomains DESC, links DESC, 1".encode()
    ).fetchall()


def large(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    query = "SELECT d.name FROM domain_totals AS t INNER JOIN domains AS d ON t.domain_id = d.id WHERE t.has_groups"
    return connection.execute(query).fetchall()


def test_a_domain_is_grouped_when_it_gets_large_and_no_more_when_it_is_small(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(1), ONE, link(HOME, "To"), link(PAGE, "Page", "nofollow"), link(HOME, "To"))
    assert large(connection) == []
    asked = (
        "anchor, refdomains, refpages, links, dofollow_links",
        "url_to, refdomains, refpages, links, dofollow_links",
    )
    expected = [[("To", 1, 1, 2, 2), ("Page", 1, 1, 1, 0)], [(HOME, 1, 1, 2, 2), (PAGE, 1, 1, 1, 0)]]
    assert [rows(connection, "anchors", asked[0]), rows(connection, "best_by_links", asked[1])] == expected
    archive.capture(day(1), OTHER, link(HOME, "To"))
    assert large(connection) == [("to.test",)]
    expected = [[("To", 2, 2, 3, 3), ("Page", 1, 1, 1, 0)], [(HOME, 2, 2, 3, 3), (PAGE, 1, 1, 1, 0)]]
    assert [rows(connection, "kept_anchors", asked[0]), rows(connection, "kept_best_by_links", asked[1])] == expected
    assert [rows(connection, "anchors", asked[0]), rows(connection, "best_by_links", asked[1])] == expected
    archive.capture(day(2), ONE, link(HOME, "To"))
    assert large(connection) == [("to.test",)]
    expected = [[("To", 2, 2, 2, 2)], [(HOME, 2, 2, 2, 2)]]
    assert [rows(connection, "anchors", asked[0]), rows(connection, "best_by_links", asked[1])] == expected
    archive.capture(day(2), ONE)
    archive.capture(day(3), ONE)
    assert (large(connection), rows(connection, "kept_anchors", "anchor")) == ([], [])
    assert rows(connection, "anchors", asked[0]) == [("To", 1, 1, 1, 1)]


def test_one_url_is_answered_alike_whether_its_domain_is_large_or_not(
    archive: Archive, connection: psycopg.Connection
) -> None:
    def told() -> list[tuple[Any, ...]]:
        query = best(Target(TargetMode.EXACT, "to.test", (HOME,)), Filters())
        return [row[:5] for row in run_on(connection, query).fetchall()]

    archive.capture(day(1), ONE, link(HOME, "To"), link(PAGE, "Page", "nofollow"), link(HOME, "To"))
    assert (large(connection), told()) == ([], [(HOME, 1, 1, 2, 2)])
    archive.capture(day(1), OTHER, link(HOME, "To", "nofollow"))
    assert (large(connection), told()) == ([("to.test",)], [(HOME, 2, 2, 3, 2)])


def test_pages_of_many_links_to_a_large_domain_are_recorded_without_reading_them_again_and_again(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of a page's links is another group; whether the domain stays in it is looked up for all of them at once."""
    monkeypatch.setattr(groups, "MOST_COUNTED", 4)
    many = 1_000

    def links(first: int) -> list[tuple[object, ...]]:
        return [link(f"{PAGE}/{number}", f"{number}") for number in range(first, first + many)]

    with Archive(database) as archive:
        archive.capture(day(1), ONE, *links(0))
        archive.capture(day(1), TWO, *links(many))
        archive.capture(day(1), OTHER, *links(many))
        archive.capture(day(2), ONE, *links(many))  # TWO is of the same domain, and has them too
        archive.capture(day(3), ONE, *links(2 * many))
    assert_groups_are_right(connection)
    connection.commit()
    counts = "SELECT n_tup_ins, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'links'"
    deadline = time.monotonic() + 20
    while (told := connection.execute(counts).fetchone() or (0, 0))[0] < 5 * many and time.monotonic() < deadline:
        connection.commit()
        time.sleep(0.1)
    assert told[0] == 5 * many
    assert told[1] < 200 * many  # one by one they would be 3,000 * many


def test_an_edited_anchor_goes_from_one_group_to_another(archive: Archive, connection: psycopg.Connection) -> None:
    archive.capture(day(1), ONE, link(HOME, "A"), link(HOME, "A"), link(PAGE, "A"), link(PAGE, "B"))
    archive.capture(day(1), TWO, link(HOME, "B"))
    archive.capture(day(2), ONE, link(HOME, "A"), link(HOME, "C"), link(PAGE, "A", "ugc"), link(PAGE, "C"))
    assert rows(connection, "kept_anchors", "anchor, refdomains, refpages, links, dofollow_links") == [
        ("A", 1, 1, 2, 1),
        ("C", 1, 1, 2, 2),
        ("B", 1, 1, 1, 1),
    ]
    assert_groups_are_right(connection)


def test_last_seen_is_that_of_a_page_which_has_such_a_link(archive: Archive, connection: psycopg.Connection) -> None:
    """As of the last change where none is known: seen then, or later."""
    archive.capture(day(1), ONE, link(HOME, "A"), link(HOME, "B"), link(PAGE, "B"))
    archive.capture(day(1), OTHER, link(HOME, "A"))
    archive.capture(day(5), ONE, link(HOME, "A"), link(HOME, "B"), link(PAGE, "B"))
    archive.capture(day(7), OTHER, link(HOME, "A"))
    seen = connection.execute("SELECT anchor, first_seen, last_seen FROM kept_anchors ORDER BY 1").fetchall()
    assert [row[:2] for row in seen] == [("A", day(1)), ("B", day(1))]
    assert seen[1][2] == day(5)
    assert day(5) <= seen[0][2] <= day(7)
    archive.capture(day(8), OTHER, link(PAGE, "A"))
    assert connection.execute("SELECT last_seen FROM kept_anchors WHERE anchor = 'A'").fetchone() == (day(8),)


def test_groups_are_made_anew_for_whoever_changed_links_otherwise(
    archive: Archive, connection: psycopg.Connection
) -> None:
    archive.capture(day(1), ONE, *(link(HOME, "To") for _ in range(5)))
    connection.execute("UPDATE links SET anchor = 'Edited' WHERE position > 2")
    connection.execute("UPDATE link_groups SET refdomains = 7")
    groups.group_anew(connection)
    assert rows(connection, "kept_anchors", "anchor, refdomains, links") == [("To", 1, 3), ("Edited", 1, 2)]
    connection.execute("UPDATE domain_totals SET backlinks = 0, unverified_links = 0")
    groups.group_anew(connection)
    assert (large(connection), rows(connection, "kept_anchors", "anchor")) == ([], [])


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_right_whatever_comes(archive: Archive, connection: psycopg.Connection, seed: int) -> None:
    """Pages of three domains, captured in any order, with links to two domains that are large and small by turns."""
    chance = random.Random(seed)
    pages = ["http://a.test/", "http://a.test/2", "http://b.test/", "http://b.test/2", "http://c.test/"]
    targets = [HOME, PAGE, "http://else.test/", "http://else.test/x"]
    for step in range(40):
        found = [
            link(chance.choice(targets), chance.choice("ABC"), chance.choice(["", "nofollow"]))
            for _ in range(chance.choice([0, 1, 3, 6]))
        ]
        archive.capture(
            day(step + 1 if chance.random() < 0.8 else chance.randint(1, step + 1)), chance.choice(pages), *found
        )
        assert_groups_are_right(connection, (seed, step))
    assert_edges_are_right(connection)
