"""What is due, rests, or is held back, who is slow and who waits: counted to a limit, whatever the frontier's size."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from backlink_crawler.frontier.bounds import Bound
from backlink_crawler.model import Outcome
from backlink_crawler.store import figures
from backlink_crawler.store.figures import Number, Slow, figures_of, live_figures, longest_waiting, slowest
from backlink_crawler.store.frontier import KEPT, VERIFY, Frontier
from tests.integration.worker import Worker, add_seed, page_found

if TYPE_CHECKING:
    import psycopg
    import pytest

    from backlink_crawler.store.database import Database

DOMAIN = {"domain": Bound(2, 60.0)}  # nobody has its turn meanwhile

# Hosts 1 to 1,000 are due, 1,001 to 2,000 stand in line, and 2,001 to 3,000 rest. Each has a page.
CROWD = """
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE SELECT n, 'h' || n || '.test' FROM generate_series(1, 3000) AS n;
INSERT INTO hosts (id, domain_id, name) OVERRIDING SYSTEM VALUE
SELECT n, n, 'h' || n || '.test' FROM generate_series(1, 3000) AS n;
INSERT INTO crawled_hosts (host_id, line, held_priority, held_until, rests_until)
SELECT
    n,
    CASE WHEN n BETWEEN 1001 AND 2000 THEN 'domain d' || n % 20 END,
    CASE WHEN n BETWEEN 1001 AND 2000 THEN 3 END,
    CASE WHEN n BETWEEN 1001 AND 2000 THEN now() + n * interval '10 s' END,
    CASE WHEN n > 2000 THEN now() + n * interval '10 s' END
