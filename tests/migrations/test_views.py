"""The views people's SQL rests on: what must be in them, and what an upgrade makes of older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backlink_crawler.ask.questions import QUESTIONS
from backlink_crawler.inputs.marks import Mark, Subject
from backlink_crawler.model import Outcome, Placement, Position, Target, TargetMode
from backlink_crawler.rank.job import rank
from backlink_crawler.store import migrations, versions
from backlink_crawler.store.asking import Filters
from backlink_crawler.store.marks import NewMark, add_marks
from backlink_crawler.store.statements import views
from backlink_crawler.store.topics import add_topic_seeds
from backlink_crawler.store.versions import SchemaState
from backlink_crawler.store.views import VIEW_COMMENTS
from tests.integration.small_index import SmallIndex
from tests.integration.worker import link

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

# Columns may be added, never renamed.
REQUIRED = {
    "backlinks": "url_from host_from domain_from title_from language_from http_code_from url_to host_to domain_to anchor "
    "anchor_source rel is_dofollow is_nofollow is_sponsored is_ugc page_nofollow page_noindex link_type snippet_left "
    "snippet_right links_external links_internal first_seen last_seen lost_at status lost_reason link_position block_words "
    "link_density order_on_page sitewide slot_id relevance anchor_class value value_authority value_trust value_position "
    "value_relevance value_follow value_outgoing risk reasons path_hash",
    "referring_domains": "domain_to domain_from links dofollow_links refpages pages_to first_seen last_seen lost_at status "
    "authority authority_percentile trust relevance content_links risk reasons mark mark_note mirror_of network",
    "mirrored_pages": "url domain first_url bits group_domains",
    "referring_networks": "domain_to network refdomains refdomains_share network_domains index_share",
    "anchor_profile": "domain_to refdomains anchors entropy exact_share exact_lower exact_p95 over_optimised empty_share "
    "image_share naked_share branded_share compound_share partial_share generic_share other_share",
    "anchors": "domain_to anchor refdomains refpages links dofollow_links first_seen last_seen",
    "target_overview": "domain_to backlinks dofollow_links nofollow_links sponsored_links ugc_links refpages refdomains "
    "dofollow_refdomains lost_links unverified_links first_seen last_seen pages_known pages_visited oldest_visit "
    "newest_visit authority trust",
    "crawled_pages": "url host domain http_code outcome reason depth first_seen last_visited next_visit links_external "
    "links_internal title language",
    "best_by_links": "domain_to url_to",
    "linked_domains": "domain_from domain_to links",
    "domain_topics": "domain topic score share",
    "risk_reasons": "domain target signal value percentile weight factor policy",
    "link_history": "domain_to domain_from url_from url_to happened_at event before after outcome http_code slot_id",
    "marks": "domain url mark mark_note marked_by marked_at domain_id url_id",
    "mark_history": "domain url mark mark_note marked_by marked_at in_force",
    "new_lost_daily": "domain_to day new_links lost_links new_refdomains lost_refdomains restored_links restored_refdomains",
    "broken_backlinks": "domain_to url_to url_from",
    "lost_referring_domains": "domain_to domain_from lost_links first_seen last_seen lost_at lost_learnt_at",
    "coverage": "domain pages_known pages_visited oldest_visit newest_visit",
    "domain_authority": "domain authority authority_percentile trust follow_refdomains follow_domains_to pagerank_ratio "
    "pagerank trustrank harmonic ranked_at run_id",
    "index_percentiles": "figure targets p5 p25 p50 p75 p95",
    "profile_age": "domain_to refdomains first_seen median_age fresh_refdomains fresh_share year_old_refdomains year_old_share",
    "profile_anchor_mix": "domain_to anchor_refdomains anchors entropy top_keyword top_keyword_refdomains top_keyword_share "
    "exact_refdomains exact_share branded_share naked_share generic_share other_share",
    "profile_authority": "domain_to ranked_refdomains unlinked_refdomains unlinked_share median_authority median_trust "
    "relevance_refdomains median_relevance off_topic_refdomains off_topic_share",
    "profile_coverage": "domain_to backlinks links unverified_links unverified_share pages_known pages_visited visited_share "
    "broken_links broken_share",
    "profile_diversity": "domain_to refdomains links domains_per_link top_domain top_domain_links top_domain_share tlds top_tld "
    "top_tld_refdomains top_tld_share reciprocal_refdomains reciprocal_share",
    "profile_follow_mix": "domain_to refdomains dofollow_refdomains dofollow_share backlinks nofollow_links nofollow_share "
    "sponsored_links sponsored_share ugc_links ugc_share",
    "profile_networks": "domain_to networks network_refdomains top_network top_network_refdomains top_network_share",
    "profile_languages": "domain_to target_language languages language_refdomains top_language top_language_refdomains "
    "top_language_share other_language_refdomains other_language_share",
    "profile_position_mix": "domain_to refdomains content_refdomains content_refdomain_share position_links content_share "
    "comments_share sitewide_links sitewide_share",
    "profile_velocity": "domain_to refdomains new_a_week lost_a_week busiest_new_refdomains busiest_share busiest_week "
    "recently_lost_refdomains recent_refdomains recently_lost_share",
    "authority_history": "domain ranked_at authority pagerank_ratio trust run_id",
}
TARGETS = {
    TargetMode.DOMAIN: "example.com",
    TargetMode.SUBDOMAINS: "www.example.com",
    TargetMode.EXACT: "https://example.com/",
    TargetMode.PREFIX: "https://example.com/blog/",
}
# What `anchors`, `best_by_links` and profiles are put together from; nobody's SQL need rest on them.
PARTS = {"kept_anchors", "counted_anchors", "kept_best_by_links", "counted_best_by_links", "kept_profiles"}
# On which a view of ours is built that reads their newest column.
BUILT_ON = {"anchor_profile", "anchors"}
_TYPES = {
    ("backlinks", "rel"): "text[]",
    ("backlinks", "status"): "text",
    ("backlinks", "is_dofollow"): "boolean",
    ("backlinks", "first_seen"): "timestamp with time zone",
    ("referring_domains", "links"): "integer",
    ("target_overview", "refdomains"): "integer",
    ("new_lost_daily", "day"): "date",
}
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 ORDER BY c.relname, a.attnum"""


