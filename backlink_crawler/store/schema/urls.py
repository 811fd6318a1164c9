"""Domains, hosts, URLs, and what pages say about themselves."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from backlink_crawler.store.schema.base import bytewise, key, metadata, narrow_key

domains = Table(
    "domains",
    metadata,
    narrow_key(),
    Column("name", bytewise, nullable=False, unique=True, comment="registrable domain or IP address, in ASCII"),
    CheckConstraint("name <> ''", name="domain_has_a_name"),
    comment="Registrable domains by the Public Suffix List, private section included.",
)

hosts = Table(
    "hosts",
    metadata,
    key(),
    Column("domain_id", Integer, ForeignKey("domains.id"), nullable=False, comment="its registrable domain"),
    Column(
        "name", bytewise, nullable=False, unique=True, comment="host, with its port when that is not the scheme's own"
    ),
    CheckConstraint("name <> ''", name="host_has_a_name"),
    Index("hosts_domain_id_idx", "domain_id"),  # a domain's hosts, and through them its URLs
    comment="Every host seen: crawled, linked to, or asked by scripts of pages.",
)

urls = Table(
    "urls",
    metadata,
    key(),
    Column("hash", UUID, nullable=False, comment="identity: the first 128 bits of SHA-256 of url; see url_hash()"),
    Column("host_id", BigInteger, ForeignKey("hosts.id"), nullable=False, comment="the url's host"),
    Column("url", bytewise, nullable=False, comment="normalised URL"),
    CheckConstraint("length(url) <= 2048", name="url_is_at_most_2048_characters"),
    Index("urls_hash_key", "hash", unique=True),  # a URL's row by its text
    Index("urls_host_id_idx", "host_id"),  # a host's URLs: questions by URL prefix and by subdomain
    comment="Every URL seen, as a page or as the target of a link.",
)

page_facts = Table(
    "page_facts",
    metadata,
    Column("page_id", BigInteger, primary_key=True, autoincrement=False, comment="the page"),
    Column("links_external", Integer, nullable=False, comment="links that leave its domain, each instance"),
    Column("links_internal", Integer, nullable=False, comment="links inside its domain, each instance"),
    Column("nofollow", Boolean, nullable=False, comment="its robots meta or X-Robots-Tag says nofollow or none"),
    Column("noindex", Boolean, nullable=False, comment="its robots meta or X-Robots-Tag says noindex or none"),
    Column("language", Text, comment="lang attribute of its html element, lower-cased; NULL: none"),
    Column(
        "language_detected",
        Text,
        comment="language by its words, ISO 639-1, as of the last ranking; und: they do not tell; NULL: it has a language of "
        "its own, or was not looked at since its title, headings or language changed",
    ),
    Column("title", Text, comment="its title, white space collapsed, at most 300 characters; NULL: none"),
    Column(
        "headings",
        Text,
        comment="its h1, h2 and h3 in document order, a line each, at most 300 characters together; NULL: none",
    ),
    Column("canonical", bytewise, comment="its canonical URL, as it says, normalised; NULL: none"),
    Column("etag", Text, comment="the ETag when it was last read, for conditional requests; NULL: none"),
    Column("last_modified", Text, comment="the Last-Modified when it was last read, unchanged; NULL: none"),
    Column(
        "size",
        Integer,
        nullable=False,
        server_default="0",
        comment="bytes of its HTML when these facts were written: its last reading had at least half and at most twice "
        "as many",
    ),
    Column(
        "text_simhash",
        BigInteger,
        comment="simhash of its words when these facts were written, at most one bit off since; NULL: no link left its "
        "domain, or it had few words",
    ),
    comment="What a page says about itself; written only when that changes.",
)

rels = Table(
    "rels",
    metadata,
    narrow_key(),
    Column("is_nofollow", Boolean, nullable=False, comment="tokens hold nofollow"),
    Column("is_sponsored", Boolean, nullable=False, comment="tokens hold sponsored"),
    Column("is_ugc", Boolean, nullable=False, comment="tokens hold ugc"),
    Column(
        "tokens",
        ARRAY(Text),
        nullable=False,
        unique=True,
        comment="rel attribute: lower-cased tokens, in order, each once",
    ),
    comment="Every rel attribute seen: few, and referred to by many links.",
)
