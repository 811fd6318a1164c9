"""What is usual among the targets of this index, and the profiles of large ones, as of the last `backlinks rank`."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, Column, Double, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import metadata, time

_PERCENTILE = "so many percent of these targets are at most there; NULL: they are fewer than 20"

profile_percentiles = Table(
    "profile_percentiles",
    metadata,
    *(Column(name, Double, comment=_PERCENTILE) for name in ("p5", "p25", "p50", "p75", "p95")),
    Column(
        "targets", Integer, nullable=False, comment="with 20 referring domains and more, of which the figure is known"
    ),
    Column("figure", Text, primary_key=True, comment="a column of a view profile_…"),
    CheckConstraint("(p5 IS NULL) = (p95 IS NULL)", name="percentiles_are_known_together"),
    comment="How the figures of profiles are spread over the targets of this index. Written only when that changes.",
)

# No foreign key: a row whose domain has gone goes with the next run.
domain_profiles = Table(
    "domain_profiles",
    metadata,
    Column("as_of", time, nullable=False, comment="when it was ranked: all of this was so then"),
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("figures", JSONB, nullable=False, comment="its rows of the views profile_…, as one: value by column"),
    Column(
        "mixes",
        JSONB,
        nullable=False,
        comment="what kinds of live links it has: mix, word, links, refdomains, and of the mix words, known links and "
        "known_refdomains",
    ),
    Column("top_anchors", JSONB, nullable=False, comment="the first ten rows of the view anchors"),
    Column("top_pages", JSONB, nullable=False, comment="the first ten rows of the view best_by_links"),
    Column(
        "top_refdomains",
        ARRAY(Integer),
        nullable=False,
        comment="the 200 referring domains with most authority, those first",
    ),
    comment="Profiles of domains with more links than are counted while somebody waits, written by each ranking.",
)
