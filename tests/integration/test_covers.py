"""Whose page it is, of several seeds: limits of their own, budgets of pages that can be read, removals, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Outcome, Scope, Seed
from backlink_crawler.store.frontier import KEPT
from backlink_crawler.store.seeds import Added, add_seeds, list_seeds
from tests.integration.test_discovery import START, make_due, pages, remove
from tests.integration.worker import Worker, add_seed, link, page_found, sitemap_found, url, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database


def test_a_run_by_name_has_limits_of_its_own(database: Database, connection: psycopg.Connection) -> None:
    kept = add_seed(database, START, max_pages=5, hops=2)
    once = add_seed(database, START, kept=False, max_depth=3)
    assert (kept, once) == (KEPT, add_seed(database, START, kept=False, max_depth=3))
    assert once != add_seed(database, START, kept=False, max_depth=4)
    query = "SELECT queue_id = 1, max_depth, max_pages, hops, pages_known FROM seeds ORDER BY id"
    assert connection.execute(query).fetchall() == [
        (True, None, 5, 2, 1),
        (False, 3, None, 0, 1),
        (False, 4, None, 0, 1),
    ]


def test_what_hops_have_found_stays_in_the_nights_when_a_run_names_it(
    database: Database, connection: psycopg.Connection
) -> None:
    """It once left them for good."""
    add_seed(database, START, hops=1)
    with Worker(database) as night:
        held = night.claim()
        night.read(START, link("http://new.test/"))
        held |= night.claim()
        night.read("http://new.test/", found=[page_found("http://new.test/x")])
        night.release(*held.values())
    once = add_seed(database, "http://new.test/", kept=False, scope=Scope.HOST, max_pages=1)
    with Worker(database, queue=once) as named:
        mine = named.claim()["new.test"]
        assert named.due(mine) == ["http://new.test/"]
        named.read("http://new.test/", found=[page_found("http://new.test/x")])
        named.release(mine)
    make_due(connection)
    with Worker(database) as night:
        assert {name: sorted(night.due(host)) for name, host in night.claim().items()} == {
            "from.test": [START],
            "new.test": ["http://new.test/", "http://new.test/x"],
        }


def test_removing_a_seed_leaves_another_ones_pages(database: Database, connection: psycopg.Connection) -> None:
    """They once were nobody's."""
    add_seed(database, START)
    add_seed(database, START + "blog/", scope=Scope.PREFIX)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, found=[page_found(START + "about")])
        worker.read(START + "blog/", found=[page_found(START + "blog/post")])
        worker.release(mine)
    assert remove(database, START)
    make_due(connection)
    with Worker(database) as worker:
        assert sorted(worker.due(worker.claim()["from.test"])) == [START + "blog/", START + "blog/post"]
    never = (
        "SELECT u.url FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE p.next_visit IS NULL ORDER BY 1"
    )
    assert connection.execute(never).fetchall() == [(START,), (START + "about",)]


def test_a_page_that_becomes_one_of_a_further_seed_is_read_again_for_it(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, found=[page_found(START + "a")], etag='"1"')
        worker.read(START + "a")
        worker.release(mine)
        assert worker.claim() == {}
        once = add_seed(database, START, kept=False)
        assert connection.execute("SELECT count(*) FROM pages WHERE next_visit <= now()").fetchone() == (1,)
    with Worker(database, queue=once) as named:
        (page,) = named.due_pages(named.claim()["from.test"], (), 10)
        assert (page.url, page.etag, len(page.covers)) == (START, "", 2)
        named.read(START, found=[page_found(START + "a")])
        assert named.due(named.claimed["from.test"]) == [START + "a"]


def test_a_page_that_becomes_one_of_a_further_seed_while_it_is_visited_is_visited_again(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        under_way = visit(worker.page(START), found=[page_found(START + "a")])
        once = add_seed(database, START, kept=False)
        worker.record(under_way)
        assert set(worker.due(mine)) == {START, START + "a"}
        worker.read(START, found=[page_found(START + "a")])
        worker.read(START + "a")
        assert worker.due(mine) == []
        worker.release(mine)
    with Worker(database, queue=once) as named:
        assert named.claim() == {}
        make_due(connection)
        assert set(named.due(named.claim()["from.test"])) == {START, START + "a"}


def test_a_page_that_is_nearer_than_it_seemed_leads_further(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, max_depth=2)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, found=[page_found(START + "a", depth=2)])
        worker.read(START + "a")
        worker.read(START, found=[page_found(START + "a", depth=1), page_found(START + "b")])
        assert [cover.depth for cover in worker.page(START + "a").covers] == [1]
        assert set(worker.due(mine)) == {START + "a", START + "b"}
        worker.read(START + "a", found=[page_found(START + "c", depth=2)])
    assert pages(connection) == {START, START + "a", START + "b", START + "c"}