FROM generate_series(1, 3000) AS n;
INSERT INTO queue_hosts (host_id, queue_id, priority, claimable_at)
SELECT host_id, 1, 3, coalesce(held_until, rests_until, now()) FROM crawled_hosts;
INSERT INTO urls (id, hash, host_id, url) OVERRIDING SYSTEM VALUE
SELECT id, url_hash('http://' || name || '/'), id, 'http://' || name || '/' FROM hosts;
INSERT INTO seeds (id, queue_id, url_id, domain_id, scope, pages_known) OVERRIDING SYSTEM VALUE
SELECT id, 1, id, id, 'host', 1 FROM hosts;
INSERT INTO pages (page_id, host_id, next_visit) SELECT id, id, now() FROM hosts;
INSERT INTO seed_pages (page_id, seed_id, depth) SELECT id, id, 0 FROM hosts;
ANALYZE"""


def test_what_is_due_is_free_or_in_work_and_neither_rests_nor_is_held_back(
    database: Database, connection: psycopg.Connection
) -> None:
    for name in ("0.wild.test", "1.wild.test", "2.wild.test", "3.wild.test", "rests.test", "free.test", "read.test"):
        add_seed(database, f"http://{name}/")
    add_seed(database, "http://unkept.test/", kept=False)
    with Worker(database, bounds=DOMAIN) as worker:
        hosts = worker.claim()
        worker.read("http://read.test/", found=[page_found(f"http://read.test/{n}") for n in "ab"])
        worker.read("http://0.wild.test/")
        worker.release(hosts["rests.test"], pause=600.0)
        worker.release(hosts["free.test"], hosts["0.wild.test"])
        found = figures_of(connection, KEPT)
    # 1.wild.test is in work, as is read.test with two more pages; free.test is free
    assert (found.pages, found.hosts) == (Number(4), Number(3))
    assert found.held("domain") == Number(2)
    assert found.held("address") == found.held("suffix") == Number(0)
    (line,) = found.lines
    (last,) = connection.execute("SELECT max(held_until) FROM crawled_hosts").fetchone() or ()
    assert line == ("domain", "wild.test", 2, False, last)
    assert found.resting == Number(1)
    ((host, until, back_offs),) = found.longest_resting
    (now,) = connection.execute("SELECT now()").fetchone() or ()
    assert (host, back_offs) == ("rests.test", 0)
    assert timedelta(seconds=580) < until - now <= timedelta(seconds=600)


def test_whose_time_in_line_has_come_is_due(database: Database, connection: psycopg.Connection) -> None:
    for number in range(4):
        add_seed(database, f"http://{number}.wild.test/")
    with Worker(database, bounds=DOMAIN) as worker:
        worker.claim()
        assert (figures_of(connection, KEPT).hosts, figures_of(connection, KEPT).held("domain")) == (
            Number(2),
            Number(2),
        )
        connection.execute("UPDATE crawled_hosts SET held_until = now() WHERE line IS NOT NULL")
        connection.execute("UPDATE queue_hosts SET claimable_at = least(claimable_at, now())")
        assert (figures_of(connection, KEPT).hosts, figures_of(connection, KEPT).held("domain")) == (
            Number(4),
            Number(0),
        )
        assert figures_of(connection, KEPT).lines == []


def test_figures_are_of_one_queue(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://kept.test/")
    queue = add_seed(database, "http://unkept.test/", kept=False)
    add_seed(database, "http://kept.test/two", kept=False)
    assert figures_of(connection, KEPT).pages == Number(1)
    assert figures_of(connection, queue).pages == Number(1)
    assert figures_of(connection, VERIFY).pages == Number(0)


def test_a_page_to_be_verified_is_due_whosoever_it_is(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, "http://kept.test/")
    connection.execute("UPDATE pages SET priority = 0")
    connection.execute("INSERT INTO queue_hosts SELECT host_id, 2, 0, now() FROM crawled_hosts")
    assert figures_of(connection, VERIFY).pages == Number(1)


def test_counting_ends_at_its_limits_and_says_so(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute(CROWD)
    for name, most in (("PAGES", 50), ("HOSTS", 70), ("IN_LINE", 10), ("LOOKED_AT", 60)):
        monkeypatch.setattr(figures, f"MOST_{name}", most)
    found = figures_of(connection, KEPT)
    assert (found.pages, found.hosts) == (Number(50, more=True), Number(70, more=True))
    assert [str(found.pages), str(Number(1200))] == ["50+", "1,200"]
    assert len(found.lines) == 20
    assert {(line.hosts, line.more) for line in found.lines} == {(10, True)}
    assert found.held("domain") == Number(200, more=True)
    assert found.resting == Number(0, more=True)  # those that stand in line come before them


def test_no_more_rows_are_read_than_the_limits_say(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute(CROWD)
    for name, most in (("PAGES", 20), ("HOSTS", 30), ("IN_LINE", 5), ("LINES", 4), ("LOOKED_AT", 25)):
        monkeypatch.setattr(figures, f"MOST_{name}", most)
    connection.execute("SET enable_seqscan = off")  # such small tables would be read whole
    asked: list[tuple[str, dict[str, Any]]] = [
        *figures._questions(KEPT),
        ("waiting", {"queue": KEPT, "looked": 15, "pages": 10, "rows": 10}),
        ("slowest", {"looked": 10, "rows": 10}),
    ]
    for name, parameters in asked:
        plan = connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {figures._SQL[name]}".encode(), parameters
        ).fetchone()
        assert plan is not None
        nodes = [plan[0][0]["Plan"]]
        for node in nodes:
            nodes.extend(node.get("Plans", ()))
        for node in nodes:
            if node.get("Relation Name") in {"queue_hosts", "crawled_hosts", "pages", "seed_pages", "seeds", "hosts"}:
                rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                assert rows * node["Actual Loops"] <= 50, (name, node)


def test_a_worker_that_counts_keeps_no_claim_waiting(database: Database) -> None:
    add_seed(database, "http://kept.test/")

    async def both() -> tuple[bool, figures.Figures]:
        frontier = await Frontier.open(database, uuid4())
        busy = asyncio.ensure_future(frontier._run(lambda connection: connection.execute("SELECT pg_sleep(3)")))
        found = await live_figures(database, KEPT)
        had_to_wait = busy.done()
        await busy
        await frontier.close()
        return had_to_wait, found

    had_to_wait, found = asyncio.run(both())
    assert not had_to_wait
    assert (found.pages, found.hosts) == (Number(1), Number(1))


def test_the_slowest_ask_for_a_delay_or_take_long_to_answer_or_back_off(
    database: Database, connection: psycopg.Connection
) -> None:
    names = ("delayed.test", "slow.test", "fast.test", "backs-off.test", "new.test", "released.test")
    for name in names:
        add_seed(database, f"http://{name}/")
    with Worker(database) as worker:
        hosts = worker.claim()
        for name in ("slow.test", "fast.test", "released.test"):
            worker.read(f"http://{name}/")
        worker.release(hosts["released.test"])
        connection.execute(
            "UPDATE visits SET elapsed_ms = 1500 WHERE page_id IN (SELECT id FROM urls WHERE url LIKE '%%slow%%')"
        )
        connection.execute(
            "UPDATE crawled_hosts SET back_offs = 3 WHERE host_id IN (SELECT id FROM hosts WHERE name LIKE 'backs%%')"
        )
        told = {"recorded/pages": "3", "delays": {"delayed.test": 30.0}}
        worker.run(worker.frontier.tell_progress(worker.crawl_id, told))
        found = slowest(connection)
    assert found == [
        Slow("delayed.test", worker.crawl_id, 30.0, None, 0),
        Slow("slow.test", worker.crawl_id, None, 1500, 0),
        Slow("fast.test", worker.crawl_id, None, 20, 0),
        Slow("backs-off.test", worker.crawl_id, None, None, 3),
    ]


def test_who_waits_is_free_and_has_most_due_pages_of_those_that_wait_longest(
    database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("large.test", "small.test", "last.test", "held.test", "rests.test")
    for name in names:
        add_seed(database, f"http://{name}/")
    with Worker(database) as worker:
        hosts = worker.claim()
        for name, number in (("large.test", 3), ("small.test", 1), ("last.test", 5)):
            worker.read(f"http://{name}/", found=[page_found(f"http://{name}/{n}") for n in range(number)])
        worker.read("http://rests.test/", outcome=Outcome.TIMEOUT, http_code=None)
        worker.release(hosts["large.test"], hosts["small.test"], hosts["last.test"])
        worker.release(hosts["rests.test"], pause=60.0)
        for age, name in enumerate(("last.test", "small.test", "large.test"), 1):
            connection.execute(
                "UPDATE queue_hosts SET claimable_at = now() - %s * interval '1 hour' "
                "WHERE claimable_at <= now() AND host_id IN (SELECT id FROM hosts WHERE name = %s)",
                [age, name],
            )
        monkeypatch.setattr(figures, "_MOST_OF_A_HOST", 4)
        found = [(each.host, each.pages, each.more) for each in longest_waiting(connection, KEPT)]
        assert found == [("last.test", 4, True), ("large.test", 3, False), ("small.test", 1, False)]
        monkeypatch.setattr(figures, "_LONGEST_DUE", 2)
        assert [each.host for each in longest_waiting(connection, KEPT)] == ["large.test", "small.test"]
