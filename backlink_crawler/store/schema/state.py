"""What the whole index was made with: its views, and its Public Suffix List."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from backlink_crawler.store.schema.base import metadata, now, time

index_state = Table(
    "index_state",
    metadata,
    Column("name", Text, primary_key=True, comment="views: of the last upgrade; public_suffix_list: of every domain"),
    Column("set_at", time, nullable=False, server_default=now, comment="when it was set"),
    Column("value", Text, nullable=False, comment="views: a hash of their text; public_suffix_list: its version"),
    comment="What the index was made with.",
)
