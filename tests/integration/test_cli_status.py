"""`backlinks status`: who is at work, what is due, and whether somebody should look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from backlink_crawler.frontier.bounds import Bound
from backlink_crawler.model import Outcome
from backlink_crawler.store.status import status_of, totals_of
from tests.integration.test_cli import sentence
from tests.integration.worker import Worker, add_seed, link, page_found

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

RUN = """
INSERT INTO sources (worker, name, started_at, seen_at, finished_at, reason, stats)
VALUES (
    %(worker)s, 'kept seeds', now() - interval '3 days', now() - %(seen)s::interval,
    now() - %(finished)s::interval, %(reason)s, '{"recorded/pages": "1200", "recorded/links": "34"}'
)"""


def run_was(
    connection: psycopg.Connection[Any], reason: str | None = None, *, finished: str | None = None, seen: str = "0 s"
) -> str:
    """A run that has finished so long ago; or has not, and was last seen so long ago. Returns its worker."""
    worker = str(uuid4())
    connection.execute(RUN, {"worker": worker, "seen": finished or seen, "finished": finished, "reason": reason})
    return worker


def status(backlinks: Backlinks, database: Database, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, what was printed, the sentence)"""
    ran = backlinks("status", "--json", *arguments, database=database)
    return ran.code, json.loads(ran.out), ran.err


def test_what_is_at_work_and_due(backlinks: Backlinks, database: Database) -> None:
    for address in ("http://from.test/", "http://waiting.test/", "http://left.test/"):
        add_seed(database, address)
    add_seed(database, "http://unkept.test/", kept=False)
    with Worker(database) as worker:
        hosts = worker.claim()
        worker.read(
            "http://from.test/", link("http://to.test/"), found=[page_found(f"http://from.test/{n}") for n in "ab"]
        )
        worker.read("http://left.test/", outcome=Outcome.TIMEOUT, http_code=None)
        worker.release(hosts["waiting.test"], hosts["left.test"])
        worker.run(worker.frontier.tell_progress(worker.crawl_id, {"recorded/pages": "2"}))
        code, said, error = status(backlinks, database)
    assert (code, error) == (0, "")
    (alive,) = said["workers"]
    assert (alive["pages"], alive["hosts"], alive["seeds"]) == (2, 1, "tests")
    assert alive["started_at"] <= alive["seen_at"]
    assert (said["hosts_in_work"], said["pages_due"], said["more_due"], said["seeds"]) == (1, 3, False, 3)
    assert (said["hosts_due"], said["more_hosts_due"], said["hosts_resting"], said["held"]) == (2, False, 0, [])
    assert [(each["host"], each["pages"], each["more"]) for each in said["waiting"]] == [("waiting.test", 1, False)]
    slow = {"host": "from.test", "crawl_id": 1, "delay": None, "answers_ms": 20, "back_offs": 0}
    assert said["slowest"] == [slow]
    assert said["visits"] == [
        {"outcome": "ok", "reason": "", "visits": 1},
        {"outcome": "timeout", "reason": "", "visits": 1},
    ]
    assert (said["last_finished"], said["killed"], said["healthy"], said["problem"]) == (None, [], True, None)


def test_pages_of_hosts_that_opted_out_are_not_due(backlinks: Backlinks, database: Database) -> None:
    for address in ("http://a.test/", "http://www.b.test:8080/"):
        add_seed(database, address)
    assert status(backlinks, database)[1]["pages_due"] == 2
    backlinks("optout", "add", "b.test", database=database)
    assert status(backlinks, database)[1]["pages_due"] == 1


def test_more_than_can_be_counted_is_said_to_be_more(
    database: Database, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        add_seed(database, f"http://site{number}.test/")
    monkeypatch.setattr("backlink_crawler.store.figures.MOST_PAGES", 3)
    found = status_of(connection, "36 hours")
    assert (found.pages_due, found.more_due) == (3, True)


def test_visits_are_those_of_a_day(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any]
) -> None:
    for age, outcome, reason in (("1 h", 0, None), ("2 h", 9, None), ("3 h", 3, "captcha"), ("25 h", 0, None)):
        connection.execute(
            "INSERT INTO visits (page_id, observed_at, batch_id, size, elapsed_ms, links_found, links_gone, outcome, reason)"
            " VALUES (1, now() - %s::interval, 1, 0, 0, 0, 0, %s, %s)",
            [age, outcome, reason],
        )
    run_was(connection, "finished", finished="1 hour")
    code, said, _ = status(backlinks, database)
    assert code == 0
    assert said["visits"] == [
        {"outcome": "ok", "reason": "", "visits": 1},
        {"outcome": "forbidden", "reason": "captcha", "visits": 1},
        {"outcome": "timeout", "reason": "", "visits": 1},
    ]


def test_nothing_is_read_whole(database: Database, connection: psycopg.Connection[Any]) -> None:
    """The plans of its questions about large tables; only this month's visits, and the default partition."""
    from backlink_crawler.store.status import _SQL

    connection.execute("SET enable_seqscan = off")
    for name, table in (("hosts_in_work", "crawled_hosts"), ("visits_lately", "visits")):
        plan = connection.execute(f"EXPLAIN (FORMAT JSON) {_SQL[name]}".encode(), {"since": None}).fetchone()[0]
        nodes: list[dict[str, Any]] = [plan[0]["Plan"]]
        for node in nodes:
            nodes.extend(node.get("Plans", ()))
        read = [node for node in nodes if node.get("Relation Name", "").startswith(table)]
        assert {node["Node Type"] for node in read} <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, name


