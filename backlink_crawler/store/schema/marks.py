"""Marks: what people have decided of domains and pages."""

from __future__ import annotations

from sqlalchemy import UUID, Boolean, CheckConstraint, Column, Index, SmallInteger, Table, Text, text

from backlink_crawler.store.schema.base import bytewise, key, metadata, now, time

# By name and not by key: a mark is a person's work, and stays when what the index knows of its domain or page has gone.
mark_events = Table(
    "mark_events",
    metadata,
    key(),
    Column("marked_at", time, nullable=False, server_default=now, comment="when"),
    Column("url_hash", UUID, comment="url_hash(url); NULL: the whole domain is marked"),
    Column(
        "mark",
        SmallInteger,
        nullable=False,
        comment="1 contacted, 2 won, 3 declined, 4 ignore, 5 disavow; 0: the mark before was taken back",
    ),
    Column("in_force", Boolean, nullable=False, comment="the last one of its domain or page, and not taken back"),
    Column("domain", bytewise, nullable=False, comment="registrable domain, in ASCII; of a page, that it was on then"),
    Column("url", bytewise, comment="normalised URL of the page that is marked; NULL: the whole domain is"),
    Column("note", Text, comment="why, at most 1,000 characters; NULL: nobody has said"),
    Column("marked_by", Text, nullable=False, comment="who"),
    CheckConstraint("mark BETWEEN 0 AND 5", name="mark_is_known"),
    CheckConstraint("NOT (in_force AND mark = 0)", name="what_was_taken_back_is_not_in_force"),
    CheckConstraint("(url IS NULL) = (url_hash IS NULL)", name="marked_pages_have_a_hash"),
    CheckConstraint("length(url) <= 2048", name="marked_url_is_at_most_2048_characters"),
    CheckConstraint("domain <> '' AND marked_by <> ''", name="mark_says_what_and_who"),
    # the mark of a domain
    Index("mark_events_domain_key", "domain", unique=True, postgresql_where=text("in_force AND url_hash IS NULL")),
    # the mark of a page
    Index("mark_events_url_hash_key", "url_hash", unique=True, postgresql_where=text("in_force")),
    # the latest marks of a kind
    Index("mark_events_latest_idx", "mark", "id", postgresql_where=text("in_force")),
    comment="What people have marked domains and pages as, append-only: each time that somebody did, or took it back.",
)
