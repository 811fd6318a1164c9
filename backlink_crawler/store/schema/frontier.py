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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backlink_crawler.store.schema.base import bytewise, key, metadata, now, time

queues = Table(
    "queues",
    metadata,
    key(),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column(
        "name",
        Text,
        nullable=False,
        unique=True,
        comment="`kept`: of the kept seeds; `verify`: of pages to be verified; `removed …`: of seeds that are being "
        "removed; else of the seeds that one run was given: a hash of them and their limits",
    ),
    comment="What one run of a crawl works on: the pages of its seeds. Id 1 is `kept`, id 2 is `verify`.",
)

seeds = Table(
    "seeds",
    metadata,
    key(),
    Column("queue_id", BigInteger, ForeignKey("queues.id"), nullable=False, comment="the queue that its pages are in"),
    Column("url_id", BigInteger, ForeignKey("urls.id"), nullable=False, comment="where the crawl of it starts"),
    Column("domain_id", Integer, ForeignKey("domains.id"), nullable=False, comment="registrable domain of its url"),
    Column(
        "root_id",
        BigInteger,
        ForeignKey("seeds.id", ondelete="CASCADE"),
        comment="the seed whose hops found this one; NULL: the user named it",
    ),
    Column(
        "target_id",
        BigInteger,
        ForeignKey("targets.id"),
        comment="the watched target for which it is there: its pages are those that others link to; NULL: a site to crawl",
    ),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("max_depth", Integer, comment="clicks from url_id at most; NULL: no limit"),
    Column("max_pages", Integer, comment="its pages that can be read at most; NULL: no limit"),
    Column("hops", Integer, nullable=False, server_default="0", comment="times that links to new domains are followed"),
    Column(
        "pages_known",
        Integer,
        nullable=False,
        server_default="0",
        comment="its pages that can still be read (pages.counted); at max_pages no more are added",
    ),
    Column("sitemaps_known", Integer, nullable=False, server_default="0", comment="its sitemaps so far"),
    Column("bare", Boolean, nullable=False, server_default="false", comment="the user named a domain without a scheme"),
    Column("scope", Text, nullable=False, comment="host, domain or prefix"),
    Column(
        "render",
        Text,
        nullable=False,
        server_default="auto",
        comment="when its pages are rendered: never, auto or always",
    ),
    CheckConstraint("render IN ('never', 'auto', 'always')", name="render_is_never_auto_or_always"),
    CheckConstraint("scope IN ('host', 'domain', 'prefix')", name="scope_is_host_domain_or_prefix"),
    CheckConstraint("hops >= 0 AND max_depth >= 0 AND max_pages >= 0", name="seed_limits_are_not_negative"),
    UniqueConstraint("queue_id", "url_id", name="seeds_queue_id_url_id_key"),
    Index("seeds_domain_id_idx", "domain_id"),  # is a domain that hops lead to somebody's seed?
    Index("seeds_url_id_idx", "url_id"),  # is a URL somebody's seed?
    Index("seeds_turn_idx", "queue_id", "id", postgresql_where=text("root_id IS NULL")),  # whose turn is it next?
    Index("seeds_target_id_idx", "target_id", postgresql_where=text("target_id IS NOT NULL")),  # a target's
    Index("seeds_root_id_idx", "root_id"),  # what a seed's hops have found
    # hops make one seed of a domain and queue, whoever else follows a link there at the same time
    Index("seeds_hop_domain_key", "queue_id", "domain_id", unique=True, postgresql_where=text("root_id IS NOT NULL")),
    comment="Sites to crawl: named by the user, or found by the hops of a named one.",
)

