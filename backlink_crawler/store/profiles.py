"""Profiles of targets: their figures, and what is usual among the targets of this index.

Figures of targets with many links are kept by each ranking, as of which they are told; of others they are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from backlink_crawler.store.anchor_classes import LEAST_REFDOMAINS, LEAST_TARGETS
from backlink_crawler.store.asking import Query, run_on
from backlink_crawler.store.choosing import domain_id
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.mixes import mixes_of_domain
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from backlink_crawler.model import Target
    from backlink_crawler.store.asking import Connection
    from backlink_crawler.store.database import Database

_SQL = statements("profiles")
_ROWS = statements("findings")
RULES = {"least_refdomains": LEAST_REFDOMAINS, "least_targets": LEAST_TARGETS}
MOST_COUNTED = 1_000  # live and unverified links of a target whose profile is counted while somebody waits

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


class Figures(NamedTuple):
    """figures: by column of the views profile_…; what is not known is None or missing. as_of: None: as of now."""

    figures: dict[str, Any]
    as_of: datetime | None = None


class Kept(NamedTuple):
    """What the last ranking has kept of a target. mixes: rows of store/mixes.py. top_refdomains: keys of domains.

    has_first_rows: of its anchors and pages.
    """

    figures: Figures
    mixes: list[dict[str, Any]]
    top_refdomains: list[int]
    has_first_rows: bool


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


def read_profile(database: Database, target: Target) -> Figures:
    """Those that are kept, else those that are counted."""
    with database.connect(autocommit=True) as connection, database_errors(database):
        kept = read_kept(connection, target)
        return kept.figures if kept else count_profile(connection, target)


def read_kept(connection: Connection, target: Target) -> Kept | None:
    """None: it has few links, or is newer than the last ranking."""
    kept = _row(connection, Query(_KEPT, {"domain_to": domain_id(target)}))
    if not kept:
        return None
    as_of, mixes, top_refdomains = kept.pop("as_of"), kept.pop("mixes"), kept.pop("top_refdomains")
    has_first_rows = kept.pop("has_first_rows")
    return Kept(Figures(kept, as_of), mixes, top_refdomains, has_first_rows)


def count_profile(connection: Connection, target: Target, views: Sequence[str] = tuple(FIGURES)) -> Figures:
    """The figures of all these views, as of now; of a view without a row there are none."""
    figures: dict[str, Any] = {}
    for view in views:
        figures |= _row(connection, profile_query(view, target))
    return Figures(figures)


def _row(connection: Connection, query: Query) -> dict[str, Any]:
    """The one that there is, or nothing."""
    answer = run_on(connection, query)
    row = answer.fetchone()
    return dict(zip([column.name for column in answer.description or ()], row, strict=True)) if row else {}


def read_usual(connection: Connection) -> dict[str, Usual]:
    """By figure, as of the last `backlinks rank`."""
    return {figure: Usual(*usual) for figure, *usual in connection.execute(_SQL["usual"]).fetchall()}


class Measured(NamedTuple):
    """How many targets counted for what is usual, and of how many the profile is kept."""

    targets: int
    kept: int


def measure(connection: Connection) -> Measured:
    """Within a transaction: what is stored is from now on what is found."""
    connection.execute("SET LOCAL work_mem = '64MB'")
    connection.execute(_SQL["judged"], RULES)
    connection.execute(_SQL["large"], {"most_counted": MOST_COUNTED})
    connection.execute("ANALYZE judged_targets, large_targets")
    connection.execute(_SQL["rows"])
    for place, view in enumerate(FIGURES):
        connection.execute(_rows_of(view).encode(), {"place": place})
    places = {figure: place for place, names in enumerate(FIGURES.values()) for figure in names}
    connection.execute(_SQL["figures"], {"figures": list(places), "places": list(places.values())})
    connection.execute(_SQL["percentiles"], RULES)
    connection.execute(_SQL["forget"])
    connection.execute(_SQL["write"])
    row = connection.execute(_SQL["targets"]).fetchone()
    assert row is not None
    return Measured(row[0], _keep(connection))


def _keep(connection: Connection) -> int:
    connection.execute("CREATE INDEX ON found_rows (domain_id)")
    connection.execute(_SQL["forget_kept"])
    # whatever is thought of their number: links are grouped by what many of them have in common
    connection.execute("SET LOCAL enable_sort = off")
    large = [domain_id for (domain_id,) in connection.execute(_SQL["large_domains"]).fetchall()]
    with connection.cursor(row_factory=dict_row) as cursor:
        for each in large:
            # planned for each: what is good for one with few links is not for the largest
            mixes = cursor.execute(mixes_of_domain().encode(), {"domain_id": each}, prepare=False).fetchall()
            cursor.execute(_SQL["keep"], {"domain_id": each, "mixes": Jsonb(mixes)})
    return len(large)


def _rows_of(view: str) -> str:
    return f"""INSERT INTO found_rows (domain_id, place, figures)
SELECT j.domain_id, %(place)s, to_jsonb(v)
FROM (SELECT domain_to_id AS domain_id FROM judged_targets UNION SELECT domain_id FROM large_targets) AS j
INNER JOIN {view} AS v ON j.domain_id = v.domain_to_id"""  # noqa: S608  our own names


def _kept_text() -> str:
    """Figures with the types that they have in their views."""
    numbered = list(enumerate(FIGURES))
    columns = ", ".join(f"v{place}.*" for place, _ in numbered)
    typed = "\n".join(
        f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{view}, k.figures) AS v{place}" for place, view in numbered
    )
    return (
        f"SELECT {columns}, k.as_of, k.mixes, k.top_refdomains, "
        f"k.top_anchors <> '[]' AS has_first_rows\nFROM kept_profiles AS k\n{typed}\n"
        "WHERE k.domain_to_id = %(domain_to)s"
    )


_KEPT = _kept_text()
