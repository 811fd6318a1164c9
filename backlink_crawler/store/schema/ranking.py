"""What links are worth: the runs that computed it, and their scores."""

from __future__ import annotations

from sqlalchemy import REAL, CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import bytewise, metadata, narrow_key, now, time

ranking_runs = Table(
    "ranking_runs",
    metadata,
    narrow_key(),
    Column("started_at", time, nullable=False, server_default=now, comment="when it began"),
    Column("finished_at", time, comment="when its last step was done; NULL: running, or it ended before that"),
    Column("version", Text, nullable=False, comment="of the program"),
    Column("parameters", JSONB, nullable=False, server_default="{}", comment="by step: what it was computed with"),
    Column(
        "figures",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="by step: what it read, wrote and took; a step that is not there has left the old scores",
    ),
    comment="Runs of `backlinks rank`: one row each.",
)

# No foreign keys: ten million look-ups a night. A row whose domain has gone goes with the next run.
domain_ranks = Table(
    "domain_ranks",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain"),
    Column(
        "follow_refdomains",
        Integer,
        nullable=False,
        comment="domains with a live follow link to it, when it was ranked",
    ),
    Column("follow_domains_to", Integer, nullable=False, comment="domains to which it had a live follow link then"),
    Column("authority", REAL, nullable=False, comment="0 to 100, as in the view domain_authority"),
    Column("percentile", REAL, nullable=False, comment="percentage of ranked domains with a lower PageRank"),
    Column(
        "trust",
        REAL,
        comment="0 to 1: the share of its PageRank that comes from trust seeds; NULL: no trust seed linked to anything",
    ),
    Column("pagerank_ratio", REAL, nullable=False, comment="PageRank ÷ that of a domain without follow links to it"),
    Column(
        "harmonic",
        REAL,
        comment="harmonic centrality: sum of 1 ÷ distance over the domains from which follow links lead to it; NULL: not "
        "computed, as NumPy was not installed",
    ),
    CheckConstraint("authority BETWEEN 0 AND 100", name="authority_is_at_most_a_hundred"),
    CheckConstraint("trust BETWEEN 0 AND 1", name="trust_is_a_share"),
    comment="Scores of every domain with a live link, to it or from it, by the last run that computed them; only rows that "
    "differ are written.",
    postgresql_with={"fillfactor": 80},
)

domain_rank_history = Table(
    "domain_rank_history",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain"),
    Column("run_id", Integer, primary_key=True, autoincrement=False, comment="the run that changed it"),
    Column("pagerank_ratio", REAL, comment="from then on, as in domain_ranks; NULL: as authority"),
    Column("trust", REAL, comment="from then on; NULL: as authority, or as in domain_ranks"),
    Column(
        "authority",
        SmallInteger,
        comment="from then on, rounded to a whole number; NULL: there is no live link any more, to it or from it",
    ),
    Index("domain_rank_history_run_id_idx", "run_id"),  # those of old runs, to be deleted
    comment="When a domain's authority became another whole number: one row each time. Before its first row it was 0, or "
    "older than what is kept.",
)

trust_seeds = Table(
    "trust_seeds",
    metadata,
    Column("domain", bytewise, primary_key=True, comment="registrable domain"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("note", Text, comment="why it is trusted; NULL: nobody has said"),
    comment="Domains that the user trusts: where trust comes from. While there are none, a list of the program's counts.",
)
