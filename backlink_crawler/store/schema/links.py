"""What was found: URLs, what pages say of themselves, and links."""

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
    SmallInteger,
    Table,
    Text,
    text,
)

from backlink_crawler.store.schema.base import bytewise, key, metadata, now, time

domains = Table(
    "domains",
    metadata,
    key(),
    Column("name", bytewise, nullable=False, unique=True, comment="registrable domain or IP address, in ASCII"),
    CheckConstraint("name <> ''", name="domain_has_a_name"),
    comment="Registrable domains by the Public Suffix List, private section included.",
)

urls = Table(
    "urls",
    metadata,
    key(),
    Column("hash", UUID, nullable=False, comment="identity: the first 128 bits of SHA-256 of url; see url_hash()"),
    Column("domain_id", BigInteger, ForeignKey("domains.id"), nullable=False, comment="the url's registrable domain"),
    Column("url", bytewise, nullable=False, comment="normalised URL"),
    CheckConstraint("length(url) <= 2048", name="url_is_at_most_2048_characters"),
    Index("urls_hash_key", "hash", unique=True),  # a URL's row by its text
    Index("urls_domain_id_idx", "domain_id"),  # a domain's pages: questions by URL prefix and by subdomain
    comment="Every URL seen, as a page or as the end of a link.",
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
    Column("title", Text, comment="its title, white space collapsed, at most 300 characters; NULL: none"),
    Column("canonical", bytewise, comment="what it calls its canonical URL, normalised; NULL: nothing"),
    Column("etag", Text, comment="the ETag of its last reading, for conditional requests; NULL: none"),
    Column("last_modified", Text, comment="the Last-Modified of its last reading, as it came; NULL: none"),
    comment="What a page says of itself; written only when that changes.",
)

