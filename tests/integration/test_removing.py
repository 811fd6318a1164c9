"""`backlinks remove`: a domain goes with all that it counted for, and everything else stays as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Seed
from backlink_crawler.store import groups, removing
from backlink_crawler.store.checking import check
from backlink_crawler.store.removing import remove
from backlink_crawler.store.seeds import add_seeds
from tests.integration.consistency import assert_edges_are_right
from tests.integration.shop import fill_shop
from tests.integration.small_index import SmallIndex, play
from tests.integration.test_groups import assert_groups_are_right
from tests.integration.worker import Worker, link, page_found, url, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

OTHERS = """
SELECT domain_from, url_from, url_to, anchor, rel, status, first_seen, lost_at FROM backlinks WHERE domain_from <> %s
ORDER BY 1, 2, 3, 4, 5, 6, 7"""
EDGES = "SELECT * FROM referring_domains WHERE domain_from <> %s ORDER BY domain_to_id, domain_from_id"
DAYS = "SELECT domain_to, day, new_links, lost_links, new_refdomains, lost_refdomains FROM new_lost_daily ORDER BY 1, 2"
# Whatever still knows of the pages of a domain.
LEFT = """
WITH own AS (
    SELECT u.id, h.id AS host_id FROM hosts AS h INNER JOIN urls AS u ON h.id = u.host_id
    INNER JOIN domains AS d ON h.domain_id = d.id WHERE d.name = %(name)s
)
SELECT
    (SELECT count(*) FROM pages WHERE page_id IN (SELECT id FROM own)),
    (SELECT count(*) FROM visits WHERE page_id NOT IN (SELECT page_id FROM pages)),
    (SELECT count(*) FROM page_facts WHERE page_id NOT IN (SELECT page_id FROM pages)),
    (SELECT count(*) FROM links WHERE page_id NOT IN (SELECT page_id FROM pages)),
    (SELECT count(*) FROM link_events WHERE link_id NOT IN (SELECT id FROM links)),
    (SELECT count(*) FROM edge_events AS v WHERE NOT EXISTS (
        SELECT 1 FROM domain_edges AS e WHERE (e.domain_to_id, e.domain_from_id) = (v.domain_to_id, v.domain_from_id))),
    (SELECT count(*) FROM domain_coverage AS c INNER JOIN domains AS d ON c.domain_id = d.id WHERE d.name = %(name)s),
    (SELECT count(*) FROM crawled_hosts WHERE host_id IN (SELECT host_id FROM own)),
    (SELECT count(*) FROM urls WHERE id IN (SELECT id FROM own) AND id NOT IN (SELECT url_to_id FROM links))"""


def silent(_links: int, _pages: int) -> None:
    pass


def asked(connection: psycopg.Connection[Any], query: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), values).fetchall()


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_COUNTED", 4)
    monkeypatch.setattr(removing, "LINKS_AT_ONCE", (3, 3))
    monkeypatch.setattr(removing, "EDGES_AT_ONCE", 2)
    monkeypatch.setattr(removing, "PAGES_AT_ONCE", 2)
    monkeypatch.setattr(removing, "LEASE", 0.0)


class KilledError(Exception):
    pass


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_is_as_it_was_and_every_sum_is_right_after_each_step(
    database: Database, connection: psycopg.Connection[Any], seed: int
) -> None:
    with SmallIndex(database) as index:
        play(index, seed)
    gone = ("one.test", "two.test", "hosting.test", "city.test")[seed % 4]
    others, edges = asked(connection, OTHERS, gone), asked(connection, EDGES, gone)
    links_to_it = asked(connection, "SELECT count(*) FROM backlinks WHERE domain_to = %s", gone)
    steps = 0

    def look(_links: int, _pages: int) -> None:
        nonlocal steps
        steps += 1
        assert list(check(database)) == [], (seed, steps)
        assert_groups_are_right(connection, (seed, steps))
        if steps % 3 == 0:
            raise KilledError

    while True:
        try:
            remove(database, gone, look)
        except KilledError:
            continue
        break

    assert steps > 5
    assert asked(connection, OTHERS, gone) == others
    assert asked(connection, EDGES, gone) == edges
    assert asked(connection, "SELECT count(*) FROM backlinks WHERE domain_to = %s", gone) == links_to_it
    assert asked(connection, "SELECT count(*) FROM backlinks WHERE domain_from = %s", gone) == [(0,)]
    assert connection.execute(LEFT.encode(), {"name": gone}).fetchall() == [(0,) * 9]
    assert list(check(database)) == []
    assert_edges_are_right(connection)
    assert_groups_are_right(connection)


@pytest.mark.usefixtures("small_steps")
def test_days_are_told_as_if_it_had_never_been(database: Database, connection: psycopg.Connection[Any]) -> None:
    def read(index: SmallIndex, *hosts: str) -> None:
        for host in hosts:
            index.read(1, f"http://{host}/", link("http://to.test/"), link("http://to.test/two"))
            index.read(2, f"http://{host}/", link("http://to.test/"))
            index.read(3, f"http://{host}/", link("http://to.test/"))

    with SmallIndex(database) as index:
        read(index, "stays.test")
        days = asked(connection, DAYS)
        read(index, "goes.test")

    remove(database, "goes.test", silent)

    assert asked(connection, DAYS) == days
    assert [row[2:] for row in days] == [(2, 1, 1, 0)]
    assert asked(connection, "SELECT name FROM domains ORDER BY name") == [("stays.test",), ("to.test",)]


def test_a_dry_run_says_what_would_go_and_yes_does_it(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removing, "LEASE", 0.0)
    fill_shop(database)
    before = asked(connection, "SELECT count(*) FROM links")

    ran = backlinks("remove", "alpha.test", database=database)

    assert (ran.code, ran.err) == (0, "")
    found = re.fullmatch(
        r"alpha\.test: 1 seed, 2 pages, (\d+) links to 1 domain\n"
        r"nothing was removed yet; the same command with --yes does it\.\n",
        ran.out,
    )
    assert found, ran.out
    assert asked(connection, "SELECT count(*) FROM links") == before

    ran = backlinks("remove", "alpha.test", "--yes", database=database)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "removed alpha.test")
    assert asked(connection, "SELECT count(*) FROM links") == [(before[0][0] - int(found[1]),)]
    assert "alpha.test" not in {row[0] for row in asked(connection, "SELECT name FROM domains")}
    assert list(check(database)) == []

    ran = backlinks("remove", "alpha.test", "--yes", database=database)
    assert (ran.code, ran.err) == (2, "backlinks: nothing is known of alpha.test; nothing was removed.\n")


def test_links_to_it_stay_and_are_told(backlinks: Backlinks, database: Database) -> None:
    fill_shop(database)
    ran = backlinks("remove", "http://shop.test/", database=database)
    assert ran.code == 0
    assert re.search(
        r"^shop\.test: 0 seeds, 0 pages, 0 links to 0 domains\. \d+ links to it from \d+ domains will stay$",
        ran.out,
        re.MULTILINE,
    )


def test_only_whole_domains_can_be_named(backlinks: Backlinks, database: Database) -> None:
    fill_shop(database)
    ran = backlinks("remove", "blog.alpha.test", "--yes", database=database)
    assert (ran.code, ran.err) == (
        2,
        "backlinks: blog.alpha.test is a host of alpha.test, and only whole domains can be removed; name that.\n",
    )


@pytest.mark.usefixtures("small_steps")
def test_a_crawl_that_runs_meanwhile_loses_only_that(database: Database, connection: psycopg.Connection[Any]) -> None:
    with database.connect() as adding:
        add_seeds(adding, [Seed(url("http://goes.test/")), Seed(url("http://stays.test/"))], kept=True)
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://goes.test/", link("http://to.test/"), found=[page_found("http://goes.test/two")])
        in_hand = worker.page("http://goes.test/two")
        remove(database, "goes.test", silent)
        worker.recorder.counts.clear()

        worker.record(visit(in_hand, link("http://to.test/two")))
        assert worker.recorder.counts["pages_refused_stale_claim"] == 1
        worker.read("http://stays.test/", link("http://to.test/three"))
        assert list(worker.claim()) == []
    assert asked(connection, "SELECT url_to FROM backlinks") == [("http://to.test/three",)]
    assert asked(connection, "SELECT count(*) FROM seeds") == [(1,)]
    assert list(check(database)) == []


@pytest.mark.usefixtures("small_steps")
def test_what_is_crawled_again_comes_back_whole(database: Database, connection: psycopg.Connection[Any]) -> None:
    for _ in range(2):
        with database.connect() as adding:
            add_seeds(adding, [Seed(url("http://goes.test/"))], kept=True)
        with Worker(database) as worker:
            assert list(worker.claim()) == ["goes.test"]
            worker.read("http://goes.test/", link("http://to.test/"))
            worker.release(*worker.claimed.values())
        assert asked(connection, "SELECT url_to FROM backlinks") == [("http://to.test/",)]
        assert list(check(database)) == []
        remove(database, "goes.test", silent)
        assert asked(connection, "SELECT count(*) FROM links") == [(0,)]
        assert asked(connection, "SELECT count(*) FROM urls") == [(0,)]
