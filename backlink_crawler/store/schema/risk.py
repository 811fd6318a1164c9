"""Link-scheme risk: its signals, what speaks against domains, and what that comes to."""

from __future__ import annotations

from sqlalchemy import ARRAY, REAL, Boolean, CheckConstraint, Column, Integer, SmallInteger, Table, Text

from backlink_crawler.store.schema.base import metadata

risk_signals = Table(
    "risk_signals",
    metadata,
    Column("signal", SmallInteger, primary_key=True, autoincrement=False, comment="key"),
    Column(
        "judged",
        Integer,
        nullable=False,
        comment="domains, or pairs of them, whose value was known at the last ranking",
    ),
    Column("weight", REAL, nullable=False, comment="how much of a risk it can make at most, 0 to 1: yours to change"),
    Column("used_weight", REAL, comment="weight at the last ranking; NULL: nobody was judged by it"),
    Column("least", REAL, nullable=False, comment="a value below it is no reason, however rare"),
    Column("low", REAL, comment="90th percentile of the values in this index; NULL: fewer than 100 were known"),
    Column("high", REAL, comment="99th percentile; NULL: as low"),
    Column("of_pair", Boolean, nullable=False, comment="it is of a source and one target; else of a source"),
    Column("name", Text, nullable=False, unique=True, comment="its name"),
    Column(
        "policy",
        Text,
        nullable=False,
        comment="which of Google's spam policies it belongs to: docs/methods.md has them",
    ),
    CheckConstraint("weight BETWEEN 0 AND 1", name="risk_weight_is_a_share"),
    comment="The signals of link-scheme risk. A new weight counts from the next `backlinks rank` on.",
)

risk_factors = Table(
    "risk_factors",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column(
        "target_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to; 0: whichever it is"
    ),
    Column("value", REAL, nullable=False, comment="of the signal"),
    Column("percentile", REAL, nullable=False, comment="percentage of known values that are lower"),
    Column("factor", REAL, nullable=False, comment="0 at the 90th percentile or least, 1 at the 99th"),
    Column("signal", SmallInteger, primary_key=True, autoincrement=False, comment="of risk_signals"),
    CheckConstraint("factor > 0 AND factor <= 1", name="risk_factor_is_a_share"),
    comment="Reasons of risks, as of the last ranking: what is not above the 90th percentile has no row.",
)

domain_risks = Table(
    "domain_risks",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column(
        "target_id",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="the domain linked to, where there are reasons that are of this pair; 0: any other",
    ),
    Column("risk", REAL, nullable=False, comment="0 to 1, as in referring_domains"),
    Column(
        "reasons", ARRAY(Text), nullable=False, comment="names of the three signals that add most to it, those first"
    ),
    CheckConstraint("risk BETWEEN 0 AND 1", name="risk_is_a_share"),
    comment="Link-scheme risk of domains that have any, as of the last ranking.",
)
