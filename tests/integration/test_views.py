"""What the smaller views say, on an index small enough to count by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.model import Outcome
from tests.integration.shop import fill_shop
from tests.integration.worker import Worker, add_seed, link, page_found, sitemap_found, visit

if TYPE_CHECKING:
    import psycopg

    from backlink_crawler.store.database import Database


@pytest.fixture
def shop(database: Database) -> Database:
    fill_shop(database)
    return database


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


@pytest.mark.both_servers
@pytest.mark.usefixtures("shop")
def test_the_views_of_a_target(connection: psycopg.Connection) -> None:
    best = "SELECT url_to, refdomains, refpages, links, dofollow_links FROM best_by_links WHERE domain_to = 'shop.test'"
    assert rows(connection, f"{best} ORDER BY links DESC, url_to") == [
        ("http://shop.test/", 3, 4, 4, 3),
        ("http://news.shop.test/x", 1, 1, 1, 0),
        ("http://shop.test/blog/one", 1, 1, 1, 0),
        ("http://shop.test/blog_x/", 1, 1, 1, 1),
        ("https://shop.test/blog/two?x=1", 1, 1, 1, 1),
    ]
    out = "SELECT domain_to, links, dofollow_links, status FROM linked_domains WHERE domain_from = 'gamma.test'"
    assert rows(connection, f"{out} ORDER BY 1") == [
        ("it's.test", 1, 1, "live"),
        ("newsxshop.test", 1, 1, "live"),
        ("shop.test", 1, 0, "live"),
    ]
    daily = "SELECT new_links, lost_links, new_refdomains, lost_refdomains FROM new_lost_daily WHERE domain_to = 'shop.test'"
    assert [sum(each) for each in zip(*rows(connection, daily), strict=True)] == [9, 0, 3, 0]
    seen = "SELECT first_seen <= last_seen FROM anchors WHERE domain_to = 'shop.test'"
    assert rows(connection, seen) == [(True,)] * 5


@pytest.mark.usefixtures("shop")
def test_an_overview_agrees_with_the_rows_that_it_sums_up(connection: psycopg.Connection) -> None:
    (overview,) = rows(
        connection,
        "SELECT backlinks, refpages, refdomains, dofollow_links FROM target_overview WHERE domain_to = 'shop.test'",
    )
    assert overview == (8, 4, 3, 5)
    assert rows(connection, "SELECT sum(links), count(*) FROM referring_domains WHERE domain_to = 'shop.test'") == [
        (8, 3)
    ]
    assert rows(connection, "SELECT sum(links) FROM anchors WHERE domain_to = 'shop.test'") == [(8,)]
    assert rows(connection, "SELECT sum(links) FROM best_by_links WHERE domain_to = 'shop.test'") == [(8,)]
    assert rows(connection, "SELECT count(*) FROM target_overview WHERE domain_to = 'beta.test'") == [(0,)]


def test_crawled_pages_has_pages_and_no_sitemaps_visited_or_not(worker: Worker, connection: psycopg.Connection) -> None:
    sitemap = sitemap_found("http://from.test/sitemap.xml")
    worker.record(
        visit(worker.page("http://from.test/"), title="Start", found=[sitemap, page_found("http://from.test/three")]),
        visit(worker.page("http://from.test/two"), outcome=Outcome.ROBOTS_FORBIDDEN, http_code=None),
    )
    query = """
        SELECT url, host, domain, http_code, outcome, reason, depth, links_external, links_internal, title, language,
            last_visited IS NOT NULL, next_visit - last_visited
        FROM crawled_pages ORDER BY url"""
    site = ("from.test", "from.test")
    soon = timedelta(hours=20)  # its links have changed
    assert rows(connection, query) == [
        ("http://from.test/", *site, 200, "ok", None, 0, 0, 0, "Start", "en", True, soon),
        ("http://from.test/three", *site, None, None, None, 1, None, None, None, None, False, None),
        ("http://from.test/two", *site, None, "robots_forbidden", None, 1, None, None, None, None, True, soon),
    ]


def test_every_outcome_has_its_name_in_the_view(worker: Worker, connection: psycopg.Connection) -> None:
    query = "SELECT outcome FROM crawled_pages WHERE url = 'http://from.test/two'"
    for outcome in Outcome:
        worker.read("http://from.test/two", outcome=outcome, http_code=None)
        assert rows(connection, query) == [(outcome.name.lower(),)]


def test_broken_backlinks_are_live_links_to_pages_that_are_gone(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    add_seed(database, "http://to.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://to.test/", found=[page_found("http://to.test/old"), page_found("http://to.test/down")])
        worker.read(
            "http://from.test/", *(link(f"http://to.test/{name}", name) for name in ("old", "down", "never-visited"))
        )
        worker.read("http://to.test/old", outcome=Outcome.GONE, http_code=410)
        worker.read("http://to.test/down", outcome=Outcome.SERVER_ERROR, http_code=500)
        query = "SELECT domain_to, url_to, http_code_to, url_from, anchor FROM broken_backlinks"
        assert rows(connection, query) == [
            ("to.test", "http://to.test/old", 410, "http://from.test/", "old"),
        ]
        worker.read("http://from.test/")
        assert rows(connection, query) == []


def test_what_is_read_by_target_is_planned_for_each_target(connection: psycopg.Connection) -> None:
    """Since version 18 a function keeps one plan for all calls of a session, which takes a hundred times as long for the largest
    domain. The others look up by a key what is small, or read a list that is short.
    """
    functions = connection.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
        "AND proconfig IS DISTINCT FROM '{plan_cache_mode=force_custom_plan}' ORDER BY 1"
    ).fetchall()
    names = "domain_id domains_left_out first_batch first_day marked_domains standing_refdomains url_id"
    assert [name for (name,) in functions] == names.split()