crawled_hosts = Table(
    "crawled_hosts",
    metadata,
    Column("host_id", BigInteger, ForeignKey("hosts.id"), primary_key=True, autoincrement=False, comment="the host"),
    Column(
        "claim",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="number of the last claim; writes under an older one are refused",
    ),
    Column("added_at", time, nullable=False, server_default=now, comment="when the frontier learnt of it"),
    Column("leased_until", time, comment="end of the lease of the worker that holds it; NULL: nobody holds it"),
    Column("rests_until", time, comment="end of its back-off or rest: not claimed before, whatever is due; NULL: none"),
    Column("last_request", time, comment="when a request was last sent to it, or may have been; NULL: never"),
    Column(
        "held_until",
        time,
        comment="when it has its turn under a bound that it shares with other hosts; NULL: it waits for none",
    ),
    Column("worker", UUID, comment="the worker that holds it; NULL: nobody holds it"),
    Column(
        "domain_id",
        Integer,
        comment="its registrable domain, for which its claims count; NULL: not known before its next claim",
    ),
    Column("suffix", bytewise, comment="its private public suffix, as blogspot.com; NULL: none, or never claimed"),
    Column(
        "address",
        bytewise,
        comment="network that it was last found at: an IPv4 address or the first 64 bits of an IPv6 one; NULL: not known",
    ),
    Column("line", bytewise, comment="the bound of which it waits for a turn: its kind and its name; NULL: none"),
    Column(
        "held_priority",
        SmallInteger,
        comment="priority of the pages that wait for that turn: more urgent ones do not; NULL: none wait",
    ),
    Column(
        "renders", REAL, nullable=False, server_default="0", comment="pages that were rendered, exponentially decayed"
    ),
    Column("render_gains", REAL, nullable=False, server_default="0", comment="those that gained links, decayed alike"),
    Column(
        "endings",
        JSONB,
        comment="what answered to URLs that may be pages or files, by their ending: 0 a page, else how many files; "
        "NULL: nothing is known",
    ),
    Column("endings_since", time, comment="when endings began; after 30 days it begins anew; NULL: as endings"),
    Column(
        "missing_asked_at",
        time,
        comment="when it was last asked for a page that cannot exist; NULL: never, as no page of it was in doubt",
    ),
    Column(
        "missing_digest",
        BigInteger,
        comment="hash of what it answered, by title and number of links; 0: another status than 200; NULL: never asked",
    ),
    Column(
        "opted_out",
        Boolean,
        nullable=False,
        server_default="false",
        comment="it, or a domain above it, has opted out (optouts): it is never claimed",
    ),
    Column(
        "back_offs",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="answers of 429 or 503 in a row: each makes the next back-off longer",
    ),
    Column(
        "is_suspect",
        Boolean,
        nullable=False,
        server_default="false",
        comment="a worker died or stalled while it held it, and nobody has given it back since: its pages are read one at "
        "a time, in a child process",
    ),
    CheckConstraint("render_gains BETWEEN 0 AND renders", name="render_gains_are_some_of_renders"),
    CheckConstraint("back_offs >= 0", name="back_offs_are_not_negative"),
    CheckConstraint("(endings IS NULL) = (endings_since IS NULL)", name="endings_have_a_beginning"),
    CheckConstraint("(worker IS NULL) = (leased_until IS NULL)", name="held_hosts_have_a_lease"),
    CheckConstraint(
        "(line IS NULL) = (held_until IS NULL) AND (line IS NULL) = (held_priority IS NULL)",
        name="who_stands_in_line_has_a_time",
    ),
    Index("crawled_hosts_held_idx", "leased_until", postgresql_where=text("worker IS NOT NULL")),  # who is at work?
    Index("crawled_hosts_added_idx", "domain_id", "added_at"),  # how many hosts of a domain were admitted tonight?
    # under which bounds are hosts in work?
    Index("crawled_hosts_domain_idx", "domain_id", postgresql_where=text("worker IS NOT NULL")),
    Index("crawled_hosts_suffix_idx", "suffix", postgresql_where=text("worker IS NOT NULL AND suffix IS NOT NULL")),
    Index("crawled_hosts_address_idx", "address", postgresql_where=text("worker IS NOT NULL AND address IS NOT NULL")),
    # where does a line end?
    Index("crawled_hosts_line_idx", "line", "held_priority", "held_until", postgresql_where=text("line IS NOT NULL")),
    comment="Hosts that are crawled, each by one worker at a time: the unit of politeness.",
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.05},
)

queue_hosts = Table(
    "queue_hosts",
    metadata,
    Column(
        "host_id",
        BigInteger,
        ForeignKey("crawled_hosts.host_id"),
        primary_key=True,
        autoincrement=False,
        comment="a host on which the queue has, or has had, pages of that priority",
    ),
    Column(
        "queue_id",
        BigInteger,
        ForeignKey("queues.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="the queue",
    ),
    Column(
        "priority", SmallInteger, primary_key=True, autoincrement=False, comment="as in pages; lower is claimed first"
    ),
    Column(
        "claimable_at",
        time,
        comment="not later than when the first of these pages is due and the host does not rest; NULL: nothing is due",
    ),
    CheckConstraint("priority BETWEEN 0 AND 4", name="host_priority_is_known"),
    # the next hosts to claim; a queue's hosts
    Index("queue_hosts_claimable_idx", "queue_id", "priority", "claimable_at"),
    comment="Which queue has pages on which host, and when it may be claimed for them. Claims do not change it: who "
    "holds a host is in crawled_hosts.",
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.05},
)

