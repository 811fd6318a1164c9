"""What the last ranking has kept of domains with many follow refdomains, for the questions about competitors and prospects.

No foreign keys: a row whose domain has gone goes with the next run.
"""

from __future__ import annotations

from sqlalchemy import REAL, Column, Double, Integer, SmallInteger, Table

from backlink_crawler.store.schema.base import metadata

domain_competitors = Table(
    "domain_competitors",
    metadata,
    Column("weight_share", Double, nullable=False, comment="as competitors() has it"),
    Column("refdomain_share", Double, nullable=False, comment="as competitors() has it"),
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="whose competitors they are"),
    Column("competitor_id", Integer, nullable=False, comment="a domain"),
    Column("shared_refdomains", Integer, nullable=False, comment="domains that link to both"),
    Column("refdomains", Integer, nullable=False, comment="domains that link to the competitor"),
    Column("place", SmallInteger, primary_key=True, autoincrement=False, comment="from the most similar on, from 1"),
    comment="The competitors of domains with more than 500 follow refdomains, written by each ranking.",
)

strong_refdomains = Table(
    "strong_refdomains",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, nullable=False, comment="a domain with follow links to it"),
    Column("links", Integer, nullable=False, comment="live links of this edge"),
    Column("dofollow_links", Integer, nullable=False, comment="of them followed"),
    Column("weight", REAL, nullable=False, comment="what a link from it is worth to anybody: see prospect_weight()"),
    Column("place", SmallInteger, primary_key=True, autoincrement=False, comment="from the greatest weight on, from 1"),
    Column("relevance", SmallInteger, comment="the largest of a live link, 0 to 100; NULL: not known"),
    comment="Of domains with more than 100 follow refdomains the 300 whose links are worth most, written by each ranking.",
)
