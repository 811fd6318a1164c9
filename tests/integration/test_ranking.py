"""`backlinks rank`: from stored links to scores that questions show."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.rank import graph, harmonic, job, kernels, pagerank, rows, scale, trust
from backlink_crawler.rank.steps import authority, risk
from backlink_crawler.store import choosing
from backlink_crawler.store.authority import swap_ranks
from backlink_crawler.store.ranking import RankingRun
from backlink_crawler.store.running import ADVISORY_LOCK
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from backlink_crawler.store.database import Database
    from tests.integration.test_cli import Backlinks

# a and b link to shop.test, c to b; d links to shop.test without vouching for it. f = 1 ÷ 7.245 with five domains:
# shop.test has f + .85 f + .85 × 1.85 f.
SHOP_RATIO = 1 + 0.85 + 0.85 * 1.85
# Whatever started the tests: what a shell has put into the background is deaf to SIGINT.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from backlink_crawler.cli import main
main()
"""


@pytest.fixture
def index(database: Database) -> Iterator[SmallIndex]:
    with SmallIndex(database) as made:
        made.read(0, "http://a.test/", link("http://shop.test/", "shop"), link("http://shop.test/x", "again"))
        made.read(0, "http://b.test/", link("http://www.shop.test/", "shop"))
        made.read(0, "http://c.test/", link("http://b.test/", "b"))
        made.read(0, "http://d.test/", link("http://shop.test/", "shop", "nofollow"))
        yield made


def rank(database: Database) -> RankingRun:
    return job.rank(database, lambda _doing: None)


def scores(connection: psycopg.Connection, *columns: str) -> dict[str, Any]:
    query = f"SELECT domain, {', '.join(columns)} FROM domain_authority"
    return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in connection.execute(query.encode())}


def trusting(connection: psycopg.Connection, *domains: str) -> None:
    for domain in domains:
        connection.execute("INSERT INTO trust_seeds (domain) VALUES (%s)", [domain])


