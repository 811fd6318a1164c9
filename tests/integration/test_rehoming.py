"""A newer Public Suffix List puts hosts under other domains: all is then as if the index had been made with it."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.cli import db
from backlink_crawler.errors import DatabaseUnavailable
from backlink_crawler.store import preparing, rehoming
from backlink_crawler.store.checking import check
from backlink_crawler.store.database import Database
from backlink_crawler.store.rehoming import Rehomed, rehome
from backlink_crawler.store.running import ADVISORY_LOCK
from backlink_crawler.urls import normalise
from backlink_crawler.urls.domains import suffix_list_version
from tests.integration import worker
from tests.integration.small_index import SmallIndex, play
from tests.integration.worker import link, url

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.conftest import Server
    from tests.integration.test_cli import Backlinks


def by_list(*suffixes: str) -> Callable[[str], str]:
    """domain_of by a list with these suffixes beside the top-level domains."""

    def domain_of(host: str) -> str:
        labels = host.split(".")
        for start in range(len(labels)):
            if ".".join(labels[start:]) in {*suffixes, labels[-1]}:
                return ".".join(labels[max(start - 1, 0) :])
        return host

    return domain_of


OLD, NEW = by_list("city.test"), by_list("hosting.test")  # the new one splits hosting.test and merges city.test


def test_the_lists_of_these_tests() -> None:
    assert [OLD(host) for host in ("www.one.test", "www.ann.hosting.test", "a.b.city.test", "city.test")] == [
        *("one.test", "hosting.test", "b.city.test", "city.test"),
    ]
    assert [NEW(host) for host in ("www.one.test", "www.ann.hosting.test", "a.b.city.test", "hosting.test")] == [
        *("one.test", "ann.hosting.test", "city.test", "hosting.test"),
    ]


@pytest.fixture
def old_list(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, OLD, "old")


def use(monkeypatch: pytest.MonkeyPatch, domain_of: Callable[[str], str], version: str) -> None:
    monkeypatch.setattr(normalise, "domain_of", domain_of)
    monkeypatch.setattr(worker.NORMALISE, "_normalised", worker.NORMALISE._normalise)  # nothing remembered
    monkeypatch.setattr(rehoming, "domain_of", domain_of)
    monkeypatch.setattr(rehoming, "suffix_list_version", lambda: version)


# Whatever is kept, by names. Times to the minute: a crawl's clock is set by the database's.
KEPT = {
    "links": """
        SELECT uf.url, ut.url, df.name, dt.name, l.batch_id, l.status, l.anchor, l.lost_batch_id
        FROM links AS l INNER JOIN urls AS uf ON l.page_id = uf.id INNER JOIN urls AS ut ON l.url_to_id = ut.id
        INNER JOIN domains AS df ON l.domain_from_id = df.id INNER JOIN domains AS dt ON l.domain_to_id = dt.id""",
    "link_events": """
        SELECT uf.url, ut.url, dt.name, e.batch_id, e.kind, e.before, e.after
        FROM link_events AS e INNER JOIN links AS l ON e.link_id = l.id
        INNER JOIN urls AS uf ON e.page_id = uf.id INNER JOIN urls AS ut ON l.url_to_id = ut.id
        INNER JOIN domains AS dt ON e.domain_to_id = dt.id""",
    "domain_edges": """
        SELECT
            df.name, dt.name, e.batch_id, e.links, e.dofollow_links, e.refpages, e.pages_to, e.status,
            date_trunc('minute', e.first_seen + interval '10s'), date_trunc('minute', e.absent_since + interval '10s')
        FROM domain_edges AS e
        INNER JOIN domains AS df ON e.domain_from_id = df.id INNER JOIN domains AS dt ON e.domain_to_id = dt.id""",
    "edge_events": """
        SELECT df.name, dt.name, e.batch_id, e.kind FROM edge_events AS e
        INNER JOIN domains AS df ON e.domain_from_id = df.id INNER JOIN domains AS dt ON e.domain_to_id = dt.id""",
    "domain_totals": """
        SELECT
            d.name, t.backlinks, t.dofollow_links, t.nofollow_links, t.sponsored_links, t.ugc_links, t.refpages,
            t.unverified_links, t.missing_links, t.lost_links, date_trunc('minute', t.first_seen + interval '10s')
        FROM domain_totals AS t INNER JOIN domains AS d ON t.domain_id = d.id""",
    "daily_changes": """
        SELECT
            d.name, t.new_links, t.lost_links, t.restored_links, t.new_refdomains, t.lost_refdomains,
            t.restored_refdomains
        FROM daily_changes AS t INNER JOIN domains AS d ON t.domain_to_id = d.id""",
    "domain_coverage": """
        SELECT d.name, c.pages_known, c.pages_visited FROM domain_coverage AS c
        INNER JOIN domains AS d ON c.domain_id = d.id""",
}


def kept(database: Database) -> dict[str, list[str]]:
    with database.connect() as connection:
        return {table: sorted(str(row) for row in connection.execute(query.encode())) for table, query in KEPT.items()}


@pytest.mark.parametrize("seed", range(6))
def test_all_is_as_if_the_index_had_been_made_with_the_new_list(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    use(monkeypatch, OLD, "old")
    with SmallIndex(database) as index:
        play(index, seed, lists=[OLD])
    use(monkeypatch, NEW, "new")
    monkeypatch.setattr(rehoming, "HOSTS_AT_ONCE", 1 + seed % 3)
    assert rehome(database).links > 0
    assert [str(difference) for difference in check(database)] == []
    made = server.copy()
    with SmallIndex(made) as index:
        play(index, seed, lists=[OLD, NEW])
    here, there = kept(database), kept(made)
    for table in KEPT:
        assert here[table] == there[table], table
    server.drop(made)


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Made with the old list; the new one is in force."""
    use(monkeypatch, OLD, "old")
    rehome(database)
    with SmallIndex(database) as index:
        play(index, 7, lists=[OLD])
    use(monkeypatch, NEW, "new")
    return database


