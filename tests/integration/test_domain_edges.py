"""domain_edges always says what counting the links would say, whatever the visits."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from backlink_crawler.model import LinkType, Outcome
from tests.integration.consistency import assert_edges_are_right
from tests.integration.worker import Worker, add_seed, link, page_found, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.model import Link
    from backlink_crawler.store.database import Database

LAST_SEEN = "SELECT domain_to, domain_from, last_seen FROM referring_domains"

SITES = ("http://one.test/", "http://two.test/")
PAGES = [f"{site}{name}" for site in SITES for name in ("", "b", "c")]
TARGETS = [f"http://{name}.test/{path}" for name in ("red", "green", "blue", "grey") for path in ("", "x", "y")]


def any_links(choose: random.Random) -> list[Link]:
    return [
        link(
            choose.choice(TARGETS),
            choose.choice(["", "one", "two"]),
            choose.choice(["", "", "nofollow", "ugc"]),
            choose.choice([LinkType.TEXT, LinkType.TEXT, LinkType.IMAGE, LinkType.CANONICAL]),
        )
        for _ in range(choose.choice([0, 1, 1, 2, 3, 6]))
    ]


@pytest.fixture
def sites(database: Database) -> Database:
    for site in SITES:
        add_seed(database, site)
    with Worker(database) as worker:
        worker.claim()
        for site in SITES:
            worker.read(site, found=[page_found(site + name) for name in ("b", "c")])
    return database


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_edges_equal_counts_of_links_after_every_batch(
    seed: int, sites: Database, connection: psycopg.Connection
) -> None:
    choose = random.Random(seed)
    seen: dict[tuple[str, str], object] = {}
    with Worker(sites) as worker:
        for step in range(40):
            visits = []
            for address in choose.sample(PAGES, choose.choice([1, 1, 2, 4])):
                outcome = choose.choice([Outcome.OK] * 6 + [Outcome.SERVER_ERROR, Outcome.NOT_MODIFIED])
                links = any_links(choose) if outcome is Outcome.OK else []
                nofollow = choose.random() < 0.2
                visits.append(visit(worker.page(address), *links, outcome=outcome, nofollow=nofollow))
            worker.record(*visits)
            assert_edges_are_right(connection, (seed, step))
            for target, source, last_seen in connection.execute(LAST_SEEN):
                assert seen.get((target, source), last_seen) <= last_seen, f"{source} → {target} went back in time"
                seen[target, source] = last_seen
        assert worker.recorder.counts["pages_unstorable"] == 0


def test_a_link_that_moves_to_another_url_of_the_domain_counts_there(
    sites: Database, connection: psycopg.Connection
) -> None:
    """The page has as many links as before, and yet one URL more is linked to."""
    with Worker(sites) as worker:
        worker.read("http://one.test/", link("http://red.test/"))
        worker.read("http://one.test/b", link("http://red.test/"))
        worker.read("http://one.test/b", link("http://red.test/x"))
        query = "SELECT links, refpages, pages_to FROM referring_domains WHERE domain_to = 'red.test'"
        assert connection.execute(query).fetchall() == [(2, 2, 2)]
        worker.read("http://one.test/b", link("http://red.test/"))
        assert connection.execute(query).fetchall() == [(2, 2, 1)]


def test_a_link_that_moves_from_page_to_page_in_one_batch_leaves_the_counts_alone(
    sites: Database, connection: psycopg.Connection
) -> None:
    with Worker(sites) as worker:
        worker.read("http://one.test/", link("http://red.test/"))
        worker.record(
            visit(worker.page("http://one.test/")),
            visit(worker.page("http://one.test/b"), link("http://red.test/")),
        )
    assert_edges_are_right(connection)
    assert connection.execute("SELECT links, refpages, pages_to, status FROM referring_domains").fetchall() == [
        (1, 1, 1, "live")
    ]


def test_two_domains_that_link_to_one_have_an_edge_each(sites: Database, connection: psycopg.Connection) -> None:
    with Worker(sites) as worker:
        worker.record(
            visit(worker.page("http://one.test/"), link("http://red.test/"), link("http://red.test/x", rel="nofollow")),
            visit(worker.page("http://two.test/"), link("http://red.test/")),
            visit(worker.page("http://two.test/b"), link("http://red.test/")),
        )
    query = "SELECT domain_from, links, dofollow_links, refpages, pages_to FROM referring_domains ORDER BY domain_from"
    assert connection.execute(query).fetchall() == [("one.test", 2, 1, 1, 2), ("two.test", 2, 2, 2, 1)]
