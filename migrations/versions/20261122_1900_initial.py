"""The tables, the identity of URLs, the views, and the hubs that hops never enter."""

from alembic import op

revision = "20261122_1900"
down_revision = None

UP = r"""
CREATE TABLE crawls (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    batch BIGINT DEFAULT '0' NOT NULL,
    worker UUID NOT NULL,
    reason TEXT,
    seeds TEXT NOT NULL,
    stats JSONB,
    CONSTRAINT crawls_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE crawls IS 'One row a run of `scrapy crawl`.';
COMMENT ON COLUMN crawls.id IS 'key';
COMMENT ON COLUMN crawls.started_at IS 'when it began';
COMMENT ON COLUMN crawls.finished_at IS 'when it ended; NULL: running, or killed';
COMMENT ON COLUMN crawls.seen_at IS 'when it last said that it is alive, each 20 s';
COMMENT ON COLUMN crawls.batch IS 'of visits, the last that it has recorded';
COMMENT ON COLUMN crawls.worker IS 'the process that ran it';
COMMENT ON COLUMN crawls.reason IS 'why it ended, in Scrapy''s words; NULL: running, or killed';
COMMENT ON COLUMN crawls.seeds IS 'what was asked for: a file, a list, or the kept seeds';
COMMENT ON COLUMN crawls.stats IS 'what it has recorded so far, at the end Scrapy''s statistics too; NULL: not said yet';
CREATE TABLE domain_edges (
    domain_to_id BIGINT NOT NULL,
    domain_from_id BIGINT NOT NULL,
    last_page_id BIGINT,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    absent_since TIMESTAMP WITH TIME ZONE,
    links INTEGER DEFAULT '0' NOT NULL,
    dofollow_links INTEGER DEFAULT '0' NOT NULL,
    refpages INTEGER DEFAULT '0' NOT NULL,
    pages_to INTEGER DEFAULT '0' NOT NULL,
    status SMALLINT DEFAULT '0' NOT NULL,
    CONSTRAINT domain_edges_pkey PRIMARY KEY (domain_to_id, domain_from_id),
    CONSTRAINT edge_status_is_known CHECK (status BETWEEN 0 AND 2),
    CONSTRAINT edge_counts_agree CHECK (links >= 0 AND dofollow_links BETWEEN 0 AND links AND refpages BETWEEN 0 AND links AND pages_to BETWEEN 0 AND links)
);
CREATE INDEX domain_edges_domain_from_id_idx ON domain_edges (domain_from_id);
CREATE INDEX domain_edges_largest_idx ON domain_edges (domain_to_id, links DESC, domain_from_id);
COMMENT ON TABLE domain_edges IS 'All links from one domain to another, summed up; written only when links change.';
COMMENT ON COLUMN domain_edges.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN domain_edges.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN domain_edges.last_page_id IS 'a page with a live link, one that is verified if there is one: its confirmed_at is the edge''s last_seen; NULL: none is live';
COMMENT ON COLUMN domain_edges.first_seen IS 'when the first of its links was found';
COMMENT ON COLUMN domain_edges.last_seen IS 'when last_page_id was set; the edge was seen then or later';
COMMENT ON COLUMN domain_edges.absent_since IS 'when the last live link went; NULL: one is live';
COMMENT ON COLUMN domain_edges.links IS 'live links';
COMMENT ON COLUMN domain_edges.dofollow_links IS 'live links that are dofollow';
COMMENT ON COLUMN domain_edges.refpages IS 'pages with a live link';
COMMENT ON COLUMN domain_edges.pages_to IS 'URLs with a live link to them';
COMMENT ON COLUMN domain_edges.status IS '0 live (unverified while last_page_id is), 1 missing, 2 lost';
CREATE TABLE domains (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    CONSTRAINT domains_pkey PRIMARY KEY (id),
    CONSTRAINT domain_has_a_name CHECK (name <> ''),
    CONSTRAINT domains_name_key UNIQUE (name)
);
COMMENT ON TABLE domains IS 'Registrable domains by the Public Suffix List, private section included.';
COMMENT ON COLUMN domains.id IS 'key';
COMMENT ON COLUMN domains.name IS 'registrable domain or IP address, in ASCII';
CREATE TABLE hosts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    claimable_at TIMESTAMP WITH TIME ZONE,
    claim BIGINT DEFAULT '0' NOT NULL,
    rests_until TIMESTAMP WITH TIME ZONE,
    last_request TIMESTAMP WITH TIME ZONE,
    worker UUID,
    priority SMALLINT DEFAULT '3' NOT NULL,
    setbacks SMALLINT DEFAULT '0' NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    CONSTRAINT hosts_pkey PRIMARY KEY (id),
    CONSTRAINT host_has_a_name CHECK (name <> ''),
    CONSTRAINT host_priority_is_known CHECK (priority BETWEEN 0 AND 4),
    CONSTRAINT setbacks_are_not_negative CHECK (setbacks >= 0),
    CONSTRAINT hosts_name_key UNIQUE (name)
)
 WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX hosts_claimable_idx ON hosts (priority, claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX hosts_held_idx ON hosts (claimable_at) WHERE worker IS NOT NULL;
COMMENT ON TABLE hosts IS 'The unit of politeness: hosts that are crawled, one worker at a time each.';
COMMENT ON COLUMN hosts.id IS 'key';
COMMENT ON COLUMN hosts.claimable_at IS 'its earliest due page, or the end of its lease while claimed; NULL: nothing due ever';
COMMENT ON COLUMN hosts.claim IS 'number of the last claim; writes under an older one are refused';
COMMENT ON COLUMN hosts.rests_until IS 'not claimed before, whatever is due; NULL: it does not rest';
COMMENT ON COLUMN hosts.last_request IS 'when a request was last made to it, or may have been; NULL: never';
COMMENT ON COLUMN hosts.worker IS 'who holds it; NULL: nobody';
COMMENT ON COLUMN hosts.priority IS 'the best of its pages due soon, a hint: hosts are claimed in this order';
COMMENT ON COLUMN hosts.setbacks IS 'how often in a row it asked to be left alone (429, 503): it rests ever longer';
COMMENT ON COLUMN hosts.name IS 'host, with its port when that is not the scheme''s own';
CREATE TABLE link_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    link_id BIGINT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind SMALLINT NOT NULL,
    before TEXT,
    after TEXT,
    CONSTRAINT link_events_pkey PRIMARY KEY (id),
    CONSTRAINT event_kind_is_known CHECK (kind BETWEEN 0 AND 4)
);
CREATE INDEX link_events_link_id_idx ON link_events (link_id);
COMMENT ON TABLE link_events IS 'What happened to links after they were found, append-only. Finding one is links.first_seen.';
COMMENT ON COLUMN link_events.id IS 'key';
COMMENT ON COLUMN link_events.link_id IS 'the link';
COMMENT ON COLUMN link_events.happened_at IS 'the visit that proves it: visits (the link''s page_id, visited_at)';
COMMENT ON COLUMN link_events.kind IS '0 missing, 1 lost, 2 restored, 3 rel changed, 4 anchor changed';
COMMENT ON COLUMN link_events.before IS 'rel or anchor before; NULL: neither changed';
COMMENT ON COLUMN link_events.after IS 'rel or anchor after, or why it was lost; NULL: none of these';
CREATE TABLE links (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    page_id BIGINT NOT NULL,
    url_to_id BIGINT NOT NULL,
    domain_from_id BIGINT NOT NULL,
    domain_to_id BIGINT NOT NULL,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    absent_since TIMESTAMP WITH TIME ZONE,
    last_seen TIMESTAMP WITH TIME ZONE,
    rel_id BIGINT,
    position INTEGER NOT NULL,
    link_type SMALLINT NOT NULL,
    anchor_source SMALLINT NOT NULL,
    status SMALLINT DEFAULT '0' NOT NULL,
    lost_reason SMALLINT,
    is_dofollow BOOLEAN NOT NULL,
    anchor TEXT NOT NULL,
    snippet_left TEXT,
    snippet_right TEXT,
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT link_type_is_known CHECK (link_type BETWEEN 0 AND 4),
    CONSTRAINT anchor_source_is_known CHECK (anchor_source BETWEEN 0 AND 3),
    CONSTRAINT link_status_is_known CHECK (status BETWEEN 0 AND 2),
    CONSTRAINT lost_links_have_a_reason CHECK ((status = 2) = (lost_reason IS NOT NULL)),
    CONSTRAINT live_links_are_not_absent CHECK ((status = 0) = (absent_since IS NULL))
);
CREATE INDEX links_domains_idx ON links (domain_to_id, domain_from_id, url_to_id);
CREATE INDEX links_page_id_idx ON links (page_id);
CREATE INDEX links_url_to_id_idx ON links (url_to_id);
COMMENT ON TABLE links IS 'Links that leave their page''s domain, every instance.';
COMMENT ON COLUMN links.id IS 'key';
COMMENT ON COLUMN links.page_id IS 'the page it stands on';
COMMENT ON COLUMN links.url_to_id IS 'where it goes';
COMMENT ON COLUMN links.domain_from_id IS 'the page''s domain';
COMMENT ON COLUMN links.domain_to_id IS 'the domain of url_to';
COMMENT ON COLUMN links.first_seen IS 'the visit that found it: visits (page_id, visited_at)';
COMMENT ON COLUMN links.absent_since IS 'when it was first missing; NULL: it is live';
COMMENT ON COLUMN links.last_seen IS 'last visit that saw it; NULL: it is live, and seen by its page''s last confirmed visit';
COMMENT ON COLUMN links.rel_id IS 'its rel attribute; NULL: none';
COMMENT ON COLUMN links.position IS 'place among the page''s links when it was found, from 0';
COMMENT ON COLUMN links.link_type IS '0 text, 1 image, 2 redirect, 3 canonical, 4 frame';
COMMENT ON COLUMN links.anchor_source IS '0 none, 1 text, 2 alt, 3 title';
COMMENT ON COLUMN links.status IS '0 live (unverified while its page is), 1 missing, 2 lost';
COMMENT ON COLUMN links.lost_reason IS '0 link_removed, 1 page_gone, 2 page_redirected; NULL: not lost';
COMMENT ON COLUMN links.is_dofollow IS 'not nofollow, sponsored or ugc, and the page is not nofollow';
COMMENT ON COLUMN links.anchor IS 'its words, at most 1,000 characters; empty: none';
COMMENT ON COLUMN links.snippet_left IS 'the text before it in its block, at most 80 characters; NULL: none';
COMMENT ON COLUMN links.snippet_right IS 'the text after it in its block, at most 80 characters; NULL: none';
CREATE TABLE optouts (
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    note TEXT,
    CONSTRAINT optouts_pkey PRIMARY KEY (domain)
);
COMMENT ON TABLE optouts IS 'Whose owners do not want to be crawled: their hosts are never claimed.';
COMMENT ON COLUMN optouts.domain IS 'registrable domain, or a host of one';
COMMENT ON COLUMN optouts.added_at IS 'when it was added';
COMMENT ON COLUMN optouts.note IS 'who asked, and why; NULL: not said';
CREATE TABLE page_facts (
    page_id BIGINT NOT NULL,
    links_external INTEGER NOT NULL,
    links_internal INTEGER NOT NULL,
    nofollow BOOLEAN NOT NULL,
    noindex BOOLEAN NOT NULL,
    language TEXT,
    title TEXT,
    canonical TEXT COLLATE "C",
    etag TEXT,
    last_modified TEXT,
    CONSTRAINT page_facts_pkey PRIMARY KEY (page_id)
);
COMMENT ON TABLE page_facts IS 'What a page says of itself; written only when that changes.';
COMMENT ON COLUMN page_facts.page_id IS 'the page';
COMMENT ON COLUMN page_facts.links_external IS 'links that leave its domain, each instance';
COMMENT ON COLUMN page_facts.links_internal IS 'links inside its domain, each instance';
COMMENT ON COLUMN page_facts.nofollow IS 'its robots meta or X-Robots-Tag says nofollow or none';
COMMENT ON COLUMN page_facts.noindex IS 'its robots meta or X-Robots-Tag says noindex or none';
COMMENT ON COLUMN page_facts.language IS 'lang attribute of its html element, lower-cased; NULL: none';
COMMENT ON COLUMN page_facts.title IS 'its title, white space collapsed, at most 300 characters; NULL: none';
COMMENT ON COLUMN page_facts.canonical IS 'what it calls its canonical URL, normalised; NULL: nothing';
COMMENT ON COLUMN page_facts.etag IS 'the ETag of its last reading, for conditional requests; NULL: none';
COMMENT ON COLUMN page_facts.last_modified IS 'the Last-Modified of its last reading, as it came; NULL: none';
CREATE TABLE rels (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    is_nofollow BOOLEAN NOT NULL,
    is_sponsored BOOLEAN NOT NULL,
    is_ugc BOOLEAN NOT NULL,
    tokens TEXT[] NOT NULL,
    CONSTRAINT rels_pkey PRIMARY KEY (id),
    CONSTRAINT rels_tokens_key UNIQUE (tokens)
);
COMMENT ON TABLE rels IS 'Every rel attribute seen: few, and referred to by many links.';
COMMENT ON COLUMN rels.id IS 'key';
COMMENT ON COLUMN rels.is_nofollow IS 'tokens hold nofollow';
COMMENT ON COLUMN rels.is_sponsored IS 'tokens hold sponsored';
COMMENT ON COLUMN rels.is_ugc IS 'tokens hold ugc';
COMMENT ON COLUMN rels.tokens IS 'rel attribute: lower-cased tokens, in order, each once';
CREATE TABLE skipped_domains (
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    note TEXT,
    CONSTRAINT skipped_domains_pkey PRIMARY KEY (domain)
);
COMMENT ON TABLE skipped_domains IS 'Domains that hops never enter: hubs that link to everything. Links to them are recorded all the same.';
COMMENT ON COLUMN skipped_domains.domain IS 'registrable domain';
COMMENT ON COLUMN skipped_domains.added_at IS 'when it was added';
COMMENT ON COLUMN skipped_domains.note IS 'why; NULL: not said';
CREATE TABLE visits (
    page_id BIGINT NOT NULL,
    visited_at TIMESTAMP WITH TIME ZONE NOT NULL,
    crawl_id BIGINT NOT NULL,
    size INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    links_found INTEGER NOT NULL,
    links_gone INTEGER NOT NULL,
    outcome SMALLINT NOT NULL,
    http_code SMALLINT,
    reason TEXT,
    CONSTRAINT visits_pkey PRIMARY KEY (page_id, visited_at),
    CONSTRAINT visit_outcome_is_known CHECK (outcome BETWEEN 0 AND 16)
)
 PARTITION BY RANGE (visited_at);
CREATE INDEX visits_visited_at_idx ON visits USING brin (visited_at);
COMMENT ON TABLE visits IS 'Every fetch of a page, append-only, one partition a month.';
COMMENT ON COLUMN visits.page_id IS 'the page';
COMMENT ON COLUMN visits.visited_at IS 'when the visit was recorded';
COMMENT ON COLUMN visits.crawl_id IS 'the run';
COMMENT ON COLUMN visits.size IS 'bytes of the body, decompressed';
COMMENT ON COLUMN visits.elapsed_ms IS 'milliseconds from request to the first byte of the answer';
COMMENT ON COLUMN visits.links_found IS 'links it found that were not known';
COMMENT ON COLUMN visits.links_gone IS 'known live links that it did not find';
COMMENT ON COLUMN visits.outcome IS 'how it ended, as in model.Outcome';
COMMENT ON COLUMN visits.http_code IS 'status of the answer; NULL: none came';
COMMENT ON COLUMN visits.reason IS 'why, when the outcome does not say it all; NULL: it does';
CREATE TABLE robots (
    host_id BIGINT NOT NULL,
    fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    http_code SMALLINT NOT NULL,
    body TEXT,
    CONSTRAINT robots_pkey PRIMARY KEY (host_id),
    CONSTRAINT robots_host_id_fkey FOREIGN KEY(host_id) REFERENCES hosts (id)
);
COMMENT ON TABLE robots IS 'robots.txt of each host, kept for 24 hours and shared by all workers (RFC 9309).';
COMMENT ON COLUMN robots.host_id IS 'the host';
COMMENT ON COLUMN robots.fetched_at IS 'when robots.txt was last asked for';
COMMENT ON COLUMN robots.http_code IS 'status of the answer; 599 for a number that is none';
COMMENT ON COLUMN robots.body IS 'at most 500 KiB of it; NULL: none, or an error';
CREATE TABLE targets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    domain_id BIGINT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    mode TEXT NOT NULL,
    values TEXT[] NOT NULL,
    CONSTRAINT targets_pkey PRIMARY KEY (id),
    CONSTRAINT target_mode_is_known CHECK (mode IN ('exact', 'prefix', 'domain', 'subdomains')),
    CONSTRAINT targets_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id),
    CONSTRAINT targets_values_key UNIQUE (values)
);
CREATE INDEX targets_domain_id_idx ON targets (domain_id);
COMMENT ON TABLE targets IS 'What the user watches: pages that link to it are visited first.';
COMMENT ON COLUMN targets.id IS 'key';
COMMENT ON COLUMN targets.domain_id IS 'its domain';
COMMENT ON COLUMN targets.added_at IS 'when it was added';
COMMENT ON COLUMN targets.mode IS 'exact, prefix, domain or subdomains';
COMMENT ON COLUMN targets.values IS 'a URL, URL prefixes (one a scheme), a domain, or a host';
CREATE TABLE urls (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    hash UUID NOT NULL,
    domain_id BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    CONSTRAINT urls_pkey PRIMARY KEY (id),
    CONSTRAINT url_is_at_most_2048_characters CHECK (length(url) <= 2048),
    CONSTRAINT urls_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id)
);
CREATE INDEX urls_domain_id_idx ON urls (domain_id);
CREATE UNIQUE INDEX urls_hash_key ON urls (hash);
COMMENT ON TABLE urls IS 'Every URL seen, as a page or as the end of a link.';
COMMENT ON COLUMN urls.id IS 'key';
COMMENT ON COLUMN urls.hash IS 'identity: the first 128 bits of SHA-256 of url; see url_hash()';
COMMENT ON COLUMN urls.domain_id IS 'the url''s registrable domain';
COMMENT ON COLUMN urls.url IS 'normalised URL';
CREATE TABLE seeds (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    url_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    root_id BIGINT,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    max_depth INTEGER,
    max_pages INTEGER,
    hops INTEGER DEFAULT '0' NOT NULL,
    pages_known INTEGER DEFAULT '0' NOT NULL,
    sitemaps_known INTEGER DEFAULT '0' NOT NULL,
    kept BOOLEAN NOT NULL,
    bare BOOLEAN DEFAULT 'false' NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT seeds_pkey PRIMARY KEY (id),
    CONSTRAINT scope_is_host_domain_or_prefix CHECK (scope IN ('host', 'domain', 'prefix')),
    CONSTRAINT seed_limits_are_not_negative CHECK (hops >= 0 AND max_depth >= 0 AND max_pages >= 0),
    CONSTRAINT seeds_url_id_key UNIQUE (url_id),
    CONSTRAINT seeds_url_id_fkey FOREIGN KEY(url_id) REFERENCES urls (id),
    CONSTRAINT seeds_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id),
    CONSTRAINT seeds_root_id_fkey FOREIGN KEY(root_id) REFERENCES seeds (id)
);
CREATE INDEX seeds_domain_id_idx ON seeds (domain_id);
CREATE INDEX seeds_root_id_idx ON seeds (root_id);
COMMENT ON TABLE seeds IS 'Sites to crawl: named by the user, or found by the hops of a named one.';
COMMENT ON COLUMN seeds.id IS 'key';
COMMENT ON COLUMN seeds.url_id IS 'where the crawl of it starts';
COMMENT ON COLUMN seeds.domain_id IS 'registrable domain of its url';
COMMENT ON COLUMN seeds.root_id IS 'the seed whose hops found this one; NULL: the user named it';
COMMENT ON COLUMN seeds.added_at IS 'when it was added';
COMMENT ON COLUMN seeds.max_depth IS 'clicks from url at most; NULL: any';
COMMENT ON COLUMN seeds.max_pages IS 'pages known of it at most; NULL: any';
COMMENT ON COLUMN seeds.hops IS 'times that links to new domains are followed';
COMMENT ON COLUMN seeds.pages_known IS 'pages admitted so far, counted against max_pages';
COMMENT ON COLUMN seeds.sitemaps_known IS 'sitemaps admitted so far';
COMMENT ON COLUMN seeds.kept IS 'crawled when no seeds are named; false: named for one run only';
COMMENT ON COLUMN seeds.bare IS 'the user named a domain without a scheme';
COMMENT ON COLUMN seeds.scope IS 'host, domain or prefix';
CREATE TABLE pages (
    page_id BIGINT NOT NULL,
    host_id BIGINT NOT NULL,
    seed_id BIGINT NOT NULL,
    next_visit TIMESTAMP WITH TIME ZONE,
    first_found TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_visited TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    unverified_since TIMESTAMP WITH TIME ZONE,
    links_digest BIGINT,
    found_digest BIGINT,
    visits INTEGER DEFAULT '0' NOT NULL,
    depth INTEGER NOT NULL,
    compared REAL DEFAULT '0' NOT NULL,
    changes REAL DEFAULT '0' NOT NULL,
    compared_days REAL DEFAULT '0' NOT NULL,
    priority SMALLINT DEFAULT '3' NOT NULL,
    kind SMALLINT DEFAULT '0' NOT NULL,
    settled SMALLINT,
    failures SMALLINT DEFAULT '0' NOT NULL,
    outcome SMALLINT,
    http_code SMALLINT,
    has_missing BOOLEAN DEFAULT 'false' NOT NULL,
    reason TEXT,
    CONSTRAINT pages_pkey PRIMARY KEY (page_id),
    CONSTRAINT page_kind_is_known CHECK (kind IN (0, 1)),
    CONSTRAINT page_settled_is_known CHECK (settled BETWEEN 0 AND 2),
    CONSTRAINT page_history_is_not_negative CHECK (failures >= 0 AND compared >= 0 AND changes >= 0 AND compared_days >= 0),
    CONSTRAINT page_outcome_is_known CHECK (outcome BETWEEN 0 AND 16),
    CONSTRAINT page_priority_is_known CHECK (priority BETWEEN 0 AND 4),
    CONSTRAINT pages_page_id_fkey FOREIGN KEY(page_id) REFERENCES urls (id),
    CONSTRAINT pages_host_id_fkey FOREIGN KEY(host_id) REFERENCES hosts (id),
    CONSTRAINT pages_seed_id_fkey FOREIGN KEY(seed_id) REFERENCES seeds (id)
)
 WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX pages_due_idx ON pages (host_id, priority, next_visit) WHERE next_visit IS NOT NULL;
COMMENT ON TABLE pages IS 'The crawl state of each page: narrow, so that rescheduling rewrites little.';
COMMENT ON COLUMN pages.page_id IS 'the page''s URL';
COMMENT ON COLUMN pages.host_id IS 'its host';
COMMENT ON COLUMN pages.seed_id IS 'the seed whose crawl found it';
COMMENT ON COLUMN pages.next_visit IS 'due from then on; NULL: not visited again by itself';
COMMENT ON COLUMN pages.first_found IS 'when the frontier learnt of it';
COMMENT ON COLUMN pages.last_visited IS 'last visit, however it ended; NULL: never';
COMMENT ON COLUMN pages.confirmed_at IS 'last visit that read the page (2xx, 304 or a redirect): last_seen of its live links; NULL: never';
COMMENT ON COLUMN pages.unverified_since IS 'first of the visits since then that could not tell; its live links are unverified; NULL: none';
COMMENT ON COLUMN pages.links_digest IS 'hash of the links last read that leave its domain: equal means unchanged; NULL: never read';
COMMENT ON COLUMN pages.found_digest IS 'hash of the pages that it led to when last read; NULL: never read';
COMMENT ON COLUMN pages.visits IS 'visits so far';
COMMENT ON COLUMN pages.depth IS 'clicks from the seed''s start';
COMMENT ON COLUMN pages.compared IS 'visits that could tell a change, fading with time';
COMMENT ON COLUMN pages.changes IS 'those that did, fading alike';
COMMENT ON COLUMN pages.compared_days IS 'days between them, fading alike';
COMMENT ON COLUMN pages.priority IS '0 to be verified, 1 watched, 2 likely source or sitemap, 3 new, 4 other; lower is visited first';
COMMENT ON COLUMN pages.kind IS '0 page, 1 sitemap';
COMMENT ON COLUMN pages.settled IS 'what the last visit that could tell said: 0 read, 1 gone, 2 moved for good; NULL: none could';
COMMENT ON COLUMN pages.failures IS 'visits in a row that could not tell';
COMMENT ON COLUMN pages.outcome IS 'of the last visit, as in model.Outcome; NULL: never visited';
COMMENT ON COLUMN pages.http_code IS 'status of the last visit; NULL: no answer, or never visited';
COMMENT ON COLUMN pages.has_missing IS 'one of its links is missing';
COMMENT ON COLUMN pages.reason IS 'why the last visit ended as it did, when that is not plain; NULL: plain';
CREATE TABLE seed_hosts (
    seed_id BIGINT NOT NULL,
    host_id BIGINT NOT NULL,
    CONSTRAINT seed_hosts_pkey PRIMARY KEY (seed_id, host_id),
    CONSTRAINT seed_hosts_seed_id_fkey FOREIGN KEY(seed_id) REFERENCES seeds (id),
    CONSTRAINT seed_hosts_host_id_fkey FOREIGN KEY(host_id) REFERENCES hosts (id)
);
CREATE INDEX seed_hosts_host_id_idx ON seed_hosts (host_id);
COMMENT ON TABLE seed_hosts IS 'Which seed has pages on which host.';
COMMENT ON COLUMN seed_hosts.seed_id IS 'the seed';
COMMENT ON COLUMN seed_hosts.host_id IS 'a host on which it has pages';
CREATE TABLE visits_default PARTITION OF visits DEFAULT;
COMMENT ON TABLE visits_default IS 'Visits of months that have no partition of their own.';
-- A URL's identity: the first 128 bits of its SHA-256.
CREATE OR REPLACE FUNCTION url_hash(url text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(substring(sha256(convert_to(url, 'UTF8')) FOR 16), 'hex')::uuid;
COMMENT ON FUNCTION url_hash(text) IS 'Identity of a normalised URL: the first 128 bits of its SHA-256.';
INSERT INTO skipped_domains (domain, note) VALUES
    ('academia.edu', 'hub'),
    ('amazon.com', 'hub'),
    ('apple.com', 'hub'),
    ('archive.org', 'hub'),
    ('baidu.com', 'hub'),
    ('behance.net', 'hub'),
    ('bing.com', 'hub'),
    ('bit.ly', 'hub'),
    ('bsky.app', 'hub'),
    ('buff.ly', 'hub'),
    ('cloudflare.com', 'hub'),
    ('cloudfront.net', 'hub'),
    ('discord.com', 'hub'),
    ('discord.gg', 'hub'),
    ('disqus.com', 'hub'),
    ('dribbble.com', 'hub'),
    ('duckduckgo.com', 'hub'),
    ('facebook.com', 'hub'),
    ('fb.com', 'hub'),
    ('feedburner.com', 'hub'),
    ('flickr.com', 'hub'),
    ('github.com', 'hub'),
    ('gitlab.com', 'hub'),
    ('goo.gl', 'hub'),
    ('google.com', 'hub'),
    ('googleapis.com', 'hub'),
    ('googletagmanager.com', 'hub'),
    ('gravatar.com', 'hub'),
    ('gstatic.com', 'hub'),
    ('instagram.com', 'hub'),
    ('is.gd', 'hub'),
    ('issuu.com', 'hub'),
    ('jsdelivr.net', 'hub'),
    ('linkedin.com', 'hub'),
    ('linktr.ee', 'hub'),
    ('mastodon.social', 'hub'),
    ('medium.com', 'hub'),
    ('messenger.com', 'hub'),
    ('microsoft.com', 'hub'),
    ('naver.com', 'hub'),
    ('ow.ly', 'hub'),
    ('paypal.com', 'hub'),
    ('pinterest.com', 'hub'),
    ('quora.com', 'hub'),
    ('reddit.com', 'hub'),
    ('slack.com', 'hub'),
    ('slideshare.net', 'hub'),
    ('snapchat.com', 'hub'),
    ('soundcloud.com', 'hub'),
    ('sourceforge.net', 'hub'),
    ('spotify.com', 'hub'),
    ('stackoverflow.com', 'hub'),
    ('t.co', 'hub'),
    ('t.me', 'hub'),
    ('telegram.me', 'hub'),
    ('telegram.org', 'hub'),
    ('threads.net', 'hub'),
    ('tiktok.com', 'hub'),
    ('tinyurl.com', 'hub'),
    ('tumblr.com', 'hub'),
    ('twitch.tv', 'hub'),
    ('twitter.com', 'hub'),
    ('unpkg.com', 'hub'),
    ('vimeo.com', 'hub'),
    ('vk.com', 'hub'),
    ('wa.me', 'hub'),
    ('weibo.com', 'hub'),
    ('whatsapp.com', 'hub'),
    ('wikipedia.org', 'hub'),
    ('wordpress.com', 'hub'),
    ('wordpress.org', 'hub'),
    ('x.com', 'hub'),
    ('yahoo.com', 'hub'),
    ('yandex.ru', 'hub'),
    ('yelp.com', 'hub'),
    ('youtu.be', 'hub'),
    ('youtube.com', 'hub');
CREATE VIEW backlinks AS
SELECT
    uf.url AS url_from,
    split_part(uf.url, '/', 3) AS host_from,
    df.name AS domain_from,
    f.title AS title_from,
    f.language AS language_from,
    p.http_code AS http_code_from,
    ut.url AS url_to,
    split_part(ut.url, '/', 3) AS host_to,
    dt.name AS domain_to,
    l.anchor,
    (ARRAY['none', 'text', 'alt', 'title'])[l.anchor_source + 1] AS anchor_source,
    coalesce(r.tokens, '{}') AS rel,
    l.is_dofollow,
    coalesce(r.is_nofollow, FALSE) AS is_nofollow,
    coalesce(r.is_sponsored, FALSE) AS is_sponsored,
    coalesce(r.is_ugc, FALSE) AS is_ugc,
    coalesce(f.nofollow, FALSE) AS page_nofollow,
    coalesce(f.noindex, FALSE) AS page_noindex,
    (ARRAY['text', 'image', 'redirect', 'canonical', 'frame'])[l.link_type + 1] AS link_type,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    f.links_external,
    f.links_internal,
    l.first_seen,
    coalesce(l.last_seen, p.confirmed_at) AS last_seen,
    CASE WHEN l.status = 2 THEN l.absent_since END AS lost_at,
    CASE
        -- a redirect that still redirects is there, whatever became of the page's other links
        WHEN l.status = 0 AND p.unverified_since IS NOT NULL AND NOT (l.link_type = 2 AND p.outcome = 1)
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END AS status,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1] AS lost_reason,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.position
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id;
COMMENT ON VIEW backlinks IS 'One row a link that leaves its page''s domain, every instance.';
CREATE VIEW referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    e.links,
    e.dofollow_links,
    e.refpages,
    e.pages_to,
    e.first_seen,
    greatest(e.last_seen, p.confirmed_at) AS last_seen,
    CASE WHEN e.status = 2 THEN e.absent_since END AS lost_at,
    CASE
        WHEN e.status = 0 AND p.unverified_since IS NOT NULL THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[e.status + 1]
    END AS status,
    e.domain_to_id,
    e.domain_from_id
FROM domain_edges AS e
INNER JOIN domains AS dt ON e.domain_to_id = dt.id
INNER JOIN domains AS df ON e.domain_from_id = df.id
LEFT JOIN pages AS p ON e.last_page_id = p.page_id;
COMMENT ON VIEW referring_domains IS 'Who points to a domain: one row a linking domain. SELECT … WHERE domain_to = ''example.com''.';
CREATE VIEW anchors AS
SELECT
    dt.name AS domain_to,
    l.anchor,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(p.confirmed_at) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, l.anchor;
COMMENT ON VIEW anchors IS 'The words that live links to a domain use.';
CREATE VIEW best_by_links AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(p.confirmed_at) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, ut.url;
COMMENT ON VIEW best_by_links IS 'A domain''s pages by the live links to them.';
CREATE VIEW broken_backlinks AS
SELECT
    b.domain_to,
    b.url_to,
    pt.http_code AS http_code_to,
    pt.last_visited AS checked_at,
    b.url_from,
    b.domain_from,
    b.anchor,
    b.is_dofollow,
    b.first_seen,
    b.last_seen
FROM backlinks AS b
INNER JOIN urls AS ut ON b.url_to_hash = ut.hash
INNER JOIN pages AS pt ON ut.id = pt.page_id
WHERE pt.outcome = 2 AND b.status = 'live';
COMMENT ON VIEW broken_backlinks IS 'Live links to pages that were visited and answered 404 or 410.';
CREATE VIEW crawled_pages AS
SELECT
    u.url,
    h.name AS host,
    d.name AS domain,
    p.http_code,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified'
    ])[p.outcome + 1] AS outcome,
    p.reason,
    p.depth,
    p.first_found AS first_seen,
    p.last_visited,
    p.next_visit,
    f.links_external,
    f.links_internal,
    f.title,
    f.language
FROM pages AS p
INNER JOIN urls AS u ON p.page_id = u.id
INNER JOIN hosts AS h ON p.host_id = h.id
INNER JOIN domains AS d ON u.domain_id = d.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id
WHERE p.kind = 0;
COMMENT ON VIEW crawled_pages IS 'Every page that the frontier knows, visited or not; sitemaps left out.';
CREATE VIEW link_history AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    uf.url AS url_from,
    ut.url AS url_to,
    h.happened_at,
    h.event,
    h.before,
    h.after,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified'
    ])[v.outcome + 1] AS outcome,
    v.http_code,
    l.anchor,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.id AS link_id
FROM links AS l
CROSS JOIN LATERAL (
    SELECT
        l.first_seen AS happened_at,
        'found' AS event,
        NULL AS before,
        NULL AS after
    UNION ALL
    SELECT
        e.happened_at,
        (ARRAY['missing', 'lost', 'restored', 'rel_changed', 'anchor_changed'])[e.kind + 1] AS event,
        e.before,
        e.after
    FROM link_events AS e
    WHERE e.link_id = l.id
) AS h
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN visits AS v ON l.page_id = v.page_id AND h.happened_at = v.visited_at;
COMMENT ON VIEW link_history IS 'What happened to each link since it was found, with the visit that proves it.';
CREATE VIEW linked_domains AS
SELECT
    domain_from,
    domain_to,
    links,
    dofollow_links,
    refpages,
    pages_to,
    first_seen,
    last_seen,
    lost_at,
    status
FROM referring_domains;
COMMENT ON VIEW linked_domains IS 'What a domain links out to: one row a domain linked to.';
CREATE VIEW new_lost_daily AS
-- No WHERE in the branches: PostgreSQL would join each of them whole.
WITH changes AS (
    SELECT
        domain_to_id,
        first_seen::date AS day,
        1 AS new_links,
        0 AS lost_links,
        0 AS new_refdomains,
        0 AS lost_refdomains
    FROM links
    UNION ALL
    SELECT
        domain_to_id,
        CASE WHEN status = 2 THEN absent_since::date END AS day,
        0 AS new_links,
        1 AS lost_links,
        0 AS new_refdomains,
        0 AS lost_refdomains
    FROM links
    UNION ALL
    SELECT
        domain_to_id,
        first_seen::date AS day,
        0 AS new_links,
        0 AS lost_links,
        1 AS new_refdomains,
        0 AS lost_refdomains
    FROM domain_edges
    UNION ALL
    SELECT
        domain_to_id,
        CASE WHEN status = 2 THEN absent_since::date END AS day,
        0 AS new_links,
        0 AS lost_links,
        0 AS new_refdomains,
        1 AS lost_refdomains
    FROM domain_edges
)

SELECT
    d.name AS domain_to,
    c.day,
    sum(c.new_links) AS new_links,
    sum(c.lost_links) AS lost_links,
    sum(c.new_refdomains) AS new_refdomains,
    sum(c.lost_refdomains) AS lost_refdomains
FROM changes AS c
INNER JOIN domains AS d ON c.domain_to_id = d.id
WHERE c.day IS NOT NULL
GROUP BY d.name, c.day;
COMMENT ON VIEW new_lost_daily IS 'Links and referring domains found and lost, by day.';
CREATE VIEW target_overview AS
SELECT
    d.name AS domain_to,
    l.backlinks,
    l.dofollow_links,
    l.nofollow_links,
    l.sponsored_links,
    l.ugc_links,
    l.refpages,
    e.refdomains,
    e.dofollow_refdomains,
    l.lost_links,
    l.unverified_links,
    l.first_seen,
    l.last_seen,
    c.pages_known,
    c.pages_visited,
    c.oldest_visit,
    c.newest_visit
FROM domains AS d
CROSS JOIN LATERAL (
    SELECT
        count(*) AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
    WHERE e.domain_to_id = d.id AND e.status = 0 AND p.unverified_since IS NULL
) AS e
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE l.is_live) AS backlinks,
        count(*) FILTER (WHERE l.is_live AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE l.is_live AND l.is_ugc) AS ugc_links,
        count(DISTINCT l.page_id) FILTER (WHERE l.is_live) AS refpages,
        count(*) FILTER (WHERE l.status = 2) AS lost_links,
        count(*) FILTER (WHERE l.status = 0 AND NOT l.is_live) AS unverified_links,
        min(l.first_seen) AS first_seen,
        max(l.last_seen) AS last_seen
    FROM (
        SELECT
            l.page_id,
            l.status,
            l.is_dofollow,
            l.first_seen,
            r.is_nofollow,
            r.is_sponsored,
            r.is_ugc,
            coalesce(l.last_seen, p.confirmed_at) AS last_seen,
            l.status = 0 AND (p.unverified_since IS NULL OR (l.link_type = 2 AND p.outcome = 1)) AS is_live
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        LEFT JOIN rels AS r ON l.rel_id = r.id
        WHERE l.domain_to_id = d.id
    ) AS l
) AS l
CROSS JOIN LATERAL (
    SELECT
        count(*) AS pages_known,
        count(p.last_visited) AS pages_visited,
        min(p.last_visited) AS oldest_visit,
        max(p.last_visited) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN urls AS u ON e.domain_from_id = u.domain_id
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE e.domain_to_id = d.id AND e.links > 0 AND p.kind = 0
) AS c
WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id);
COMMENT ON VIEW target_overview IS 'A domain in figures, with how well the domains that link to it are covered.';
COMMENT ON COLUMN anchors.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN anchors.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN anchors.refdomains IS 'domains with at least one live link';
COMMENT ON COLUMN anchors.refpages IS 'pages with at least one live link';
COMMENT ON COLUMN anchors.links IS 'links that are live or unverified, each instance';
COMMENT ON COLUMN anchors.dofollow_links IS 'live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow';
COMMENT ON COLUMN anchors.first_seen IS 'when it was first found';
COMMENT ON COLUMN anchors.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN backlinks.url_from IS 'normalised URL of the page it stands on';
COMMENT ON COLUMN backlinks.host_from IS 'host of url_from';
COMMENT ON COLUMN backlinks.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN backlinks.title_from IS 'title of the page; NULL: none, or not read';
COMMENT ON COLUMN backlinks.language_from IS 'lang attribute of the page, lower-cased; NULL: none, or not read';
COMMENT ON COLUMN backlinks.http_code_from IS 'status of the last visit to url_from; NULL: no answer';
COMMENT ON COLUMN backlinks.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN backlinks.host_to IS 'host of url_to';
COMMENT ON COLUMN backlinks.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN backlinks.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN backlinks.anchor_source IS 'where anchor comes from: text, alt, title, none';
COMMENT ON COLUMN backlinks.rel IS 'tokens of its rel attribute, lower-cased, in order; empty: none';
COMMENT ON COLUMN backlinks.is_dofollow IS 'neither nofollow, sponsored nor ugc, and the page is not nofollow';
COMMENT ON COLUMN backlinks.is_nofollow IS 'its rel holds nofollow';
COMMENT ON COLUMN backlinks.is_sponsored IS 'its rel holds sponsored';
COMMENT ON COLUMN backlinks.is_ugc IS 'its rel holds ugc';
COMMENT ON COLUMN backlinks.page_nofollow IS 'the page''s robots meta or X-Robots-Tag says nofollow or none';
COMMENT ON COLUMN backlinks.page_noindex IS 'the page''s robots meta or X-Robots-Tag says noindex or none';
COMMENT ON COLUMN backlinks.link_type IS 'text, image, redirect, canonical, frame';
COMMENT ON COLUMN backlinks.snippet_left IS 'text before it in its block, at most 80 characters';
COMMENT ON COLUMN backlinks.snippet_right IS 'text after it in its block, at most 80 characters';
COMMENT ON COLUMN backlinks.links_external IS 'links of the page that leave its domain, each instance; NULL: not read';
COMMENT ON COLUMN backlinks.links_internal IS 'links of the page inside its domain, each instance; NULL: not read';
COMMENT ON COLUMN backlinks.first_seen IS 'when it was first found';
COMMENT ON COLUMN backlinks.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN backlinks.lost_at IS 'when it was first missing, once it is lost; NULL: not lost';
COMMENT ON COLUMN backlinks.status IS 'live, missing (absent at one visit), lost, unverified (live, but its page could not be read lately)';
COMMENT ON COLUMN backlinks.lost_reason IS 'link_removed, page_gone, page_redirected; NULL: not lost';
COMMENT ON COLUMN backlinks.url_to_hash IS 'url_hash(url_to), which is indexed';
COMMENT ON COLUMN backlinks.url_from_hash IS 'url_hash(url_from), which is indexed';
COMMENT ON COLUMN backlinks.position IS 'place among the page''s links when it was found, from 0';
COMMENT ON COLUMN best_by_links.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN best_by_links.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN best_by_links.refdomains IS 'domains with at least one live link';
COMMENT ON COLUMN best_by_links.refpages IS 'pages with at least one live link';
COMMENT ON COLUMN best_by_links.links IS 'links that are live or unverified, each instance';
COMMENT ON COLUMN best_by_links.dofollow_links IS 'live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow';
COMMENT ON COLUMN best_by_links.first_seen IS 'when it was first found';
COMMENT ON COLUMN best_by_links.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN broken_backlinks.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN broken_backlinks.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN broken_backlinks.http_code_to IS 'status of the last visit to url_to';
COMMENT ON COLUMN broken_backlinks.checked_at IS 'when url_to was last visited';
COMMENT ON COLUMN broken_backlinks.url_from IS 'normalised URL of the page it stands on';
COMMENT ON COLUMN broken_backlinks.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN broken_backlinks.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN broken_backlinks.is_dofollow IS 'neither nofollow, sponsored nor ugc, and the page is not nofollow';
COMMENT ON COLUMN broken_backlinks.first_seen IS 'when it was first found';
COMMENT ON COLUMN broken_backlinks.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN crawled_pages.url IS 'normalised URL';
COMMENT ON COLUMN crawled_pages.host IS 'host, with its port when that is not the scheme''s own';
COMMENT ON COLUMN crawled_pages.domain IS 'registrable domain';
COMMENT ON COLUMN crawled_pages.http_code IS 'status of the visit, the last one for a page; NULL: no answer, or never visited';
COMMENT ON COLUMN crawled_pages.outcome IS 'how the visit ended, the last one for a page; NULL: never visited, or no longer kept';
COMMENT ON COLUMN crawled_pages.reason IS 'why, when the outcome does not say it all; NULL: it does';
COMMENT ON COLUMN crawled_pages.depth IS 'clicks from its seed''s start';
COMMENT ON COLUMN crawled_pages.first_seen IS 'when it was first found';
COMMENT ON COLUMN crawled_pages.last_visited IS 'last visit, however it ended; NULL: never';
COMMENT ON COLUMN crawled_pages.next_visit IS 'due from then on; NULL: not visited again by itself';
COMMENT ON COLUMN crawled_pages.links_external IS 'links of the page that leave its domain, each instance; NULL: not read';
COMMENT ON COLUMN crawled_pages.links_internal IS 'links of the page inside its domain, each instance; NULL: not read';
COMMENT ON COLUMN crawled_pages.title IS 'title; NULL: none, or not read';
COMMENT ON COLUMN crawled_pages.language IS 'lang attribute of the html element, lower-cased; NULL: none, or not read';
COMMENT ON COLUMN link_history.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN link_history.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN link_history.url_from IS 'normalised URL of the page it stands on';
COMMENT ON COLUMN link_history.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN link_history.happened_at IS 'when the visit that proves it was recorded';
COMMENT ON COLUMN link_history.event IS 'found, missing, lost, restored, rel_changed, anchor_changed';
COMMENT ON COLUMN link_history.before IS 'rel or anchor before; NULL: neither changed';
COMMENT ON COLUMN link_history.after IS 'rel or anchor after, or why it was lost; NULL: none of these';
COMMENT ON COLUMN link_history.outcome IS 'how the visit ended, the last one for a page; NULL: never visited, or no longer kept';
COMMENT ON COLUMN link_history.http_code IS 'status of the visit, the last one for a page; NULL: no answer, or never visited';
COMMENT ON COLUMN link_history.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN link_history.url_to_hash IS 'url_hash(url_to), which is indexed';
COMMENT ON COLUMN link_history.url_from_hash IS 'url_hash(url_from), which is indexed';
COMMENT ON COLUMN link_history.link_id IS 'key of the link, the same for all that happened to it';
COMMENT ON COLUMN linked_domains.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN linked_domains.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN linked_domains.links IS 'links that are live or unverified, each instance';
COMMENT ON COLUMN linked_domains.dofollow_links IS 'live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow';
COMMENT ON COLUMN linked_domains.refpages IS 'pages with at least one live link';
COMMENT ON COLUMN linked_domains.pages_to IS 'URLs of domain_to with a live link to them';
COMMENT ON COLUMN linked_domains.first_seen IS 'when it was first found';
COMMENT ON COLUMN linked_domains.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN linked_domains.lost_at IS 'when it was first missing, once it is lost; NULL: not lost';
COMMENT ON COLUMN linked_domains.status IS 'live, missing (absent at one visit), lost, unverified (live, but its page could not be read lately)';
COMMENT ON COLUMN new_lost_daily.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN new_lost_daily.day IS 'day in the session''s time zone';
COMMENT ON COLUMN new_lost_daily.new_links IS 'links found';
COMMENT ON COLUMN new_lost_daily.lost_links IS 'links lost';
COMMENT ON COLUMN new_lost_daily.new_refdomains IS 'referring domains found';
COMMENT ON COLUMN new_lost_daily.lost_refdomains IS 'referring domains lost';
COMMENT ON COLUMN referring_domains.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN referring_domains.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN referring_domains.links IS 'links that are live or unverified, each instance';
COMMENT ON COLUMN referring_domains.dofollow_links IS 'live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow';
COMMENT ON COLUMN referring_domains.refpages IS 'pages with at least one live link';
COMMENT ON COLUMN referring_domains.pages_to IS 'URLs of domain_to with a live link to them';
COMMENT ON COLUMN referring_domains.first_seen IS 'when it was first found';
COMMENT ON COLUMN referring_domains.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN referring_domains.lost_at IS 'when it was first missing, once it is lost; NULL: not lost';
COMMENT ON COLUMN referring_domains.status IS 'live, missing (absent at one visit), lost, unverified (live, but its page could not be read lately)';
COMMENT ON COLUMN referring_domains.domain_to_id IS 'key of domain_to: by it, ORDER BY links DESC, domain_from_id reads an index in order';
COMMENT ON COLUMN referring_domains.domain_from_id IS 'key of domain_from: settles ties in the order that is indexed';
COMMENT ON COLUMN target_overview.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN target_overview.backlinks IS 'live links, each instance';
COMMENT ON COLUMN target_overview.dofollow_links IS 'live links that are neither nofollow, sponsored nor ugc, on pages that are not nofollow';
COMMENT ON COLUMN target_overview.nofollow_links IS 'live links whose rel holds nofollow';
COMMENT ON COLUMN target_overview.sponsored_links IS 'live links whose rel holds sponsored';
COMMENT ON COLUMN target_overview.ugc_links IS 'live links whose rel holds ugc';
COMMENT ON COLUMN target_overview.refpages IS 'pages with at least one live link';
COMMENT ON COLUMN target_overview.refdomains IS 'domains with at least one live link';
COMMENT ON COLUMN target_overview.dofollow_refdomains IS 'domains with at least one live dofollow link';
COMMENT ON COLUMN target_overview.lost_links IS 'links lost';
COMMENT ON COLUMN target_overview.unverified_links IS 'links whose page could not be read lately';
COMMENT ON COLUMN target_overview.first_seen IS 'when it was first found';
COMMENT ON COLUMN target_overview.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN target_overview.pages_known IS 'pages known on the domains that link';
COMMENT ON COLUMN target_overview.pages_visited IS 'pages visited on the domains that link';
COMMENT ON COLUMN target_overview.oldest_visit IS 'of all pages of the domains that link, the last visit that is longest ago; NULL: none';
COMMENT ON COLUMN target_overview.newest_visit IS 'latest visit to a page of the domains that link; NULL: none'
"""

DOWN = """
DROP VIEW target_overview;
DROP VIEW new_lost_daily;
DROP VIEW linked_domains;
DROP VIEW link_history;
DROP VIEW crawled_pages;
DROP VIEW broken_backlinks;
DROP VIEW best_by_links;
DROP VIEW anchors;
DROP VIEW referring_domains;
DROP VIEW backlinks;
DROP FUNCTION url_hash(text);
DROP TABLE seed_hosts;
DROP TABLE pages;
DROP TABLE seeds;
DROP TABLE urls;
DROP TABLE targets;
DROP TABLE robots;
DROP TABLE visits;
DROP TABLE skipped_domains;
DROP TABLE rels;
DROP TABLE page_facts;
DROP TABLE optouts;
DROP TABLE links;
DROP TABLE link_events;
DROP TABLE hosts;
DROP TABLE domains;
DROP TABLE domain_edges;
DROP TABLE crawls
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN)
