"""What a visit leaves in the database: links, events, visits, pages. Visits are made by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from backlink_crawler.model import LinkType, Outcome, Visit
from backlink_crawler.store import admission, recording
from tests.integration.worker import Worker, add_seed, link, page_found, visit

if TYPE_CHECKING:
    from datetime import datetime

    from backlink_crawler.store.database import Database

PAGE = "http://from.test/"
EVENTS = """
SELECT
    u.url, (ARRAY['missing', 'lost', 'restored', 'rel', 'anchor'])[e.kind + 1], e.before, e.after
FROM link_events AS e INNER JOIN links AS l ON e.link_id = l.id INNER JOIN urls AS u ON l.url_to_id = u.id
ORDER BY e.id"""
# Where each row stands in its table, and which transaction wrote it: any write changes it.
VERSIONS = """
SELECT 'links', id, ctid::text, xmin::text FROM links UNION ALL
SELECT 'edges', domain_to_id, ctid::text, xmin::text FROM domain_edges UNION ALL
SELECT 'events', id, ctid::text, xmin::text FROM link_events UNION ALL
SELECT 'facts', page_id, ctid::text, xmin::text FROM page_facts UNION ALL
SELECT 'urls', id, ctid::text, xmin::text FROM urls UNION ALL
SELECT 'domains', id, ctid::text, xmin::text FROM domains"""


def rows(connection: psycopg.Connection, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), parameters).fetchall()


def one(connection: psycopg.Connection, query: str, *parameters: Any) -> tuple[Any, ...]:
    (row,) = rows(connection, query, *parameters)
    return row


def edge(connection: psycopg.Connection, domain_to: str) -> tuple[Any, ...]:
    """links, dofollow_links, refpages, pages_to, status."""
    query = "SELECT links, dofollow_links, refpages, pages_to, status FROM referring_domains WHERE domain_to = %s"
    return one(connection, query, domain_to)


@pytest.mark.both_servers
def test_a_first_visit_stores_every_link_with_its_facts(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(
        PAGE,
        link("https://www.to.test/a?b=1", "Two words", "nofollow UGC"),
        link("http://other.test/"),
        link("http://other.test/"),
        title="A page",
    )
    query = """
        SELECT
            url_from, host_from, domain_from, title_from, language_from, http_code_from, url_to, host_to, domain_to, anchor,
            anchor_source, rel, is_dofollow, is_nofollow, is_sponsored, is_ugc, page_nofollow, page_noindex, link_type,
            links_external, links_internal, lost_at, status, lost_reason, position
        FROM backlinks ORDER BY position"""
    page = (PAGE, "from.test", "from.test", "A page", "en", 200)
    assert rows(connection, query) == [
        (
            *page,
            *("https://www.to.test/a?b=1", "www.to.test", "to.test", "Two words", "text", ["nofollow", "ugc"]),
            *(False, True, False, True, False, False, "text", 3, 0, None, "live", None, 0),
        ),
        *(
            (
                *page,
                *("http://other.test/", "other.test", "other.test", "", "none", []),
                *(True, False, False, False, False, False, "text", 3, 0, None, "live", None, position),
            )
            for position in (1, 2)
        ),
    ]
    assert edge(connection, "to.test") == (1, 0, 1, 1, "live")
    assert edge(connection, "other.test") == (2, 2, 1, 1, "live")
    assert rows(connection, EVENTS) == []  # to find a link is no event of its own: first_seen says it


@pytest.mark.both_servers
def test_a_second_visit_with_the_same_links_writes_no_link_no_edge_no_fact_and_no_event(
    worker: Worker, connection: psycopg.Connection
) -> None:
    links = [("http://to.test/", "To", "nofollow"), ("http://to.test/", "To", ""), ("http://other.test/", "", "")]
    worker.read(PAGE, *(link(*each) for each in links))
    before = set(rows(connection, VERSIONS))
    seen = one(connection, "SELECT DISTINCT last_seen FROM backlinks")
    worker.read(PAGE, *(link(*each) for each in links))
    assert set(rows(connection, VERSIONS)) == before
    assert worker.recorder.counts["links"] == 3
    # and yet the links were seen again: their page says so
    assert one(connection, "SELECT DISTINCT last_seen FROM backlinks") > seen
    assert one(connection, "SELECT DISTINCT last_seen FROM referring_domains") > seen
    visits = "SELECT links_found, links_gone FROM visits ORDER BY observed_at"
    assert rows(connection, visits) == [(0, 0), (3, 0), (0, 0)]  # the fixture's, and ours


def test_the_order_of_links_alone_changes_no_edge_and_is_no_event(
    worker: Worker, connection: psycopg.Connection
) -> None:
    def versions() -> set[tuple]:
        return {row for row in rows(connection, VERSIONS) if row[0] != "links"}

    worker.read(PAGE, link("http://a.test/", "A"), link("http://b.test/", "B"))
    before = versions()
    worker.read(PAGE, link("http://b.test/", "B"), link("http://a.test/", "A"))
    assert versions() == before


def test_an_edited_anchor_is_one_event_of_the_same_link(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link("http://to.test/", "before"))
    found = one(connection, "SELECT id, first_seen FROM links")
    worker.read(PAGE, link("http://to.test/", "after"))
    assert one(connection, "SELECT id, first_seen FROM links") == found
    assert one(connection, "SELECT anchor, status FROM backlinks") == ("after", "live")
    assert rows(connection, EVENTS) == [("http://to.test/", "anchor", "before", "after")]


def test_an_anchor_that_goes_takes_its_source_with_it(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link("http://to.test/", "words"))
    worker.read(PAGE, link("http://to.test/"))
    assert one(connection, "SELECT anchor, anchor_source FROM backlinks") == ("", "none")
    assert rows(connection, EVENTS) == [("http://to.test/", "anchor", "words", "")]


def test_a_changed_rel_is_one_event_and_the_edge_follows(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link("http://to.test/", "To", "noopener"))
    assert edge(connection, "to.test") == (1, 1, 1, 1, "live")
    worker.read(PAGE, link("http://to.test/", "To", "nofollow noopener"))
    assert one(connection, "SELECT rel, is_nofollow, is_dofollow FROM backlinks") == (
        ["nofollow", "noopener"],
        True,
        False,
    )
    assert edge(connection, "to.test") == (1, 0, 1, 1, "live")
    worker.read(PAGE, link("http://to.test/", "To"))
    assert one(connection, "SELECT rel, is_nofollow, is_dofollow FROM backlinks") == ([], False, True)
    assert edge(connection, "to.test") == (1, 1, 1, 1, "live")
    assert rows(connection, EVENTS) == [
        ("http://to.test/", "rel", "noopener", "nofollow noopener"),
        ("http://to.test/", "rel", "nofollow noopener", ""),
    ]


def test_rel_and_anchor_changed_at_once_are_two_events_of_one_link(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read(PAGE, link("http://to.test/", "one", "nofollow"))
    worker.read(PAGE, link("http://to.test/", "two", "ugc"))
    assert one(connection, "SELECT anchor, rel, status FROM backlinks") == ("two", ["ugc"], "live")
    assert rows(connection, EVENTS) == [
        ("http://to.test/", "rel", "nofollow", "ugc"),
        ("http://to.test/", "anchor", "one", "two"),
    ]


@pytest.mark.both_servers
def test_a_link_that_is_gone_is_missing_and_one_that_is_back_is_restored(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read(PAGE, link("http://to.test/", "To"), link("http://other.test/"))
    first_seen = one(connection, "SELECT first_seen FROM backlinks WHERE domain_to = 'to.test'")
    seen = one(
        connection,
        "SELECT confirmed_at FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id WHERE u.url = 'http://from.test/'",
    )

    worker.read(PAGE, link("http://other.test/"))
    gone = "SELECT status, last_seen, lost_at FROM backlinks WHERE domain_to = 'to.test'"
    assert one(connection, gone) == ("missing", *seen, None)
    assert one(
        connection, "SELECT absent_since = (SELECT max(observed_at) FROM visits) FROM links WHERE status = 1"
    ) == (True,)
    assert edge(connection, "to.test") == (0, 0, 0, 0, "missing")
    assert one(connection, "SELECT links_gone FROM visits ORDER BY observed_at DESC LIMIT 1") == (1,)

    worker.read(PAGE, link("http://other.test/"))  # still gone: lost since it was first missing
    (missing_since,) = one(connection, "SELECT happened_at FROM link_events WHERE kind = 0")
    assert one(connection, gone) == ("lost", *seen, missing_since)
    assert edge(connection, "to.test") == (0, 0, 0, 0, "lost")

    worker.read(PAGE, link("http://to.test/", "To"), link("http://other.test/"))
    assert one(connection, "SELECT status, first_seen FROM backlinks WHERE domain_to = 'to.test'") == (
        "live",
        *first_seen,
    )
    assert one(
        connection,
        "SELECT last_seen = now_seen FROM backlinks, (SELECT max(observed_at) AS now_seen FROM visits) "
        "AS v WHERE domain_to = 'to.test'",
    ) == (True,)
    assert edge(connection, "to.test") == (1, 1, 1, 1, "live")
    assert rows(connection, EVENTS) == [
        ("http://to.test/", "missing", None, None),
        ("http://to.test/", "lost", None, "link_removed"),
        ("http://to.test/", "restored", None, None),
    ]


def test_of_two_links_to_one_url_the_one_that_was_removed_is_missing(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.read(PAGE, link("http://to.test/", "first"), link("http://to.test/", "second"))
    worker.read(PAGE, link("http://to.test/", "second"))
    assert rows(connection, "SELECT anchor, status FROM backlinks ORDER BY link_id") == [
        ("first", "missing"),
        ("second", "live"),
    ]
    assert edge(connection, "to.test") == (1, 1, 1, 1, "live")


def test_a_page_that_turns_nofollow_takes_its_links_with_it(worker: Worker, connection: psycopg.Connection) -> None:
    links = [("http://to.test/", "To", ""), ("http://to.test/2", "Ad", "sponsored")]
    state = "SELECT is_dofollow, is_nofollow, is_sponsored, page_nofollow FROM backlinks ORDER BY position"
    worker.read(PAGE, *(link(*each) for each in links))
    assert rows(connection, state) == [(True, False, False, False), (False, False, True, False)]
    assert edge(connection, "to.test") == (2, 1, 1, 2, "live")
    worker.read(PAGE, *(link(*each) for each in links), nofollow=True)
    assert rows(connection, state) == [(False, False, False, True), (False, False, True, True)]
    assert edge(connection, "to.test") == (2, 0, 1, 2, "live")
    worker.read(PAGE, *(link(*each) for each in links))
    assert rows(connection, state) == [(True, False, False, False), (False, False, True, False)]
    assert edge(connection, "to.test") == (2, 1, 1, 2, "live")
    assert rows(connection, EVENTS) == []  # the links' own rel never changed


def test_redirects_and_canonicals_are_links_of_their_own_type(worker: Worker, connection: psycopg.Connection) -> None:
    canonical = link("http://to.test/", link_type=LinkType.CANONICAL)
    worker.read(PAGE, link("http://to.test/", "To"), canonical)
    worker.read(
        "http://from.test/two",
        link("http://to.test/", link_type=LinkType.REDIRECT),
        outcome=Outcome.REDIRECT,
        http_code=301,
    )
    assert rows(
        connection, "SELECT url_from, link_type, http_code_from FROM backlinks ORDER BY url_from, position"
    ) == [
        ("http://from.test/", "text", 200),
        ("http://from.test/", "canonical", 200),
        ("http://from.test/two", "redirect", 301),
    ]
    worker.read(PAGE, link("http://to.test/", "To"))
    assert rows(connection, "SELECT link_type FROM backlinks WHERE status = 'missing'") == [("canonical",)]


@pytest.mark.parametrize(
    ("outcome", "http_code"),
    [(Outcome.SERVER_ERROR, 503), (Outcome.FORBIDDEN, 403), (Outcome.TIMEOUT, None), (Outcome.NOT_HTML, 200)],
)
def test_a_page_that_cannot_be_read_says_nothing_of_its_links(
    worker: Worker, connection: psycopg.Connection, outcome: Outcome, http_code: int | None
) -> None:
    worker.read(PAGE, link("http://to.test/", "To"))
    seen = one(connection, "SELECT last_seen FROM backlinks")
    worker.read(PAGE, outcome=outcome, http_code=http_code)
    assert one(connection, "SELECT status <> 'lost', last_seen FROM backlinks") == (True, *seen)
    assert edge(connection, "to.test")[:2] == (1, 1)
    assert one(connection, "SELECT outcome, http_code, title FROM crawled_pages WHERE url = %s", PAGE) == (
        outcome.name.lower(),
        http_code,
        None,
    )


def test_a_304_renews_every_link_of_the_page_and_writes_none(worker: Worker, connection: psycopg.Connection) -> None:
    worker.read(PAGE, link("http://to.test/", "To"), title="Kept")
    before = set(rows(connection, VERSIONS))
    worker.read(PAGE, outcome=Outcome.NOT_MODIFIED, http_code=304)
    assert set(rows(connection, VERSIONS)) == before
    assert one(
        connection, "SELECT status, title_from, last_seen = (SELECT max(observed_at) FROM visits) FROM backlinks"
    ) == (
        "live",
        "Kept",
        True,
    )


def test_a_batch_of_pages_is_one_transaction_and_each_visit_names_its_crawl(
    worker: Worker, connection: psycopg.Connection
) -> None:
    worker.record(
        visit(worker.page(PAGE), link("http://to.test/")),
        visit(worker.page("http://from.test/two"), link("http://to.test/")),
    )
    assert edge(connection, "to.test") == (2, 2, 2, 1, "live")
    written = "SELECT count(*), count(DISTINCT xmin::text), count(DISTINCT batch_id) FROM visits WHERE links_found = 1"
    assert one(connection, written) == (2, 1, 1)
    assert one(connection, "SELECT count(DISTINCT batch_id), count(DISTINCT first_seen) FROM links") == (1, 2)
    source = (
        "SELECT kind, name FROM sources AS s INNER JOIN batches AS b ON s.id = b.source_id ORDER BY b.id DESC LIMIT 1"
    )
    assert one(connection, source) == (0, "tests")


def test_an_edge_that_loses_its_links_keeps_the_time_it_was_last_seen(
    worker: Worker, connection: psycopg.Connection
) -> None:
    """And an edge whose freshest page drops it was seen no earlier than before."""
    seen = "SELECT last_seen FROM referring_domains"
    worker.read(PAGE, link("http://to.test/"))
    worker.read("http://from.test/two", link("http://to.test/"))
    for _ in range(2):
        worker.read("http://from.test/two", link("http://to.test/"))
    confirmed: tuple[datetime] = one(connection, seen)
    assert confirmed == one(connection, "SELECT max(observed_at) FROM visits")
    worker.read("http://from.test/two")
    assert one(connection, seen) >= confirmed
    worker.read(PAGE)
    assert one(connection, seen) >= confirmed
    assert edge(connection, "to.test") == (0, 0, 0, 0, "missing")


def test_links_found_count_what_is_new_only(worker: Worker) -> None:
    worker.read(PAGE, link("http://a.test/"), link("http://b.test/"))
    worker.read(PAGE, link("http://a.test/"), link("http://c.test/"))
    counts = worker.recorder.counts
    assert (counts["pages"], counts["links"], counts["new_referring_domains"]) == (3, 3, 3)


def test_nothing_to_record_is_no_error(worker: Worker) -> None:
    worker.record()
    assert worker.recorder.counts["pages"] == 1  # the fixture's


def test_pages_of_one_host_belong_to_the_seed_that_found_them(
    database: Database, connection: psycopg.Connection
) -> None:
    add_seed(database, "http://from.test/")
    add_seed(database, "http://other.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://from.test/", found=[page_found("http://from.test/x")])
        worker.read("http://other.test/", found=[page_found("http://other.test/y", depth=1)])
    query = """
        SELECT u.url, s.url FROM seed_pages AS m INNER JOIN urls AS u ON m.page_id = u.id
        INNER JOIN seeds ON m.seed_id = seeds.id INNER JOIN urls AS s ON seeds.url_id = s.id WHERE m.depth = 1"""
    assert set(rows(connection, query)) == {
        ("http://from.test/x", "http://from.test/"),
        ("http://other.test/y", "http://other.test/"),
    }


def test_the_item_of_the_pipelines_is_one_visit_however_many_links_it_has(
    worker: Worker, connection: psycopg.Connection
) -> None:
    many: Visit = visit(worker.page(PAGE), *(link(f"http://t{number % 50}.test/{number}") for number in range(2_000)))
    worker.record(many)
    assert one(connection, "SELECT count(*), count(DISTINCT domain_to) FROM backlinks") == (2_000, 50)
    assert one(connection, "SELECT sum(links), sum(pages_to) FROM referring_domains") == (2_000, 2_000)


def test_a_batch_with_many_edges_is_stored_though_the_worker_reads_a_page_meanwhile(
    worker: Worker, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then the server has sent what earlier statements of the pipeline return: the locks of 800 edges and seeds."""
    execute = psycopg.AsyncCursor.execute
    asked_for = {recording._SUMS["new_edges"], admission.SQL["admit_pages"]}

    async def late(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if query in asked_for:
            time.sleep(0.3)  # noqa: ASYNC251  the event loop is held
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", late)
    worker.read("http://from.test/", *[link(f"http://to-{number}.test/") for number in range(800)])
    assert worker.recorder.counts["new_referring_domains"] == 800
    assert connection.execute("SELECT count(*) FROM domain_edges WHERE links = 1").fetchone() == (800,)