robots = Table(
    "robots",
    metadata,
    Column("host_id", BigInteger, ForeignKey("hosts.id"), primary_key=True, autoincrement=False, comment="the host"),
    Column("fetched_at", time, nullable=False, comment="when robots.txt was last requested"),
    Column("http_code", SmallInteger, nullable=False, comment="status of the answer; 599: not a valid status"),
    Column("body", Text, comment="its text, at most 500 KiB; NULL: none, or an error"),
    comment="robots.txt of each host, kept for 24 hours and shared by all workers (RFC 9309).",
)

pages = Table(
    "pages",
    metadata,
    Column(
        "page_id", BigInteger, ForeignKey("urls.id"), primary_key=True, autoincrement=False, comment="the page's URL"
    ),
    # no foreign key: it is its URL's host, and a host goes only after the last of its URLs
    Column("host_id", BigInteger, nullable=False, comment="its host"),
    Column(
        "moved_to_id",
        BigInteger,
        comment="the URL of the same path and domain to which it redirects permanently; NULL: none",
    ),
    Column("next_visit", time, comment="due from then on; NULL: not to be visited"),
    Column("first_found", time, nullable=False, server_default=now, comment="when the frontier learnt of it"),
    Column("last_visited", time, comment="latest visit or capture, however it ended; NULL: never"),
    Column(
        "confirmed_at",
        time,
        comment="latest visit that read the page (2xx, 304 or a redirect): last_seen of its live links; NULL: never",
    ),
    Column(
        "settled_at",
        time,
        comment="latest conclusive visit or capture: it was read, is gone or redirects; NULL: none",
    ),
    Column(
        "unverified_since",
        time,
        comment="first inconclusive visit after settled_at, or the latest capture when no crawl has read it: its "
        "live links are unverified; NULL: they are not",
    ),
    Column(
        "links_digest",
        BigInteger,
        comment="hash of its links and their snippets as last read: equal means unchanged; NULL: never read",
    ),
    Column(
        "found_digest",
        BigInteger,
        comment="hash of the pages that it leads to, as last read; NULL: never read, or to be read again in full",
    ),
    Column("visits", Integer, nullable=False, server_default="0", comment="visits so far"),
    Column(
        "compared",
        REAL,
        nullable=False,
        server_default="0",
        comment="visits that were compared with the one before, exponentially decayed",
    ),
    Column("changes", REAL, nullable=False, server_default="0", comment="those that found a change, decayed alike"),
    Column("compared_days", REAL, nullable=False, server_default="0", comment="days between them, decayed alike"),
    Column(
        "priority",
        SmallInteger,
        nullable=False,
        server_default="3",
        comment="0 to be verified, 1 watched, 2 likely to have new links, or sitemap, 3 new, 4 other; lower is "
        "visited first",
    ),
    Column("kind", SmallInteger, nullable=False, server_default="0", comment="0 page, 1 sitemap"),
    Column(
        "counted",
        Boolean,
        nullable=False,
        server_default="true",
        comment="it counts against the budgets of its seeds: it is not a sitemap, and has not turned out to be gone, "
        "moved or not HTML",
    ),
    Column(
        "settled",
        SmallInteger,
        comment="what the last conclusive visit showed: 0 read, 1 gone, 2 redirects; NULL: none was",
    ),
    Column("failures", SmallInteger, nullable=False, server_default="0", comment="inconclusive visits in a row"),
    Column("outcome", SmallInteger, comment="of the last visit, as in model.Outcome; NULL: never visited"),
    Column("http_code", SmallInteger, comment="status of the last visit; NULL: no answer, or never visited"),
    Column(
        "has_missing",
        Boolean,
        nullable=False,
        server_default="false",
        comment="one of its links is missing, or was found by an inconclusive visit: the next visit compares all of "
        "them",
    ),
    Column("reason", Text, comment="why the last visit ended as it did; NULL: the outcome says it all"),
    Column(
        "rendered_at",
        time,
        comment="last visit that rendered it, without incomplete ones that lacked a rendered link: last_seen of its live "
        "rendered links; NULL: never",
    ),
    Column(
        "unrendered_since",
        time,
        comment="first visit after rendered_at that read it: its live rendered links are unverified; NULL: none",
    ),
    Column("rendered_digest", BigInteger, comment="hash of what its last rendering changed; NULL: never rendered"),
    Column(
        "by_crawl", Boolean, nullable=False, server_default="false", comment="a crawl has read it, not only captures"
    ),
    Column("gained", Boolean, comment="its last rendering had links that its HTML did not have; NULL: never rendered"),
    Column(
        "rendering",
        SmallInteger,
        comment="why it was rendered when last read, or not, as in model.RenderReason; NULL: its HTML had enough links",
    ),
    Column(
        "ending",
        SmallInteger,
        comment="how its HTML ends when it is whole: 0 with the end tag of body or html, 1 without, 2 inside markup; NULL: "
        "never read",
    ),
    Column(
        "doubted_since", time, comment="first of the visits in a row whose answer was doubted; NULL: the last was not"
    ),
    Column("doubts", SmallInteger, nullable=False, server_default="0", comment="such visits in a row"),
    Column("doubted_for", Text, comment="what these answers look like; NULL: there is no doubt"),
    Column(
        "redirects_to",
        BigInteger,
        comment="first 64 bits of the hash of the URL to which its last conclusive visit redirected for good; NULL: none",
    ),
    Column(
        "begun",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="how often its reading was begun and no visit came of it; counted for suspects only",
    ),
    CheckConstraint("kind IN (0, 1)", name="page_kind_is_known"),
    CheckConstraint("ending BETWEEN 0 AND 2", name="page_ending_is_known"),
    CheckConstraint("(doubts = 0) = (doubted_since IS NULL)", name="page_doubts_have_a_beginning"),
    CheckConstraint("rendering BETWEEN 0 AND 16", name="page_rendering_is_known"),
    CheckConstraint("settled BETWEEN 0 AND 2", name="page_settled_is_known"),
    CheckConstraint(
        "failures >= 0 AND compared >= 0 AND changes >= 0 AND compared_days >= 0", name="page_history_is_not_negative"
    ),
    CheckConstraint("outcome BETWEEN 0 AND 18", name="page_outcome_is_known"),
    CheckConstraint("priority BETWEEN 0 AND 4", name="page_priority_is_known"),
    # how many pages of a host redirect to one and the same?
    Index("pages_redirects_to_idx", "host_id", "redirects_to", postgresql_where=text("redirects_to IS NOT NULL")),
    # a claimed host's due pages, in the order of their visits
    Index("pages_due_idx", "host_id", "priority", "next_visit", postgresql_where=text("next_visit IS NOT NULL")),
    Index("pages_gone_idx", "host_id", postgresql_where=text("outcome = 2")),  # a domain's dead pages: broken backlinks
    Index(
        "pages_moved_to_id_idx", "moved_to_id", postgresql_where=text("moved_to_id IS NOT NULL")
    ),  # whose links moved here?
    comment="The crawl state of each page. Narrow, so that rescheduling rewrites little.",
    postgresql_with={"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.05},
)

seed_pages = Table(
    "seed_pages",
    metadata,
    Column(
        "page_id",
        BigInteger,
        ForeignKey("pages.page_id"),
        primary_key=True,
        autoincrement=False,
        comment="a page",
    ),
    Column(
        "seed_id",
        BigInteger,
        ForeignKey("seeds.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="a seed whose scope and limits cover it",
    ),
    Column("depth", Integer, nullable=False, comment="clicks from the seed's start"),
    Column(
        "refused",
        Boolean,
        nullable=False,
        server_default="false",
        comment="the seed's budget, or its domain's of new hosts, had no room for a page that this one leads to",
    ),
    Index("seed_pages_seed_id_idx", "seed_id"),  # a seed's pages
    comment="Covers: which seeds a page belongs to.",
)

optouts = Table(
    "optouts",
    metadata,
    Column("domain", bytewise, primary_key=True, comment="registrable domain, or a host of one"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("note", Text, comment="who asked, and why; NULL: none"),
    comment="Domains and hosts that have opted out: they and their subdomains are never crawled.",
)

skipped_domains = Table(
    "skipped_domains",
    metadata,
    Column("domain", bytewise, primary_key=True, comment="registrable domain"),
    Column("added_at", time, nullable=False, server_default=now, comment="when it was added"),
    Column("note", Text, comment="why; NULL: none"),
    comment="Domains that hops never enter, such as hubs that link to everything. Links to them are still recorded.",
)