def list_of(database: Database) -> str | None:
    with database.connect() as connection:
        return rehoming.list_of(connection)


@pytest.mark.parametrize("batches", [1, 3, 5])
def test_killed_in_the_middle_every_sum_is_right_and_the_next_run_goes_on(
    server: Server, filled: Database, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    whole = server.copy(filled)
    rehome(whole)
    monkeypatch.setattr(rehoming, "HOSTS_AT_ONCE", 1)
    move_batch, done = rehoming._move_batch, []

    def killed(connection: psycopg.Connection) -> Rehomed | None:
        if len(done) == batches:
            with filled.connect() as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        done.append(1)
        return move_batch(connection)

    monkeypatch.setattr(rehoming, "_move_batch", killed)
    with pytest.raises(DatabaseUnavailable):
        rehome(filled)
    assert list(check(filled)) == []
    assert list_of(filled) == "old"
    monkeypatch.setattr(rehoming, "_move_batch", move_batch)
    rehome(filled)
    assert list_of(filled) == "new"
    assert list(check(filled)) == []
    assert kept(filled) == kept(whole)
    server.drop(whole)


def test_a_batch_that_fails_inside_leaves_nothing_behind(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(filled)
    monkeypatch.setattr(rehoming, "_move_pages", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rehome(filled)
    assert kept(filled) == before
    assert list_of(filled) == "old"


def test_it_happens_once_and_only_when_the_lists_differ(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rehome(filled).hosts == 5
    monkeypatch.setattr(rehoming, "_find_moves", lambda *_: 1 / 0)  # is not even looked for
    assert rehome(filled) == Rehomed()


def test_what_stays_inside_a_domain_is_gone_with_its_history(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OLD, "old")
    with SmallIndex(database) as index:
        index.read(1, "http://a.b.city.test/", link("http://www.c.city.test/"), link("http://one.test/"))
        for day in (2, 3):
            index.read(day, "http://a.b.city.test/", link("http://one.test/"))
    use(monkeypatch, NEW, "new")
    assert rehome(database) == Rehomed(hosts=2, links=1, internal=1)
    with database.connect() as connection:
        assert connection.execute("SELECT domain_from, domain_to FROM backlinks").fetchall() == [
            ("city.test", "one.test")
        ]
        assert connection.execute("SELECT count(*) FROM link_events").fetchone() == (0,)
        days = "SELECT domain_to, new_links, lost_links, new_refdomains, lost_refdomains FROM new_lost_daily"
        assert connection.execute(days).fetchall() == [("one.test", 1, 0, 1, 0)]
        assert connection.execute("SELECT domain_to FROM target_overview").fetchall() == [("one.test",)]


def test_pages_whose_links_may_leave_their_domain_only_now_are_read_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OLD, "old")
    with SmallIndex(database) as index:
        for host in ("ann.hosting.test", "hosting.test", "one.test"):
            index.read(1, f"http://{host}/", link("http://two.test/"))
        use(monkeypatch, NEW, "new")
        rehome(database)
        with database.connect() as connection:
            known = """
                SELECT h.name, p.links_digest IS NULL, p.found_digest IS NULL FROM pages AS p
                INNER JOIN hosts AS h ON p.host_id = h.id ORDER BY h.name"""
            assert connection.execute(known).fetchall() == [
                *(("ann.hosting.test", True, True), ("hosting.test", True, True), ("one.test", False, False)),
            ]
        index.read(2, "http://hosting.test/", link("http://two.test/"), link("http://ann.hosting.test/"))
    with database.connect() as connection:
        found = "SELECT domain_from, domain_to FROM backlinks WHERE domain_to = 'ann.hosting.test'"
        assert connection.execute(found).fetchall() == [("hosting.test", "ann.hosting.test")]
    assert list(check(database)) == []


def named(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def add_seed(database: Database, address: str, root_id: int | None, scope: str = "domain") -> None:
    with SmallIndex(database) as index:
        page = index.page(address)
    with database.connect() as connection:
        connection.execute(
            "WITH made AS (INSERT INTO seeds (queue_id, url_id, domain_id, root_id, scope, pages_known) "
            "SELECT 1, u.id, h.domain_id, %s, %s, 1 FROM urls AS u INNER JOIN hosts AS h ON u.host_id = h.id "
            "WHERE u.id = %s RETURNING id) INSERT INTO seed_pages (page_id, seed_id, depth) SELECT %s, id, 0 FROM made",
            [root_id, scope, page.page_id, page.page_id],
        )


SEEDS = """
SELECT s.id, d.name, s.pages_known, array_agg(u.url ORDER BY u.url) FILTER (WHERE u.url IS NOT NULL) FROM seeds AS s
INNER JOIN domains AS d ON s.domain_id = d.id LEFT JOIN seed_pages AS sp ON s.id = sp.seed_id
LEFT JOIN urls AS u ON sp.page_id = u.id GROUP BY s.id, d.name ORDER BY s.id"""


def test_of_seeds_that_hops_have_made_of_what_is_one_domain_now_the_oldest_has_all_pages(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OLD, "old")
    add_seed(database, "http://root.test/", None)
    for address in ("http://a.b.city.test/", "http://c.city.test/", "http://city.test/"):
        add_seed(database, address, 1)
    add_seed(database, "http://b.city.test/named", None)
    use(monkeypatch, NEW, "new")
    rehome(database)
    city = ["http://a.b.city.test/", "http://c.city.test/", "http://city.test/"]
    assert named(database, SEEDS) == [
        (1, "root.test", 1, ["http://root.test/"]),
        (2, "city.test", 3, city),
        (5, "city.test", 1, ["http://b.city.test/named"]),
    ]
    assert list(check(database)) == []


def test_a_seed_of_a_whole_domain_leaves_the_pages_that_are_no_longer_on_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OLD, "old")
    add_seed(database, "http://hosting.test/", None)
    add_seed(database, "http://ann.hosting.test/", None, scope="host")
    with database.connect() as connection:
        connection.execute("INSERT INTO seed_pages SELECT page_id, 1, 1 FROM seed_pages WHERE seed_id = 2")
        connection.execute("UPDATE seeds SET pages_known = 2 WHERE id = 1")
    use(monkeypatch, NEW, "new")
    rehome(database)
    assert named(database, SEEDS) == [
        (1, "hosting.test", 1, ["http://hosting.test/"]),
        (2, "ann.hosting.test", 1, ["http://ann.hosting.test/"]),
    ]


def test_a_watched_domain_that_is_a_host_by_now_is_watched_as_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, OLD, "old")
    rehome(database)
    with database.connect() as connection:
        for mode, value in [
            *(("domain", "b.city.test"), ("domain", "hosting.test"), ("subdomains", "ann.hosting.test")),
            *(("exact", "https://ann.hosting.test/x"), ("domain", "one.test")),
        ]:
            domain = OLD(url(value if "/" in value else f"http://{value}/").host)
            connection.execute("INSERT INTO domains (name) VALUES (%s) ON CONFLICT DO NOTHING", [domain])
            connection.execute(
                "INSERT INTO targets (domain_id, mode, values) SELECT id, %s, %s FROM domains WHERE name = %s",
                [mode, [value], domain],
            )
    use(monkeypatch, NEW, "new")
    rehome(database)
    targets = "SELECT t.mode, t.values[1], d.name FROM targets AS t INNER JOIN domains AS d ON t.domain_id = d.id ORDER BY t.id"
    assert named(database, targets) == [
        ("subdomains", "b.city.test", "city.test"),
        ("domain", "hosting.test", "hosting.test"),
        ("subdomains", "ann.hosting.test", "ann.hosting.test"),
        ("exact", "https://ann.hosting.test/x", "ann.hosting.test"),
        ("domain", "one.test", "one.test"),
    ]


def test_crawls_with_another_list_leave_word_for_the_next_upgrade(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, OLD, "old")
    preparing.prepare(database)
    assert "run `backlinks db upgrade`" in caplog.text
    assert list_of(database) == "several"
    assert rehome(database) == Rehomed()
    assert list_of(database) == "old"
    use(monkeypatch, NEW, "new")
    preparing.prepare(Database(database.dsn, is_embedded=True))  # which is upgraded by itself
    assert list_of(database) == "new"


def test_re_homing_waits_for_crawls_that_run(filled: Database) -> None:
    with ThreadPoolExecutor() as threads, filled.connect(autocommit=True) as crawl:
        crawl.execute("SELECT pg_advisory_lock_shared(%s)", [ADVISORY_LOCK])
        moving = threads.submit(rehome, filled)
        time.sleep(0.3)
        assert not moving.done()
        crawl.execute("SELECT pg_advisory_unlock_shared(%s)", [ADVISORY_LOCK])
        assert moving.result(30).hosts == 5


def test_upgrade_says_what_moved_and_status_which_lists_there_are(
    backlinks: Backlinks, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehoming, "suffix_list_version", suffix_list_version)
    ran = backlinks("db", "status", database=filled)
    shown = [line.split() for line in ran.out.splitlines()]
    assert ["public", "suffix", "list", suffix_list_version()] in shown
    assert ["suffix", "list", "of", "the", "index", "old"] in shown
    assert ran.err == "the index was made with another Public Suffix List: run `backlinks db upgrade`\n"
    ran = backlinks("db", "upgrade", database=filled)
    assert re.search(
        rf"by the Public Suffix List of {suffix_list_version()[:10]}, 5 hosts changed domain: \d+ links moved; "
        r"\d+ links inside one domain deleted\n",
        ran.out,
    )
    assert backlinks("db", "status", database=filled).err == ""


def test_status_warns_when_the_list_is_older_than_a_year(
    backlinks: Backlinks, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "suffix_list_version", lambda: "2024-01-31_00-00-00_UTC")
    said = backlinks("db", "status", database=database).err
    assert re.search(
        r"^this program's Public Suffix List is \d+ days old: run `pip install --upgrade publicsuffixlist`",
        said,
        re.MULTILINE,
    )
