"""What links are worth: the runs that computed it, and their scores."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import metadata, narrow_key, now, time

ranking_runs = Table(
    "ranking_runs",
    metadata,
    narrow_key(),
    Column("started_at", time, nullable=False, server_default=now, comment="when it began"),
    Column("finished_at", time, comment="when its last step was done; NULL: running, or it ended before that"),
    Column("version", Text, nullable=False, comment="of the program"),
    Column("parameters", JSONB, nullable=False, server_default="{}", comment="by step: what it was computed with"),
    Column("figures", JSONB, nullable=False, server_default="{}", comment="by step: what it read, wrote and took"),
    comment="Runs of `backlinks rank`: one row each.",
)
