"""20261123_0300: of the seeds that hops have made of one domain, the oldest takes over what the others have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from backlink_crawler.store import migrations

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

# root.test is named; hops have made seeds 2, 3 and 4 of new.test, 5 of other.test; the user named 6 of new.test, too.
FILL = """
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'root.test'), (2, 'new.test'), (3, 'other.test');
INSERT INTO urls (id, hash, domain_id, url) OVERRIDING SYSTEM VALUE
SELECT n, url_hash(u), d, u
FROM (
    VALUES
    (1, 1, 'http://root.test/'), (2, 2, 'http://new.test/'), (3, 2, 'http://new.test/x'), (4, 2, 'http://a.new.test/'),
    (5, 3, 'http://other.test/'), (6, 2, 'http://new.test/named'), (7, 2, 'http://new.test/y')
) AS v (n, d, u);
INSERT INTO seeds (id, url_id, domain_id, root_id, scope, kept, hops, max_pages, pages_known, sitemaps_known)
OVERRIDING SYSTEM VALUE
SELECT n, n, d, root, 'domain', n IN (1, 6), 0, 100, pages, sitemaps
FROM (
    VALUES (1, 1, NULL, 1, 0), (2, 2, 1, 1, 1), (3, 2, 1, 2, 1), (4, 2, 1, 1, 2), (5, 3, 1, 1, 0), (6, 2, NULL, 1, 0)
) AS v (n, d, root, pages, sitemaps);
INSERT INTO hosts (id, name) OVERRIDING SYSTEM VALUE
VALUES (1, 'root.test'), (2, 'new.test'), (3, 'a.new.test'), (4, 'other.test');
INSERT INTO pages (page_id, host_id, seed_id, depth, found_digest)
VALUES (1, 1, 1, 0, 7), (2, 2, 2, 0, 7), (3, 2, 3, 0, 7), (4, 3, 4, 0, 7), (5, 4, 5, 0, 7), (6, 2, 6, 0, 7), (7, 2, 3, 1, 7);
INSERT INTO seed_hosts (seed_id, host_id) VALUES (1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 2)
"""


@pytest.fixture
def before(empty_database: Database) -> Database:
    migrations.migrate(empty_database, "20261123_0200")
    with empty_database.connect() as connection:
        connection.execute(FILL.encode())
    return empty_database


def test_the_oldest_seed_takes_over_what_the_others_have(before: Database) -> None:
    migrations.migrate(before, "20261123_0300")
    with before.connect() as connection:
        seeds = "SELECT id, pages_known, sitemaps_known FROM seeds ORDER BY id"
        assert connection.execute(seeds).fetchall() == [(1, 1, 0), (2, 4, 4), (5, 1, 0), (6, 1, 0)]
        pages = "SELECT page_id, seed_id, found_digest FROM pages ORDER BY page_id"
        assert connection.execute(pages).fetchall() == [
            *((1, 1, 7), (2, 2, 7), (3, 2, None), (4, 2, None), (5, 5, 7), (6, 6, 7), (7, 2, None)),
        ]
        hosts = "SELECT seed_id, host_id FROM seed_hosts ORDER BY seed_id, host_id"
        assert connection.execute(hosts).fetchall() == [(1, 1), (2, 2), (2, 3), (5, 4), (6, 2)]


def test_from_then_on_hops_make_no_second_seed_of_a_domain_and_the_user_may(before: Database) -> None:
    migrations.migrate(before, "20261123_0300")
    another = "INSERT INTO seeds (id, url_id, domain_id, root_id, scope, kept) OVERRIDING SYSTEM VALUE VALUES "
    with before.connect(autocommit=True) as connection:
        with pytest.raises(psycopg.errors.UniqueViolation, match="seeds_hop_domain_id_key"):
            connection.execute(f"{another} (7, 7, 2, 1, 'domain', FALSE)".encode())
        connection.execute(f"{another} (7, 7, 2, NULL, 'host', TRUE)".encode())


def test_the_way_down_forbids_nothing_and_brings_nobody_back(before: Database) -> None:
    migrations.migrate(before, "20261123_0300")
    migrations.migrate(before, "20261123_0200")
    with before.connect() as connection:
        assert connection.execute("SELECT id FROM seeds ORDER BY id").fetchall() == [(1,), (2,), (5,), (6,)]
        connection.execute("UPDATE seeds SET root_id = 1 WHERE id = 6")
