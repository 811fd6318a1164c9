"""What was done: runs, and every fetch."""

from __future__ import annotations

from sqlalchemy import (
    UUID,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import key, metadata, now, time

crawls = Table(
    "crawls",
    metadata,
    key(),
    Column("started_at", time, nullable=False, server_default=now, comment="when it began"),
    Column("finished_at", time, comment="when it ended; NULL: running, or killed"),
    Column(
        "seen_at", time, nullable=False, server_default=now, comment="when it last said that it is alive, each 20 s"
    ),
    Column("batch", BigInteger, nullable=False, server_default="0", comment="of visits, the last that it has recorded"),
    Column("worker", UUID, nullable=False, comment="the process that ran it"),
    Column("reason", Text, comment="why it ended, in Scrapy's words; NULL: running, or killed"),
    Column("seeds", Text, nullable=False, comment="what was asked for: a file, a list, or the kept seeds"),
    Column(
        "stats", JSONB, comment="what it has recorded so far, at the end Scrapy's statistics too; NULL: not said yet"
    ),
    comment="One row a run of `scrapy crawl`.",
)

visits = Table(
    "visits",
    metadata,
    Column("page_id", BigInteger, primary_key=True, autoincrement=False, comment="the page"),
    Column("visited_at", time, primary_key=True, comment="when the visit was recorded"),
    Column("crawl_id", BigInteger, nullable=False, comment="the run"),
    Column("size", Integer, nullable=False, comment="bytes of the body, decompressed"),
    Column("elapsed_ms", Integer, nullable=False, comment="milliseconds from request to the first byte of the answer"),
    Column("links_found", Integer, nullable=False, comment="links it found that were not known"),
    Column("links_gone", Integer, nullable=False, comment="known live links that it did not find"),
    Column("outcome", SmallInteger, nullable=False, comment="how it ended, as in model.Outcome"),
    Column("http_code", SmallInteger, comment="status of the answer; NULL: none came"),
    Column("reason", Text, comment="why, when the outcome does not say it all; NULL: it does"),
    Column(
        "rendering",
        SmallInteger,
        comment="why it was rendered, or would have been, as in model.RenderReason; NULL: its HTML held enough",
    ),
    Column("rendered_ms", Integer, comment="milliseconds that the browser took; NULL: it was not rendered"),
    CheckConstraint("rendering BETWEEN 0 AND 16", name="visit_rendering_is_known"),
    CheckConstraint("outcome BETWEEN 0 AND 16", name="visit_outcome_is_known"),
    Index("visits_visited_at_idx", "visited_at", postgresql_using="brin"),  # the last day's: `backlinks status`
    comment="Every fetch of a page, append-only, one partition a month.",
    postgresql_partition_by="RANGE (visited_at)",
)
