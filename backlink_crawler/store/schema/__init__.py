"""The tables. Columns are ordered by width; each index says which query it serves.

Migrations carry frozen copies; tests/migrations/ proves that both are the same. Views: sql/views/.
Enumerations are smallint, numbered in model.py and CHECKed here by range.
"""

from backlink_crawler.store.schema import (
    anchors,
    frontier,
    links,
    marks,
    mirrors,
    profiles,
    prospects,
    ranking,
    risk,
    runs,
    scores,
    state,
    topics,
    urls,
)
from backlink_crawler.store.schema.base import metadata

__all__ = [
    "anchors",
    "frontier",
    "links",
    "marks",
    "metadata",
    "mirrors",
    "profiles",
    "prospects",
    "ranking",
    "risk",
    "runs",
    "scores",
    "state",
    "topics",
    "urls",
]
