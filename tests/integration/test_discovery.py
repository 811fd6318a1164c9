"""Which URLs become pages: budgets of pages, hops to new domains, domains that are skipped or known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Discovery, PageKind, Scope
from backlink_crawler.store.seeds import add_skipped, list_seeds, remove_seed
from tests.integration.worker import Worker, add_seed, link, page_found, url, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

START = "http://from.test/"
HOP_SEEDS = """
SELECT u.url, r.url, s.kept, s.scope, s.hops, s.max_pages
FROM seeds AS s INNER JOIN urls AS u ON s.url_id = u.id
INNER JOIN seeds AS root ON s.root_id = root.id INNER JOIN urls AS r ON root.url_id = r.id ORDER BY u.url"""


def pages(connection: psycopg.Connection, domain: str = "from.test") -> set[str]:
    query = "SELECT u.url FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE u.url LIKE %s"
    return {row[0] for row in connection.execute(query.encode(), [f"http://%{domain}/%"])}


@pytest.mark.both_servers
def test_a_seed_gets_as_many_pages_as_its_budget_the_nearest_first(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, max_pages=3)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "far", depth=7), page_found(START + "a"), page_found(START + "b")])
        assert pages(connection) == {START, START + "a", START + "b"}
        worker.read(START + "a", found=[page_found(START + "c")])
        assert pages(connection) == {START, START + "a", START + "b"}
        assert worker.recorder.counts["pages_found"] == 2
    with database.connect() as reader:
        assert list_seeds(reader)[0].pages_known == 3


def test_sitemaps_do_not_count_against_the_budget(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, max_pages=2)
    with Worker(database) as worker:
        worker.claim()
        found = [Discovery(url(f"{START}map{number}.xml"), 0, PageKind.SITEMAP) for number in range(3)]
        worker.read(START, found=[*found, page_found(START + "a"), page_found(START + "b")])
    assert pages(connection) == {START, START + "a", START + "map0.xml", START + "map1.xml", START + "map2.xml"}
    assert connection.execute("SELECT url FROM crawled_pages ORDER BY url").fetchall() == [(START,), (START + "a",)]


def test_the_budget_holds_over_the_pages_of_one_batch(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, max_pages=4)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "a")])
        worker.record(
            visit(worker.page(START), found=[page_found(f"{START}x{number}") for number in range(9)]),
            visit(worker.page(START + "a"), found=[page_found(f"{START}y{number}", depth=2) for number in range(9)]),
        )
    assert len(pages(connection)) == 4
    assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (4,)


def test_a_page_that_is_known_is_found_only_once(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "a"), page_found(START), page_found(START + "a", depth=5)])
        worker.read(START, found=[page_found(START + "a")])
        assert worker.recorder.counts["pages_found"] == 1
    assert connection.execute("SELECT depth FROM crawled_pages ORDER BY url").fetchall() == [(0,), (1,)]
    assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (2,)


@pytest.mark.both_servers
def test_a_hop_makes_a_new_domain_a_seed_with_one_hop_less(database: Database, connection: psycopg.Connection) -> None:
    seed_id = add_seed(database, START, hops=2)
    with Worker(database, hop_pages=17) as worker:
        worker.claim()
        worker.read(
            START, link("http://new.test/deep/page"), link("http://new.test/other"), link("http://www.new.test/third")
        )
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == []  # hops are followed where the seed says so
        worker.read(
            START,
            *(link("http://new.test/deep/page"), link("http://new.test/other"), link("http://www.new.test/third")),
            link("http://refused.test/", rel="nofollow"),
            hop_seeds=frozenset([seed_id]),
        )
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == [
            ("http://new.test/other", START, False, "domain", 1, 17)
        ]
        # every link that leads there is a page of it, at its start's depth
        assert pages(connection, "new.test") == {
            "http://new.test/deep/page",
            "http://new.test/other",
            "http://www.new.test/third",
        }
        assert set(worker.claim()) == {"new.test", "www.new.test"}

        # and on: the last hop
        (hop_seed,) = connection.execute("SELECT id FROM seeds WHERE root_id IS NOT NULL").fetchone() or ()
        worker.read("http://new.test/other", link("http://last.test/"), hop_seeds=frozenset([hop_seed]))
        assert connection.execute(HOP_SEEDS.encode()).fetchall()[0] == (
            *("http://last.test/", START, False, "domain", 0, 17),
        )
        worker.claim()
        (last,) = connection.execute("SELECT max(id) FROM seeds").fetchone() or ()
        worker.read("http://last.test/", link("http://too-far.test/"), hop_seeds=frozenset([last]))
        assert pages(connection, "too-far.test") == set()


def test_the_seed_that_a_hop_makes_starts_at_the_shortest_of_the_urls_that_led_there(
    database: Database, connection: psycopg.Connection
) -> None:
    seed_id = add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        deep = [link(f"http://new.test/archive/{number}") for number in range(30)]
        worker.read(START, *deep, link("http://new.test/"), hop_seeds=frozenset([seed_id]))
    assert [row[0] for row in connection.execute(HOP_SEEDS.encode())] == ["http://new.test/"]


@pytest.mark.parametrize("trap", ["http://new.test/1.pdf", "http://new.test/a/b/a/b/a/b/a/b/"])
def test_a_hop_asks_for_nothing_that_no_seed_wants_and_records_the_link_all_the_same(
    database: Database, connection: psycopg.Connection, trap: str
) -> None:
    seed_id = add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link(trap), hop_seeds=frozenset([seed_id]))
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
        assert pages(connection, "new.test") == set()
        worker.read(START, link(trap), link("http://new.test/a-page-of-its-own"), hop_seeds=frozenset([seed_id]))
    assert [row[0] for row in connection.execute(HOP_SEEDS.encode())] == ["http://new.test/a-page-of-its-own"]
    assert pages(connection, "new.test") == {"http://new.test/a-page-of-its-own"}
    assert {row[0] for row in connection.execute("SELECT url_to FROM backlinks")} == {
        "http://new.test/a-page-of-its-own",
        trap,
    }


def test_hops_that_a_seed_gets_later_are_followed_from_unchanged_pages_too(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://new.test/"))
        seed_id = add_seed(database, START, hops=1)
        worker.read(START, link("http://new.test/"), hop_seeds=frozenset([seed_id]))
    assert pages(connection, "new.test") == {"http://new.test/"}


def test_a_seeds_own_budget_is_that_of_the_domains_its_hops_find(
    database: Database, connection: psycopg.Connection
) -> None:
    seed_id = add_seed(database, START, hops=1, max_pages=5)
    with Worker(database, hop_pages=100) as worker:
        worker.claim()
        links = [link(f"http://new.test/{number}") for number in range(9)]
        worker.read(START, *links, hop_seeds=frozenset([seed_id]))
    assert connection.execute(HOP_SEEDS.encode()).fetchall()[0][5] == 5
    assert len(pages(connection, "new.test")) == 5


def test_a_hop_enters_no_skipped_domain_and_records_the_link_all_the_same(
    database: Database, connection: psycopg.Connection
) -> None:
    seed_id = add_seed(database, START, hops=1)
    with database.connect() as writer:
        add_skipped(writer, "hub.test", "mine")
    with Worker(database) as worker:
        worker.claim()
        worker.read(
            START,
            *(link("http://hub.test/"), link("http://deep.hub.test/"), link("https://www.facebook.com/x")),
            hop_seeds=frozenset([seed_id]),
        )
    assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
    assert pages(connection, "hub.test") == pages(connection, "facebook.com") == set()
    assert connection.execute("SELECT domain_to, links FROM referring_domains ORDER BY 1").fetchall() == [
        ("facebook.com", 1),
        ("hub.test", 2),
    ]


def test_a_hop_enters_no_domain_that_somebody_crawls_already(
    database: Database, connection: psycopg.Connection
) -> None:
    seed_id = add_seed(database, START, hops=1)
    add_seed(database, "http://www.known.test/", scope=Scope.HOST)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://known.test/x"), hop_seeds=frozenset([seed_id]))
    assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
    assert pages(connection, "known.test") == {"http://www.known.test/"}


def test_what_hops_have_found_is_crawled_as_long_as_the_seed_is_kept(database: Database) -> None:
    seed_id = add_seed(database, START, hops=1)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, link("http://new.test/"), hop_seeds=frozenset([seed_id]))
        worker.release(mine)
        worker.release(worker.claim()["new.test"])
        with database.connect() as writer:
            assert remove_seed(writer, url(START).hash)
        assert worker.claim() == {}
    with Worker(database, roots=[seed_id]) as named:
        assert set(named.claim()) == {"new.test"}


def test_a_seed_named_by_the_user_takes_over_what_hops_had_found(
    database: Database, connection: psycopg.Connection
) -> None:
    seed_id = add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://new.test/"), hop_seeds=frozenset([seed_id]))
    named = add_seed(database, "http://new.test/", hops=3)
    query = "SELECT id, root_id, kept, hops FROM seeds WHERE id <> %s"
    assert connection.execute(query, [seed_id]).fetchall() == [(named, None, True, 3)]


def test_a_seeds_first_page_is_its_own_even_if_another_seed_found_it_first(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "blog/", depth=4)])
    blog = add_seed(database, START + "blog/", scope=Scope.PREFIX)
    query = "SELECT seed_id, depth FROM pages WHERE page_id = (SELECT id FROM urls WHERE url = %s)"
    assert connection.execute(query, [START + "blog/"]).fetchone() == (blog, 0)


def test_a_kept_seed_that_is_named_for_one_run_keeps_its_limits(
    database: Database, connection: psycopg.Connection
) -> None:
    first = add_seed(database, START, max_pages=5, hops=2)
    again = add_seed(database, START, kept=False, max_depth=3)
    assert first == again
    query = "SELECT kept, max_depth, max_pages, hops, pages_known FROM seeds"
    assert connection.execute(query).fetchall() == [(True, None, 5, 2, 1)]
