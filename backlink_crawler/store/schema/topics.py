"""Topics of domains."""

from __future__ import annotations

from sqlalchemy import REAL, CheckConstraint, Column, Integer, Table, Text

from backlink_crawler.store.schema.base import bytewise, metadata, now, time

topic_seeds = Table(
    "topic_seeds",
    metadata,
    Column("topic", Text, primary_key=True, comment="the topic, as the user calls it"),
    Column("domain", bytewise, primary_key=True, comment="registrable domain that stands for it"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    CheckConstraint("topic <> ''", name="topic_has_a_name"),
    comment="Domains that stand for a topic, as the user has named them.",
)

topic_scores = Table(
    "topic_scores",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain"),
    Column("score", REAL, nullable=False, comment="share of its PageRank that comes from the topic's seeds, 0 to 1"),
    Column("share", REAL, nullable=False, comment="score ÷ the sum of its scores of all topics"),
    Column("topic", Text, primary_key=True, comment="the topic"),
    CheckConstraint("score BETWEEN 0 AND 1 AND share BETWEEN 0 AND 1", name="topic_scores_are_shares"),
    comment="The three largest topics of each domain, as of the last ranking; what comes to less than a thousandth has no row.",
)
