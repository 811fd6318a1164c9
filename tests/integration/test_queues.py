"""One host, several queues; and what a claim reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlink_crawler.model import Priority, Seed
from backlink_crawler.store.claims import _SQL
from backlink_crawler.store.frontier import KEPT, requeue
from backlink_crawler.store.seeds import add_seeds
from tests.integration.worker import Worker, add_seed, page_found, url

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database


def test_a_host_that_several_queues_need_is_held_for_one_and_keeps_the_others_waiting(database: Database) -> None:
    add_seed(database, "http://shared.test/kept")
    once = add_seed(database, "http://shared.test/once", kept=False)
    with Worker(database, queue=once) as named, Worker(database) as kept:
        mine = named.claim()["shared.test"]
        assert kept.claim() == {}
        assert kept.run(kept.frontier.is_any_held()) is True
        named.read("http://shared.test/once")
        named.release(mine)
        assert named.claim() == {}
        theirs = kept.claim()["shared.test"]
        assert kept.due(theirs) == ["http://shared.test/kept"]
        kept.read("http://shared.test/kept")
        kept.release(theirs)
        assert kept.claim() == named.claim() == {}


def test_something_more_urgent_is_claimed_first_and_a_bounded_run_stops_there(
    database: Database, connection: psycopg.Connection
) -> None:
    for name in ("new", "other", "both"):
        add_seed(database, f"http://{name}.test/")
    with Worker(database) as worker:
        both = worker.claim()["both.test"]
        worker.read("http://both.test/", found=[page_found("http://both.test/x")])
        worker.release(*worker.claimed.values())
        connection.execute(
            "UPDATE pages SET priority = 4, next_visit = now() WHERE page_id IN "
            "(SELECT id FROM urls WHERE url IN ('http://other.test/', 'http://both.test/'))"
        )
        requeue(connection, [host.host_id for host in worker.claimed.values()])
        claimed = worker.run(worker.frontier.claim(10, Priority.NEW))
        assert {host.name for host in claimed} == {"new.test", "both.test"}
        (mine,) = (host for host in claimed if host.host_id == both.host_id)
        assert [page.url for page in worker.due_pages(mine, (), 10, Priority.NEW)] == ["http://both.test/x"]
        assert worker.run(worker.frontier.claim(10, Priority.NEW)) == []
        assert [host.name for host in worker.run(worker.frontier.claim(10))] == ["other.test"]


def test_a_claim_reads_only_the_index_of_what_is_claimable(database: Database, connection: psycopg.Connection) -> None:
    """Of its own queue, whatever else is due; and of the hosts found there, their rows by key."""
    with database.connect() as writer:
        add_seeds(writer, [Seed(url(f"http://foreign{number}.test/")) for number in range(3000)], kept=False)
        add_seeds(writer, [Seed(url(f"http://mine{number}.test/")) for number in range(200)], kept=True)
    connection.execute("ANALYZE")
    asked = {"queue": KEPT, "up_to": 4, "limit": 64}
    connection.execute("SET plan_cache_mode = force_custom_plan")
    plan = connection.execute(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_SQL['claimable_hosts']}".encode(), asked
    ).fetchone()
    assert plan is not None
    nodes = [plan[0][0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", ()))
    found = {node.get("Index Name") for node in nodes if node.get("Relation Name") == "queue_hosts"}
    assert found <= {"queue_hosts_claimable_idx", "queue_hosts_pkey"}
    (looked_up,) = [node for node in nodes if node.get("Index Name") == "queue_hosts_claimable_idx"]
    assert looked_up["Actual Rows"] * looked_up["Actual Loops"] <= 64 + 1
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
