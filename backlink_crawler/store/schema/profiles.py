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

_PLACES = ("content", "list", "nav", "header", "footer", "sidebar", "comments")
position_profiles = Table(
    "position_profiles",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column(
        "position_refdomains",
        Integer,
        nullable=False,
        comment="referring domains with at least one live text or image link of which it is known where it stands",
    ),
    *(
        Column(f"{place}_refdomains", Integer, nullable=False, comment=f"those of them with a link in: {place}")
        for place in _PLACES
    ),
    Column("sitewide_refdomains", Integer, nullable=False, comment="those of them with a sitewide link"),
    Column("position_links", Integer, nullable=False, comment="links of which it is known where they stand"),
    Column("sitewide_links", Integer, nullable=False, comment="those of them that are sitewide"),
    comment="Where the links to large domains stand, as of the last ranking; for other domains it is counted by each query.",
)
