"""The migrated schema is what store/schema/ says, down to storage parameters, and every part of it is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backlink_crawler.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.store.database import Database
    from tests.conftest import Server

_OURS = "c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'visits\\_%' AND c.relname <> 'alembic_version'"
# What there is to say of a table, by the catalogue: what compare_metadata looks at, and what it leaves out.
_CATALOGUE = {
    "constraints": f"""
        SELECT c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid)
        FROM pg_constraint AS k INNER JOIN pg_class AS c ON k.conrelid = c.oid WHERE {_OURS}""",
    "indexes": f"""
        SELECT c.relname, pg_get_indexdef(i.indexrelid)
        FROM pg_index AS i INNER JOIN pg_class AS c ON i.indrelid = c.oid WHERE {_OURS}""",
    "storage parameters": f"SELECT c.relname, unnest(c.reloptions) FROM pg_class AS c WHERE c.relkind = 'r' AND {_OURS}",
    "partitioning": f"SELECT c.relname, pg_get_partkeydef(c.oid) FROM pg_class AS c WHERE c.relkind = 'p' AND {_OURS}",
    "comments on tables": f"""
        SELECT c.relname, obj_description(c.oid, 'pg_class')
        FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND {_OURS}""",
    "columns": f"""
        SELECT
            c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
        FROM pg_attribute AS a
        INNER JOIN pg_class AS c ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {_OURS}""",
}


@pytest.fixture
def built(server: Server) -> Iterator[Database]:
    """A database made from store/schema/ alone."""
    made = server.empty()
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(made.dsn))
    metadata.create_all(engine)
    engine.dispose()
    yield made
    server.drop(made)


def rows(database: Database, query: str) -> set[tuple[Any, ...]]:
    with database.connect() as connection:
        return set(connection.execute(query.encode()).fetchall())


def test_alembic_sees_no_difference_between_the_models_and_the_migrated_schema(database: Database) -> None:
    def include(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("visits_"))

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database.dsn))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": include, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@pytest.mark.both_servers
def test_the_catalogue_of_the_migrated_schema_is_that_of_the_models(database: Database, built: Database) -> None:
    for what, query in _CATALOGUE.items():
        migrated, modelled = rows(database, query), rows(built, query)
        assert migrated, f"{what}: the query finds nothing to compare"
        assert migrated - modelled == set(), what
        assert modelled - migrated == set(), what


def test_hot_tables_leave_room_for_their_updates(database: Database) -> None:
    """Rescheduling a page or a host stays on its page of the table (a HOT update)."""
    options = rows(database, _CATALOGUE["storage parameters"])
    assert {
        ("pages", "fillfactor=80"),
        ("pages", "autovacuum_vacuum_scale_factor=0.05"),
        ("crawled_hosts", "fillfactor=70"),
        ("crawled_hosts", "autovacuum_vacuum_scale_factor=0.05"),
        ("queue_hosts", "fillfactor=70"),
        ("queue_hosts", "autovacuum_vacuum_scale_factor=0.05"),
    } <= options


def test_a_check_is_named_after_its_rule(database: Database) -> None:
    names = {row[1] for row in rows(database, _CATALOGUE["constraints"]) if row[2] == "c"}
    assert names >= {
        *("link_type_is_known", "link_status_is_known", "live_links_are_not_absent", "lost_links_have_a_reason"),
        *("edge_status_is_known", "page_kind_is_known", "visit_outcome_is_known", "scope_is_host_domain_or_prefix"),
        *("url_is_at_most_2048_characters", "domain_has_a_name", "host_has_a_name", "seed_limits_are_not_negative"),
    }
    assert not [name for name in names if name.endswith("_check") or name[-1].isdigit()]


def test_no_check_stands_on_a_sum(database: Database) -> None:
    """One that has drifted must not refuse a page: `backlinks db check` finds it."""
    sums = ("domain_edges", "domain_totals", "domain_coverage", "daily_changes")
    checks = {row[3] for row in rows(database, _CATALOGUE["constraints"]) if row[2] == "c" and row[0] in sums}
    assert checks == {"CHECK (((status >= 0) AND (status <= 2)))"}


def test_every_table_view_column_and_function_has_a_comment(database: Database) -> None:
    silent = """
        SELECT c.relname, '' FROM pg_class AS c
        WHERE
            c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
            AND c.relname <> 'alembic_version' AND obj_description(c.oid, 'pg_class') IS NULL
        UNION ALL
        SELECT c.relname, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid
        WHERE
            c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
            AND c.relname <> 'alembic_version' AND a.attnum > 0 AND NOT a.attisdropped
            AND coalesce(col_description(c.oid, a.attnum), '') = ''
        UNION ALL
        SELECT p.proname, '' FROM pg_proc AS p
        WHERE p.pronamespace = 'public'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL"""
    assert rows(database, silent) == set()


def test_the_comment_of_a_nullable_column_says_what_null_means(database: Database) -> None:
    unexplained = f"""
        SELECT c.relname, a.attname FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid
        WHERE
            c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull AND {_OURS}
            AND col_description(c.oid, a.attnum) NOT LIKE '%NULL: %'"""
    assert rows(database, unexplained) == set()


def test_times_carry_a_zone_and_keys_are_identities(database: Database) -> None:
    columns = rows(database, _CATALOGUE["columns"])
    assert not [row[:4] for row in columns if row[3] == "timestamp without time zone"]
    narrow = {row[0] for row in columns if row[2:4] == ("id", "integer")}
    assert narrow == {"domains", "batches", "rels", "ranking_runs"}  # fewer than two billion, and named in every link
    assert {row[3] for row in columns if row[2] == "id" and row[0] not in narrow} == {"bigint"}
    assert {row[5] for row in columns if row[2] == "id"} == {"a"}  # GENERATED ALWAYS
    bytewise = {(row[0], row[2]) for row in columns if row[6] == '"C"'}
    assert {("urls", "url"), ("hosts", "name"), ("domains", "name")} <= bytewise