def columns_of(database: Database) -> list[tuple[str, str, str, str]]:
    with database.connect() as connection:
        return connection.execute(_COLUMNS.encode()).fetchall()


def test_there_are_the_views_that_are_promised_and_no_others(database: Database) -> None:
    assert {column[0] for column in columns_of(database)} == set(views()) == set(VIEW_COMMENTS) == {*REQUIRED, *PARTS}


def test_a_url_is_hashed_as_it_always_was(database: Database) -> None:
    with database.connect() as connection:
        # printf 'https://example.com/ä' | sha256sum | cut -c-32
        assert connection.execute("SELECT url_hash('https://example.com/ä')::text").fetchone() == (
            "574d65d5-9c9c-a8c9-3bec-6fd9c252dfec",
        )


def fill(database: Database) -> None:
    """Rows in every view."""
    first, edited = link("http://to.test/", "To"), link("http://to.test/", "Edited")
    first.placement = edited.placement = Placement(Position.CONTENT, 40, 5, 123, 9)
    with SmallIndex(database) as index:
        index.read(1, "http://from.test/", first, link("http://to.test/gone", "Gone"))
        index.read(2, "http://from.test/", edited, link("http://to.test/gone", "Gone"))
        index.read(3, "http://to.test/gone", outcome=Outcome.GONE, http_code=404)
        for at, links in ((4, [link("http://lost.test/")]), (5, []), (6, [])):
            index.read(at, "http://from.test/two", *links)
    with database.connect() as connection:
        add_topic_seeds(connection, [("coffee", "from.test")])
        add_marks(connection, [NewMark(Subject("from.test"), Mark.CONTACTED, None, "Ann")])
    rank(database, lambda _doing: None)
    with database.connect() as connection:  # nothing is usual in so small an index
        connection.execute(
            "INSERT INTO risk_factors (domain_id, target_id, signal, value, percentile, factor) "
            "SELECT id, 0, 0, 0.9, 99, 1 FROM domains WHERE name = 'from.test'"
        )
        connection.execute("INSERT INTO page_mirrors SELECT page_id, page_id, 2, 0 FROM page_facts")
        connection.execute("INSERT INTO networks VALUES ('192.0.2.0/24', 3)")
        connection.execute("INSERT INTO domain_networks SELECT id, '192.0.2.0/24' FROM domains")
        connection.execute("INSERT INTO profile_percentiles (figure, targets) VALUES ('exact_share', 0)")


