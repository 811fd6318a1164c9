"""What is usual among the targets of this index, as of the last `backlinks rank`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Double, Integer, Table, Text

from backlink_crawler.store.schema.base import metadata

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
