"""Profiles of targets: their figures, and what is usual among the targets of this index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.store.anchor_classes import LEAST_REFDOMAINS, LEAST_TARGETS
from backlink_crawler.store.asking import Query
from backlink_crawler.store.choosing import domain_id
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from backlink_crawler.model import Target
    from backlink_crawler.store.database import Database

_SQL = statements("profiles")
_ROWS = statements("findings")
RULES = {"least_refdomains": LEAST_REFDOMAINS, "least_targets": LEAST_TARGETS}

# What is compared with other targets, by the view that has it: shares of 1, counts, days, or scores.
FIGURES = {
    "profile_diversity": ("domains_per_link", "top_domain_share", "tlds", "top_tld_share", "reciprocal_share"),
    "profile_networks": ("networks", "top_network_share"),
    "profile_languages": ("languages", "top_language_share", "other_language_share"),
    "profile_follow_mix": ("dofollow_share", "nofollow_share", "sponsored_share", "ugc_share"),
    "profile_position_mix": (
        *("content_refdomain_share", "content_share", "list_share", "nav_share", "header_share", "footer_share"),
        *("sidebar_share", "comments_share", "sitewide_share"),
    ),
    "profile_anchor_mix": (
        *("entropy", "top_keyword_share", "exact_share", "partial_share", "branded_share", "compound_share"),
        *("naked_share", "generic_share", "image_share", "empty_share", "other_share"),
    ),
    "profile_authority": ("unlinked_share", "median_authority", "median_trust", "median_relevance", "off_topic_share"),
    "profile_velocity": ("new_a_week", "lost_a_week", "busiest_share", "recently_lost_share"),
    "profile_age": ("median_age", "fresh_share", "year_old_share"),
    "profile_coverage": ("unverified_share", "visited_share"),
}


class Usual(NamedTuple):
    """How a figure is spread over the targets of this index. None: it is not known, as they are too few."""

    targets: int
    p5: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p95: float | None


def profile_query(view: str, target: Target) -> Query:
    """A part of a whole domain's profile: one row, or none."""
    text = f"SELECT *\nFROM {view}\nWHERE domain_to_id = %(domain_to)s"
    return Query(text, {"domain_to": domain_id(target)})


def rows_query(finding: str, figures: Mapping[str, Any]) -> Query:
    """What shows the rows behind a finding. In one line, so that it can be told below a sentence."""
    text = " ".join(_ROWS[finding].split())
    return Query(text, {name: value for name, value in figures.items() if f"%({name})s" in text})


def read_profile(database: Database, views: Sequence[str], target: Target) -> dict[str, Any]:
    """The figures of all these views; of a view without a row there are none."""
    figures: dict[str, Any] = {}
    with database.connect() as connection, database_errors(database), connection.transaction():
        key = domain_id(target)
        row = connection.execute(f"SELECT {key.call}".encode(), key.arguments).fetchone()
        assert row is not None
        with connection.cursor(row_factory=dict_row) as cursor:
            for view in views:
                query = profile_query(view, target)
                found = cursor.execute(query.text.encode(), {"domain_to": row[0]}).fetchone()
                figures |= found or {}
    return figures


def read_usual(database: Database) -> dict[str, Usual]:
    """By figure, as of the last `backlinks rank`."""
    with database.connect() as connection, database_errors(database):
        return {figure: Usual(*usual) for figure, *usual in connection.execute(_SQL["usual"]).fetchall()}


def measure(connection: psycopg.Connection[Any], figures: Mapping[str, Sequence[str]]) -> int:
    """Within a transaction: what is stored is from now on what is found. figures: by view. Returns how many targets counted."""
    connection.execute("SET LOCAL work_mem = '64MB'")
    connection.execute(_SQL["judged"], RULES)
    connection.execute("ANALYZE judged_targets")
    connection.execute(_SQL["figures"])
    for view, names in figures.items():
        connection.execute(_figures_of(view).encode(), {"figures": list(names)})
    connection.execute(_SQL["percentiles"], RULES)
    connection.execute(_SQL["forget"])
    connection.execute(_SQL["write"])
    row = connection.execute(_SQL["targets"]).fetchone()
    assert row is not None
    return int(row[0])


def _figures_of(view: str) -> str:
    return f"""INSERT INTO found_figures (figure, value)
SELECT f.key, f.value::double precision
FROM judged_targets AS j
INNER JOIN {view} AS v ON j.domain_to_id = v.domain_to_id
CROSS JOIN LATERAL jsonb_each_text(to_jsonb(v)) AS f
WHERE f.key = ANY(%(figures)s) AND f.value IS NOT NULL"""  # noqa: S608  our own names
