"""What stands together though it looks apart: pages that say the same, and domains in one network."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, SmallInteger, Table
from sqlalchemy.dialects.postgresql import CIDR

from backlink_crawler.store.schema.base import metadata

page_mirrors = Table(
    "page_mirrors",
    metadata,
    Column("page_id", BigInteger, primary_key=True, autoincrement=False, comment="the page"),
    Column("first_page_id", BigInteger, nullable=False, comment="first page of its group: names the group"),
    Column("domains", Integer, nullable=False, comment="domains of the group's pages, two at least"),
    Column("bits", SmallInteger, nullable=False, comment="in how many bits its simhash differs from the first page's"),
    CheckConstraint("domains > 1", name="mirrors_are_on_several_domains"),
    CheckConstraint("bits BETWEEN 0 AND 64", name="mirror_bits_are_in_range"),
    Index("page_mirrors_first_page_id_idx", "first_page_id"),  # the pages of a group
    comment="Pages that say almost what a page on another domain says, as of the last ranking, in groups.",
)

edge_mirrors = Table(
    "edge_mirrors",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column("mirror_of_id", Integer, nullable=False, comment="the domain that links to it from pages that say the same"),
    CheckConstraint("mirror_of_id <> domain_from_id", name="no_domain_mirrors_itself"),
    comment="Domain edges all of whose links stand on pages that mirror another domain's with links to the same domain, as of "
    "the last ranking. The other one, of more authority, is no mirror.",
)

domain_networks = Table(
    "domain_networks",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain"),
    Column(
        "network", CIDR, nullable=False, comment="IPv4 /24 or IPv6 /48 at which most of its crawled hosts were found"
    ),
    comment="Networks of domains, as of the last ranking; one of which no host was found at an address has no row.",
)

networks = Table(
    "networks",
    metadata,
    Column("network", CIDR, primary_key=True, comment="IPv4 /24 or IPv6 /48"),
    Column("domains", Integer, nullable=False, comment="domains of the index in it, by domain_networks"),
    comment="Networks with domains in them, as of the last ranking.",
)