def test_every_domain_with_a_live_link_is_ranked(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    run = rank(database)
    assert scores(connection, "pagerank_ratio") == pytest.approx(
        {"a.test": 1, "b.test": 1.85, "c.test": 1, "d.test": 1, "shop.test": SHOP_RATIO}, rel=1e-3
    )
    assert scores(connection, "authority") == pytest.approx(
        {"a.test": 0, "b.test": 50.0, "c.test": 0, "d.test": 0, "shop.test": 100}, rel=1e-5
    )
    assert scores(connection, "authority_percentile", "harmonic", "follow_refdomains", "follow_domains_to") == {
        "a.test": (0, 0, 0, 1),
        "b.test": (60, 1, 1, 1),
        "c.test": (0, 0, 0, 1),
        "d.test": (0, 0, 0, 0),
        "shop.test": (80, 2.5, 2, 0),
    }
    assert sum(scores(connection, "pagerank").values()) == pytest.approx(1, abs=1e-3)
    assert run.figures["authority"]["edges"] == 3
    assert scores(connection, "run_id")["a.test"] == run.id


def test_the_plain_way_stores_the_same(
    index: SmallIndex, database: Database, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting(connection, "c.test")
    rank(database)
    for module in (authority, graph, harmonic, kernels, pagerank, risk, rows, scale, trust):
        monkeypatch.setattr(module, "np", None)
    assert rank(database).figures["authority"]["rows_changed"] == 0


def test_a_large_index_without_numpy_is_told_what_to_install(
    index: SmallIndex, database: Database, backlinks: Backlinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "np", None)
    monkeypatch.setattr(authority, "PLAIN_EDGES", 2)
    ran = backlinks("rank", database=database)
    assert ran.code == 1
    assert ran.err == (
        "backlinks: more than 2 domains link to each other: ranking so many takes "
        "`pip install 'backlink-crawler[rank]'` (NumPy and Numba).\n"
    )


def test_trust_is_the_share_that_comes_from_seeds(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    trusting(connection, "c.test", "unknown.test")
    rank(database)
    # b: .85 of 1.85 is c's; shop.test: .7225 of 3.4225
    assert scores(connection, "trust") == pytest.approx(
        {"a.test": 0, "b.test": 0.4595, "c.test": 1, "d.test": 0, "shop.test": 0.2111}, abs=1e-4
    )
    assert sum(scores(connection, "trustrank").values()) == pytest.approx(1, abs=1e-3)
    used = connection.execute("SELECT parameters -> 'authority' -> 'trust_seeds' FROM ranking_runs").fetchone()
    assert used
    # printf 'c.test\nunknown.test' | sha256sum
    assert used[0]["digest"] == "8bdfec77daca9032b6dd06d7bfee8afb47c82acf17a420ee001bc0aedfe0dba9"
    assert (used[0]["list"], used[0]["named"], used[0]["ranked"]) == ("yours", 2, 1)


def test_trust_is_not_known_where_no_seed_links(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    trusting(connection, "shop.test")
    rank(database)
    assert set(scores(connection, "trust").values()) == {None}


def test_an_empty_index_has_no_scores(database: Database, connection: psycopg.Connection) -> None:
    rank(database)
    assert scores(connection, "authority") == {}


def test_only_what_differs_is_written_and_what_became_another_number_is_remembered(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    first = rank(database)
    assert first.figures["authority"]["rows_changed"] == 5
    again = rank(database)
    assert again.figures["authority"]["rows_changed"] == 0
    for at in (1, 2):  # b no longer links: its link is missing, then lost
        index.read(at, "http://b.test/")
    last = rank(database)
    history = connection.execute("SELECT domain, run_id, authority FROM authority_history ORDER BY 1, 2").fetchall()
    # then b and shop.test are alike: each is linked to by one that nobody links to
    assert history == [("b.test", first.id, 50), ("b.test", last.id, 100), ("shop.test", first.id, 100)]


def test_a_domain_without_live_links_is_no_longer_ranked(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    first = rank(database)
    for at in (1, 2):
        index.read(at, "http://c.test/")
    last = rank(database)
    assert set(scores(connection, "authority")) == {"a.test", "b.test", "d.test", "shop.test"}
    rows = connection.execute("SELECT run_id, authority FROM authority_history WHERE domain = 'b.test'").fetchall()
    assert sorted(rows) == [(first.id, 50), (last.id, 0)]


def test_readers_see_the_old_scores_until_the_new_ones_are_complete(
    index: SmallIndex, database: Database, connection: psycopg.Connection
) -> None:
    rank(database)
    before = scores(connection, "authority")
    connection.execute("SET statement_timeout = '2s'")
    with database.connect() as writing:
        columns = [[2], [1], [1], [100.0], [50.0], None, [7.0], None]
        sent = b"".join(rows._packed(columns))
        assert swap_ranks(writing, RankingRun(99), [sent]) == 5
        assert scores(connection, "authority") == before
        writing.rollback()
        assert scores(connection, "authority") == before
        swap_ranks(writing, RankingRun(99), [sent])
        writing.commit()
    assert list(scores(connection, "pagerank_ratio").values()) == [7.0]


def test_the_second_of_two_at_once_says_so(index: SmallIndex, database: Database, backlinks: Backlinks) -> None:
    with database.connect(autocommit=True) as other:
        other.execute("INSERT INTO ranking_runs (version, started_at) VALUES ('1', '2026-03-01 02:03:04+00')")
        other.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK + 3])
        ran = backlinks("rank", database=database)
    assert ran.code == 1
    assert ran.err == (
        "backlinks: another `backlinks rank` has been running since 2026-03-01 02:03 UTC; wait until it has ended.\n"
    )


def test_ctrl_c_leaves_the_old_scores(index: SmallIndex, database: Database, connection: psycopg.Connection) -> None:
    rank(database)
    before = scores(connection, "authority", "run_id")
    index.read(1, "http://e.test/", link("http://a.test/", "a"))
    with database.connect() as other:
        other.execute("LOCK TABLE domain_ranks IN EXCLUSIVE MODE")  # so that it waits before it is done
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE, "rank"],
            env={"BACKLINKS_DATABASE_URL": database.dsn, "PATH": ""},
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'domain_ranks'::regclass"
        while connection.execute(waiting).fetchone() == (0,):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, "backlinks: interrupted; what is not done keeps its old scores.\n")
    assert scores(connection, "authority", "run_id") == before
    assert connection.execute("SELECT count(*) FROM ranking_runs WHERE finished_at IS NULL").fetchone() == (1,)
    rank(database)
    assert scores(connection, "authority")["a.test"] > 0


def test_questions_show_it(index: SmallIndex, database: Database, backlinks: Backlinks) -> None:
    assert backlinks("rank", database=database).out == (
        "ranked 5 domains by 3 follow edges; the scores of 5 have changed\n"
        "trust is not known: this index has no follow link of a trust seed (`backlinks trust list` shows them)\n"
        "classified 3 anchors of 2 domains; 2 links with a relevance\n"
        "link-scheme risk is not known: this index has too few domains that link out to tell what is usual\n"
    )
    ran = backlinks("refdomains", "shop.test", "--sort", "authority", "--format", "json", database=database)
    shown = [(row["domain_from"], row["authority"], row["trust"]) for row in json.loads(ran.out)]
    assert shown == [("b.test", 50.0, None), ("a.test", 0.0, None), ("d.test", 0.0, None)]
    ran = backlinks("refdomains", "shop.test", "--min-authority", 10, "--format", "json", database=database)
    assert [row["domain_from"] for row in json.loads(ran.out)] == ["b.test"]
    ran = backlinks("links", "shop.test", "--min-authority", 10, "--format", "json", database=database)
    assert [(row["url_from"], row["authority"]) for row in json.loads(ran.out)] == [("http://b.test/", 50.0)]
    ran = backlinks("refdomains", "http://www.shop.test/", "--format", "json", database=database)
    assert [(row["domain_from"], row["authority"]) for row in json.loads(ran.out)] == [("b.test", 50.0)]
    (totals,) = json.loads(backlinks("overview", "shop.test", "--format", "json", database=database).out)
    assert totals["authority"] == 100


@pytest.mark.parametrize("few", [0, 2000])
@pytest.mark.parametrize("filters", [(), ("--one-per-domain",), ("--status", "all"), ("--from", "b.test")])
def test_links_from_strong_domains_are_found_whichever_way(
    index: SmallIndex,
    database: Database,
    backlinks: Backlinks,
    few: int,
    filters: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """few: links that are looked up beforehand, at most."""
    monkeypatch.setattr(choosing, "FEW", few)
    rank(database)
    ran = backlinks("links", "shop.test", "--min-authority", 10, *filters, "--format", "json", database=database)
    assert [row["url_from"] for row in json.loads(ran.out)] == ["http://b.test/"]


def test_whoever_asks_for_authority_before_it_is_known_is_told(
    index: SmallIndex, database: Database, backlinks: Backlinks
) -> None:
    ran = backlinks("links", "shop.test", "--min-authority", 10, database=database)
    assert (ran.code, ran.err) == (
        1,
        "backlinks: the authority of no domain is known yet: `backlinks rank` computes it.\n",
    )


def test_trust_seeds_are_named_and_taken_back(database: Database, backlinks: Backlinks) -> None:
    listed = backlinks("trust", "list", "--format", "csv", database=database)
    assert "loc.gov,libraries and archives" in listed.out.splitlines()
    backlinks("trust", "add", "https://www.example.com/", "--note", "ours", database=database)
    assert backlinks("trust", "list", "--format", "csv", database=database).out.splitlines() == [
        "domain,note",
        "example.com,ours",
    ]
    assert backlinks("trust", "remove", "example.com", database=database).code == 0
    ran = backlinks("trust", "remove", "example.com", database=database)
    assert (ran.code, ran.err) == (
        2,
        "backlinks: example.com is no trust seed of yours; `backlinks trust list` shows what is.\n",
    )
