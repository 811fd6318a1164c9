"""What hosts share is bounded over all workers: domains, private suffixes, addresses; and seeds have their turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from backlink_crawler.frontier.bounds import Bound
from backlink_crawler.model import Priority, Scope, Seed
from backlink_crawler.store.claims import _SQL
from backlink_crawler.store.frontier import requeue
from backlink_crawler.store.seeds import add_seeds
from tests.integration.worker import Worker, add_seed, page_found, url

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from backlink_crawler.store.database import Database

DOMAIN = {"domain": Bound(2, 0.25)}
ADDRESS = {"domain": Bound(2, 0.25), "address": Bound(3, 0.25)}


def keep(database: Database, names: Iterable[str]) -> None:
    """Seeds that are due in this order."""
    for name in names:
        with database.connect() as connection:
            add_seeds(connection, [Seed(url(f"http://{name}/"))], kept=True)


def held(connection: psycopg.Connection, what: str = "h.name") -> list[Any]:
    query = f"SELECT {what} FROM crawled_hosts AS c INNER JOIN hosts AS h ON c.host_id = h.id WHERE c.line IS NOT NULL"
    return [row[0] for row in connection.execute(f"{query} ORDER BY c.held_until".encode())]


def all_have_their_turn(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE crawled_hosts SET held_until = now() WHERE line IS NOT NULL")
    connection.execute(
        "UPDATE queue_hosts SET claimable_at = now() WHERE claimable_at IS NOT NULL "
        "AND host_id IN (SELECT host_id FROM crawled_hosts WHERE line IS NOT NULL)"
    )


def test_two_hosts_of_a_domain_are_in_work_and_the_others_get_theirs(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, [f"{number}.wild.test" for number in range(5)] + ["good.test"])
    with Worker(database, bounds=DOMAIN) as worker:
        assert set(worker.claim()) == {"0.wild.test", "1.wild.test", "good.test"}
        assert held(connection) == ["2.wild.test", "3.wild.test", "4.wild.test"]
        assert set(held(connection, "c.line")) == {"domain wild.test"}
        # half a second lies between two turns: a host has robots.txt and a page at four requests a second
        waits = held(
            connection, "round(extract(EPOCH FROM c.held_until - lag(c.held_until) OVER (ORDER BY c.held_until)), 1)"
        )
        assert [None if each is None else float(each) for each in waits] == [None, 0.5, 0.5]
        assert worker.claim() == {}
        assert worker.run(worker.frontier.held_back()) is True


def test_who_has_its_turn_is_claimed_when_there_is_room_and_else_goes_to_the_end(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, [f"{number}.wild.test" for number in range(4)])
    with Worker(database, bounds=DOMAIN) as worker:
        first = worker.claim()["0.wild.test"]
        all_have_their_turn(connection)
        assert worker.claim() == {}
        worker.read("http://0.wild.test/")
        worker.release(first)
        all_have_their_turn(connection)
        assert len(worker.claim()) == 1
        assert len(held(connection)) == 1


def test_a_domain_is_one_workers_at_a_time(database: Database, connection: psycopg.Connection) -> None:
    """So its requests keep their gap without a word between workers."""
    keep(database, ["0.wild.test", "1.wild.test", "good.test"])
    with Worker(database, bounds=DOMAIN) as one, Worker(database, bounds=DOMAIN) as other:
        mine = one.run(one.frontier.claim(1))
        assert set(other.claim()) == {"good.test"}
        assert held(connection) == ["1.wild.test"]
        for host in mine:
            one.read("http://0.wild.test/")
            one.release(host)
        all_have_their_turn(connection)
        assert set(other.claim()) == {"1.wild.test"}


def test_the_lease_of_a_dead_worker_holds_nobody_back_when_it_has_ended(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, ["0.wild.test", "1.wild.test", "2.wild.test"])
    with Worker(database, bounds=DOMAIN) as dead, Worker(database, bounds=DOMAIN) as other:
        dead.claim()
        connection.execute("UPDATE crawled_hosts SET leased_until = now() WHERE worker IS NOT NULL")
        all_have_their_turn(connection)
        assert len(other.claim()) == 2


def test_a_flood_of_one_domain_that_is_due_before_all_others_keeps_nobody_out(
    database: Database, connection: psycopg.Connection
) -> None:
    with database.connect() as writer:
        flood = [Seed(url(f"http://h{number}.wild.test/")) for number in range(900)]
        add_seeds(writer, flood, kept=True)
    keep(database, ["good.test", "fine.test"])
    with Worker(database, bounds=DOMAIN) as worker:
        claimed = worker.claim(limit=64) | worker.claim(limit=64)  # the first looks at 512 of them
        assert {"good.test", "fine.test"} < set(claimed)
        assert len(claimed) == 4
        assert len(held(connection)) == 898
        assert worker.claim(limit=64) == {}
    looked_at = "SELECT count(*) FROM queue_hosts WHERE claimable_at <= now() + interval '1 second'"
    assert connection.execute(looked_at).fetchone() == (6,)  # nothing of it is at the head of the queue any more


def test_strangers_under_one_private_suffix_have_a_bound_of_their_own(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, [f"blog{number}.blogspot.com" for number in range(5)] + ["www.blog0.blogspot.com"])
    with Worker(database, bounds=DOMAIN | {"suffix": Bound(4, 0.1)}) as worker:
        assert set(worker.claim()) == {f"blog{number}.blogspot.com" for number in range(4)}
        assert set(held(connection, "c.line")) == {"suffix blogspot.com"}


def test_names_at_one_address_are_given_back_when_that_is_known_and_wait_for_their_turn(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, [f"farm{number}.test" for number in range(6)] + ["good.test"])
    with Worker(database, bounds=ADDRESS) as worker, Worker(database, bounds=ADDRESS) as other:
        claimed = worker.claim()
        assert len(claimed) == 7
        found = [(host, f"203.0.113.{8 if name == 'good.test' else 7}") for name, host in claimed.items()]
        kept = worker.run(worker.frontier.settle(found))
        names = {name for name, host in claimed.items() if host.host_id in kept}
        assert "good.test" in names
        assert len(names) == 4
        assert len(held(connection)) == 3
        assert worker.run(worker.frontier.renew(claimed.values())) == kept
        # from now on their claims know it
        all_have_their_turn(connection)
        assert other.claim() == {}
        assert set(held(connection, "c.line")) == {"address 203.0.113.7"}


def test_a_name_that_another_worker_found_at_an_address_of_ours_is_given_back(database: Database) -> None:
    keep(database, ["one.test", "two.test"])
    with Worker(database, bounds=ADDRESS) as worker, Worker(database, bounds=ADDRESS) as other:
        (mine,) = worker.run(worker.frontier.claim(1))
        (theirs,) = other.run(other.frontier.claim(1))
        assert worker.run(worker.frontier.settle([(mine, "203.0.113.7")])) == {mine.host_id}
        assert other.run(other.frontier.settle([(theirs, "203.0.113.7")])) == set()
        assert worker.run(worker.frontier.settle([(mine, "203.0.113.9")])) == {mine.host_id}  # it has moved


def test_what_is_urgent_does_not_wait_behind_what_is_not(database: Database, connection: psycopg.Connection) -> None:
    keep(database, [f"{number}.wild.test" for number in range(40)])
    with Worker(database, bounds=DOMAIN) as worker:
        worker.claim()
        name = held(connection)[-1]
        connection.execute(
            "UPDATE pages SET priority = 0 WHERE host_id = (SELECT id FROM hosts WHERE name = %s)", [name]
        )
        row = connection.execute("SELECT id FROM hosts WHERE name = %s", [name]).fetchone()
        assert row is not None
        requeue(connection, [row[0]])
        worker.release(*worker.claimed.values())
        assert [host.name for host in worker.run(worker.frontier.claim(10, Priority.VERIFY))] == [name]


def test_a_run_without_bounds_does_not_stand_in_the_lines_of_one_with_them(
    database: Database, connection: psycopg.Connection
) -> None:
    keep(database, [f"{number}.wild.test" for number in range(40)])
    with Worker(database, bounds=DOMAIN) as bounded, Worker(database) as other:
        bounded.claim()
        assert bounded.run(bounded.frontier.wake_missed()) is False
        assert other.claim() == {}
        assert other.run(other.frontier.held_back()) is False
        assert other.run(other.frontier.wake_missed()) is True
        assert len(other.claim()) == 38
        assert held(connection) == []


@pytest.mark.parametrize("bounds", [{}, DOMAIN])
def test_a_seed_with_one_host_has_its_turn_before_anothers_thousands(
    database: Database, connection: psycopg.Connection, bounds: dict[str, Bound]
) -> None:
    """Which its hops have found, and which have been due for longer."""
    add_seed(database, "http://hub.test/", hops=1)
    with Worker(database) as worker:
        worker.claim()
        found = [page_found(f"http://hub.test/{number}") for number in range(3)]
        worker.read("http://hub.test/", found=found)
        worker.release(*worker.claimed.values())
    connection.execute("UPDATE seeds SET root_id = NULL")
    with database.connect() as writer:
        queue = add_seeds(writer, [Seed(url(f"http://found{n}.test/")) for n in range(1000)], kept=True).queue_id
    root = "(SELECT min(id) FROM seeds)"
    connection.execute(f"UPDATE seeds SET root_id = {root} WHERE id > {root}".encode())
    connection.execute("UPDATE queue_hosts SET claimable_at = now() - interval '1 day'")
    keep(database, ["alone.test"])
    with Worker(database, queue=queue, bounds=bounds) as worker:
        claimed = worker.claim(limit=20)
        assert len(claimed) == 20
        assert {"alone.test", "hub.test"} < set(claimed)


def test_of_a_domain_so_many_new_hosts_are_admitted_a_night(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://wild.test/", scope=Scope.DOMAIN)
    found = [page_found(f"http://h{number}.wild.test/") for number in range(7)]
    hosts = "SELECT count(*) FROM crawled_hosts"
    with Worker(database, new_hosts=4) as worker:
        worker.claim()
        worker.read("http://wild.test/", found=[*found, page_found("http://wild.test/about")])
        assert connection.execute(hosts).fetchone() == (4,)  # with the one that the seed names
        assert worker.recorder.counts["hosts_refused"] == 4
        assert worker.recorder.counts["pages_found"] == 4
        # the page that leads there is read again in full: tomorrow there may be room
        assert worker.page("http://wild.test/").has_room is True
        connection.execute("UPDATE crawled_hosts SET added_at = now() - interval '21 hours'")
        worker.read("http://wild.test/", found=found)
        assert connection.execute(hosts).fetchone() == (8,)
        assert worker.recorder.counts["hosts_refused"] == 4


def test_hosts_that_seeds_name_are_always_admitted(database: Database, connection: psycopg.Connection) -> None:
    with database.connect() as writer:
        add_seeds(writer, [Seed(url(f"http://h{number}.many.test/")) for number in range(150)], kept=True)
    assert connection.execute("SELECT count(*) FROM crawled_hosts").fetchone() == (150,)


def test_http_and_https_of_one_name_are_one_host(database: Database, connection: psycopg.Connection) -> None:
    keep(database, ["one.test"])
    add_seed(database, "https://one.test/")
    assert connection.execute("SELECT name FROM hosts").fetchall() == [("one.test",)]
    with Worker(database, bounds=DOMAIN) as worker:
        assert sorted(worker.due(worker.claim()["one.test"])) == ["http://one.test/", "https://one.test/"]


def test_counting_what_is_in_work_reads_small_indexes(database: Database, connection: psycopg.Connection) -> None:
    """As large as there are hosts in work, whatever the domain has."""
    with database.connect() as writer:
        add_seeds(writer, [Seed(url(f"http://h{number}.wild.test/")) for number in range(3000)], kept=True)
    connection.execute("UPDATE crawled_hosts SET suffix = 'wild.test', address = '203.0.113.7'")
    with Worker(database, bounds=DOMAIN) as worker:
        worker.claim(limit=10)
        connection.execute("ANALYZE")
        row = connection.execute("SELECT domain_id FROM hosts LIMIT 1").fetchone()
        assert row is not None
        asked = {"worker": uuid4(), "besides": [], "domains": [row[0]]}
        asked |= {"suffixes": ["wild.test"], "addresses": ["203.0.113.7"]}
        plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_SQL['in_work']}".encode(), asked).fetchone()
    assert plan is not None
    nodes = [plan[0][0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", ()))
    read = [node for node in nodes if node.get("Relation Name") == "crawled_hosts" or "Index Name" in node]
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
    assert max(node["Actual Rows"] for node in read) <= 2
