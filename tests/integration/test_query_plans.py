"""The main question and the crawl's own read an index, however many rows there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backlink_crawler.store.targets import WATCHED_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.conftest import Server

# 20,000 edges: 5,000 to t1.test, 30 to each of 500 others. Each has a page that stands for it.
GENERATE = """
INSERT INTO domains (name) SELECT 't' || n || '.test' FROM generate_series(1, 501) AS n;
INSERT INTO domains (name) SELECT 'f' || n || '.test' FROM generate_series(1, 5000) AS n;
INSERT INTO hosts (domain_id, name) SELECT id, name FROM domains;
INSERT INTO urls (hash, host_id, url)
SELECT url_hash('http://' || h.name || '/'), h.id, 'http://' || h.name || '/' FROM hosts AS h;
INSERT INTO crawled_hosts (host_id) SELECT id FROM hosts WHERE name LIKE 'f%';
INSERT INTO pages (page_id, host_id, confirmed_at, last_visited)
SELECT u.id, u.host_id, now(), now() FROM urls AS u WHERE u.url LIKE 'http://f%';
INSERT INTO sources (worker, name) VALUES (gen_random_uuid(), 'seeds');
INSERT INTO batches (source_id, number) VALUES (1, 1);
INSERT INTO domain_edges (
    domain_to_id, domain_from_id, batch_id, last_page_id, first_seen, last_seen, links, refpages, pages_to
)
SELECT t.id, f.id, 1, u.id, now(), now(), 1 + f.id % 50, 1, 1
FROM domains AS t
INNER JOIN domains AS f ON f.name LIKE 'f%' AND (t.name = 't1.test' OR (f.id + t.id) % 166 = 0)
INNER JOIN hosts AS h ON f.id = h.domain_id
INNER JOIN urls AS u ON h.id = u.host_id
WHERE t.name LIKE 't%';
ANALYZE
"""


@pytest.fixture(scope="module")
def large(embedded_server: Server) -> Iterator[psycopg.Connection]:
    made = embedded_server.copy()
    with made.connect(autocommit=True) as connection:
        for statement in GENERATE.split(";\n"):
            connection.execute(statement.encode())
        yield connection
    embedded_server.drop(made)


def nodes(connection: psycopg.Connection, query: str, parameters: object = None) -> list[dict[str, Any]]:
    """Every node of the plan, executed."""
    row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode(), parameters).fetchone()  # type: ignore[arg-type]
    assert row is not None

    def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for child in node.get("Plans", ()):
            yield from walk(child)

    return list(walk(row[0][0]["Plan"]))


def test_there_are_as_many_edges_as_the_other_tests_suppose(large: psycopg.Connection) -> None:
    assert large.execute("SELECT count(*) > 19000 FROM domain_edges").fetchone() == (True,)
    assert large.execute("SELECT count(*) FROM referring_domains WHERE domain_to = 't1.test'").fetchone() == (5000,)


@pytest.mark.parametrize("target", ["t77.test", "t1.test"])
def test_the_main_question_reads_the_index_of_edges(large: psycopg.Connection, target: str) -> None:
    plan = nodes(large, "SELECT * FROM referring_domains WHERE domain_to = %s", [target])
    on_edges = [node for node in plan if node.get("Relation Name") == "domain_edges"]
    assert [node["Node Type"] for node in on_edges] in (["Index Scan"], ["Bitmap Heap Scan"])
    indexes = {node.get("Index Name") for node in plan}
    assert "domains_name_key" in indexes
    assert indexes & {"domain_edges_pkey", "domain_edges_largest_idx"}


def test_what_a_domain_links_out_to_reads_an_index_too(large: psycopg.Connection) -> None:
    plan = nodes(large, "SELECT * FROM linked_domains WHERE domain_from = 'f77.test'")
    assert "domain_edges_domain_from_id_idx" in {node.get("Index Name") for node in plan}


def test_a_batch_looks_for_watched_links_among_its_own_pages_only(large: psycopg.Connection) -> None:
    """However many links the target has, and when PostgreSQL has stopped to plan each batch for itself."""
    large.execute(
        "INSERT INTO links (page_id, url_to_id, domain_from_id, domain_to_id, batch_id, first_seen, position, link_type, "
        "anchor_source, is_dofollow, anchor) SELECT e.last_page_id, u.id, e.domain_from_id, e.domain_to_id, 1, now(), 0, "
        "0, 0, TRUE, '' FROM domain_edges AS e INNER JOIN hosts AS h ON e.domain_to_id = h.domain_id "
        "INNER JOIN urls AS u ON h.id = u.host_id"
    )
    large.execute(
        "INSERT INTO targets (domain_id, mode, values) SELECT id, 'domain', ARRAY[name] FROM domains WHERE name = 't1.test'"
    )
    large.execute("ANALYZE links, targets")
    with large.transaction():
        for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):  # as a Recorder's connection
            large.execute(f"SET LOCAL {setting} = off".encode())
        large.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        large.execute(f"PREPARE batch AS {WATCHED_FIRST.replace('%(pages)s', '$1')}".encode())
        pages = [row[0] for row in large.execute("SELECT page_id FROM pages ORDER BY page_id LIMIT 50")]
        plan = nodes(large, f"EXECUTE batch(ARRAY{pages})")
    (scan,) = [node for node in plan if node.get("Relation Name") == "links"]
    assert (scan["Index Name"], scan["Actual Loops"]) == ("links_page_id_idx", 50)
    assert large.execute("SELECT count(*) FROM pages WHERE priority = 1").fetchone() == (50,)
