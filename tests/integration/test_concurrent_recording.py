"""Several workers write at once: nobody fails, nothing is lost, nothing is counted twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Scope
from backlink_crawler.store.checking import check
from tests.integration.archive import Archive, day
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database

ROUNDS = 30


def at_once(*works: Callable[[], None]) -> None:
    """Run all of them in threads; raises what the first of them raised."""
    failed: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  whatever it is, the test must see it
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]


def until_waiting(connection: psycopg.Connection, sessions: int) -> None:
    """Until so many sessions wait for a lock."""
    end = time.monotonic() + 30
    while connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (sessions,):
        assert time.monotonic() < end, "nobody is in anybody's way"
        time.sleep(0.01)


@pytest.mark.both_servers
def test_workers_that_find_the_same_new_domains_in_opposite_order_agree(
    database: Database, connection: psycopg.Connection
) -> None:
    """Two hosts of one domain, so that both write the same domains, URLs, rels and edges."""
    names = ("a", "b")
    for name in names:
        add_seed(database, f"http://{name}.from.test/")
    barrier = threading.Barrier(len(names))

    def work(name: str) -> None:
        with Worker(database) as worker:
            assert len(worker.claim(limit=1)) == 1
            page = next(host for host in names if _holds(worker, host, connection_of[name]))
            address = f"http://{page}.from.test/"
            for round_ in range(ROUNDS):
                links = [
                    link(f"http://t{round_}x{number}.test/", "To", f"rel{round_}x{number}") for number in range(12)
                ]
                barrier.wait(30)
                worker.read(address, *(links if name == "a" else links[::-1]))
            assert worker.recorder.counts["pages"] == ROUNDS

    connection_of = {name: database.connect(autocommit=True) for name in names}
    at_once(*(lambda name=name: work(name) for name in names))  # type: ignore[misc]
    for each in connection_of.values():
        each.close()
    assert_edges_are_right(connection, concurrent=True)
    last = f"t{ROUNDS - 1}x0.test"
    query = "SELECT links, refpages, pages_to, status FROM referring_domains WHERE domain_to = %s"
    assert connection.execute(query, [last]).fetchall() == [(2, 2, 1, "live")]
    assert connection.execute(query, ["t0x0.test"]).fetchall() == [(0, 0, 0, "lost")]
    assert connection.execute("SELECT count(*) FROM links").fetchone() == (2 * 12 * ROUNDS,)
    assert connection.execute("SELECT count(*) FROM rels").fetchone() == (12 * ROUNDS,)


def _holds(worker: Worker, host: str, reader: psycopg.Connection) -> bool:
    query = "SELECT worker = %s FROM crawled_hosts AS c INNER JOIN hosts AS h ON c.host_id = h.id WHERE h.name = %s"
    return reader.execute(query, [worker.frontier._worker, f"{host}.from.test"]).fetchone() == (True,)


def test_workers_that_find_the_same_pages_at_once_make_each_only_once(
    database: Database, connection: psycopg.Connection
) -> None:
    """Two hosts of one seed that both link to a third, within one budget."""
    add_seed(database, "http://from.test/", scope=Scope.DOMAIN, max_pages=2 + 20)
    with Worker(database) as first, Worker(database) as second:
        first.claim()
        first.read("http://from.test/", found=[page_found("http://b.from.test/")])
        second.claim()
        found = [page_found(f"http://c.from.test/{number}") for number in range(30)]
        at_once(
            lambda: first.read("http://from.test/", found=found),
            lambda: second.read("http://b.from.test/", found=found[::-1]),
        )
        assert first.recorder.counts["pages_found"] + second.recorder.counts["pages_found"] == 1 + 20
    assert connection.execute("SELECT count(*) FROM pages").fetchone() == (22,)
    assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (22,)


@pytest.mark.both_servers
def test_workers_whose_hops_find_the_same_domain_at_once_make_one_seed_of_it(
    database: Database, connection: psycopg.Connection
) -> None:
    """Both get as far as its pages before either commits: its domain is known, and they find other URLs of it."""
    add_seed(database, "http://other.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://other.test/", link("http://new.test/"))
    for host in ("a.test", "b.test"):
        add_seed(database, f"http://{host}/", hops=1)
    with Worker(database, hop_pages=3) as one, Worker(database, hop_pages=3) as two, database.connect() as blocker:
        held = {next(iter(worker.claim(limit=1))): worker for worker in (one, two)}

        def hop(host: str) -> None:
            links = [link(f"http://new.test/{host}/{number}") for number in range(3)]
            held[host].read(f"http://{host}/", *links)

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute("LOCK TABLE crawled_hosts IN SHARE MODE")  # so that new ones wait
        at_once(lambda: hop("a.test"), lambda: hop("b.test"), unblock)
    query = "SELECT pages_known FROM seeds AS s INNER JOIN domains AS d ON s.domain_id = d.id WHERE d.name = 'new.test'"
    assert connection.execute(query).fetchall() == [(3,)]
    assert connection.execute("SELECT count(*) FROM pages").fetchone() == (3 + 3,)


@pytest.mark.both_servers
def test_a_batch_that_a_deadlock_ends_is_written_again(database: Database, connection: psycopg.Connection) -> None:
    """Somebody else locks two edges in the order that we never use, and would sooner wait than give up."""
    add_seed(database, "http://from.test/")
    with Worker(database) as worker, database.connect() as other:
        worker.claim()
        targets = ("http://one.test/", "http://two.test/")
        worker.read("http://from.test/", *(link(target) for target in targets))
        locking = (
            "SELECT 1 FROM domain_edges WHERE domain_to_id = (SELECT id FROM domains WHERE name = %s) FOR NO KEY UPDATE"
        )
        first, second = (
            row[0]
            for row in connection.execute(
                "SELECT domain_to FROM referring_domains AS r INNER JOIN domains AS d "
                "ON r.domain_to = d.name ORDER BY d.id"
            )
        )
        other.execute("SET deadlock_timeout = '1h'")
        other.execute(locking, [second])

        def lock_the_other_way_round() -> None:
            until_waiting(connection, 1)
            other.execute(locking, [first])
            other.rollback()

        at_once(
            lock_the_other_way_round,
            lambda: worker.read("http://from.test/", *(link(f"{target}new") for target in targets)),
        )
        assert worker.recorder.counts["pages"] == 2
    deadlocks = "SELECT url_to FROM backlinks WHERE status = 'live' ORDER BY url_to"
    assert connection.execute(deadlocks).fetchall() == [("http://one.test/new",), ("http://two.test/new",)]
    assert_edges_are_right(connection)


def test_a_batch_whose_connection_is_cut_is_written_once_on_a_new_one(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        batch = visit(worker.page("http://from.test/"), *(link(f"http://t{number}.test/") for number in range(500)))
        victim = worker.recorder._connection._connection.info.backend_pid
        with database.connect() as blocker:
            blocker.execute("LOCK TABLE links IN EXCLUSIVE MODE")  # so that it stands still half-way

            def kill() -> None:
                until_waiting(connection, 1)
                connection.execute("SELECT pg_terminate_backend(%s)", [victim])

            def unblock() -> None:
                kill()
                blocker.rollback()

            at_once(unblock, lambda: worker.record(batch))
    assert connection.execute("SELECT count(*) FROM links").fetchone() == (500,)
    assert connection.execute("SELECT count(*) FROM visits").fetchone() == (1,)
    assert_edges_are_right(connection)


def test_a_batch_that_was_committed_is_not_written_again(database: Database, connection: psycopg.Connection) -> None:
    """As when the connection is lost between the commit and its confirmation."""
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        batch = visit(worker.page("http://from.test/"), link("http://to.test/"))
        worker.record(batch)
        worker.recorder._batch -= 1
        worker.record(batch)
    assert connection.execute("SELECT count(*) FROM visits").fetchone() == (1,)
    assert connection.execute("SELECT visits FROM pages").fetchall() == [(1,)]


NONE, FOLLOW, NOFOLLOW = None, "", "nofollow"  # the rel of a page's only link; None: there is no link
SHARED_EDGES = {
    "both bring the first link": ([FOLLOW, NONE, FOLLOW], [FOLLOW, NONE, FOLLOW], (1, 1, 2)),
    "one loses the last, the other brings one": ([FOLLOW, NONE], [FOLLOW, NONE, FOLLOW], (1, 1, 1)),
    "both lose the last": ([FOLLOW, NONE], [FOLLOW, NONE], (0, 0, 0)),
    "both bring the first that is followed": ([NOFOLLOW, FOLLOW], [NOFOLLOW, FOLLOW], (1, 1, 2)),
    "one follows it no more, the other does": ([FOLLOW, NOFOLLOW], [NOFOLLOW, FOLLOW], (1, 1, 2)),
}


@pytest.mark.both_servers
@pytest.mark.parametrize(("one", "two", "expected"), SHARED_EDGES.values(), ids=SHARED_EDGES)
def test_workers_that_change_one_domain_edge_at_once_count_the_domain_once(
    database: Database,
    connection: psycopg.Connection,
    one: list[str | None],
    two: list[str | None],
    expected: tuple[int, int, int],
) -> None:
    """Two hosts of one domain, whose last visits are recorded at once: neither writes before both have begun."""
    said = {"one.from.test": one, "two.from.test": two}
    for host in said:
        add_seed(database, f"http://{host}/")
    with Worker(database) as first, Worker(database) as second, database.connect() as blocker:
        held = {next(iter(worker.claim(limit=1))): worker for worker in (first, second)}

        def read(host: str, rel: str | None) -> None:
            held[host].read(f"http://{host}/", *([] if rel is None else [link("http://to.test/", "To", rel)]))

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        for host, rels in said.items():
            for rel in rels[:-1]:
                read(host, rel)
        blocker.execute("LOCK TABLE links IN EXCLUSIVE MODE")
        at_once(*(lambda host=host: read(host, said[host][-1]) for host in said), unblock)  # type: ignore[misc]
    query = "SELECT refdomains, dofollow_refdomains, backlinks FROM target_overview WHERE domain_to = 'to.test'"
    assert connection.execute(query).fetchall() == [expected]
    assert list(check(database)) == []
    assert_edges_are_right(connection)


@pytest.mark.both_servers
@pytest.mark.parametrize("crawl_is_first", [True, False])
def test_a_capture_and_a_visit_of_one_page_at_once_are_recorded_one_after_the_other(
    database: Database, connection: psycopg.Connection, *, crawl_is_first: bool
) -> None:
    """Each is compared with what the other has written: the link is one, as old as the capture says."""
    page = "http://from.test/"
    add_seed(database, page)
    with Worker(database) as worker, Archive(database) as archive, database.connect() as blocker:
        worker.claim()
        captured = visit(archive.page(page), link("http://to.test/", "To"), link("http://old.test/", "Old"))
        captured.observed_at = day(0)
        crawled = visit(worker.page(page), link("http://to.test/", "To"), link("http://new.test/", "New"))

        def capture() -> None:
            archive.record(captured)

        def crawl() -> None:
            worker.record(crawled)

        first, second = (crawl, capture) if crawl_is_first else (capture, crawl)

        def after_the_first() -> None:
            until_waiting(connection, 1)
            second()

        def unblock() -> None:
            until_waiting(connection, 2)
            blocker.rollback()

        blocker.execute("LOCK TABLE links IN EXCLUSIVE MODE")
        at_once(first, after_the_first, unblock)
    query = "SELECT url_to, status, first_seen = %(captured)s, last_seen = %(captured)s FROM backlinks ORDER BY url_to"
    assert connection.execute(query, {"captured": day(0)}).fetchall() == [
        ("http://new.test/", "live", False, False),
        ("http://old.test/", "missing", True, True),
        ("http://to.test/", "live", True, False),
    ]
    assert connection.execute("SELECT visits FROM pages").fetchall() == [(2,)]
    assert list(check(database)) == []
    assert_edges_are_right(connection)