def make_older(database: Database) -> None:
    """Every view of another text, without its newest column; and views of somebody else's on top of them."""
    made = {}
    with database.connect() as connection:
        for view in views():
            row = connection.execute("SELECT rtrim(pg_get_viewdef(%s::regclass), ';')", [view]).fetchone()
            names = [name for of, name, *_ in connection.execute(_COLUMNS.encode()) if of == view]
            assert row is not None
            older = names if view in PARTS | BUILT_ON else names[:-1]
            made[view] = f"CREATE VIEW {view} AS SELECT {', '.join(older)} FROM ({row[0]}) AS newer"
        connection.execute(f"DROP VIEW {', '.join(VIEW_COMMENTS)}".encode())
        for statement in made.values():
            connection.execute(statement.encode())
        connection.execute("UPDATE index_state SET value = 'older' WHERE name = 'views'")
        connection.execute(
            "CREATE VIEW mine AS SELECT r.domain_to, r.links, b.anchor FROM referring_domains AS r "
            "INNER JOIN backlinks AS b USING (domain_from, domain_to)"
        )
        connection.execute("CREATE VIEW mine_on_top AS SELECT count(*) FROM mine")


@pytest.mark.both_servers
def test_an_older_index_has_the_views_of_today_after_an_upgrade_and_those_of_others_live(database: Database) -> None:
    newest = columns_of(database)
    fill(database)
    make_older(database)
    assert (
        len(columns_of(database)) == len(newest) - len(REQUIRED) + len(BUILT_ON) + 4
    )  # without one each, with those of others
    assert versions.schema_of(database).state is SchemaState.OUTDATED
    migrations.upgrade(database)
    assert versions.schema_of(database).state is SchemaState.CURRENT
    assert [column for column in columns_of(database) if not column[0].startswith("mine")] == newest
    with database.connect() as connection:
        for view in REQUIRED:
            assert connection.execute(f"SELECT * FROM {view}".encode()).fetchall() != [], view
        assert connection.execute("SELECT * FROM mine WHERE links > 0 ORDER BY anchor").fetchall() == [
            ("to.test", 2, "Edited"),
            ("to.test", 2, "Gone"),
        ]
        assert connection.execute("SELECT * FROM mine_on_top").fetchall() == [(3,)]
        for view in REQUIRED:
            definition = connection.execute("SELECT pg_get_viewdef(%s::regclass)", [view]).fetchone()
            assert definition is not None
            assert "newer" not in definition[0]


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
        connection.execute(f"GRANT SELECT ON {', '.join(VIEW_COMMENTS)} TO reader_of_views".encode())
        connection.execute("SET ROLE reader_of_views")
        assert connection.execute("SELECT * FROM referring_domains WHERE domain_to = 'example.com'").fetchall() == []
        for mode, value in TARGETS.items():
            for question in QUESTIONS.values():
                query = question(Target(mode, "example.com", (value,)), Filters(since="now() - interval '7 days'"))
                assert len(connection.execute(query.literal().encode()).fetchall()) <= 1
        connection.rollback()
