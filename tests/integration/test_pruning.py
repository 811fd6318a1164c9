"""Old visits and old lost links are taken, and what is left is as it was."""

from __future__ import annotations

import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.model import Outcome
from backlink_crawler.store import pruning
from backlink_crawler.store.checking import check
from backlink_crawler.store.pruning import PrunedLinks, prune_links
from tests.integration.small_index import SmallIndex, play
from tests.integration.test_cli import sentence
from tests.integration.test_upkeep import partitions, visited
from tests.integration.worker import link

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database
    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks


def make_month(connection: psycopg.Connection[Any], start: str, end: str) -> None:
    name = f"visits_{start[:7].replace('-', '_')}"
    connection.execute(f"CREATE TABLE {name} PARTITION OF visits FOR VALUES FROM ('{start}') TO ('{end}')".encode())


def test_prune_drops_whole_months_and_what_had_none(
    backlinks: Backlinks, database: Database, connection: psycopg.Connection[Any]
) -> None:
    make_month(connection, "2020-01-01", "2020-02-01")
    make_month(connection, "2020-12-01", "2021-01-01")
    visited(connection, "2020-01-31 23:59:59+00", "2020-12-01 00:00+00", "2019-07-01 00:00+00", "2020-03-01 00:00+00")
    visited(connection, "now")
    ran = backlinks("db", "prune", "--visits-older-than", "12mo", database=database)
    assert (ran.code, ran.err) == (0, "")
    assert re.sub(r"[\d.]+ MiB", "N MiB", ran.out).splitlines() == [
        "dropped visits_2020_01: N MiB",
        "dropped visits_2020_12: N MiB",
        "deleted 2 visits of months that had no partition of their own",
    ]
    assert connection.execute("SELECT count(*) FROM visits").fetchone() == (1,)
    ran = backlinks("db", "prune", "--visits-older-than", "12mo", database=database)
    assert (ran.code, ran.out) == (0, "no month of visits ended more than 12mo ago\n")


def test_a_month_that_is_only_partly_older_stays(database: Database, connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET timezone = 'UTC'")
    this: date = connection.execute("SELECT date_trunc('month', now())::date").fetchone()[0]
    days = connection.execute(
        "SELECT ceil(extract(EPOCH FROM now() - date_trunc('month', now())) / 86400)::int"
    ).fetchone()[0]
    before = date(this.year - (this.month == 1), (this.month - 2) % 12 + 1, 1)
    make_month(connection, str(before), str(this))
    assert pruning.prune_visits(database, f"{days} days").dropped == []
    if days > 2:
        assert [month.name for month in pruning.prune_visits(database, f"{days - 1} days").dropped] == [
            f"visits_{before:%Y_%m}"
        ]


@pytest.mark.parametrize("age", ["", "12", "mo", "0d", "-3mo", "1y", "12 mo", "all"])
def test_an_age_that_is_none_is_exit_code_2(backlinks: Backlinks, database: Database, age: str) -> None:
    said = sentence(backlinks("db", "prune", f"--visits-older-than={age}", database=database), 2)
    assert said == f"{age!r} is not a period; write 36h, 7d, 2w or 12mo."


def test_prune_keeps_the_last_day_and_wants_an_age(backlinks: Backlinks, database: Database) -> None:
    said = sentence(backlinks("db", "prune", "--visits-older-than", "23h", database=database), 2)
    assert said == "the visits of the last day are kept: `backlinks status` reads them."
    assert backlinks("db", "prune", database=database).code == 2


def test_prune_gives_up_behind_a_long_reader_and_drops_nothing(
    database: Database, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, backlinks: Backlinks
) -> None:
    monkeypatch.setattr(pruning, "_LOCK_TIMEOUT", "100ms")
    make_month(connection, "2020-01-01", "2020-02-01")
    with database.connect() as reader:
        reader.execute("SELECT count(*) FROM visits")
        said = sentence(backlinks("db", "prune", "--visits-older-than", "12mo", database=database), 3)
    assert "is busy: visits are read or written" in said
    assert "2020_01" in partitions(connection)


def long_ago(database: Database, days: int = 500) -> None:
    """All that was learnt so far was learnt so long ago."""
    with database.connect() as connection:
        connection.execute("UPDATE batches SET recorded_at = recorded_at - %s * interval '1 day'", [days])


COUNTS = ("links", "link_events", "domain_edges", "edge_events", "urls", "hosts", "domains")


def counts(database: Database) -> dict[str, int]:
    with database.connect() as connection:
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone() for name in COUNTS}
        return {name: row[0] for name, row in rows.items() if row}


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(query.encode()).fetchall()


