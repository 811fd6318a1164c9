"""Several workers admit pages at once: none is in another's way for good, and whose page it is stays known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Scope
from backlink_crawler.store import database as connecting
from backlink_crawler.store import reconnecting
from backlink_crawler.store.checking import check
from tests.integration.test_concurrent_recording import at_once, until_waiting
from tests.integration.worker import Worker, add_seed, link, page_found

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

pytestmark = pytest.mark.both_servers
EDGE = (
    "SELECT 1 FROM domain_edges AS e INNER JOIN domains AS d ON e.domain_to_id = d.id "
    "WHERE d.name = 'to.test' FOR NO KEY UPDATE OF e"
)


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadlock is an error."""
    monkeypatch.setattr(reconnecting, "ATTEMPTS", 1)
    monkeypatch.setattr(connecting, "_ATTEMPTS", 1)


def test_workers_that_find_pages_of_each_others_domains_at_once_count_them_without_a_deadlock(
    database: Database, connection: psycopg.Connection
) -> None:
    """Neither admits anything before both have recorded their own pages."""
    hosts = ("one.test", "two.test")
    for host in hosts:
        add_seed(database, f"http://{host}/")
    with Worker(database) as first, Worker(database) as second, database.connect() as blocker:
        held = {next(iter(worker.claim(limit=1))): worker for worker in (first, second)}

        def read(host: str, other: str) -> None:
            held[host].read(f"http://{host}/", found=[page_found(f"http://{other}/{number}") for number in range(3)])

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute("LOCK TABLE crawled_hosts IN SHARE MODE")  # so that new ones wait
        at_once(lambda: read(*hosts), lambda: read(*hosts[::-1]), unblock)
    query = """
    SELECT d.name, c.pages_known, c.pages_visited
    FROM domain_coverage AS c INNER JOIN domains AS d ON c.domain_id = d.id ORDER BY d.name"""
    assert connection.execute(query.encode()).fetchall() == [("one.test", 4, 1), ("two.test", 4, 1)]
    assert list(check(database)) == []


def test_a_page_that_turns_out_nearer_while_it_is_recorded_is_in_nobodys_way(
    database: Database, connection: psycopg.Connection
) -> None:
    """One worker holds the page and wants the seed, to which the other admits pages, and that very page."""
    near, far = "http://near.test/", "http://far.near.test/"
    add_seed(database, near, scope=Scope.DOMAIN, max_depth=3)
    with Worker(database) as first, Worker(database) as second, database.connect() as blocker:
        first.claim()
        first.read(near, found=[page_found(far, depth=2)])
        second.claim()
        second.read(far, link("http://to.test/"))

        def nearer() -> None:
            until_waiting(connection, 1)
            first.read(near, found=[page_found(far, depth=1), page_found(f"{near}more")])

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute(EDGE)
        again = [link("http://to.test/"), link("http://to.test/more")]
        at_once(lambda: second.read(far, *again, found=[page_found(f"{far}more", depth=3)]), nearer, unblock)
        assert second.due(second.claimed["far.near.test"]) == [far, f"{far}more"]
        assert [cover.depth for cover in second.page(far).covers] == [1]
        assert (first.recorder.counts["pages"], second.recorder.counts["pages"]) == (2, 2)
    assert connection.execute("SELECT pages_known FROM seeds").fetchall() == [(4,)]
    assert list(check(database)) == []


def test_a_seed_that_hops_raise_while_one_of_its_pages_is_recorded_is_in_nobodys_way(
    database: Database, connection: psycopg.Connection
) -> None:
    """One worker holds the page and wants its seed, which the other makes lead further, with all its pages."""
    new = "http://new.test/"
    add_seed(database, "http://one.test/", hops=1)
    add_seed(database, "http://two.test/", hops=2)
    with Worker(database) as first, Worker(database) as second, database.connect() as blocker:
        first.claim()
        first.read("http://one.test/", link(new))
        second.claim()
        second.read(new, link("http://to.test/"))

        def hop() -> None:
            until_waiting(connection, 1)
            first.read("http://two.test/", link(new))

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute(EDGE)
        again = [link("http://to.test/"), link("http://to.test/more")]
        at_once(lambda: second.read(new, *again, found=[page_found(f"{new}more")]), hop, unblock)
        assert second.due(second.claimed["new.test"]) == [new, f"{new}more"]
    query = (
        "SELECT hops, pages_known FROM seeds AS s INNER JOIN domains AS d ON s.domain_id = d.id WHERE name = 'new.test'"
    )
    assert connection.execute(query).fetchall() == [(1, 2)]
    assert list(check(database)) == []


def test_a_seed_that_is_added_while_its_start_is_recorded_is_in_nobodys_way(
    database: Database, connection: psycopg.Connection
) -> None:
    """A worker holds the page and wants another seed of the site, to which the new one's start belongs as well."""
    site, blog = "http://from.test/", "http://from.test/blog/"
    add_seed(database, site)
    with Worker(database) as worker, database.connect() as blocker:
        worker.claim()
        worker.read(site, found=[page_found(blog)])
        worker.read(blog, link("http://to.test/"))

        def add() -> None:
            until_waiting(connection, 1)
            add_seed(database, blog, scope=Scope.PREFIX)

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute(EDGE)
        again = [link("http://to.test/"), link("http://to.test/more")]
        at_once(lambda: worker.read(blog, *again, found=[page_found(f"{blog}more")]), add, unblock)
        assert worker.due(worker.claimed["from.test"]) == [blog, f"{blog}more"]
        assert len(worker.page(blog).covers) == 2
    assert connection.execute("SELECT pages_known FROM seeds ORDER BY id").fetchall() == [(3,), (1,)]
    assert list(check(database)) == []
