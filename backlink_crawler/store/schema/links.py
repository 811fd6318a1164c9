"""Links, what happened to them, and the sums over them."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)

from backlink_crawler.store.schema.base import key, metadata, now, time

# No foreign keys in links, their events and their sums: the ids come from joins in the statement that inserts them,
# and five look-ups a link would be most of what storing one costs.
links = Table(
    "links",
    metadata,
    key(),
    Column("page_id", BigInteger, nullable=False, comment="the page it is on"),
    Column("url_to_id", BigInteger, nullable=False, comment="the URL it points to"),
    Column("first_seen", time, nullable=False, comment="the earliest known observation that saw it"),
    Column("absent_since", time, comment="the first conclusive visit that did not see it; NULL: it is live"),
    Column(
        "last_seen",
        time,
        comment="last visit that saw it; NULL: it is live, and was last seen at its page's confirmed_at",
    ),
    Column("domain_from_id", Integer, nullable=False, comment="the page's domain"),
    Column("domain_to_id", Integer, nullable=False, comment="the domain of url_to"),
    Column("batch_id", Integer, nullable=False, comment="the batch that found it: when that was learnt, and from what"),
    Column("lost_batch_id", Integer, comment="the batch that proved it lost; NULL: not lost"),
    Column("rel_id", Integer, comment="its rel attribute; NULL: none"),
    Column(
        "rendered_rel_id",
        Integer,
        comment="its rel attribute when rendered; 0: none; NULL: the same, or the page was not rendered",
    ),
    Column("position", Integer, nullable=False, comment="place among the page's links when last read, from 0"),
    Column("link_type", SmallInteger, nullable=False, comment="0 text, 1 image, 2 redirect, 3 canonical, 4 frame"),
    Column("anchor_source", SmallInteger, nullable=False, comment="0 none, 1 text, 2 alt, 3 title"),
    Column(
        "status",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="0 live (shown as unverified while its page is), 1 missing, 2 lost",
    ),
    Column(
        "link_position",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="part of the page, when it was last written: 0 unknown, 1 content, 2 list, 3 nav, 4 header, 5 footer, "
        "6 sidebar, 7 comments",
    ),
    Column("block_words", SmallInteger, comment="words of the block it stands in, as link_position; NULL: not known"),
    Column("link_density", SmallInteger, comment="percentage of block_words that are in links; NULL: not known"),
    Column(
        "order_on_page",
        SmallInteger,
        comment="place among all links of the page, as link_position: 0 the first, 1000 the last; NULL: not known",
    ),
    Column(
        "path_hash",
        SmallInteger,
        comment="of the tags and classes around it: equal for links of one slot of a template; NULL: not known",
    ),
    Column("lost_reason", SmallInteger, comment="0 link_removed, 1 page_gone, 2 page_redirected; NULL: not lost"),
    Column(
        "origin",
        SmallInteger,
        comment="1 only in the rendered page, 2 in HTML and rendered, 3 in HTML and removed by scripts; NULL: in HTML, "
        "and the page was not rendered",
    ),
    Column(
        "is_dofollow", Boolean, nullable=False, comment="not nofollow, sponsored or ugc, and the page is not nofollow"
    ),
    Column("anchor", Text, nullable=False, comment="anchor text, at most 1,000 characters; empty: none"),
    Column("snippet_left", Text, comment="the text before it in its block, at most 80 characters; NULL: none"),
    Column("snippet_right", Text, comment="the text after it in its block, at most 80 characters; NULL: none"),
    CheckConstraint("origin BETWEEN 1 AND 3", name="link_origin_is_known"),
    CheckConstraint("link_type BETWEEN 0 AND 4", name="link_type_is_known"),
    CheckConstraint("anchor_source BETWEEN 0 AND 3", name="anchor_source_is_known"),
    CheckConstraint("status BETWEEN 0 AND 2", name="link_status_is_known"),
    CheckConstraint("link_position BETWEEN 0 AND 7", name="link_position_is_known"),
    CheckConstraint(
        "(status = 2) = (lost_reason IS NOT NULL) AND (status = 2) = (lost_batch_id IS NOT NULL)",
        name="lost_links_have_a_reason",
    ),
    CheckConstraint("(status = 0) = (absent_since IS NULL)", name="live_links_are_not_absent"),
    # a page's links as they are, to compare with what a visit finds; not those that it once had
    Index("links_page_id_idx", "page_id", postgresql_where=text("status <> 2")),
    # is a link that a visit finds one that the page has lost?
    Index("links_lost_page_idx", "page_id", "url_to_id", postgresql_where=text("status = 2")),
    # the live links behind one domain edge
    Index("links_domains_idx", "domain_to_id", "domain_from_id", postgresql_where=text("status = 0")),
    # is an edge without a live link missing, or lost, and since when?
    Index(
        "links_absent_idx",
        "domain_to_id",
        "domain_from_id",
        "status",
        "absent_since",
        postgresql_where=text("status <> 0"),
    ),
    # a domain's backlinks, those found last first
    Index("links_found_idx", "domain_to_id", "batch_id"),
    # a domain's lost links, those lost last first
    Index("links_lost_idx", "domain_to_id", "lost_batch_id", postgresql_where=text("lost_batch_id IS NOT NULL")),
    Index("links_url_to_id_idx", "url_to_id"),  # a URL's backlinks; is it still linked from a domain?
    comment="Links that leave their page's domain, every instance.",
)

sitewide_links = Table(
    "sitewide_links",
    metadata,
    Column("url_to_id", BigInteger, primary_key=True, autoincrement=False, comment="the URL linked to"),
    Column("slot_id", BigInteger, nullable=False, comment="the first of its links"),
    Column("domain_from_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column("path_hash", SmallInteger, primary_key=True, autoincrement=False, comment="where on the page, as in links"),
    Column("pages", Integer, nullable=False, comment="pages that have or had it, of those that were read"),
    comment="Slots of templates that link to one URL from half of a domain's pages or more, as of the last ranking.",
)

sitewide_domains = Table(
    "sitewide_domains",
    metadata,
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="a domain that links"),
    Column("pages", Integer, nullable=False, comment="its pages that were read, at least five"),
    Column("batch_id", Integer, nullable=False, comment="the last batch that was looked at"),
    comment="Domains of which enough was read to tell which of their links are sitewide, as of the last ranking.",
)

link_events = Table(
    "link_events",
    metadata,
    key(),
    Column("link_id", BigInteger, nullable=False, comment="the link"),
    Column("happened_at", time, nullable=False, comment="the visit that shows it: visits (its page_id, observed_at)"),
    Column("page_id", BigInteger, nullable=False, comment="the page of that visit"),
    Column("domain_to_id", Integer, nullable=False, comment="the domain that it goes to"),
    Column(
        "batch_id",
        Integer,
        nullable=False,
        comment="the batch that recorded it: when that was learnt, and from which source",
    ),
    Column(
        "kind",
        SmallInteger,
        nullable=False,
        comment="0 missing, 1 lost, 2 restored, 3 rel changed, 4 anchor changed, 5 moved with its page",
    ),
    Column("before", Text, comment="rel, anchor or page before; NULL: none of these"),
    Column("after", Text, comment="rel, anchor or page after, or why it was lost; NULL: none of these"),
    CheckConstraint("kind BETWEEN 0 AND 5", name="event_kind_is_known"),
    Index("link_events_link_id_idx", "link_id"),  # a link's history
    Index("link_events_domain_to_id_idx", "domain_to_id", "batch_id"),  # a domain's history, what was learnt last first
    comment="What happened to links after they were found, append-only. When a link was found: links.batch_id, "
    "first_seen.",
)

domain_edges = Table(
    "domain_edges",
    metadata,
    Column(
        "last_page_id",
        BigInteger,
        comment="a page with a live link, not an unverified one if possible: its confirmed_at is the edge's last_seen; "
        "NULL: no link is live",
    ),
    Column("first_seen", time, nullable=False, comment="the earliest known observation that saw one of its links"),
    Column("last_seen", time, nullable=False, comment="when last_page_id was set; the edge was seen then or later"),
    Column("absent_since", time, comment="when the last live link was first not seen; NULL: one is live"),
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, primary_key=True, autoincrement=False, comment="the domain that links"),
    Column("batch_id", Integer, nullable=False, comment="the batch that found it: when that was learnt, and from what"),
    Column("links", Integer, nullable=False, server_default="0", comment="live links"),
    Column("dofollow_links", Integer, nullable=False, server_default="0", comment="live links that are dofollow"),
    Column("content_links", Integer, nullable=False, server_default="0", comment="live links in a page's own text"),
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
        comment="its links on last_page_id are only in the rendered page, whose rendered_at counts; NULL: not so",
    ),
    CheckConstraint("status BETWEEN 0 AND 2", name="edge_status_is_known"),
    Index("domain_edges_domain_from_id_idx", "domain_from_id"),  # what a domain links out to
    # a domain's largest referring domains without reading the others
    Index("domain_edges_largest_idx", "domain_to_id", "links", "domain_from_id"),
    # a domain's referring domains, those found last first
    Index("domain_edges_found_idx", "domain_to_id", "batch_id", "domain_from_id"),
    comment="All links from one domain to another, summed up; written only when links change. Sums have no CHECK: "
    "one that has drifted must not make a page unstorable; `backlinks db check` finds it.",
)

edge_events = Table(
    "edge_events",
    metadata,
    key(),
    Column("happened_at", time, nullable=False, comment="the visit that shows it"),
    Column("domain_to_id", Integer, nullable=False, comment="the domain linked to"),
    Column("domain_from_id", Integer, nullable=False, comment="the domain that links"),
    Column("batch_id", Integer, nullable=False, comment="the batch that learnt of it: when, and from what"),
    Column("kind", SmallInteger, nullable=False, comment="0 missing, 1 lost, 2 restored"),
    CheckConstraint("kind BETWEEN 0 AND 2", name="edge_event_kind_is_known"),
    Index("edge_events_domains_idx", "domain_to_id", "domain_from_id"),  # an edge's history
    # a domain's lost referring domains, those lost last first
    Index("edge_events_lost_idx", "domain_to_id", "batch_id", "domain_from_id", postgresql_where=text("kind = 1")),
    comment="What happened to domain edges after they were found, append-only. When an edge was found: "
    "domain_edges.batch_id.",
)

domain_totals = Table(
    "domain_totals",
    metadata,
    Column("first_seen", time, nullable=False, comment="the earliest known observation that saw a link to it"),
    Column("last_seen", time, nullable=False, comment="a link was seen then or later; updated when links change"),
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("backlinks", Integer, nullable=False, server_default="0", comment="live links, without unverified ones"),
    Column("dofollow_links", Integer, nullable=False, server_default="0", comment="those that are dofollow"),
    Column("nofollow_links", Integer, nullable=False, server_default="0", comment="those whose rel holds nofollow"),
    Column("sponsored_links", Integer, nullable=False, server_default="0", comment="those whose rel holds sponsored"),
    Column("ugc_links", Integer, nullable=False, server_default="0", comment="those whose rel holds ugc"),
    Column("refpages", Integer, nullable=False, server_default="0", comment="pages with at least one of them"),
    Column("refdomains", Integer, nullable=False, server_default="0", comment="domain edges that are live"),
    Column("dofollow_refdomains", Integer, nullable=False, server_default="0", comment="those with a dofollow link"),
    Column("unverified_links", Integer, nullable=False, server_default="0", comment="links that are unverified"),
    Column("missing_links", Integer, nullable=False, server_default="0", comment="links that are missing"),
    Column("lost_links", Integer, nullable=False, server_default="0", comment="links that are lost"),
    Column(
        "has_groups", Boolean, nullable=False, server_default="false", comment="it is large: link_groups has its links"
    ),
    Index("domain_totals_has_groups_idx", "domain_id", postgresql_where=text("has_groups")),  # the large domains
    comment="All links to a domain, summed up in the transaction that changes them.",
    postgresql_with={"fillfactor": 80},
)

link_groups = Table(
    "link_groups",
    metadata,
    Column("key", BigInteger, nullable=False, comment="of a URL: its id; of an anchor: hashtextextended(anchor, 0)"),
    Column(
        "last_page_id",
        BigInteger,
        comment="a page with such a link in its HTML: its confirmed_at counts for last_seen; NULL: none is known",
    ),
    Column("first_seen", time, nullable=False, comment="the earliest known observation that saw one of them"),
    Column("last_seen", time, nullable=False, comment="one was seen then or later; updated when links change"),
    Column("domain_to_id", Integer, nullable=False, comment="the domain linked to, with has_groups in domain_totals"),
    Column("links", Integer, nullable=False, comment="live links"),
    Column("dofollow_links", Integer, nullable=False, comment="those that are dofollow"),
    Column("refpages", Integer, nullable=False, comment="pages with one of them"),
    Column("refdomains", Integer, nullable=False, comment="domains with one of them"),
    Column("kind", SmallInteger, nullable=False, comment="0 links to one URL, 1 links with one anchor"),
    Column(
        "class",
        SmallInteger,
        comment="of the anchor: 1 image (all links are), 2 naked, 3 branded, 4 compound, 5 exact, 6 partial, 7 generic, 8 "
        "other; NULL: newer than the last ranking",
    ),
    Column("anchor", Text, nullable=False, comment="the anchor; empty: none, or the group is of a URL"),
    CheckConstraint("kind IN (0, 1)", name="group_kind_is_known"),
    # one group. Not unique, as the hashes of two anchors may be equal; who writes them has locked domain_totals
    Index("link_groups_key_idx", "key", "domain_to_id"),
    # a domain's largest groups without reading the others; for one key it would read them all, so that a look at one
    # group says `kind + 0`
    Index("link_groups_largest_idx", "domain_to_id", "kind", "refdomains", "key"),
    # the anchors with most links
    Index("link_groups_anchors_idx", "domain_to_id", "links", "key", postgresql_where=text("kind = 1")),
    comment="Live links to large domains, summed up by URL and by anchor. For other domains they are counted by each "
    "query.",
    postgresql_with={"fillfactor": 90},
)

daily_changes = Table(
    "daily_changes",
    metadata,
    Column("domain_to_id", Integer, primary_key=True, autoincrement=False, comment="the domain linked to"),
    Column("day", Date, primary_key=True, comment="day in UTC on which it was learnt"),
    Column("new_links", Integer, nullable=False, server_default="0", comment="links found"),
    Column("lost_links", Integer, nullable=False, server_default="0", comment="links lost"),
    Column("restored_links", Integer, nullable=False, server_default="0", comment="lost links that are back"),
    Column("new_refdomains", Integer, nullable=False, server_default="0", comment="referring domains found"),
    Column("lost_refdomains", Integer, nullable=False, server_default="0", comment="referring domains lost"),
    Column("restored_refdomains", Integer, nullable=False, server_default="0", comment="lost ones that are back"),
    comment="What was learnt about links to a domain, by day. A day that is over does not change.",
    postgresql_with={"fillfactor": 90},
)

domain_coverage = Table(
    "domain_coverage",
    metadata,
    Column(
        "oldest_visit",
        time,
        comment="of the last visits to its pages, the oldest, as of the last run; NULL: none",
    ),
    Column("newest_visit", time, comment="the latest visit to one of its pages; NULL: none"),
    Column("domain_id", Integer, primary_key=True, autoincrement=False, comment="a domain with crawled pages"),
    Column(
        "pages_known",
        Integer,
        nullable=False,
        server_default="0",
        comment="its pages in the frontier, without sitemaps",
    ),
    Column("pages_visited", Integer, nullable=False, server_default="0", comment="those that were visited"),
    comment="Coverage: how much of a domain has been crawled. It is shown beside counts of links from it.",
    postgresql_with={"fillfactor": 80},
)

targets = Table(
    "targets",
    metadata,
    key(),
    Column("domain_id", Integer, ForeignKey("domains.id"), nullable=False, comment="its domain"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("mode", Text, nullable=False, comment="exact, prefix, domain or subdomains"),
    Column(
        "values",
        ARRAY(Text),
        nullable=False,
        unique=True,
        comment="a URL, URL prefixes (one a scheme), a domain, or a host",
    ),
    Column("brands", ARRAY(Text), nullable=False, server_default="{}", comment="names of it, as the user says"),
    Column("keywords", ARRAY(Text), nullable=False, server_default="{}", comment="what it is about, as the user says"),
    CheckConstraint("mode IN ('exact', 'prefix', 'domain', 'subdomains')", name="target_mode_is_known"),
    Index("targets_domain_id_idx", "domain_id"),  # is this link watched?
    comment="Watched targets: pages that link to them are visited first.",
)
