"""The views people's SQL rests on: what must be in them, and that migrations carry their current text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.store.statements import url_hash_function, views
from backlink_crawler.store.views import VIEW_COMMENTS, comment_columns, create_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

# Columns may be added, never renamed.
REQUIRED = {
    "backlinks": "url_from host_from domain_from title_from language_from http_code_from url_to host_to domain_to anchor "
    "anchor_source rel is_dofollow is_nofollow is_sponsored is_ugc page_nofollow page_noindex link_type snippet_left "
    "snippet_right links_external links_internal first_seen last_seen lost_at status lost_reason",
    "referring_domains": "domain_to domain_from links dofollow_links refpages pages_to first_seen last_seen lost_at status",
    "anchors": "domain_to anchor refdomains refpages links dofollow_links first_seen last_seen",
    "target_overview": "domain_to backlinks dofollow_links nofollow_links sponsored_links ugc_links refpages refdomains "
    "dofollow_refdomains lost_links unverified_links first_seen last_seen pages_known pages_visited oldest_visit "
    "newest_visit",
    "crawled_pages": "url host domain http_code outcome reason depth first_seen last_visited next_visit links_external "
    "links_internal title language",
    "best_by_links": "domain_to url_to",
    "linked_domains": "domain_from domain_to links",
    "link_history": "domain_to domain_from url_from url_to happened_at event before after outcome http_code",
    "new_lost_daily": "domain_to day new_links lost_links new_refdomains lost_refdomains",
    "broken_backlinks": "domain_to url_to url_from",
}
_TYPES = {
    ("backlinks", "rel"): "text[]",
    ("backlinks", "status"): "text",
    ("backlinks", "is_dofollow"): "boolean",
    ("backlinks", "first_seen"): "timestamp with time zone",
    ("referring_domains", "links"): "integer",
    ("target_overview", "refdomains"): "bigint",
    ("new_lost_daily", "day"): "date",
}
_VIEWS = "FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'"
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 ORDER BY c.relname, a.attnum"""


@pytest.fixture
def remade(server: Server) -> Iterator[Database]:
    """The migrated schema, its views and function dropped and made again from store/sql/."""
    made = server.copy()
    with made.connect() as connection:
        connection.execute(f"DROP VIEW {', '.join(VIEW_COMMENTS)}".encode())
        connection.execute("DROP FUNCTION url_hash(text)")
        connection.execute(url_hash_function().encode())
        for statement in create_views():
            connection.execute(statement.encode())
        columns = [row[:2] for row in connection.execute(_COLUMNS.encode())]
        for statement in comment_columns(columns):
            connection.execute(statement.encode())
    yield made
    server.drop(made)


@pytest.mark.both_servers
def test_the_migrated_views_have_the_text_that_stands_in_the_package(database: Database, remade: Database) -> None:
    def texts(of: Database) -> dict[str, tuple[str, str]]:
        query = f"SELECT c.relname, pg_get_viewdef(c.oid, TRUE), obj_description(c.oid, 'pg_class') {_VIEWS}"
        with of.connect() as connection:
            return {name: (text, comment) for name, text, comment in connection.execute(query.encode())}

    assert set(texts(remade)) == set(views()) == set(REQUIRED)
    for name, text in texts(remade).items():
        assert texts(database)[name] == text, f"write a migration for the view {name}"


def test_the_columns_of_the_migrated_views_mean_what_the_package_says(database: Database, remade: Database) -> None:
    with database.connect() as migrated, remade.connect() as current:
        assert migrated.execute(_COLUMNS.encode()).fetchall() == current.execute(_COLUMNS.encode()).fetchall()


def test_the_migrated_url_hash_is_the_one_that_stands_in_the_package(database: Database, remade: Database) -> None:
    query = "SELECT pg_get_functiondef('url_hash(text)'::regprocedure)"
    with database.connect() as migrated, remade.connect() as current:
        assert migrated.execute(query).fetchone() == current.execute(query).fetchone()
        # printf 'https://example.com/ä' | sha256sum | cut -c-32
        assert migrated.execute("SELECT url_hash('https://example.com/ä')::text").fetchone() == (
            "574d65d5-9c9c-a8c9-3bec-6fd9c252dfec",
        )


def test_every_view_has_the_columns_that_it_promises(database: Database) -> None:
    with database.connect() as connection:
        found = {(view, column): kind for view, column, kind, _ in connection.execute(_COLUMNS.encode())}
    missing = [(view, column) for view in REQUIRED for column in REQUIRED[view].split() if (view, column) not in found]
    assert missing == []
    assert {key: found[key] for key in _TYPES} == _TYPES


def test_every_view_answers_on_an_empty_index(database: Database) -> None:
    with database.connect() as connection:
        for view in REQUIRED:
            assert connection.execute(f"SELECT * FROM {view}".encode()).fetchall() == [], view


def test_readers_need_the_views_only(database: Database) -> None:
    """A role that may read the views and nothing else can ask the main question."""
    with database.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS reader_of_views")
        connection.execute("CREATE ROLE reader_of_views")
        connection.execute(f"GRANT SELECT ON {', '.join(REQUIRED)} TO reader_of_views".encode())
        connection.execute("SET ROLE reader_of_views")
        assert connection.execute("SELECT * FROM referring_domains WHERE domain_to = 'example.com'").fetchall() == []
        connection.rollback()
