"""What is to be visited, when, and by whom."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
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

seeds = Table(
    "seeds",
    metadata,
    key(),
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
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
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
    Column("render", Text, nullable=False, server_default="auto", comment="when its pages are: never, auto or always"),
    CheckConstraint("render IN ('never', 'auto', 'always')", name="render_is_never_auto_or_always"),
    CheckConstraint("scope IN ('host', 'domain', 'prefix')", name="scope_is_host_domain_or_prefix"),
    CheckConstraint("hops >= 0 AND max_depth >= 0 AND max_pages >= 0", name="seed_limits_are_not_negative"),
    Index("seeds_domain_id_idx", "domain_id"),  # is a domain that hops lead to somebody's seed?
    Index("seeds_root_id_idx", "root_id"),  # what a seed's hops have found
    # hops make one seed of a domain, whoever else follows a link there at the same time
    Index("seeds_hop_domain_id_key", "domain_id", unique=True, postgresql_where=text("root_id IS NOT NULL")),
    comment="Sites to crawl: named by the user, or found by the hops of a named one.",
)

hosts = Table(
    "hosts",
    metadata,
    key(),
    Column(
        "claimable_at",
        time,
        comment="its earliest due page, or the end of its lease while claimed; NULL: nothing due ever",
    ),
    Column(
        "claim",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="number of the last claim; writes under an older one are refused",
    ),
    Column("rests_until", time, comment="not claimed before, whatever is due; NULL: it does not rest"),
    Column("last_request", time, comment="when a request was last made to it, or may have been; NULL: never"),
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
        "name", bytewise, nullable=False, unique=True, comment="host, with its port when that is not the scheme's own"
    ),
    Column("renders", REAL, nullable=False, server_default="0", comment="pages that were rendered, fading"),
    Column("render_gains", REAL, nullable=False, server_default="0", comment="those that gained links, fading alike"),
    CheckConstraint("name <> ''", name="host_has_a_name"),
    CheckConstraint("render_gains BETWEEN 0 AND renders", name="render_gains_are_some_of_renders"),
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
    Column("fetched_at", time, nullable=False, comment="when robots.txt was last asked for"),
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
    Column("next_visit", time, comment="due from then on; NULL: not visited again by itself"),
    Column("first_found", time, nullable=False, server_default=now, comment="when the frontier learnt of it"),
    Column("last_visited", time, comment="last visit, however it ended; NULL: never"),
    Column(
        "confirmed_at",
        time,
        comment="last visit that read the page (2xx, 304 or a redirect): last_seen of its live links; NULL: never",
    ),
    Column(
        "unverified_since",
        time,
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
    Column(
        "has_missing",
        Boolean,
        nullable=False,
        server_default="false",
        comment="one of its links is missing, or was found by a visit that could not tell: the next reading compares all",
    ),
    Column("reason", Text, comment="why the last visit ended as it did, when that is not plain; NULL: plain"),
    Column(
        "rendered_at", time, comment="last visit that rendered it: last_seen of its live rendered links; NULL: never"
    ),
    Column(
        "unrendered_since",
        time,
        comment="first of the visits since then that read it without rendering it; its live rendered links are "
        "unverified; NULL: none",
    ),
    Column("rendered_digest", BigInteger, comment="hash of what its last rendering changed; NULL: never rendered"),
    Column("gained", Boolean, comment="its last rendering had links that its HTML had not; NULL: never rendered"),
    Column(
        "rendering",
        SmallInteger,
        comment="why its last reading rendered it, or not, as in model.RenderReason; NULL: its HTML held enough",
    ),
    CheckConstraint("kind IN (0, 1)", name="page_kind_is_known"),
    CheckConstraint("rendering BETWEEN 0 AND 16", name="page_rendering_is_known"),
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

optouts = Table(
    "optouts",
    metadata,
    Column("domain", bytewise, primary_key=True, comment="registrable domain, or a host of one"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("note", Text, comment="who asked, and why; NULL: not said"),
    comment="Whose owners do not want to be crawled: their hosts are never claimed.",
)

skipped_domains = Table(
    "skipped_domains",
    metadata,
    Column("domain", bytewise, primary_key=True, comment="registrable domain"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("note", Text, comment="why; NULL: not said"),
    comment="Domains that hops never enter: hubs that link to everything. Links to them are recorded all the same.",
)
