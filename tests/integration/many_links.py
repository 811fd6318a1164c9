"""A page with thousands of links, for answers that come some at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.worker import Worker, add_seed, link

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_MANY = """
INSERT INTO links SELECT (l).* FROM (
    SELECT jsonb_populate_record(l, jsonb_build_object('id', 1000000 + n, 'position', n)) AS l
    FROM links AS l CROSS JOIN generate_series(1, %s) AS n WHERE l.id = (SELECT min(id) FROM links)
) AS made
"""


def fill_many(database: Database, links: int) -> None:
    """So many links from http://from.test/ to http://to.test/."""
    add_seed(database, "http://from.test/")
    with Worker(database) as worker:
        worker.claim()
        worker.read("http://from.test/", link("http://to.test/", "first"))
    with database.connect() as connection:
        connection.execute("ALTER TABLE links ALTER id DROP IDENTITY")
        connection.execute(_MANY.encode(), [links - 1])