rels = Table(
    "rels",
    metadata,
    key(),
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

# No foreign keys from here to domain_edges: the ids come from joins in the statement that inserts them, and five
# look-ups a link would be most of what storing one costs.
links = Table(
    "links",
    metadata,
    key(),
    Column("page_id", BigInteger, nullable=False, comment="the page it stands on"),
    Column("url_to_id", BigInteger, nullable=False, comment="where it goes"),
    Column("domain_from_id", BigInteger, nullable=False, comment="the page's domain"),
    Column("domain_to_id", BigInteger, nullable=False, comment="the domain of url_to"),
    Column("first_seen", time, nullable=False, comment="the visit that found it: visits (page_id, visited_at)"),
    Column("absent_since", time, comment="when it was first missing; NULL: it is live"),
    Column(
        "last_seen",
        time,
        comment="last visit that saw it; NULL: it is live, and seen by its page's last confirmed visit",
    ),
    Column("rel_id", BigInteger, comment="its rel attribute; NULL: none"),
    Column("position", Integer, nullable=False, comment="place among the page's links when it was found, from 0"),
    Column("link_type", SmallInteger, nullable=False, comment="0 text, 1 image, 2 redirect, 3 canonical, 4 frame"),
    Column("anchor_source", SmallInteger, nullable=False, comment="0 none, 1 text, 2 alt, 3 title"),
    Column(
        "status",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="0 live (unverified while its page is), 1 missing, 2 lost",
    ),
    Column("lost_reason", SmallInteger, comment="0 link_removed, 1 page_gone, 2 page_redirected; NULL: not lost"),
    Column(
        "is_dofollow", Boolean, nullable=False, comment="not nofollow, sponsored or ugc, and the page is not nofollow"
    ),
    Column("anchor", Text, nullable=False, comment="its words, at most 1,000 characters; empty: none"),
    Column("snippet_left", Text, comment="the text before it in its block, at most 80 characters; NULL: none"),
    Column("snippet_right", Text, comment="the text after it in its block, at most 80 characters; NULL: none"),
    Column(
        "origin",
        SmallInteger,
        comment="1 only in the rendered page, 2 in HTML and rendered, 3 in HTML and removed by scripts; NULL: in HTML, "
        "and the page was not rendered",
    ),
    Column("rendered_rel_id", BigInteger, comment="what scripts make of rel; 0: nothing is left; NULL: it stays"),
    CheckConstraint("origin BETWEEN 1 AND 3", name="link_origin_is_known"),
    CheckConstraint("link_type BETWEEN 0 AND 4", name="link_type_is_known"),
    CheckConstraint("anchor_source BETWEEN 0 AND 3", name="anchor_source_is_known"),
    CheckConstraint("status BETWEEN 0 AND 2", name="link_status_is_known"),
    CheckConstraint("(status = 2) = (lost_reason IS NOT NULL)", name="lost_links_have_a_reason"),
    CheckConstraint("(status = 0) = (absent_since IS NULL)", name="live_links_are_not_absent"),
    Index("links_page_id_idx", "page_id"),  # a page's links, to compare with what a visit finds
    # a domain's backlinks; the links behind one domain edge; is a URL still linked from a domain?
    Index("links_domains_idx", "domain_to_id", "domain_from_id", "url_to_id"),
    Index("links_url_to_id_idx", "url_to_id"),  # a URL's backlinks
    comment="Links that leave their page's domain, every instance.",
)

link_events = Table(
    "link_events",
    metadata,
    key(),
    Column("link_id", BigInteger, nullable=False, comment="the link"),
    Column(
        "happened_at",
        time,
        nullable=False,
        comment="the visit that proves it: visits (the link's page_id, visited_at)",
    ),
    Column(
        "kind",
        SmallInteger,
        nullable=False,
        comment="0 missing, 1 lost, 2 restored, 3 rel changed, 4 anchor changed",
    ),
    Column("before", Text, comment="rel or anchor before; NULL: neither changed"),
    Column("after", Text, comment="rel or anchor after, or why it was lost; NULL: none of these"),
    CheckConstraint("kind BETWEEN 0 AND 4", name="event_kind_is_known"),
    Index("link_events_link_id_idx", "link_id"),  # a link's history
    comment="What happened to links after they were found, append-only. Finding one is links.first_seen.",
)

domain_edges = Table(
    "domain_edges",
    metadata,
    Column("domain_to_id", BigInteger, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", BigInteger, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column(
        "last_page_id",
        BigInteger,
        comment="a page with a live link, one that is verified if there is one: its confirmed_at is the edge's last_seen; "
        "NULL: none is live",
    ),
    Column("first_seen", time, nullable=False, comment="when the first of its links was found"),
    Column("last_seen", time, nullable=False, comment="when last_page_id was set; the edge was seen then or later"),
    Column("absent_since", time, comment="when the last live link went; NULL: one is live"),
    Column("links", Integer, nullable=False, server_default="0", comment="live links"),
    Column("dofollow_links", Integer, nullable=False, server_default="0", comment="live links that are dofollow"),
    Column("refpages", Integer, nullable=False, server_default="0", comment="pages with a live link"),
    Column("pages_to", Integer, nullable=False, server_default="0", comment="URLs with a live link to them"),
    Column(
        "status",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="0 live (unverified while last_page_id is), 1 missing, 2 lost",
    ),
    Column(
        "last_rendered",
        Boolean,
        comment="its links on last_page_id stand only in the rendered page: that page's rendered_at counts; NULL: no",
    ),
    CheckConstraint("status BETWEEN 0 AND 2", name="edge_status_is_known"),
    CheckConstraint(
        "links >= 0 AND dofollow_links BETWEEN 0 AND links AND refpages BETWEEN 0 AND links AND pages_to BETWEEN 0 AND links",
        name="edge_counts_agree",
    ),
    Index("domain_edges_domain_from_id_idx", "domain_from_id"),  # what a domain links out to
    # a domain's largest referring domains without reading the others
    Index("domain_edges_largest_idx", "domain_to_id", text("links DESC"), "domain_from_id"),
    comment="All links from one domain to another, summed up; written only when links change.",
)

targets = Table(
    "targets",
    metadata,
    key(),
    Column("domain_id", BigInteger, ForeignKey("domains.id"), nullable=False, comment="its domain"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("mode", Text, nullable=False, comment="exact, prefix, domain or subdomains"),
    Column(
        "values",
        ARRAY(Text),
        nullable=False,
        unique=True,
        comment="a URL, URL prefixes (one a scheme), a domain, or a host",
    ),
    CheckConstraint("mode IN ('exact', 'prefix', 'domain', 'subdomains')", name="target_mode_is_known"),
    Index("targets_domain_id_idx", "domain_id"),  # is this link watched?
    comment="What the user watches: pages that link to it are visited first.",
)