@pytest.mark.parametrize("reason", ["finished", "max_pages", "max_minutes", "shutdown"])
def test_a_run_that_a_limit_or_a_signal_ended_is_a_good_one(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any], reason: str
) -> None:
    run_was(connection, "database_unavailable", finished="30 hours")
    run_was(connection, reason, finished="5 hours")
    code, said, error = status(backlinks, database)
    assert (code, error, said["healthy"]) == (0, "", True)
    last = said["last_finished"]
    assert (last["reason"], last["pages"], last["new_links"]) == (reason, 1200, 34)


@pytest.mark.parametrize("reason", ["database_unavailable", "memusage_exceeded", "closespider_errorcount"])
def test_a_run_that_failed_is_exit_code_1(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any], reason: str
) -> None:
    run_was(connection, "finished", finished="30 hours")
    run_was(connection, reason, finished="5 hours")
    code, said, error = status(backlinks, database)
    assert (code, said["healthy"]) == (1, False)
    assert said["problem"].startswith(f"the last run, 2, failed: {reason}, since ")
    assert error == f"backlinks: {said['problem']}\n"


def test_a_run_that_was_killed_counts_until_a_later_one_has_finished(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any]
) -> None:
    run_was(connection, "finished", finished="20 hours")
    run_was(connection, seen="5 hours")
    code, said, _ = status(backlinks, database)
    assert (code, [run["crawl_id"] for run in said["killed"]]) == (1, [2])
    assert said["problem"].startswith("the last run, 2, was killed: it has not reported since ")
    run_was(connection, "finished", finished="1 hour")
    code, said, _ = status(backlinks, database)
    assert (code, [run["crawl_id"] for run in said["killed"]]) == (0, [2])


def test_a_run_seen_within_a_minute_is_alive_and_no_run_is_too_old_meanwhile(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any]
) -> None:
    run_was(connection, "finished", finished="50 hours")
    code, said, error = status(backlinks, database)
    assert code == 1
    assert error.startswith("backlinks: no run has finished since ")
    assert error.endswith(" UTC, which is longer ago than --max-age.\n")
    assert status(backlinks, database, "--max-age", "3d")[0] == 0
    worker = run_was(connection, seen="59 s")
    code, said, _ = status(backlinks, database)
    assert (code, [alive["worker"] for alive in said["workers"]], said["killed"]) == (0, [worker], [])
    connection.execute("UPDATE sources SET seen_at = now() - interval '61 s' WHERE finished_at IS NULL")
    code, said, _ = status(backlinks, database)
    assert (code, said["workers"], len(said["killed"])) == (1, [], 1)


def test_no_run_at_all_is_exit_code_1(backlinks: Backlinks, database: Database) -> None:
    ran = backlinks("status", database=database)
    assert (ran.code, ran.err) == (1, "backlinks: no crawl has run yet.\n")
    assert "seeds kept" in ran.out


@pytest.mark.parametrize("age", ["", "36", "h", "0h", "-1h", "1y"])
def test_an_age_that_is_none_is_exit_code_2(backlinks: Backlinks, age: str) -> None:
    said = sentence(backlinks("status", f"--max-age={age}"), 2)
    assert said == f"{age!r} is not a period; write 36h, 7d, 2w or 12mo."


def test_tables_for_people(backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any]) -> None:
    run_was(connection, seen="5 hours")
    run_was(connection, "finished", finished="1 hour")
    with Worker(database):
        ran = backlinks("status", database=database)
    assert (ran.code, ran.err) == (0, "")
    for words in (
        "pages due",
        "workers that reported within the last minute:",
        "killed runs, newest first:",
        "finished",
    ):
        assert words in ran.out


def test_the_slow_the_waiting_the_resting_and_those_held_back_are_named(
    backlinks: Backlinks, database: Database
) -> None:
    for name in ("0.wild.test", "1.wild.test", "2.wild.test", "rests.test", "free.test"):
        add_seed(database, f"http://{name}/")
    with Worker(database, bounds={"domain": Bound(1, 60.0)}) as worker:
        hosts = worker.claim()
        worker.run(worker.frontier.tell_progress(worker.crawl_id, {"delays": {"0.wild.test": 12.5}}))
        worker.release(hosts["rests.test"], pause=600.0)
        worker.release(hosts["free.test"])
        said = status(backlinks, database)[1]
        assert said["held"] == [{"kind": "domain", "hosts": 2, "more": False}]
        assert [(each["name"], each["hosts"]) for each in said["lines"]] == [("wild.test", 2)]
        assert said["lines"][0]["last_turn"] > said["workers"][0]["started_at"]
        assert (said["hosts_resting"], said["more_resting"]) == (1, False)
        assert [each["host"] for each in said["resting"]] == ["rests.test"]
        assert [(each["host"], each["delay"]) for each in said["slowest"]] == [("0.wild.test", 12.5)]
        assert [each["host"] for each in said["waiting"]] == ["free.test"]
        shown = backlinks("status", database=database).out
    for words in (
        "domain 2",
        "hosts in work that take longest:",
        "hosts that wait for a worker, since when:",
        "hosts held back, by bound, and when the last has its turn:",
        "hosts that rest longest, until when:",
    ):
        assert words in shown


def test_totals_are_of_the_named_workers_only(connection: psycopg.Connection[Any]) -> None:
    workers = [run_was(connection, "finished", finished="1 hour") for _ in range(3)]
    assert totals_of(connection, workers[:2]) == (2400, 68, 0, 0, False)
    assert totals_of(connection, []) == (0, 0, 0, 0, False)
