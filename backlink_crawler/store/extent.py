"""Which index this is, and how far it has come: what an answer that is taken in several runs must agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from datetime import datetime

    from backlink_crawler.store.database import Database

_EXTENT = """
SELECT
    current_database() || coalesce((SELECT ' since ' || recorded_at FROM batches ORDER BY id LIMIT 1), ''),
    coalesce((SELECT max(id) FROM batches), 0),
    now()
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """index: tells it from others. last_batch: what it has recorded last. now: by the database's clock."""

    index: str
    last_batch: int
    now: datetime


def extent(database: Database) -> Extent:
    with database.connect() as connection, database_errors(database):
        row = connection.execute(_EXTENT).fetchone()
        assert row is not None
        return Extent(*row)
