"""Which URLs become pages: budgets of pages, hops to new domains, domains that are skipped or known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import Scope
from backlink_crawler.store.frontier import KEPT, requeue
from backlink_crawler.store.seeds import add_skipped, list_seeds, remove_seed
from tests.integration.worker import Worker, add_seed, link, page_found, sitemap_found, url, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database

START = "http://from.test/"
HOP_SEEDS = """
SELECT u.url, r.url, s.queue_id, s.scope, s.hops, s.max_pages
FROM seeds AS s INNER JOIN urls AS u ON s.url_id = u.id
INNER JOIN seeds AS root ON s.root_id = root.id INNER JOIN urls AS r ON root.url_id = r.id ORDER BY u.url"""


def remove(database: Database, address: str) -> bool:
    with database.connect() as writer:
        return remove_seed(writer, url(address).hash)


def make_due(connection: psycopg.Connection) -> None:
    """A month passes."""
    connection.execute("UPDATE pages SET next_visit = now() - interval '1 s' WHERE next_visit IS NOT NULL")
    requeue(connection, [row[0] for row in connection.execute("SELECT host_id FROM crawled_hosts").fetchall()])


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
        found = [sitemap_found(f"{START}map{number}.xml") for number in range(3)]
        worker.read(START, found=[*found, page_found(START + "a"), page_found(START + "b")])
    assert pages(connection) == {START, START + "a", START + "map0.xml", START + "map1.xml", START + "map2.xml"}
    assert connection.execute("SELECT pages_known, sitemaps_known FROM seeds").fetchone() == (2, 3)


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
    assert connection.execute("SELECT depth FROM seed_pages ORDER BY page_id").fetchall() == [(0,), (1,)]
    assert connection.execute("SELECT pages_known FROM seeds").fetchone() == (2,)


@pytest.mark.both_servers
def test_a_hop_makes_a_new_domain_a_seed_with_one_hop_less(database: Database, connection: psycopg.Connection) -> None:
    add_seed(database, START, hops=2)
    with Worker(database, hop_pages=17) as worker:
        worker.claim()
        worker.read(
            START,
            *(link("http://new.test/deep/page"), link("http://new.test/other"), link("http://www.new.test/third")),
            link("http://refused.test/", rel="nofollow"),
        )
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == [
            ("http://new.test/other", START, KEPT, "domain", 1, 17)
        ]
        # every link that leads there is a page of it, at its start's depth
        assert pages(connection, "new.test") == {
            "http://new.test/deep/page",
            "http://new.test/other",
            "http://www.new.test/third",
        }
        assert set(worker.claim()) == {"new.test", "www.new.test"}

        # and on: the last hop
        worker.read("http://new.test/other", link("http://last.test/"))
        assert connection.execute(HOP_SEEDS.encode()).fetchall()[0] == (
            *("http://last.test/", START, KEPT, "domain", 0, 17),
        )
        worker.claim()
        worker.read("http://last.test/", link("http://too-far.test/"))
        assert pages(connection, "too-far.test") == set()


def test_the_seed_that_a_hop_makes_starts_at_the_shortest_of_the_urls_that_led_there(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        deep = [link(f"http://new.test/archive/{number}") for number in range(30)]
        worker.read(START, *deep, link("http://new.test/"))
    assert [row[0] for row in connection.execute(HOP_SEEDS.encode())] == ["http://new.test/"]


@pytest.mark.parametrize("trap", ["http://new.test/1.pdf", "http://new.test/a/b/a/b/a/b/a/b/"])
def test_a_hop_asks_for_nothing_that_no_seed_wants_and_records_the_link_all_the_same(
    database: Database, connection: psycopg.Connection, trap: str
) -> None:
    add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link(trap))
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
        assert pages(connection, "new.test") == set()
        worker.read(START, link(trap), link("http://new.test/a-page-of-its-own"))
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
        mine = worker.claim()["from.test"]
        worker.read(START, link("http://new.test/"))
        worker.release(mine)
        assert worker.claim() == {}
        add_seed(database, START, hops=1)
        assert worker.due(worker.claim()["from.test"]) == [START]
        worker.read(START, link("http://new.test/"))
    assert pages(connection, "new.test") == {"http://new.test/"}


def test_a_seeds_own_budget_is_that_of_the_domains_its_hops_find(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1, max_pages=5)
    with Worker(database, hop_pages=100) as worker:
        worker.claim()
        links = [link(f"http://new.test/{number}") for number in range(9)]
        worker.read(START, *links)
    assert connection.execute(HOP_SEEDS.encode()).fetchall()[0][5] == 5
    assert len(pages(connection, "new.test")) == 5


def test_a_hop_enters_no_skipped_domain_and_records_the_link_all_the_same(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    with database.connect() as writer:
        add_skipped(writer, "hub.test", "mine")
    with Worker(database) as worker:
        worker.claim()
        worker.read(
            START,
            *(link("http://hub.test/"), link("http://deep.hub.test/"), link("https://www.facebook.com/x")),
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
    add_seed(database, START, hops=1)
    add_seed(database, "http://www.known.test/", scope=Scope.HOST)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://known.test/x"))
    assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
    assert pages(connection, "known.test") == {"http://www.known.test/", "http://known.test/x"}  # others link to it


def test_what_hops_have_found_is_crawled_as_long_as_the_seed_is_kept(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    with Worker(database) as worker:
        mine = worker.claim()["from.test"]
        worker.read(START, link("http://new.test/"))
        worker.release(mine)
        worker.release(worker.claim()["new.test"])
        assert remove(database, START)
        assert worker.claim() == {}
    for table in ("seeds", "seed_pages", "queue_hosts"):
        assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,), table
    assert connection.execute("SELECT name FROM queues ORDER BY id").fetchall() == [("kept",), ("verify",)]
    assert pages(connection) | pages(connection, "new.test") == {START, "http://new.test/"}
    assert connection.execute("SELECT count(*) FROM links").fetchone() == (1,)


def test_a_seed_that_the_user_names_takes_the_place_of_what_hops_had_found_on_its_domain(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://new.test/"), link("http://new.test/blog/"))
        add_seed(database, "http://new.test/blog/", scope=Scope.PREFIX)
        assert connection.execute(HOP_SEEDS.encode()).fetchall() == []
        assert {host: worker.due(claimed) for host, claimed in worker.claim().items()} == {
            "new.test": ["http://new.test/blog/"]
        }


def test_a_seed_that_is_removed_leaves_its_domain_to_the_hops_of_others(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    add_seed(database, "http://new.test/blog/", scope=Scope.PREFIX)
    with Worker(database) as worker:
        held = worker.claim()
        worker.read(START, link("http://new.test/"), etag='"1"')
        worker.release(*held.values())
        assert remove(database, "http://new.test/blog/")
        assert set(worker.claim()) == {"from.test"}
        (page,) = worker.due_pages(worker.claimed["from.test"], (), 10)
        assert page.etag == ""  # a 304 would not do
        worker.read(START, link("http://new.test/"))
        assert [row[0] for row in connection.execute(HOP_SEEDS.encode())] == ["http://new.test/"]
        assert worker.due(worker.claim()["new.test"]) == ["http://new.test/"]


def test_what_the_hops_of_two_have_found_outlives_either(database: Database, connection: psycopg.Connection) -> None:
    others = "http://other.test/"
    add_seed(database, START, hops=1)
    add_seed(database, others, hops=1)
    with Worker(database) as worker:
        held = worker.claim()
        worker.read(START, link("http://new.test/"))
        worker.read(others, link("http://new.test/"))
        worker.release(*held.values())
        ((_, root, *_),) = connection.execute(HOP_SEEDS.encode()).fetchall()
        left = others if root == START else START
        assert remove(database, root)
        assert worker.claim() != {}
        worker.read(left, link("http://new.test/"))
    assert [row[:2] for row in connection.execute(HOP_SEEDS.encode())] == [("http://new.test/", left)]


def test_who_leads_to_a_domain_with_more_hops_makes_them_its_own(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, hops=1)
    add_seed(database, "http://other.test/", hops=3)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, link("http://new.test/"))
        worker.claim()
        worker.read("http://new.test/", link("http://next.test/"))
        assert pages(connection, "next.test") == set()
        worker.read("http://other.test/", link("http://new.test/"))
        assert [row[1::3] for row in connection.execute(HOP_SEEDS.encode())] == [("http://other.test/", 2)]
        worker.read("http://new.test/", link("http://next.test/"))  # it is due again
        assert pages(connection, "next.test") == {"http://next.test/"}
        worker.read(START, link("http://new.test/"), link("http://new.test/x"))
    assert [row[1::3] for row in connection.execute(HOP_SEEDS.encode())] == [
        ("http://other.test/", 2),
        ("http://other.test/", 1),
    ]


def test_a_seeds_first_page_is_at_its_start_even_if_another_seed_found_it_first(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, START, max_depth=5)
    with Worker(database) as worker:
        worker.claim()
        worker.read(START, found=[page_found(START + "blog/", depth=4)])
        add_seed(database, START + "blog/", scope=Scope.PREFIX)
        assert sorted(cover.depth for cover in worker.page(START + "blog/").covers) == [0, 4]


def test_the_start_of_one_seed_is_a_page_of_the_others_that_cover_it(database: Database) -> None:
    """A site that two seeds mean, with www and without, is read once."""
    add_seed(database, START)
    add_seed(database, "http://www.from.test/")
    add_seed(database, "http://other.from.test/")
    with Worker(database) as worker:
        worker.claim()
        assert len(worker.page(START).covers) == len(worker.page("http://www.from.test/").covers) == 2
        assert len(worker.page("http://other.from.test/").covers) == 1
        worker.read(START, found=[page_found(START + "a")])
        worker.read(START + "a")
        worker.read("http://www.from.test/", found=[page_found(START), page_found(START + "a")])
        assert worker.due(worker.claimed["from.test"]) == []