DAYS = "SELECT domain_to, day, new_links, lost_links, new_refdomains, lost_refdomains FROM new_lost_daily ORDER BY 1, 2"


def test_a_lost_link_goes_with_its_history_and_all_that_was_there_for_it(database: Database) -> None:
    with SmallIndex(database) as index:
        stays = link("http://stays.test/", "Stays")
        index.read(1, "http://from.test/", stays, link("http://gone.test/x", "1"), link("http://gone.test/y", "2"))
        for day in (2, 3):
            index.read(day, "http://from.test/", stays)
        long_ago(database)
        days = rows(database, DAYS)
        assert prune_links(database, "400 days") == PrunedLinks(links=2, events=4, edges=1, urls=2, hosts=1, domains=0)
    assert rows(database, "SELECT domain_from, domain_to, links FROM referring_domains") == [
        ("from.test", "stays.test", 1)
    ]
    assert rows(database, "SELECT url FROM urls ORDER BY url") == [("http://from.test/",), ("http://stays.test/",)]
    assert rows(database, "SELECT count(*) FROM edge_events") == [(0,)]
    assert rows(database, "SELECT domain_to FROM target_overview") == [("stays.test",)]
    assert rows(database, DAYS) == days  # history stays as it was told
    assert len(days) == 2
    assert list(check(database)) == []


def test_what_was_lost_later_and_what_is_only_missing_stays(database: Database) -> None:
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", link("http://to.test/", "1"), link("http://to.test/", "2"))
        index.read(2, "http://from.test/", link("http://to.test/", "2"))
        index.read(3, "http://from.test/")  # the first is lost, the second missing
        long_ago(database)
        index.read(4, "http://from.test/")
        index.read(5, "http://once.test/", link("http://to.test/", "3"))
        index.read(6, "http://once.test/")
    assert prune_links(database, "400 days")[:3] == (1, 2, 0)
    assert rows(database, "SELECT anchor, status FROM backlinks ORDER BY anchor") == [("2", "lost"), ("3", "missing")]
    assert rows(database, "SELECT lost_links, missing_links FROM target_overview") == [(1, 1)]
    assert list(check(database)) == []


def test_first_seen_of_a_domain_is_remembered_longer_than_its_links(database: Database) -> None:
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", link("http://to.test/", "Old"))
        for day in (2, 3):
            index.read(
                day,
                "http://from.test/",
                link("http://to.test/", "New", link_type=link("http://x.test/").link_type),
                link("http://to.test/two", "Two"),
            )
        long_ago(database)
    first = rows(database, "SELECT first_seen FROM referring_domains")
    prune_links(database, "400 days")
    assert rows(database, "SELECT first_seen FROM referring_domains") == first
    assert list(check(database)) == []


