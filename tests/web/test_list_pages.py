"""The pages about the index itself: what they show, page by page, and that hostile words in them stay words."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.store import lists
from backlink_crawler.store.lists import Wanted
from backlink_crawler.store.status import status_at_a_glance
from tests.integration.test_figures import CROWD
from tests.integration.worker import Worker, add_seed, page_found

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.web.conftest import Served

PATHS = ("seeds", "targets", "marks", "crawls", "hosts")
HOSTILE = "<script>alert(1)</script>'\"\u202e{{ 7*7 }}"


def main_of(text: str) -> str:
    return LexborHTMLParser(text).css("main")[0].text(separator=" ", strip=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("seeds", "backlinks seeds add example.com"),
        ("targets", "backlinks targets add example.com"),
        ("marks", "backlinks mark example.org --as contacted"),
        ("crawls", "backlinks crawl --seeds example.com"),
        ("hosts", "backlinks seeds add example.com"),
    ],
)
def test_where_there_is_nothing_a_page_says_what_to_do(
    database: Database, serve: Callable[..., Served], path: str, said: str
) -> None:
    answered = serve(database).get(path)
    assert answered.status == 200
    assert said in main_of(answered.text)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_each_list_is_a_download_too(served: Served, path: str, form: str) -> None:
    answered = served.get(f"{path}.{form}")
    assert answered.status == 200
    assert answered.headers["Content-Disposition"] == f'attachment; filename="{path}.{form}"'


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"after": "x"}, "is not a cursor"),
        ({"after": "99999999999999999999"}, "is not a cursor"),
        ({"after": "-1"}, "is not a cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"nonsense": "1"}, "nonsense"),
    ],
)
def test_what_is_no_part_of_a_list_is_a_sentence(served: Served, path: str, asked: dict[str, str], said: str) -> None:
    answered = served.get(path, **asked)
    assert (answered.status, said in answered.text) == (400, True)


def test_the_api_says_what_its_lists_have(served: Served) -> None:
    told = served.get("api/v1/openapi.json")
    assert told.status == 200
    paths = told.json()["paths"]
    assert {"seeds", "targets", "marks", "runs", "hosts"} <= {path.rpartition("/")[2] for path in paths}
    assert {"host", "state", "until", "why"} <= set(told.json()["components"]["schemas"]["HostsRow"]["properties"])


def test_the_run_and_its_statistics_are_shown(served: Served) -> None:
    (run,) = served.get("api/v1/runs").json()["rows"]
    assert (run["state"], run["pages"] > 100, run["new_links"] > 100) == ("finished", True, True)
    said = main_of(served.get(f"crawls/{run['crawl_id']}").text)
    assert "finished" in said
    assert "recorded/pages" in said
    assert [served.get(f"crawls/{crawl}").status for crawl in ("99", "0", "x", 2**63)] == [404, 400, 400, 400]


def test_visits_of_the_last_day_are_counted_by_outcome(served: Served) -> None:
    rows = LexborHTMLParser(served.get("crawls").text).css("main table")
    (visits,) = [table for table in rows if "Visits" in table.css("caption")[0].text()]
    assert "ok" in visits.text()


def test_seeds_come_page_by_page_each_once(database: Database, serve: Callable[..., Served]) -> None:
    for number in range(7):
        add_seed(database, f"http://{number}.test/")
    served, seen, after = serve(database), [], None
    for _ in range(5):
        answer = served.get("api/v1/seeds", limit=3, **({"after": after} if after else {})).json()
        seen += [row["url"] for row in answer["rows"]]
        after = answer["next"]
        if after is None:
            break
    assert seen == [f"http://{number}.test/" for number in reversed(range(7))]
    assert [row["url"] for row in served.get("api/v1/seeds", domain="3.test").json()["rows"]] == ["http://3.test/"]
    lines = served.get("seeds.csv").text.splitlines()
    assert [row["url"] for row in csv.DictReader(lines)] == seen


def test_pages_of_a_seed_are_counted_to_a_limit_and_a_download_has_them_all(
    database: Database, serve: Callable[..., Served]
) -> None:
    add_seed(database, "http://read.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://read.test/", found=[page_found(f"http://read.test/{n}") for n in range(30)])
        for number in range(20):
            worker.read(f"http://read.test/{number}")
    served = serve(database)
    assert json.loads(served.get("seeds.jsonl").text)["pages_visited"] == 21
    (row,) = served.get("api/v1/seeds").json()["rows"]
    assert (row["pages_known"], row["pages_visited"], row["more_visited"]) == (31, 21, False)
    with database.connect() as connection:
        (few,) = lists.seeds(connection, Wanted(limit=1_000)).rows  # 5 of its pages are looked at
    assert few["pages_visited"] <= 5
    assert few["more_visited"]
    assert "5+" in main_of(served.get("seeds", limit="1000").text) or few["pages_visited"] < 5


def test_hosts_say_what_they_do_and_why(database: Database, serve: Callable[..., Served]) -> None:
    names = ("work.test", "rests.test", "asked.test", "held.test", "due.test", "later.test", "out.test")
    for name in names:
        add_seed(database, f"http://{name}/")
    with Worker(database) as worker, database.connect(autocommit=True) as connection:
        hosts = worker.claim()
        worker.read("http://later.test/")
        worker.release(*(hosts[name] for name in names if name != "work.test"))
        for name, change in (
            ("rests.test", "rests_until = now() + interval '1 hour'"),
            ("asked.test", "rests_until = now() + interval '1 hour', back_offs = 2"),
            ("held.test", "line = 'domain held.test', held_priority = 3, held_until = now() + interval '1 hour'"),
            ("out.test", "opted_out = TRUE"),
        ):
            connection.execute(
                f"UPDATE crawled_hosts SET {change} WHERE host_id = (SELECT id FROM hosts WHERE name = %s)".encode(),
                [name],
            )
        served = serve(database)
        rows = {row["host"]: row for row in served.get("api/v1/hosts").json()["rows"]}
        assert {name: (row["state"], row["why"]) for name, row in rows.items()} == {
            "work.test": ("in_work", None),
            "rests.test": ("resting", "it could not be reached"),
            "asked.test": ("resting", "it asked for that"),
            "held.test": ("held_back", "bound of the domain held.test"),
            "due.test": ("due", None),
            "later.test": ("not_due", None),
            "out.test": ("opted_out", None),
        }
        assert rows["work.test"]["crawl_id"] == worker.crawl_id
        assert (rows["later.test"]["outcome"], rows["later.test"]["http_code"]) == ("ok", 200)
        for state in {row["state"] for row in rows.values()}:
            found = {row["host"] for row in served.get("api/v1/hosts", state=state).json()["rows"]}
            assert found == {name for name, row in rows.items() if row["state"] == state}
        assert [row["host"] for row in served.get("api/v1/hosts", domain="www.due.test").json()["rows"]] == ["due.test"]


def test_a_host_has_a_page_with_what_its_robots_txt_says(database: Database, serve: Callable[..., Served]) -> None:
    for name in ("rules.test", "silent.test", "none.test", "unasked.test"):
        add_seed(database, f"http://{name}/")
    with database.connect(autocommit=True) as connection:
        for name, code, body in (
            ("rules.test", 200, f"User-agent: *\nDisallow: /\nCrawl-delay: 7\n# {HOSTILE}"),
            ("silent.test", 503, None),
            ("none.test", 404, None),
        ):
            connection.execute(
                "INSERT INTO robots (host_id, fetched_at, http_code, body) SELECT id, now(), %s, %s FROM hosts WHERE name = %s",
                [code, body, name],
            )
    served = serve(database)
    said = {name: served.get("host", name=f"{name}.test").text for name in ("rules", "silent", "none", "unasked")}
    assert "It forbids the first page." in said["rules"]
    assert "It asks for 7 s between two requests." in said["rules"]
    assert "<script>alert" not in said["rules"]
    assert "\u202e" not in said["rules"]
    assert "nothing of the host is visited" in said["silent"]
    assert "everything may be visited" in said["none"]
    assert "It has not been asked for yet" in said["unasked"]
    assert served.get("host", name="nobody.test").status == 404


def test_words_of_others_are_shown_and_nothing_else(database: Database, serve: Callable[..., Served]) -> None:
    add_seed(database, "http://from.test/%3Cscript%3E?q='\"")
    with database.connect(autocommit=True) as connection:
        connection.execute("INSERT INTO sources (worker, name) VALUES (gen_random_uuid(), %s)", [HOSTILE])
        connection.execute(
            "INSERT INTO mark_events (domain, mark, note, marked_by, in_force) VALUES ('from.test', 1, %s, %s, TRUE)",
            [HOSTILE, HOSTILE],
        )
        connection.execute(
            "INSERT INTO targets (domain_id, mode, values, brands) SELECT id, 'domain', ARRAY[name], ARRAY[%s] FROM domains",
            [HOSTILE],
        )
        connection.execute("UPDATE pages SET last_visited = now(), outcome = 3, reason = %s", [HOSTILE])
    served = serve(database)
    for path in (*PATHS, "crawls/1", "host?name=from.test"):
        text = served.send("GET", f"/{path}").text
        assert "alert(1)" in text or path in {"seeds", "host?name=from.test"}
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "49" not in main_of(text).split()


def test_no_list_reads_more_of_the_frontier_than_it_shows(connection: psycopg.Connection) -> None:
    connection.execute(CROWD)
    connection.execute(
        "INSERT INTO sources (worker, name) SELECT gen_random_uuid(), 'kept seeds' FROM generate_series(1, 900)"
    )
    connection.execute(
        "INSERT INTO mark_events (domain, mark, marked_by, in_force) "
        "SELECT 'd' || n || '.test', 1 + (n % 1000 = 0)::int, 'x', TRUE FROM generate_series(1, 2000) AS n"
    )
    connection.execute("ANALYZE")
    for read, wanted in (
        (lists.seeds, Wanted(20)),
        (lists.seeds, Wanted(20, "1500")),
        (lists.seeds, Wanted(20, domain="h7.test")),
        (lists.targets, Wanted(20)),
        (lists.marks, Wanted(20)),
        (lists.marks, Wanted(20, mark="won")),
        (lists.runs, Wanted(20)),
        (lists.hosts, Wanted(20)),
        (lists.hosts, Wanted(20, "1500")),
        (lists.hosts, Wanted(20, domain="h7.test")),
    ):
        found = rows_read(connection, lambda read=read, wanted=wanted: read(connection, wanted))
        assert max(found.values()) <= 120, (read, wanted, found)
    assert len(lists.hosts(connection, Wanted(20)).rows) == 20


def rows_read(connection: psycopg.Connection, ask: Callable[[], Any]) -> dict[str, int]:
    """By table, as the server counts them: rows that scans of it or of its indexes gave."""
    tables = ("queue_hosts", "crawled_hosts", "pages", "seed_pages", "seeds", "hosts", "mark_events", "sources", "urls")
    count = (
        "SELECT c.relname, pg_stat_get_xact_tuples_returned(c.oid) + coalesce((SELECT "
        "sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index AS i WHERE i.indrelid = c.oid), 0) "
        "FROM pg_class AS c WHERE c.relname = ANY(%s)"
    )
    with connection.transaction():
        before = dict(connection.execute(count, [list(tables)]).fetchall())
        ask()
        after = dict(connection.execute(count, [list(tables)]).fetchall())
    return {name: int(after[name] - before[name]) for name in tables}


def test_what_is_due_is_counted_to_smaller_limits_for_a_page(connection: psycopg.Connection) -> None:
    connection.execute(CROWD)
    status, _ = status_at_a_glance(connection, "36 hours")
    assert (status.hosts_due, status.pages_due) == (1000, 1000)
    assert [(each["kind"], each["hosts"]) for each in status.held] == [("domain", 1000)]