@pytest.mark.parametrize("end", [(Outcome.GONE, 404), (Outcome.REDIRECT, 301), (Outcome.NOT_HTML, 200)])
def test_pages_that_cannot_be_read_any_more_leave_room_for_others(
    database: Database, connection: psycopg.Connection, end: tuple[Outcome, int]
) -> None:
    """A budget once filled up with them, and the newer pages of a site were never admitted."""
    outcome, http_code = end
    leads_to = [page_found(START + name) for name in ("a", "b", "c")]
    add_seed(database, START, max_pages=2)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, found=leads_to, etag='"1"')
        (first,) = pages(connection) - {START}
        for _ in range(1 if outcome is Outcome.NOT_HTML else 2):
            worker.read(START, found=leads_to, etag='"1"')
            worker.read(first, outcome=outcome, http_code=http_code)
        assert pages(connection) == {START, first}
        make_due(connection)
        (start, _) = sorted(worker.due_pages(mine, (), 10), key=lambda page: page.url)
        assert (start.url, start.has_room, start.etag) == (START, True, "")
        worker.record(visit(start, found=leads_to, etag='"1"'))
        assert len(pages(connection)) == 3
        assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (2,)
        worker.read(START, found=leads_to)
        assert len(pages(connection)) == 3
        worker.read(first)  # it is back
        assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (3,)
        worker.read(START, found=leads_to)
    assert len(pages(connection)) == 3


def test_one_bad_answer_makes_no_room(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, max_pages=2)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "a"), page_found(START + "b")])
        (first,) = pages(connection) - {START}
        worker.read(first)
        for outcome, http_code in ((Outcome.GONE, 404), (Outcome.TIMEOUT, None), (Outcome.REDIRECT, 301)):
            worker.read(first, outcome=outcome, http_code=http_code)
        assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (2,)


def test_room_is_made_use_of_by_unchanged_pages(database: Database, connection: psycopg.Connection) -> None:
    """What they lead to was refused when they were read first; asked again, they say nothing new."""
    leads_to = [page_found(START + name) for name in ("a", "b")]
    add_seed(database, START, max_pages=2)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=leads_to)
        assert worker.page(START).has_room is False
        (first,) = pages(connection) - {START}
        for _ in range(2):
            worker.read(first, outcome=Outcome.GONE, http_code=410)
        assert worker.page(START).has_room is True
        worker.read(START, found=leads_to)
        assert pages(connection) == {START, START + "a", START + "b"}
        assert worker.page(START).has_room is False


def test_coverage_knows_the_pages_of_each_domain(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://new.test/"), found=[page_found(START + "a"), sitemap_found(START + "map.xml")])
        worker.read(START + "a")
        worker.run(worker.frontier.refresh_oldest_visits(worker.crawl_id))
    query = """
    SELECT d.name, c.pages_known, c.pages_visited, c.oldest_visit = c.newest_visit, c.oldest_visit IS NULL
    FROM domain_coverage AS c INNER JOIN domains AS d ON c.domain_id = d.id ORDER BY d.name"""
    assert connection.execute(query.encode()).fetchall() == [
        ("from.test", 2, 2, False, False),
        ("new.test", 1, 0, None, True),
    ]
    first = (
        "SELECT oldest_visit = (SELECT min(last_visited) FROM pages) FROM domain_coverage ORDER BY domain_id LIMIT 1"
    )
    assert connection.execute(first).fetchone() == (True,)


def test_of_very_many_pages_of_one_host_one_is_the_seed_that_starts_with_all(
    database: Database, connection: psycopg.Connection
) -> None:
    """As seeds of their own, each would be a page of all of them, and so would whatever they lead to."""
    pages_of_host = [Seed(url(f"http://many.test/page/{number}")) for number in range(100)]
    named = [*pages_of_host, Seed(url("http://many.test/")), Seed(url("http://many.test/once"), max_depth=0)]
    for _ in range(2):
        with database.connect() as adding:
            assert add_seeds(adding, named, kept=True) == Added(KEPT, seeds=2, pages=100)
        kept = [(seed.url, seed.max_depth, seed.pages_known) for seed in list_seeds(connection)]
        assert kept == [("http://many.test/", None, 102), ("http://many.test/once", 0, 1)]
    with Worker(database) as worker:
        assert len(worker.claim()) == 1
        assert connection.execute("SELECT count(*) FROM pages WHERE next_visit <= now()").fetchone() == (102,)
    with database.connect() as adding:
        assert add_seeds(adding, pages_of_host[:1], kept=True) == Added(KEPT, seeds=1, pages=0)
