"""The tables. Columns are ordered by width; each index says which query it serves.

Migrations carry frozen copies; tests/migrations/ proves that both are the same. Views: sql/views/.
Enumerations are smallint, numbered in model.py and CHECKed here by range.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    REAL,
    TIMESTAMP,
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(constraint_name)s",
    },
)

_time = TIMESTAMP(timezone=True)
_bytewise = Text(collation="C")
_now = text("now()")


def _key() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True, comment="key")


domains = Table(
    "domains",
    metadata,
    _key(),
    Column("name", _bytewise, nullable=False, unique=True, comment="registrable domain or IP address, in ASCII"),
    CheckConstraint("name <> ''", name="domain_has_a_name"),
    comment="Registrable domains by the Public Suffix List, private section included.",
)

urls = Table(
    "urls",
    metadata,
    _key(),
    Column("hash", UUID, nullable=False, comment="identity: the first 128 bits of SHA-256 of url; see url_hash()"),
    Column("domain_id", BigInteger, ForeignKey("domains.id"), nullable=False, comment="the url's registrable domain"),
    Column("url", _bytewise, nullable=False, comment="normalised URL"),
    CheckConstraint("length(url) <= 2048", name="url_is_at_most_2048_characters"),
    Index("urls_hash_key", "hash", unique=True),  # a URL's row by its text
    Index("urls_domain_id_idx", "domain_id"),  # a domain's pages: questions by URL prefix and by subdomain
    comment="Every URL seen, as a page or as the end of a link.",
)

seeds = Table(
    "seeds",
    metadata,
    _key(),
    Column(
        "url_id", BigInteger, ForeignKey("urls.id"), nullable=False, unique=True, comment="where the crawl of it starts"
    ),
    Column("domain_id", BigInteger, ForeignKey("domains.id"), nullable=False, comment="registrable domain of its url"),
    Column(
        "root_id",
        BigInteger,
        ForeignKey("seeds.id"),
        comment="the seed whose hops found this one; NULL: the user named it",
    ),
    Column("added_at", _time, nullable=False, server_default=_now, comment="when it was added"),
    Column("max_depth", Integer, comment="clicks from url at most; NULL: any"),
    Column("max_pages", Integer, comment="pages known of it at most; NULL: any"),
    Column("hops", Integer, nullable=False, server_default="0", comment="times that links to new domains are followed"),
    Column(
        "pages_known",
        Integer,
        nullable=False,
        server_default="0",
        comment="pages admitted so far, counted against max_pages",
    ),
    Column("sitemaps_known", Integer, nullable=False, server_default="0", comment="sitemaps admitted so far"),
    Column("kept", Boolean, nullable=False, comment="crawled when no seeds are named; false: named for one run only"),
    Column("bare", Boolean, nullable=False, server_default="false", comment="the user named a domain without a scheme"),
    Column("scope", Text, nullable=False, comment="host, domain or prefix"),
    CheckConstraint("scope IN ('host', 'domain', 'prefix')", name="scope_is_host_domain_or_prefix"),
    CheckConstraint("hops >= 0 AND max_depth >= 0 AND max_pages >= 0", name="seed_limits_are_not_negative"),
    Index("seeds_domain_id_idx", "domain_id"),  # is a domain that hops lead to somebody's seed?
    Index("seeds_root_id_idx", "root_id"),  # what a seed's hops have found
    comment="Sites to crawl: named by the user, or found by the hops of a named one.",
)

hosts = Table(
    "hosts",
    metadata,
    _key(),
    Column(
        "claimable_at",
        _time,
        comment="its earliest due page, or the end of its lease while claimed; NULL: nothing due ever",
    ),
    Column(
        "claim",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="number of the last claim; writes under an older one are refused",
    ),
    Column("rests_until", _time, comment="not claimed before, whatever is due; NULL: it does not rest"),
    Column("last_request", _time, comment="when a request was last made to it, or may have been; NULL: never"),
    Column("worker", UUID, comment="who holds it; NULL: nobody"),
    Column(
        "priority",
        SmallInteger,
        nullable=False,
        server_default="3",
        comment="the best of its pages due soon, a hint: hosts are claimed in this order",
    ),
    Column(
        "setbacks",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="how often in a row it asked to be left alone (429, 503): it rests ever longer",
    ),
    Column(
        "name", _bytewise, nullable=False, unique=True, comment="host, with its port when that is not the scheme's own"
    ),
    CheckConstraint("name <> ''", name="host_has_a_name"),
    CheckConstraint("priority BETWEEN 0 AND 4", name="host_priority_is_known"),
    CheckConstraint("setbacks >= 0", name="setbacks_are_not_negative"),
    # the next hosts to claim
    Index("hosts_claimable_idx", "priority", "claimable_at", postgresql_where=text("claimable_at IS NOT NULL")),
    # is anybody else at work?
    Index("hosts_held_idx", "claimable_at", postgresql_where=text("worker IS NOT NULL")),
    comment="The unit of politeness: hosts that are crawled, one worker at a time each.",
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.05},
)

seed_hosts = Table(
    "seed_hosts",
    metadata,
    Column("seed_id", BigInteger, ForeignKey("seeds.id"), primary_key=True, comment="the seed"),
    Column("host_id", BigInteger, ForeignKey("hosts.id"), primary_key=True, comment="a host on which it has pages"),
    Index("seed_hosts_host_id_idx", "host_id"),  # may this run claim the host?
    comment="Which seed has pages on which host.",
)

robots = Table(
    "robots",
    metadata,
    Column("host_id", BigInteger, ForeignKey("hosts.id"), primary_key=True, comment="the host"),
    Column("fetched_at", _time, nullable=False, comment="when robots.txt was last asked for"),
    Column("http_code", SmallInteger, nullable=False, comment="status of the answer; 599 for a number that is none"),
    Column("body", Text, comment="at most 500 KiB of it; NULL: none, or an error"),
    comment="robots.txt of each host, kept for 24 hours and shared by all workers (RFC 9309).",
)

pages = Table(
    "pages",
    metadata,
    Column(
        "page_id", BigInteger, ForeignKey("urls.id"), primary_key=True, autoincrement=False, comment="the page's URL"
    ),
    Column("host_id", BigInteger, ForeignKey("hosts.id"), nullable=False, comment="its host"),
    Column("seed_id", BigInteger, ForeignKey("seeds.id"), nullable=False, comment="the seed whose crawl found it"),
    Column("next_visit", _time, comment="due from then on; NULL: not visited again by itself"),
    Column("first_found", _time, nullable=False, server_default=_now, comment="when the frontier learnt of it"),
    Column("last_visited", _time, comment="last visit, however it ended; NULL: never"),
    Column(
        "confirmed_at",
        _time,
        comment="last visit that read the page (2xx, 304 or a redirect): last_seen of its live links; NULL: never",
    ),
    Column(
        "unverified_since",
        _time,
        comment="first of the visits since then that could not tell; its live links are unverified; NULL: none",
    ),
    Column(
        "links_digest",
        BigInteger,
        comment="hash of the links last read that leave its domain: equal means unchanged; NULL: never read",
    ),
    Column("found_digest", BigInteger, comment="hash of the pages that it led to when last read; NULL: never read"),
    Column("visits", Integer, nullable=False, server_default="0", comment="visits so far"),
    Column("depth", Integer, nullable=False, comment="clicks from the seed's start"),
    Column(
        "compared",
        REAL,
        nullable=False,
        server_default="0",
        comment="visits that could tell a change, fading with time",
    ),
    Column("changes", REAL, nullable=False, server_default="0", comment="those that did, fading alike"),
    Column("compared_days", REAL, nullable=False, server_default="0", comment="days between them, fading alike"),
    Column(
        "priority",
        SmallInteger,
        nullable=False,
        server_default="3",
        comment="0 to be verified, 1 watched, 2 likely source or sitemap, 3 new, 4 other; lower is visited first",
    ),
    Column("kind", SmallInteger, nullable=False, server_default="0", comment="0 page, 1 sitemap"),
    Column(
        "settled",
        SmallInteger,
        comment="what the last visit that could tell said: 0 read, 1 gone, 2 moved for good; NULL: none could",
    ),
    Column("failures", SmallInteger, nullable=False, server_default="0", comment="visits in a row that could not tell"),
    Column("outcome", SmallInteger, comment="of the last visit, as in model.Outcome; NULL: never visited"),
    Column("http_code", SmallInteger, comment="status of the last visit; NULL: no answer, or never visited"),
    Column("has_missing", Boolean, nullable=False, server_default="false", comment="one of its links is missing"),
    Column("reason", Text, comment="why the last visit ended as it did, when that is not plain; NULL: plain"),
    CheckConstraint("kind IN (0, 1)", name="page_kind_is_known"),
    CheckConstraint("settled BETWEEN 0 AND 2", name="page_settled_is_known"),
    CheckConstraint(
        "failures >= 0 AND compared >= 0 AND changes >= 0 AND compared_days >= 0", name="page_history_is_not_negative"
    ),
    CheckConstraint("outcome BETWEEN 0 AND 16", name="page_outcome_is_known"),
    CheckConstraint("priority BETWEEN 0 AND 4", name="page_priority_is_known"),
    # a claimed host's due pages, in the order of their visits
    Index("pages_due_idx", "host_id", "priority", "next_visit", postgresql_where=text("next_visit IS NOT NULL")),
    comment="The crawl state of each page: narrow, so that rescheduling rewrites little.",
    postgresql_with={"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.05},
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
    Column("canonical", _bytewise, comment="what it calls its canonical URL, normalised; NULL: nothing"),
    Column("etag", Text, comment="the ETag of its last reading, for conditional requests; NULL: none"),
    Column("last_modified", Text, comment="the Last-Modified of its last reading, as it came; NULL: none"),
    comment="What a page says of itself; written only when that changes.",
)

rels = Table(
    "rels",
    metadata,
    _key(),
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
    _key(),
    Column("page_id", BigInteger, nullable=False, comment="the page it stands on"),
    Column("url_to_id", BigInteger, nullable=False, comment="where it goes"),
    Column("domain_from_id", BigInteger, nullable=False, comment="the page's domain"),
    Column("domain_to_id", BigInteger, nullable=False, comment="the domain of url_to"),
    Column("first_seen", _time, nullable=False, comment="the visit that found it: visits (page_id, visited_at)"),
    Column("absent_since", _time, comment="when it was first missing; NULL: it is live"),
    Column(
        "last_seen",
        _time,
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
    _key(),
    Column("link_id", BigInteger, nullable=False, comment="the link"),
    Column(
        "happened_at",
        _time,
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
    Column("first_seen", _time, nullable=False, comment="when the first of its links was found"),
    Column("last_seen", _time, nullable=False, comment="when last_page_id was set; the edge was seen then or later"),
    Column("absent_since", _time, comment="when the last live link went; NULL: one is live"),
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

crawls = Table(
    "crawls",
    metadata,
    _key(),
    Column("started_at", _time, nullable=False, server_default=_now, comment="when it began"),
    Column("finished_at", _time, comment="when it ended; NULL: running, or killed"),
    Column(
        "seen_at", _time, nullable=False, server_default=_now, comment="when it last said that it is alive, each 20 s"
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
    Column("visited_at", _time, primary_key=True, comment="when the visit was recorded"),
    Column("crawl_id", BigInteger, nullable=False, comment="the run"),
    Column("size", Integer, nullable=False, comment="bytes of the body, decompressed"),
    Column("elapsed_ms", Integer, nullable=False, comment="milliseconds from request to the first byte of the answer"),
    Column("links_found", Integer, nullable=False, comment="links it found that were not known"),
    Column("links_gone", Integer, nullable=False, comment="known live links that it did not find"),
    Column("outcome", SmallInteger, nullable=False, comment="how it ended, as in model.Outcome"),
    Column("http_code", SmallInteger, comment="status of the answer; NULL: none came"),
    Column("reason", Text, comment="why, when the outcome does not say it all; NULL: it does"),
    CheckConstraint("outcome BETWEEN 0 AND 16", name="visit_outcome_is_known"),
    Index("visits_visited_at_idx", "visited_at", postgresql_using="brin"),  # the last day's: `backlinks status`
    comment="Every fetch of a page, append-only, one partition a month.",
    postgresql_partition_by="RANGE (visited_at)",
)

targets = Table(
    "targets",
    metadata,
    _key(),
    Column("domain_id", BigInteger, ForeignKey("domains.id"), nullable=False, comment="its domain"),
    Column("added_at", _time, nullable=False, server_default=_now, comment="when it was added"),
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

optouts = Table(
    "optouts",
    metadata,
    Column("domain", _bytewise, primary_key=True, comment="registrable domain, or a host of one"),
    Column("added_at", _time, nullable=False, server_default=_now, comment="when it was added"),
    Column("note", Text, comment="who asked, and why; NULL: not said"),
    comment="Whose owners do not want to be crawled: their hosts are never claimed.",
)

skipped_domains = Table(
    "skipped_domains",
    metadata,
    Column("domain", _bytewise, primary_key=True, comment="registrable domain"),
    Column("added_at", _time, nullable=False, server_default=_now, comment="when it was added"),
    Column("note", Text, comment="why; NULL: not said"),
    comment="Domains that hops never enter: hubs that link to everything. Links to them are recorded all the same.",
)
