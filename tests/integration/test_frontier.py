"""Who may visit which host, and when: claims, leases, releases, robots.txt."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from backlink_crawler.manners.robots import RobotsAnswer
from backlink_crawler.model import Outcome, PageKind, Seed
from backlink_crawler.store.frontier import LEASE, ReleasedHost, requeue
from backlink_crawler.store.seeds import add_seeds
from tests.integration.worker import Worker, add_seed, link, page_found, sitemap_found, url, visit

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database


def expire_leases(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE crawled_hosts SET leased_until = now() - interval '1 s' WHERE worker IS NOT NULL")


def set_next_visit(connection: psycopg.Connection, moment: str) -> None:
    """Of all pages; and the queues know it."""
    connection.execute(f"UPDATE pages SET next_visit = {moment}".encode())
    requeue(connection, [row[0] for row in connection.execute("SELECT host_id FROM crawled_hosts").fetchall()])


def host(connection: psycopg.Connection, what: str, name: str = "from.test") -> object:
    """Of a host, or of the queue of the kept seeds: when it is claimable next."""
    if what.startswith("claimable_at"):
        query = (
            f"SELECT {what.replace('claimable_at', 'min(claimable_at)')} FROM queue_hosts AS q INNER JOIN hosts AS h"
        )
        query += " ON q.host_id = h.id WHERE q.queue_id = 1 AND h.name = %s"
    else:
        query = f"SELECT {what} FROM crawled_hosts AS c INNER JOIN hosts AS h ON c.host_id = h.id WHERE h.name = %s"
    row = connection.execute(query.encode(), [name]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.both_servers
def test_a_seeds_host_is_claimed_with_its_first_page_for_as_long_as_the_lease_says(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/start")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        (page,) = worker.due_pages(claimed, (), 10)
    assert (claimed.claim, claimed.seconds_since_request) == (1, None)
    (cover,) = page.covers
    assert (page.url, page.host_id, page.claim, page.kind, cover.depth, page.visits) == (
        "http://from.test/start",
        claimed.host_id,
        1,
        PageKind.PAGE,
        0,
        0,
    )
    assert connection.execute("SELECT id FROM seeds").fetchall() == [(cover.seed_id,)]
    left = host(connection, "leased_until - now()")
    assert isinstance(left, timedelta)
    assert LEASE - timedelta(seconds=20) < left <= LEASE


def test_what_is_not_due_is_not_claimed(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        for moment in ("now() + interval '1 h'", "NULL"):
            set_next_visit(connection, moment)
            assert worker.claim() == {}
        set_next_visit(connection, "now()")
        assert set(worker.claim()) == {"from.test"}
        assert worker.claim() == {}  # it is taken


def test_a_run_with_named_seeds_claims_their_hosts_only(database: Database) -> None:
    add_seed(database, "http://kept.test/")
    once = add_seed(database, "http://once.test/", kept=False)
    with Worker(database, queue=once) as named, Worker(database) as kept:
        assert set(named.claim()) == {"once.test"}
        assert named.claim() == {}
        assert set(kept.claim()) == {"kept.test"}


def test_on_a_shared_host_a_run_gets_the_pages_of_its_own_seeds(database: Database) -> None:
    one = add_seed(database, "http://shared.test/one", kept=False)
    add_seed(database, "http://shared.test/two", kept=False)
    with Worker(database, queue=one) as worker:
        claimed = worker.claim()["shared.test"]
        assert worker.due(claimed) == ["http://shared.test/one"]
        assert worker.run(worker.frontier.due())[:3] == (1, 0, 1)


def test_sitemaps_and_likely_sources_come_first_then_new_pages(worker: Worker, connection: psycopg.Connection) -> None:
    found = [page_found("http://from.test/new"), sitemap_found("http://from.test/map.xml")]
    worker.read("http://from.test/", found=found)
    connection.execute("UPDATE pages SET next_visit = now() - interval '1 min' * page_id")
    claimed = worker.claimed["from.test"]
    assert [page.url for page in worker.due_pages(claimed, (), 10)] == [
        "http://from.test/map.xml",
        "http://from.test/",  # its second reading found more
        "http://from.test/new",  # the longest due of what was never visited
        "http://from.test/two",
    ]


def test_pages_that_are_handed_out_are_not_handed_out_again(database: Database) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        (page,) = worker.due_pages(claimed, (), 10)
        assert worker.due_pages(claimed, [page.page_id], 10) == []


def test_two_workers_never_hold_the_same_host(database: Database) -> None:
    with database.connect() as writer:
        add_seeds(writer, [Seed(url(f"http://host{number}.test/")) for number in range(60)], kept=True)
    claimed: dict[int, list[str]] = {0: [], 1: [], 2: []}
    barrier = threading.Barrier(3)

    def work(which: int) -> None:
        with Worker(database) as worker:
            barrier.wait()
            while hosts := worker.claim(limit=3):
                claimed[which].extend(hosts)

    threads = [threading.Thread(target=work, args=[which]) for which in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [name for names in claimed.values() for name in names]
    assert len(everything) == 60
    assert set(everything) == {f"host{number}.test" for number in range(60)}
    assert sum(bool(names) for names in claimed.values()) > 1  # they did work side by side


@pytest.mark.both_servers
def test_an_expired_lease_lets_another_worker_claim_and_refuses_the_first_ones_visits(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as slow, Worker(database) as quick:
        claimed = slow.claim()["from.test"]
        late = visit(
            slow.page("http://from.test/"), link("http://late.test/"), found=[page_found("http://from.test/x")]
        )
        assert quick.claim() == {}
        expire_leases(connection)
        again = quick.claim()["from.test"]
        assert again.claim == 2

        slow.record(late)
        assert (slow.recorder.counts["pages"], slow.recorder.counts["pages_refused_stale_claim"]) == (0, 1)
        for table in ("links", "visits", "domain_edges", "page_facts"):
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,), table
        assert connection.execute("SELECT name FROM domains").fetchall() == [("from.test",)]
        assert connection.execute("SELECT count(*) FROM pages WHERE visits > 0").fetchone() == (0,)

        # nor does the late one's release, or its renewal, take the host from the new holder
        slow.release(claimed)
        assert slow.run(slow.frontier.renew([claimed])) == set()
        assert host(connection, "worker IS NOT NULL AND leased_until > now()") is True
        quick.read("http://from.test/", link("http://to.test/"))
        assert connection.execute("SELECT domain_to FROM backlinks").fetchall() == [("to.test",)]


def test_of_a_batch_only_the_visits_of_lost_hosts_are_dropped(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://kept.test/")
    add_seed(database, "http://lost.test/")
    with Worker(database) as worker:
        worker.claim()
        visits = [visit(worker.page(f"http://{name}.test/"), link("http://to.test/")) for name in ("kept", "lost")]
        connection.execute(
            "UPDATE crawled_hosts SET claim = claim + 1 WHERE host_id = (SELECT id FROM hosts WHERE name = 'lost.test')"
        )
        worker.record(*visits)
    assert connection.execute("SELECT domain_from FROM backlinks").fetchall() == [("kept.test",)]


def test_a_renewed_lease_lasts_longer(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        connection.execute("UPDATE crawled_hosts SET leased_until = now() + interval '1 s'")
        assert worker.run(worker.frontier.renew([claimed])) == {claimed.host_id}
    assert host(connection, "leased_until > now() + interval '30 s'") is True


def test_a_released_host_is_claimable_when_its_earliest_page_is_due(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        worker.read("http://from.test/", found=[page_found("http://from.test/two")])
        worker.read("http://from.test/two")
        worker.release(claimed)
        earliest = connection.execute("SELECT min(next_visit) FROM pages").fetchone()
        assert (host(connection, "claimable_at"),) == earliest
        assert host(connection, "worker") is None
        assert worker.claim() == {}


def test_a_released_host_with_more_to_do_is_claimable_at_once_but_for_its_pause(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.release(worker.claim()["from.test"])
        claimed = worker.claim()["from.test"]
        worker.release(claimed, pause=3600.0)
        assert worker.claim() == {}
        left = host(connection, "claimable_at - now()")
        assert isinstance(left, timedelta)
        assert timedelta(minutes=59) < left <= timedelta(hours=1)


@pytest.mark.both_servers
def test_a_released_host_of_which_nothing_is_due_ever_leaves_the_queue(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        connection.execute("UPDATE pages SET next_visit = NULL")
        worker.release(claimed)
        assert host(connection, "claimable_at") is None


def test_the_next_worker_knows_when_the_host_was_last_asked(database: Database) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as first, Worker(database) as second:
        first.release(first.claim()["from.test"], since_request=5.0)
        since = second.claim()["from.test"].seconds_since_request
        assert since is not None
        assert 5.0 <= since < 15.0


def test_a_new_page_wakes_a_host_that_nobody_holds(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        worker.read("http://from.test/", found=[page_found("http://www.from.test/other")])
        assert set(worker.claim()) == {"www.from.test"}
        worker.release(claimed)
    assert host(connection, "claimable_at > now() + interval '2 days'") is True


def test_a_claim_brings_what_its_host_takes_to_begin(database: Database) -> None:
    seed = add_seed(database, "http://from.test/", max_depth=3)
    add_seed(database, "http://other.test/")
    with Worker(database) as worker:
        claimed = worker.claim()
        host = claimed["from.test"]
        assert (host.are_all, host.robots) == (True, None)
        (page,) = host.pages
        assert (page.url, page.host_id, page.claim) == ("http://from.test/", host.host_id, host.claim)
        assert {cover.seed_id: each.max_depth for cover, each in page.seeds.items()} == {seed: 3}
        assert [page.url for page in claimed["other.test"].pages] == ["http://other.test/"]
        worker.read("http://from.test/", found=[page_found(f"http://from.test/{number}") for number in range(9)])
        worker.remember_robots(host, RobotsAnswer(404, None))
        worker.release(host)
        again = worker.claim()["from.test"]
        assert (len(again.pages), again.are_all) == (4, False)
        assert again.robots
        assert again.robots.answer == RobotsAnswer(404, None)


def test_robots_txt_is_remembered_for_a_day_and_shared(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as first, Worker(database) as second:
        claimed = first.claim()["from.test"]
        assert first.run(first.frontier.robots.known("from.test")) is None
        first.remember_robots(claimed, RobotsAnswer(200, "User-agent: *\nDisallow: /x"))
        answer, seconds_left = second.run(second.frontier.robots.known("from.test"))
        assert answer == RobotsAnswer(200, "User-agent: *\nDisallow: /x")
        assert 86_000 < seconds_left <= 86_400
        connection.execute("UPDATE robots SET fetched_at = now() - interval '24 h'")
        assert second.run(second.frontier.robots.known("from.test")).seconds_left <= 0
        second.remember_robots(claimed, RobotsAnswer(404, None))
        answer, seconds_left = first.run(first.frontier.robots.known("from.test"))
        assert answer == RobotsAnswer(404, None)
        assert 86_000 < seconds_left <= 86_400


def test_a_worker_knows_whether_anybody_holds_what_is_due_in_its_run(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as first, Worker(database) as second:
        assert second.run(second.frontier.is_any_held()) is False
        claimed = first.claim()["from.test"]
        assert second.run(second.frontier.is_any_held()) is True
        assert first.run(first.frontier.is_any_held()) is True
        first.read("http://from.test/")
        assert second.run(second.frontier.is_any_held()) is False
        first.release(claimed)
        assert second.run(second.frontier.is_any_held()) is False


def test_a_sitemaps_lastmod_hastens_a_page_that_was_visited_before_it(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read("http://from.test/two")
    due = "SELECT next_visit <= now() FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE url = 'http://from.test/two'"
    long_ago, soon = datetime(2001, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(minutes=1)
    worker.read("http://from.test/", found=[page_found("http://from.test/two", lastmod=long_ago)])
    assert connection.execute(due.encode()).fetchone() == (False,)
    worker.read("http://from.test/", found=[page_found("http://from.test/two", lastmod=soon)])
    assert connection.execute(due.encode()).fetchone() == (True,)


def test_a_hastened_page_wakes_its_host(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        other = worker.claim()["from.test"]
        worker.read("http://from.test/", found=[page_found("http://www.from.test/two")])
        away = worker.claim()["www.from.test"]
        worker.read("http://www.from.test/two")
        worker.release(away)
        assert worker.claim() == {}
        soon = datetime.now(UTC) + timedelta(minutes=1)
        worker.read("http://from.test/", found=[page_found("http://www.from.test/two", lastmod=soon)])
        assert set(worker.claim()) == {"www.from.test"}
        worker.release(other)


def test_a_host_that_rests_is_not_woken_by_new_pages(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read("http://from.test/", found=[page_found("http://www.from.test/one")])
        worker.release(worker.claim()["www.from.test"], pause=3600.0)
        worker.read("http://from.test/", found=[page_found("http://www.from.test/two")])
        assert worker.claim() == {}
        assert worker.run(worker.frontier.wake_missed()) is False
        worker.release(mine)
        connection.execute("UPDATE crawled_hosts SET rests_until = now() - interval '1 s'")
        assert worker.run(worker.frontier.wake_missed()) is True
        assert set(worker.claim()) == {"www.from.test"}


def test_a_page_that_woke_nobody_is_found_before_a_run_ends(database: Database, connection: psycopg.Connection) -> None:
    """It was recorded in the moment in which its host was released: neither saw the other."""
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.release(worker.claim()["from.test"])
        connection.execute("UPDATE queue_hosts SET claimable_at = now() + interval '7 d'")
        assert worker.claim() == {}
        assert worker.run(worker.frontier.wake_missed()) is True
        assert set(worker.claim()) == {"from.test"}


def test_a_worker_gives_back_even_what_it_forgot(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    add_seed(database, "http://other.test/")
    with Worker(database) as first, Worker(database) as second:
        assert len(first.claim(limit=1)) == 1
        (others,) = second.claim()
        first.run(first.frontier.release_rest())
        held = connection.execute(
            "SELECT name FROM hosts AS h INNER JOIN crawled_hosts AS c ON h.id = c.host_id WHERE worker IS NOT NULL"
        ).fetchall()
        assert held == [(others,)]


def test_a_robots_txt_that_failed_is_asked_for_again_after_an_hour(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        worker.remember_robots(claimed, RobotsAnswer(503, None))
        connection.execute("UPDATE robots SET fetched_at = now() - interval '50 min'")
        answer, seconds_left = worker.run(worker.frontier.robots.known("from.test"))
        assert answer == RobotsAnswer(503, None)
        assert 500 < seconds_left <= 600
        connection.execute("UPDATE robots SET fetched_at = now() - interval '61 min'")
        assert worker.run(worker.frontier.robots.known("from.test")).seconds_left < 0


def test_a_host_whose_lease_nobody_gave_back_is_a_suspect_until_somebody_does(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as dead, Worker(database) as next_one:
        assert not dead.claim()["from.test"].is_suspect
        expire_leases(connection)
        claimed = next_one.claim()["from.test"]
        assert claimed.is_suspect
        next_one.release(claimed)
        assert not dead.claim()["from.test"].is_suspect


def test_how_often_a_pages_reading_was_begun_is_known_until_a_visit_of_it_is_recorded(database: Database) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]

        def begun() -> int:
            (page,) = worker.due_pages(claimed, (), 10)
            return page.begun

        assert begun() == 0
        worker.run(worker.frontier.begin(worker.page("http://from.test/")))
        assert begun() == 1
        set_aside = visit(worker.page("http://from.test/"), outcome=Outcome.TOO_COMPLEX, http_code=None)
        set_aside.reason = "worker_died"
        worker.record(set_aside)
        with database.connect(autocommit=True) as connection:
            set_next_visit(connection, "now()")
            assert begun() == 1
            worker.record(visit(worker.page("http://from.test/")))
            set_next_visit(connection, "now()")
            assert begun() == 0


def test_who_has_lost_a_host_begins_no_page_of_it(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as late, Worker(database) as next_one:
        late.claim()
        page = late.page("http://from.test/")
        expire_leases(connection)
        next_one.claim()
        late.run(late.frontier.begin(page))
        assert next_one.page("http://from.test/").begun == 0


def test_a_page_that_was_begun_and_is_given_back_is_no_suspect(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        claimed = worker.claim()["from.test"]
        page = worker.page("http://from.test/")
        for _ in range(2):
            worker.run(worker.frontier.begin(page))
        late = claimed._replace(claim=claimed.claim - 1)
        for host in (late, claimed):
            worker.run(worker.frontier.release([ReleasedHost(host, None, unrecorded={page.page_id})]))
        assert connection.execute("SELECT begun FROM pages").fetchall() == [(1,)]


def test_a_robots_txt_is_kept_though_the_transaction_that_writes_it_fails(database: Database) -> None:
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.frontier.robots.remember("from.test", RobotsAnswer(200, "User-agent: *"))

        async def step(connection: psycopg.AsyncConnection[Any]) -> None:
            await worker.frontier.robots.write(connection)
            await connection.execute("SELECT 1 / 0")

        with pytest.raises(psycopg.errors.DivisionByZero):
            worker.run(worker.frontier._in_transaction(step))
        known = worker.run(worker.frontier.robots.known("from.test"))
        assert known is not None
        assert known.answer == RobotsAnswer(200, "User-agent: *")
