"""What was done: sources, batches, and every visit."""

from __future__ import annotations

from sqlalchemy import (
    UUID,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import key, metadata, narrow_key, now, time

sources = Table(
    "sources",
    metadata,
    key(),
    Column("started_at", time, nullable=False, server_default=now, comment="when it began"),
    Column("finished_at", time, comment="when it ended; NULL: running, or killed"),
    Column(
        "seen_at",
        time,
        nullable=False,
        server_default=now,
        comment="when it last reported that it is running, every 20 s",
    ),
    Column("worker", UUID, nullable=False, comment="the process that runs it"),
    Column("kind", SmallInteger, nullable=False, server_default="0", comment="0 a run of a crawl, 1 an archive"),
    Column("reason", Text, comment="why it ended: finished, max_pages, …; NULL: running, or killed"),
    Column("name", Text, nullable=False, comment="of a crawl: the seeds that it was given; of an archive: its name"),
    Column(
        "stats",
        JSONB,
        comment="what it has recorded so far, and at the end Scrapy's statistics; NULL: not reported yet",
    ),
    CheckConstraint("kind IN (0, 1)", name="source_kind_is_known"),
    comment="Where observations come from: one row a run of a crawl, or an archive that was imported.",
)

batches = Table(
    "batches",
    metadata,
    narrow_key(),
    Column(
        "source_id", BigInteger, ForeignKey("sources.id"), nullable=False, comment="where its observations come from"
    ),
    Column(
        "recorded_at",
        time,
        nullable=False,
        server_default=now,
        comment="when it was recorded: all that it shows was learnt then",
    ),
    Column(
        "number",
        Integer,
        nullable=False,
        comment="within its source, from 1: a batch that is sent again is recognised by it",
    ),
    UniqueConstraint("source_id", "number", name="batches_source_id_number_key"),
    Index("batches_recorded_at_idx", "recorded_at"),  # the first batch since then: `--since`
    comment="Observations that one transaction recorded: when, and from which source.",
)

visits = Table(
    "visits",
    metadata,
    Column("page_id", BigInteger, primary_key=True, autoincrement=False, comment="the page"),
    Column("observed_at", time, primary_key=True, comment="when the answer came; of a capture, when it was taken"),
    Column("batch_id", Integer, nullable=False, comment="the batch that recorded it: when, and from which source"),
    Column("size", Integer, nullable=False, comment="bytes of the body, decompressed"),
    Column("elapsed_ms", Integer, nullable=False, comment="milliseconds from request to the first byte of the answer"),
    Column("links_found", Integer, nullable=False, comment="links that it saw and that were not known"),
    Column("links_gone", Integer, nullable=False, comment="known live links that it did not see"),
    Column("outcome", SmallInteger, nullable=False, comment="how it ended, as in model.Outcome"),
    Column("http_code", SmallInteger, comment="status of the answer; NULL: none came"),
    Column(
        "settled",
        SmallInteger,
        comment="what it showed of its page: 0 read, 1 gone, 2 redirects; NULL: it was inconclusive",
    ),
    Column(
        "rendering",
        SmallInteger,
        comment="why it was rendered, or not, as in model.RenderReason; NULL: its HTML had enough links",
    ),
    Column("rendered_ms", Integer, comment="milliseconds that the browser took; NULL: it was not rendered"),
    Column("reason", Text, comment="why, when the outcome does not say it all; NULL: it does"),
    CheckConstraint("rendering BETWEEN 0 AND 16", name="visit_rendering_is_known"),
    CheckConstraint("outcome BETWEEN 0 AND 18", name="visit_outcome_is_known"),
    CheckConstraint("settled BETWEEN 0 AND 2", name="visit_settled_is_known"),
    Index("visits_observed_at_idx", "observed_at", postgresql_using="brin"),  # the last day's: `backlinks status`
    comment="Every fetch of a page and every capture, append-only, one partition a month.",
    postgresql_partition_by="RANGE (observed_at)",
)