def test_urls_that_something_refers_to_stay(database: Database) -> None:
    with SmallIndex(database) as index:
        index.page("http://page.test/")
        index.read(1, "http://from.test/", *(link(f"http://{name}.test/") for name in ("seed", "moved", "nobody")))
    with database.connect() as connection:
        connection.execute("DELETE FROM link_events")
        connection.execute("DELETE FROM links")
        for table in ("domain_edges", "edge_events", "domain_totals", "daily_changes"):
            connection.execute(f"DELETE FROM {table}".encode())
        connection.execute(
            "INSERT INTO seeds (queue_id, url_id, domain_id, scope) SELECT 1, u.id, h.domain_id, 'host' FROM urls AS u "
            "INNER JOIN hosts AS h ON u.host_id = h.id WHERE u.url = 'http://seed.test/'"
        )
        connection.execute("UPDATE pages SET moved_to_id = (SELECT id FROM urls WHERE url = 'http://moved.test/')")
    assert prune_links(database, "400 days") == PrunedLinks(0, 0, 0, urls=1, hosts=1, domains=1)
    assert [name for (name,) in rows(database, "SELECT name FROM domains ORDER BY name")] == [
        *("from.test", "moved.test", "page.test", "seed.test"),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_random_index_is_right_after_a_prune_and_goes_on(database: Database, seed: int) -> None:
    with SmallIndex(database) as index:
        play(index, seed)
        long_ago(database)
        play(index, seed + 100, start=100)
        before = counts(database)
        taken = prune_links(database, "400 days")
        after = counts(database)
        assert taken.links > 0
        assert {name: before[name] - after[name] for name in ("links", "link_events", "domain_edges", "urls")} == {
            "links": taken.links,
            "link_events": taken.events,
            "domain_edges": taken.edges,
            "urls": taken.urls,
        }
        assert [str(difference) for difference in check(database)] == []
        assert prune_links(database, "400 days") == PrunedLinks(0, 0, 0, 0, 0, 0)
        play(index, seed + 200, start=200)
    assert [str(difference) for difference in check(database)] == []


@pytest.mark.parametrize("step", ["delete_edges", "update_totals", "unused_urls", "delete_hosts"])
def test_killed_anywhere_the_next_run_takes_the_rest(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(pruning, "LINKS_AT_ONCE", 3)
    monkeypatch.setattr(pruning, "KEYS_AT_ONCE", 4)
    with SmallIndex(database) as index:
        play(index, 5)
        index.read(99, "http://one.test/1", *(link(f"http://gone{number}.test/") for number in range(9)))
        for day in (100, 101):
            index.read(day, "http://one.test/1", outcome=Outcome.GONE, http_code=404)
    long_ago(database)
    whole = server.copy(database)
    prune_links(whole, "400 days")
    kill = "SELECT pg_terminate_backend(pg_backend_pid())"
    with monkeypatch.context() as patch:
        calls: list[int] = []

        class Killing(dict):  # type: ignore[type-arg]
            def __getitem__(self, name: str) -> str:
                if name == step:
                    calls.append(1)
                return kill if name == step and len(calls) == 2 else super().__getitem__(name)

        patch.setattr(pruning, "_SQL", Killing(pruning._SQL))
        with pytest.raises(DatabaseUnavailable):
            prune_links(database, "400 days")
    assert list(check(database)) == []
    prune_links(database, "400 days")
    assert counts(database) == counts(whole)
    assert list(check(database)) == []
    server.drop(whole)


def test_crawls_go_on_beside_it_and_refer_to_nothing_that_is_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links go and come back, to the same URLs, as fast as they are pruned."""
    monkeypatch.setattr(pruning, "LINKS_AT_ONCE", 5)
    monkeypatch.setattr(pruning, "KEYS_AT_ONCE", 5)
    shown = [link(f"http://to{number % 3}.test/{number}", "x") for number in range(12)]

    enough = threading.Event()

    def crawl(index: SmallIndex) -> None:
        for day in itertools.takewhile(lambda _: not enough.is_set(), range(1, 20_000)):
            index.read(day, "http://from.test/", *(shown if day % 3 == 1 else []))
            long_ago(database)

    with ThreadPoolExecutor() as threads, SmallIndex(database) as index:
        crawling = threads.submit(crawl, index)
        taken = 0
        while taken <= 24 and not crawling.done():
            taken += prune_links(database, "400 days").links
        enough.set()
        crawling.result()
    assert taken > 24
    assert rows(
        database, "SELECT count(*) FROM links AS l WHERE NOT EXISTS (SELECT 1 FROM urls WHERE id = url_to_id)"
    ) == [(0,)]
    assert [str(difference) for difference in check(database)] == []


def test_the_command_says_what_it_took(backlinks: Backlinks, database: Database) -> None:
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", link("http://gone.test/"))
        for day in (2, 3):
            index.read(day, "http://from.test/")
    long_ago(database)
    ran = backlinks("db", "prune", "--lost-before", "400d", "--visits-older-than", "12mo", database=database)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "deleted 1 lost link with 2 events, 1 domain edge, 1 URL, 1 host and 0 domains that nothing referred to",
        "no month of visits ended more than 12mo ago",
    ]
    ran = backlinks("db", "prune", "--lost-before", "400d", database=database)
    assert ran.out == "no link was lost more than 400d ago\n"
    said = sentence(backlinks("db", "prune", "--lost-before", "23h", database=database), 2)
    assert said == "links that were lost in the last day are kept."
