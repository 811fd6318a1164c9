"""The tables, the queues that are always there, the hubs that hops never enter, and what links are worth."""

from alembic import op

revision = "20261126_0400"
down_revision = None

UP = r"""
CREATE TABLE anchor_profiles (
    entropy DOUBLE PRECISION,
    exact_lower DOUBLE PRECISION,
    exact_p95 DOUBLE PRECISION,
    domain_to_id INTEGER NOT NULL,
    over_optimised BOOLEAN,
    refdomains INTEGER NOT NULL,
    anchors INTEGER NOT NULL,
    empty_refdomains INTEGER NOT NULL,
    image_refdomains INTEGER NOT NULL,
    naked_refdomains INTEGER NOT NULL,
    branded_refdomains INTEGER NOT NULL,
    compound_refdomains INTEGER NOT NULL,
    exact_refdomains INTEGER NOT NULL,
    partial_refdomains INTEGER NOT NULL,
    generic_refdomains INTEGER NOT NULL,
    other_refdomains INTEGER NOT NULL,
    content_links INTEGER NOT NULL,
    list_links INTEGER NOT NULL,
    nav_links INTEGER NOT NULL,
    header_links INTEGER NOT NULL,
    footer_links INTEGER NOT NULL,
    sidebar_links INTEGER NOT NULL,
    comments_links INTEGER NOT NULL,
    sitewide_links INTEGER NOT NULL,
    CONSTRAINT anchor_profiles_pkey PRIMARY KEY (domain_to_id)
);
COMMENT ON TABLE anchor_profiles IS 'By what words and from which parts of pages each domain is linked to. Written only when that changes.';
COMMENT ON COLUMN anchor_profiles.entropy IS 'of its text anchors by referring domains, in bits; 0: all use the same; NULL: there are none';
COMMENT ON COLUMN anchor_profiles.exact_lower IS 'lower end of Wilson''s interval (z 1.96) for the share of exact; NULL: fewer than 20 referring domains';
COMMENT ON COLUMN anchor_profiles.exact_p95 IS '95th percentile of that share among all targets of 20 and more; NULL: exact_lower is, or these are fewer than 20';
COMMENT ON COLUMN anchor_profiles.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN anchor_profiles.over_optimised IS 'exact_lower is above exact_p95, and three domains or more use a keyword; NULL: one of the two is';
COMMENT ON COLUMN anchor_profiles.refdomains IS 'referring domains with at least one text or image link that is live or unverified';
COMMENT ON COLUMN anchor_profiles.anchors IS 'different texts of these links';
COMMENT ON COLUMN anchor_profiles.empty_refdomains IS 'those of refdomains with a link without words';
COMMENT ON COLUMN anchor_profiles.image_refdomains IS 'those of refdomains with an image link with an alt';
COMMENT ON COLUMN anchor_profiles.naked_refdomains IS 'those of refdomains with an address as anchor';
COMMENT ON COLUMN anchor_profiles.branded_refdomains IS 'those of refdomains with its name as anchor';
COMMENT ON COLUMN anchor_profiles.compound_refdomains IS 'those of refdomains with its name and more as anchor';
COMMENT ON COLUMN anchor_profiles.exact_refdomains IS 'those of refdomains with a keyword of it as anchor';
COMMENT ON COLUMN anchor_profiles.partial_refdomains IS 'those of refdomains with a keyword among other words, or a part of one';
COMMENT ON COLUMN anchor_profiles.generic_refdomains IS 'those of refdomains with an anchor that would fit any link';
COMMENT ON COLUMN anchor_profiles.other_refdomains IS 'those of refdomains with any other anchor';
COMMENT ON COLUMN anchor_profiles.content_links IS 'live links in pages'' own text';
COMMENT ON COLUMN anchor_profiles.list_links IS 'live links in lists and tables';
COMMENT ON COLUMN anchor_profiles.nav_links IS 'live links in navigation';
COMMENT ON COLUMN anchor_profiles.header_links IS 'live links in headers';
COMMENT ON COLUMN anchor_profiles.footer_links IS 'live links in footers';
COMMENT ON COLUMN anchor_profiles.sidebar_links IS 'live links in sidebars';
COMMENT ON COLUMN anchor_profiles.comments_links IS 'live links in comments';
COMMENT ON COLUMN anchor_profiles.sitewide_links IS 'live links that are sitewide, which are counted as well where they stand';
CREATE TABLE daily_changes (
    domain_to_id INTEGER NOT NULL,
    day DATE NOT NULL,
    new_links INTEGER DEFAULT '0' NOT NULL,
    lost_links INTEGER DEFAULT '0' NOT NULL,
    restored_links INTEGER DEFAULT '0' NOT NULL,
    new_refdomains INTEGER DEFAULT '0' NOT NULL,
    lost_refdomains INTEGER DEFAULT '0' NOT NULL,
    restored_refdomains INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT daily_changes_pkey PRIMARY KEY (domain_to_id, day)
)
 WITH (fillfactor = 90);
COMMENT ON TABLE daily_changes IS 'What was learnt about links to a domain, by day. A day that is over does not change.';
COMMENT ON COLUMN daily_changes.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN daily_changes.day IS 'day in UTC on which it was learnt';
COMMENT ON COLUMN daily_changes.new_links IS 'links found';
COMMENT ON COLUMN daily_changes.lost_links IS 'links lost';
COMMENT ON COLUMN daily_changes.restored_links IS 'lost links that are back';
COMMENT ON COLUMN daily_changes.new_refdomains IS 'referring domains found';
COMMENT ON COLUMN daily_changes.lost_refdomains IS 'referring domains lost';
COMMENT ON COLUMN daily_changes.restored_refdomains IS 'lost ones that are back';
CREATE TABLE domain_competitors (
    weight_share DOUBLE PRECISION NOT NULL,
    refdomain_share DOUBLE PRECISION NOT NULL,
    domain_id INTEGER NOT NULL,
    competitor_id INTEGER NOT NULL,
    shared_refdomains INTEGER NOT NULL,
    refdomains INTEGER NOT NULL,
    place SMALLINT NOT NULL,
    CONSTRAINT domain_competitors_pkey PRIMARY KEY (domain_id, place)
);
COMMENT ON TABLE domain_competitors IS 'The competitors of domains with more than 500 follow refdomains, written by each ranking.';
COMMENT ON COLUMN domain_competitors.weight_share IS 'as competitors() has it';
COMMENT ON COLUMN domain_competitors.refdomain_share IS 'as competitors() has it';
COMMENT ON COLUMN domain_competitors.domain_id IS 'whose competitors they are';
COMMENT ON COLUMN domain_competitors.competitor_id IS 'a domain';
COMMENT ON COLUMN domain_competitors.shared_refdomains IS 'domains that link to both';
COMMENT ON COLUMN domain_competitors.refdomains IS 'domains that link to the competitor';
COMMENT ON COLUMN domain_competitors.place IS 'from the most similar on, from 1';
CREATE TABLE domain_coverage (
    oldest_visit TIMESTAMP WITH TIME ZONE,
    newest_visit TIMESTAMP WITH TIME ZONE,
    domain_id INTEGER NOT NULL,
    pages_known INTEGER DEFAULT '0' NOT NULL,
    pages_visited INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT domain_coverage_pkey PRIMARY KEY (domain_id)
)
 WITH (fillfactor = 80);
COMMENT ON TABLE domain_coverage IS 'Coverage: how much of a domain has been crawled. It is shown beside counts of links from it.';
COMMENT ON COLUMN domain_coverage.oldest_visit IS 'of the last visits to its pages, the oldest, as of the last run; NULL: none';
COMMENT ON COLUMN domain_coverage.newest_visit IS 'the latest visit to one of its pages; NULL: none';
COMMENT ON COLUMN domain_coverage.domain_id IS 'a domain with crawled pages';
COMMENT ON COLUMN domain_coverage.pages_known IS 'its pages in the frontier, without sitemaps';
COMMENT ON COLUMN domain_coverage.pages_visited IS 'those that were visited';
CREATE TABLE domain_edges (
    last_page_id BIGINT,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    absent_since TIMESTAMP WITH TIME ZONE,
    domain_to_id INTEGER NOT NULL,
    domain_from_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    links INTEGER DEFAULT '0' NOT NULL,
    dofollow_links INTEGER DEFAULT '0' NOT NULL,
    content_links INTEGER DEFAULT '0' NOT NULL,
    refpages INTEGER DEFAULT '0' NOT NULL,
    pages_to INTEGER DEFAULT '0' NOT NULL,
    status SMALLINT DEFAULT '0' NOT NULL,
    last_rendered BOOLEAN,
    CONSTRAINT domain_edges_pkey PRIMARY KEY (domain_to_id, domain_from_id),
    CONSTRAINT edge_status_is_known CHECK (status BETWEEN 0 AND 2)
);
CREATE INDEX domain_edges_domain_from_id_idx ON domain_edges (domain_from_id);
CREATE INDEX domain_edges_found_idx ON domain_edges (domain_to_id, batch_id, domain_from_id);
CREATE INDEX domain_edges_largest_idx ON domain_edges (domain_to_id, links, domain_from_id);
COMMENT ON TABLE domain_edges IS 'All links from one domain to another, summed up; written only when links change. Sums have no CHECK: one that has drifted must not make a page unstorable; `backlinks db check` finds it.';
COMMENT ON COLUMN domain_edges.last_page_id IS 'a page with a live link, not an unverified one if possible: its confirmed_at is the edge''s last_seen; NULL: no link is live';
COMMENT ON COLUMN domain_edges.first_seen IS 'the earliest known observation that saw one of its links';
COMMENT ON COLUMN domain_edges.last_seen IS 'when last_page_id was set; the edge was seen then or later';
COMMENT ON COLUMN domain_edges.absent_since IS 'when the last live link was first not seen; NULL: one is live';
COMMENT ON COLUMN domain_edges.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN domain_edges.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN domain_edges.batch_id IS 'the batch that found it: when that was learnt, and from what';
COMMENT ON COLUMN domain_edges.links IS 'live links';
COMMENT ON COLUMN domain_edges.dofollow_links IS 'live links that are dofollow';
COMMENT ON COLUMN domain_edges.content_links IS 'live links in a page''s own text';
COMMENT ON COLUMN domain_edges.refpages IS 'pages with a live link';
COMMENT ON COLUMN domain_edges.pages_to IS 'URLs with a live link to them';
COMMENT ON COLUMN domain_edges.status IS '0 live (unverified while last_page_id is), 1 missing, 2 lost';
COMMENT ON COLUMN domain_edges.last_rendered IS 'its links on last_page_id are only in the rendered page, whose rendered_at counts; NULL: not so';
CREATE TABLE domain_networks (
    domain_id INTEGER NOT NULL,
    network CIDR NOT NULL,
    CONSTRAINT domain_networks_pkey PRIMARY KEY (domain_id)
);
COMMENT ON TABLE domain_networks IS 'Networks of domains, as of the last ranking; one of which no host was found at an address has no row.';
COMMENT ON COLUMN domain_networks.domain_id IS 'the domain';
COMMENT ON COLUMN domain_networks.network IS 'IPv4 /24 or IPv6 /48 at which most of its crawled hosts were found';
CREATE TABLE domain_profiles (
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    domain_id INTEGER NOT NULL,
    figures JSONB NOT NULL,
    mixes JSONB NOT NULL,
    top_anchors JSONB NOT NULL,
    top_pages JSONB NOT NULL,
    top_refdomains INTEGER[] NOT NULL,
    CONSTRAINT domain_profiles_pkey PRIMARY KEY (domain_id)
);
COMMENT ON TABLE domain_profiles IS 'Profiles of domains with more links than are counted while somebody waits, written by each ranking.';
COMMENT ON COLUMN domain_profiles.as_of IS 'when it was ranked: all of this was so then';
COMMENT ON COLUMN domain_profiles.domain_id IS 'the domain linked to';
COMMENT ON COLUMN domain_profiles.figures IS 'its rows of the views profile_…, as one: value by column';
COMMENT ON COLUMN domain_profiles.mixes IS 'what kinds of live links it has: mix, word, links, refdomains, and of the mix words, known links and known_refdomains';
COMMENT ON COLUMN domain_profiles.top_anchors IS 'the first ten rows of the view anchors';
COMMENT ON COLUMN domain_profiles.top_pages IS 'the first ten rows of the view best_by_links';
COMMENT ON COLUMN domain_profiles.top_refdomains IS 'the 200 referring domains with most authority, those first';
CREATE TABLE domain_rank_history (
    domain_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    pagerank_ratio REAL,
    trust REAL,
    authority SMALLINT,
    CONSTRAINT domain_rank_history_pkey PRIMARY KEY (domain_id, run_id)
);
CREATE INDEX domain_rank_history_run_id_idx ON domain_rank_history (run_id);
COMMENT ON TABLE domain_rank_history IS 'When a domain''s authority became another whole number: one row each time. Before its first row it was 0, or older than what is kept.';
COMMENT ON COLUMN domain_rank_history.domain_id IS 'the domain';
COMMENT ON COLUMN domain_rank_history.run_id IS 'the run that changed it';
COMMENT ON COLUMN domain_rank_history.pagerank_ratio IS 'from then on, as in domain_ranks; NULL: as authority';
COMMENT ON COLUMN domain_rank_history.trust IS 'from then on; NULL: as authority, or as in domain_ranks';
COMMENT ON COLUMN domain_rank_history.authority IS 'from then on, rounded to a whole number; NULL: there is no live link any more, to it or from it';
CREATE TABLE domain_ranks (
    domain_id INTEGER NOT NULL,
    follow_refdomains INTEGER NOT NULL,
    follow_domains_to INTEGER NOT NULL,
    authority REAL NOT NULL,
    percentile REAL NOT NULL,
    trust REAL,
    pagerank_ratio REAL NOT NULL,
    harmonic REAL,
    CONSTRAINT domain_ranks_pkey PRIMARY KEY (domain_id),
    CONSTRAINT authority_is_at_most_a_hundred CHECK (authority BETWEEN 0 AND 100),
    CONSTRAINT trust_is_a_share CHECK (trust BETWEEN 0 AND 1)
)
 WITH (fillfactor = 80);
COMMENT ON TABLE domain_ranks IS 'Scores of every domain with a live link, to it or from it, by the last run that computed them; only rows that differ are written.';
COMMENT ON COLUMN domain_ranks.domain_id IS 'the domain';
COMMENT ON COLUMN domain_ranks.follow_refdomains IS 'domains with a live follow link to it, when it was ranked';
COMMENT ON COLUMN domain_ranks.follow_domains_to IS 'domains to which it had a live follow link then';
COMMENT ON COLUMN domain_ranks.authority IS '0 to 100, as in the view domain_authority';
COMMENT ON COLUMN domain_ranks.percentile IS 'percentage of ranked domains with a lower PageRank';
COMMENT ON COLUMN domain_ranks.trust IS '0 to 1: the share of its PageRank that comes from trust seeds; NULL: no trust seed linked to anything';
COMMENT ON COLUMN domain_ranks.pagerank_ratio IS 'PageRank ÷ that of a domain without follow links to it';
COMMENT ON COLUMN domain_ranks.harmonic IS 'harmonic centrality: sum of 1 ÷ distance over the domains from which follow links lead to it; NULL: not computed, as NumPy was not installed';
CREATE TABLE domain_risks (
    domain_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    risk REAL NOT NULL,
    reasons TEXT[] NOT NULL,
    CONSTRAINT domain_risks_pkey PRIMARY KEY (domain_id, target_id),
    CONSTRAINT risk_is_a_share CHECK (risk BETWEEN 0 AND 1)
);
COMMENT ON TABLE domain_risks IS 'Link-scheme risk of domains that have any, as of the last ranking.';
COMMENT ON COLUMN domain_risks.domain_id IS 'the domain that links';
COMMENT ON COLUMN domain_risks.target_id IS 'the domain linked to, where there are reasons that are of this pair; 0: any other';
COMMENT ON COLUMN domain_risks.risk IS '0 to 1, as in referring_domains';
COMMENT ON COLUMN domain_risks.reasons IS 'names of the three signals that add most to it, those first';
CREATE TABLE domain_totals (
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    domain_id INTEGER NOT NULL,
    backlinks INTEGER DEFAULT '0' NOT NULL,
    dofollow_links INTEGER DEFAULT '0' NOT NULL,
    nofollow_links INTEGER DEFAULT '0' NOT NULL,
    sponsored_links INTEGER DEFAULT '0' NOT NULL,
    ugc_links INTEGER DEFAULT '0' NOT NULL,
    refpages INTEGER DEFAULT '0' NOT NULL,
    refdomains INTEGER DEFAULT '0' NOT NULL,
    dofollow_refdomains INTEGER DEFAULT '0' NOT NULL,
    unverified_links INTEGER DEFAULT '0' NOT NULL,
    missing_links INTEGER DEFAULT '0' NOT NULL,
    lost_links INTEGER DEFAULT '0' NOT NULL,
    has_groups BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT domain_totals_pkey PRIMARY KEY (domain_id)
)
 WITH (fillfactor = 80);
CREATE INDEX domain_totals_has_groups_idx ON domain_totals (domain_id) WHERE has_groups;
COMMENT ON TABLE domain_totals IS 'All links to a domain, summed up in the transaction that changes them.';
COMMENT ON COLUMN domain_totals.first_seen IS 'the earliest known observation that saw a link to it';
COMMENT ON COLUMN domain_totals.last_seen IS 'a link was seen then or later; updated when links change';
COMMENT ON COLUMN domain_totals.domain_id IS 'the domain linked to';
COMMENT ON COLUMN domain_totals.backlinks IS 'live links, without unverified ones';
COMMENT ON COLUMN domain_totals.dofollow_links IS 'those that are dofollow';
COMMENT ON COLUMN domain_totals.nofollow_links IS 'those whose rel holds nofollow';
COMMENT ON COLUMN domain_totals.sponsored_links IS 'those whose rel holds sponsored';
COMMENT ON COLUMN domain_totals.ugc_links IS 'those whose rel holds ugc';
COMMENT ON COLUMN domain_totals.refpages IS 'pages with at least one of them';
COMMENT ON COLUMN domain_totals.refdomains IS 'domain edges that are live';
COMMENT ON COLUMN domain_totals.dofollow_refdomains IS 'those with a dofollow link';
COMMENT ON COLUMN domain_totals.unverified_links IS 'links that are unverified';
COMMENT ON COLUMN domain_totals.missing_links IS 'links that are missing';
COMMENT ON COLUMN domain_totals.lost_links IS 'links that are lost';
COMMENT ON COLUMN domain_totals.has_groups IS 'it is large: link_groups has its links';
CREATE TABLE domains (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    CONSTRAINT domains_pkey PRIMARY KEY (id),
    CONSTRAINT domain_has_a_name CHECK (name <> ''),
    CONSTRAINT domains_name_key UNIQUE (name)
);
COMMENT ON TABLE domains IS 'Registrable domains by the Public Suffix List, private section included.';
COMMENT ON COLUMN domains.id IS 'key';
COMMENT ON COLUMN domains.name IS 'registrable domain or IP address, in ASCII';
CREATE TABLE edge_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    domain_to_id INTEGER NOT NULL,
    domain_from_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    kind SMALLINT NOT NULL,
    CONSTRAINT edge_events_pkey PRIMARY KEY (id),
    CONSTRAINT edge_event_kind_is_known CHECK (kind BETWEEN 0 AND 2)
);
CREATE INDEX edge_events_domains_idx ON edge_events (domain_to_id, domain_from_id);
CREATE INDEX edge_events_lost_idx ON edge_events (domain_to_id, batch_id, domain_from_id) WHERE kind = 1;
COMMENT ON TABLE edge_events IS 'What happened to domain edges after they were found, append-only. When an edge was found: domain_edges.batch_id.';
COMMENT ON COLUMN edge_events.id IS 'key';
COMMENT ON COLUMN edge_events.happened_at IS 'the visit that shows it';
COMMENT ON COLUMN edge_events.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN edge_events.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN edge_events.batch_id IS 'the batch that learnt of it: when, and from what';
COMMENT ON COLUMN edge_events.kind IS '0 missing, 1 lost, 2 restored';
CREATE TABLE edge_mirrors (
    domain_to_id INTEGER NOT NULL,
    domain_from_id INTEGER NOT NULL,
    mirror_of_id INTEGER NOT NULL,
    CONSTRAINT edge_mirrors_pkey PRIMARY KEY (domain_to_id, domain_from_id),
    CONSTRAINT no_domain_mirrors_itself CHECK (mirror_of_id <> domain_from_id)
);
COMMENT ON TABLE edge_mirrors IS 'Domain edges all of whose links stand on pages that mirror another domain''s with links to the same domain, as of the last ranking. The other one, of more authority, is no mirror.';
COMMENT ON COLUMN edge_mirrors.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN edge_mirrors.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN edge_mirrors.mirror_of_id IS 'the domain that links to it from pages that say the same';
CREATE TABLE edge_relevance (
    domain_to_id INTEGER NOT NULL,
    domain_from_id INTEGER NOT NULL,
    relevance SMALLINT NOT NULL,
    CONSTRAINT edge_relevance_pkey PRIMARY KEY (domain_to_id, domain_from_id),
    CONSTRAINT edge_relevance_is_a_percentage CHECK (relevance BETWEEN 0 AND 100)
);
COMMENT ON TABLE edge_relevance IS 'Domain edges of more than eight live links whose relevance is known, as of the last ranking. Of others it is looked up among their links.';
COMMENT ON COLUMN edge_relevance.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN edge_relevance.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN edge_relevance.relevance IS 'the largest relevance of a live link, 0 to 100';
CREATE TABLE index_state (
    name TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT index_state_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE index_state IS 'What the index was made with.';
COMMENT ON COLUMN index_state.name IS 'views: of the last upgrade; public_suffix_list: of every domain';
COMMENT ON COLUMN index_state.set_at IS 'when it was set';
COMMENT ON COLUMN index_state.value IS 'views: a hash of their text; public_suffix_list: its version';
CREATE TABLE index_words (
    word TEXT COLLATE "C" NOT NULL,
    pages INTEGER NOT NULL,
    CONSTRAINT index_words_pkey PRIMARY KEY (word),
    CONSTRAINT kept_words_are_on_several_pages CHECK (pages >= 2)
);
COMMENT ON TABLE index_words IS 'Words of the index, as of the last ranking; those on one page only are left out. With the number of pages in ranking_runs.figures they give the weight of each word.';
COMMENT ON COLUMN index_words.word IS 'in small letters, without accents; a language ends with a colon';
COMMENT ON COLUMN index_words.pages IS 'pages that have it in title, headings, or in and around their links';
CREATE TABLE link_anchor_classes (
    block BIGINT NOT NULL,
    classes BYTEA NOT NULL,
    CONSTRAINT link_anchor_classes_pkey PRIMARY KEY (block),
    CONSTRAINT anchor_classes_are_of_64_links CHECK (octet_length(classes) = 64)
);
COMMENT ON TABLE link_anchor_classes IS 'Classes of anchors, as of the last ranking. Written only when they change.';
COMMENT ON COLUMN link_anchor_classes.block IS 'links.id >> 6: of the 64 links with these ids, each has the byte id & 63 of the columns beside it';
COMMENT ON COLUMN link_anchor_classes.classes IS 'of a text link, as anchor_class_of reads it: in the lower three bits 1 naked, 2 branded, 3 compound, 4 exact, 5 partial, 6 generic, 7 other, above them five of its anchor''s hash; 0: not known';
CREATE TABLE link_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    link_id BIGINT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    page_id BIGINT NOT NULL,
    domain_to_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    kind SMALLINT NOT NULL,
    before TEXT,
    after TEXT,
    CONSTRAINT link_events_pkey PRIMARY KEY (id),
    CONSTRAINT event_kind_is_known CHECK (kind BETWEEN 0 AND 5)
);
CREATE INDEX link_events_domain_to_id_idx ON link_events (domain_to_id, batch_id);
CREATE INDEX link_events_link_id_idx ON link_events (link_id);
COMMENT ON TABLE link_events IS 'What happened to links after they were found, append-only. When a link was found: links.batch_id, first_seen.';
COMMENT ON COLUMN link_events.id IS 'key';
COMMENT ON COLUMN link_events.link_id IS 'the link';
COMMENT ON COLUMN link_events.happened_at IS 'the visit that shows it: visits (its page_id, observed_at)';
COMMENT ON COLUMN link_events.page_id IS 'the page of that visit';
COMMENT ON COLUMN link_events.domain_to_id IS 'the domain that it goes to';
COMMENT ON COLUMN link_events.batch_id IS 'the batch that recorded it: when that was learnt, and from which source';
COMMENT ON COLUMN link_events.kind IS '0 missing, 1 lost, 2 restored, 3 rel changed, 4 anchor changed, 5 moved with its page';
COMMENT ON COLUMN link_events.before IS 'rel, anchor or page before; NULL: none of these';
COMMENT ON COLUMN link_events.after IS 'rel, anchor or page after, or why it was lost; NULL: none of these';
CREATE TABLE link_groups (
    key BIGINT NOT NULL,
    last_page_id BIGINT,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    domain_to_id INTEGER NOT NULL,
    links INTEGER NOT NULL,
    dofollow_links INTEGER NOT NULL,
    refpages INTEGER NOT NULL,
    refdomains INTEGER NOT NULL,
    kind SMALLINT NOT NULL,
    class SMALLINT,
    anchor TEXT NOT NULL,
    CONSTRAINT group_kind_is_known CHECK (kind IN (0, 1))
)
 WITH (fillfactor = 90);
CREATE INDEX link_groups_anchors_idx ON link_groups (domain_to_id, links, key) WHERE kind = 1;
CREATE INDEX link_groups_key_idx ON link_groups (key, domain_to_id);
CREATE INDEX link_groups_largest_idx ON link_groups (domain_to_id, kind, refdomains, key);
COMMENT ON TABLE link_groups IS 'Live links to large domains, summed up by URL and by anchor. For other domains they are counted by each query.';
COMMENT ON COLUMN link_groups.key IS 'of a URL: its id; of an anchor: hashtextextended(anchor, 0)';
COMMENT ON COLUMN link_groups.last_page_id IS 'a page with such a link in its HTML: its confirmed_at counts for last_seen; NULL: none is known';
COMMENT ON COLUMN link_groups.first_seen IS 'the earliest known observation that saw one of them';
COMMENT ON COLUMN link_groups.last_seen IS 'one was seen then or later; updated when links change';
COMMENT ON COLUMN link_groups.domain_to_id IS 'the domain linked to, with has_groups in domain_totals';
COMMENT ON COLUMN link_groups.links IS 'live links';
COMMENT ON COLUMN link_groups.dofollow_links IS 'those that are dofollow';
COMMENT ON COLUMN link_groups.refpages IS 'pages with one of them';
COMMENT ON COLUMN link_groups.refdomains IS 'domains with one of them';
COMMENT ON COLUMN link_groups.kind IS '0 links to one URL, 1 links with one anchor';
COMMENT ON COLUMN link_groups.class IS 'of the anchor: 1 image (all links are), 2 naked, 3 branded, 4 compound, 5 exact, 6 partial, 7 generic, 8 other; NULL: newer than the last ranking';
COMMENT ON COLUMN link_groups.anchor IS 'the anchor; empty: none, or the group is of a URL';
CREATE TABLE link_relevance (
    block BIGINT NOT NULL,
    relevance BYTEA NOT NULL,
    basis BYTEA NOT NULL,
    CONSTRAINT link_relevance_pkey PRIMARY KEY (block),
    CONSTRAINT relevance_is_of_64_links CHECK (octet_length(relevance) = 64 AND octet_length(basis) = 64)
);
COMMENT ON TABLE link_relevance IS 'Relevance of links, as of the last ranking. Written only when it changes.';
COMMENT ON COLUMN link_relevance.block IS 'links.id >> 6: of the 64 links with these ids, each has the byte id & 63 of the columns beside it';
COMMENT ON COLUMN link_relevance.relevance IS 'how near the words around the link and of its page are to those of its target, 0 to 100; 255: not known';
COMMENT ON COLUMN link_relevance.basis IS 'the target''s words that were known: 1 its title or headings, 2 the anchors of other domains, 3 both; 0: none';
CREATE TABLE links (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    page_id BIGINT NOT NULL,
    url_to_id BIGINT NOT NULL,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    absent_since TIMESTAMP WITH TIME ZONE,
    last_seen TIMESTAMP WITH TIME ZONE,
    domain_from_id INTEGER NOT NULL,
    domain_to_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    lost_batch_id INTEGER,
    rel_id INTEGER,
    rendered_rel_id INTEGER,
    position INTEGER NOT NULL,
    link_type SMALLINT NOT NULL,
    anchor_source SMALLINT NOT NULL,
    status SMALLINT DEFAULT '0' NOT NULL,
    link_position SMALLINT DEFAULT '0' NOT NULL,
    block_words SMALLINT,
    link_density SMALLINT,
    order_on_page SMALLINT,
    path_hash SMALLINT,
    lost_reason SMALLINT,
    origin SMALLINT,
    is_dofollow BOOLEAN NOT NULL,
    anchor TEXT NOT NULL,
    snippet_left TEXT,
    snippet_right TEXT,
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT link_origin_is_known CHECK (origin BETWEEN 1 AND 3),
    CONSTRAINT link_type_is_known CHECK (link_type BETWEEN 0 AND 4),
    CONSTRAINT anchor_source_is_known CHECK (anchor_source BETWEEN 0 AND 3),
    CONSTRAINT link_status_is_known CHECK (status BETWEEN 0 AND 2),
    CONSTRAINT link_position_is_known CHECK (link_position BETWEEN 0 AND 7),
    CONSTRAINT lost_links_have_a_reason CHECK ((status = 2) = (lost_reason IS NOT NULL) AND (status = 2) = (lost_batch_id IS NOT NULL)),
    CONSTRAINT live_links_are_not_absent CHECK ((status = 0) = (absent_since IS NULL))
);
CREATE INDEX links_absent_idx ON links (domain_to_id, domain_from_id, status, absent_since) WHERE status <> 0;
CREATE INDEX links_domains_idx ON links (domain_to_id, domain_from_id) WHERE status = 0;
CREATE INDEX links_found_idx ON links (domain_to_id, batch_id);
CREATE INDEX links_lost_idx ON links (domain_to_id, lost_batch_id) WHERE lost_batch_id IS NOT NULL;
CREATE INDEX links_lost_page_idx ON links (page_id, url_to_id) WHERE status = 2;
CREATE INDEX links_page_id_idx ON links (page_id) WHERE status <> 2;
CREATE INDEX links_url_to_id_idx ON links (url_to_id);
COMMENT ON TABLE links IS 'Links that leave their page''s domain, every instance.';
COMMENT ON COLUMN links.id IS 'key';
COMMENT ON COLUMN links.page_id IS 'the page it is on';
COMMENT ON COLUMN links.url_to_id IS 'the URL it points to';
COMMENT ON COLUMN links.first_seen IS 'the earliest known observation that saw it';
COMMENT ON COLUMN links.absent_since IS 'the first conclusive visit that did not see it; NULL: it is live';
COMMENT ON COLUMN links.last_seen IS 'last visit that saw it; NULL: it is live, and was last seen at its page''s confirmed_at';
COMMENT ON COLUMN links.domain_from_id IS 'the page''s domain';
COMMENT ON COLUMN links.domain_to_id IS 'the domain of url_to';
COMMENT ON COLUMN links.batch_id IS 'the batch that found it: when that was learnt, and from what';
COMMENT ON COLUMN links.lost_batch_id IS 'the batch that proved it lost; NULL: not lost';
COMMENT ON COLUMN links.rel_id IS 'its rel attribute; NULL: none';
COMMENT ON COLUMN links.rendered_rel_id IS 'its rel attribute when rendered; 0: none; NULL: the same, or the page was not rendered';
COMMENT ON COLUMN links.position IS 'place among the page''s links when last read, from 0';
COMMENT ON COLUMN links.link_type IS '0 text, 1 image, 2 redirect, 3 canonical, 4 frame';
COMMENT ON COLUMN links.anchor_source IS '0 none, 1 text, 2 alt, 3 title';
COMMENT ON COLUMN links.status IS '0 live (shown as unverified while its page is), 1 missing, 2 lost';
COMMENT ON COLUMN links.link_position IS 'part of the page, when it was last written: 0 unknown, 1 content, 2 list, 3 nav, 4 header, 5 footer, 6 sidebar, 7 comments';
COMMENT ON COLUMN links.block_words IS 'words of the block it stands in, as link_position; NULL: not known';
COMMENT ON COLUMN links.link_density IS 'percentage of block_words that are in links; NULL: not known';
COMMENT ON COLUMN links.order_on_page IS 'place among all links of the page, as link_position: 0 the first, 1000 the last; NULL: not known';
COMMENT ON COLUMN links.path_hash IS 'of the tags and classes around it: equal for links of one slot of a template; NULL: not known';
COMMENT ON COLUMN links.lost_reason IS '0 link_removed, 1 page_gone, 2 page_redirected; NULL: not lost';
COMMENT ON COLUMN links.origin IS '1 only in the rendered page, 2 in HTML and rendered, 3 in HTML and removed by scripts; NULL: in HTML, and the page was not rendered';
COMMENT ON COLUMN links.is_dofollow IS 'not nofollow, sponsored or ugc, and the page is not nofollow';
COMMENT ON COLUMN links.anchor IS 'anchor text, at most 1,000 characters; empty: none';
COMMENT ON COLUMN links.snippet_left IS 'the text before it in its block, at most 80 characters; NULL: none';
COMMENT ON COLUMN links.snippet_right IS 'the text after it in its block, at most 80 characters; NULL: none';
CREATE TABLE mark_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    marked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    url_hash UUID,
    mark SMALLINT NOT NULL,
    in_force BOOLEAN NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C",
    note TEXT,
    marked_by TEXT NOT NULL,
    CONSTRAINT mark_events_pkey PRIMARY KEY (id),
    CONSTRAINT mark_is_known CHECK (mark BETWEEN 0 AND 5),
    CONSTRAINT what_was_taken_back_is_not_in_force CHECK (NOT (in_force AND mark = 0)),
    CONSTRAINT marked_pages_have_a_hash CHECK ((url IS NULL) = (url_hash IS NULL)),
    CONSTRAINT marked_url_is_at_most_2048_characters CHECK (length(url) <= 2048),
    CONSTRAINT mark_says_what_and_who CHECK (domain <> '' AND marked_by <> '')
);
CREATE UNIQUE INDEX mark_events_domain_key ON mark_events (domain) WHERE in_force AND url_hash IS NULL;
CREATE UNIQUE INDEX mark_events_url_hash_key ON mark_events (url_hash) WHERE in_force;
CREATE INDEX mark_events_latest_idx ON mark_events (mark, id) WHERE in_force;
COMMENT ON TABLE mark_events IS 'What people have marked domains and pages as, append-only: each time that somebody did, or took it back.';
COMMENT ON COLUMN mark_events.id IS 'key';
COMMENT ON COLUMN mark_events.marked_at IS 'when';
COMMENT ON COLUMN mark_events.url_hash IS 'url_hash(url); NULL: the whole domain is marked';
COMMENT ON COLUMN mark_events.mark IS '1 contacted, 2 won, 3 declined, 4 ignore, 5 disavow; 0: the mark before was taken back';
COMMENT ON COLUMN mark_events.in_force IS 'the last one of its domain or page, and not taken back';
COMMENT ON COLUMN mark_events.domain IS 'registrable domain, in ASCII; of a page, that it was on then';
COMMENT ON COLUMN mark_events.url IS 'normalised URL of the page that is marked; NULL: the whole domain is';
COMMENT ON COLUMN mark_events.note IS 'why, at most 1,000 characters; NULL: nobody has said';
COMMENT ON COLUMN mark_events.marked_by IS 'who';
CREATE TABLE networks (
    network CIDR NOT NULL,
    domains INTEGER NOT NULL,
    CONSTRAINT networks_pkey PRIMARY KEY (network)
);
COMMENT ON TABLE networks IS 'Networks with domains in them, as of the last ranking.';
COMMENT ON COLUMN networks.network IS 'IPv4 /24 or IPv6 /48';
COMMENT ON COLUMN networks.domains IS 'domains of the index in it, by domain_networks';
CREATE TABLE optouts (
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    note TEXT,
    CONSTRAINT optouts_pkey PRIMARY KEY (domain)
);
COMMENT ON TABLE optouts IS 'Domains and hosts that have opted out: they and their subdomains are never crawled.';
COMMENT ON COLUMN optouts.domain IS 'registrable domain, or a host of one';
COMMENT ON COLUMN optouts.added_at IS 'when it was added';
COMMENT ON COLUMN optouts.note IS 'who asked, and why; NULL: none';
CREATE TABLE page_facts (
    page_id BIGINT NOT NULL,
    links_external INTEGER NOT NULL,
    links_internal INTEGER NOT NULL,
    nofollow BOOLEAN NOT NULL,
    noindex BOOLEAN NOT NULL,
    language TEXT,
    language_detected TEXT,
    title TEXT,
    headings TEXT,
    canonical TEXT COLLATE "C",
    etag TEXT,
    last_modified TEXT,
    size INTEGER DEFAULT '0' NOT NULL,
    text_simhash BIGINT,
    CONSTRAINT page_facts_pkey PRIMARY KEY (page_id)
);
COMMENT ON TABLE page_facts IS 'What a page says about itself; written only when that changes.';
COMMENT ON COLUMN page_facts.page_id IS 'the page';
COMMENT ON COLUMN page_facts.links_external IS 'links that leave its domain, each instance';
COMMENT ON COLUMN page_facts.links_internal IS 'links inside its domain, each instance';
COMMENT ON COLUMN page_facts.nofollow IS 'its robots meta or X-Robots-Tag says nofollow or none';
COMMENT ON COLUMN page_facts.noindex IS 'its robots meta or X-Robots-Tag says noindex or none';
COMMENT ON COLUMN page_facts.language IS 'lang attribute of its html element, lower-cased; NULL: none';
COMMENT ON COLUMN page_facts.language_detected IS 'language by its words, ISO 639-1, as of the last ranking; und: they do not tell; NULL: it has a language of its own, or was not looked at since its title, headings or language changed';
COMMENT ON COLUMN page_facts.title IS 'its title, white space collapsed, at most 300 characters; NULL: none';
COMMENT ON COLUMN page_facts.headings IS 'its h1, h2 and h3 in document order, a line each, at most 300 characters together; NULL: none';
COMMENT ON COLUMN page_facts.canonical IS 'its canonical URL, as it says, normalised; NULL: none';
COMMENT ON COLUMN page_facts.etag IS 'the ETag when it was last read, for conditional requests; NULL: none';
COMMENT ON COLUMN page_facts.last_modified IS 'the Last-Modified when it was last read, unchanged; NULL: none';
COMMENT ON COLUMN page_facts.size IS 'bytes of its HTML when these facts were written: its last reading had at least half and at most twice as many';
COMMENT ON COLUMN page_facts.text_simhash IS 'simhash of its words when these facts were written, at most one bit off since; NULL: no link left its domain, or it had few words';
CREATE TABLE page_mirrors (
    page_id BIGINT NOT NULL,
    first_page_id BIGINT NOT NULL,
    domains INTEGER NOT NULL,
    bits SMALLINT NOT NULL,
    CONSTRAINT page_mirrors_pkey PRIMARY KEY (page_id),
    CONSTRAINT mirrors_are_on_several_domains CHECK (domains > 1),
    CONSTRAINT mirror_bits_are_in_range CHECK (bits BETWEEN 0 AND 64)
);
CREATE INDEX page_mirrors_first_page_id_idx ON page_mirrors (first_page_id);
COMMENT ON TABLE page_mirrors IS 'Pages that say almost what a page on another domain says, as of the last ranking, in groups.';
COMMENT ON COLUMN page_mirrors.page_id IS 'the page';
COMMENT ON COLUMN page_mirrors.first_page_id IS 'first page of its group: names the group';
COMMENT ON COLUMN page_mirrors.domains IS 'domains of the group''s pages, two at least';
COMMENT ON COLUMN page_mirrors.bits IS 'in how many bits its simhash differs from the first page''s';
CREATE TABLE profile_percentiles (
    p5 DOUBLE PRECISION,
    p25 DOUBLE PRECISION,
    p50 DOUBLE PRECISION,
    p75 DOUBLE PRECISION,
    p95 DOUBLE PRECISION,
    targets INTEGER NOT NULL,
    figure TEXT NOT NULL,
    CONSTRAINT profile_percentiles_pkey PRIMARY KEY (figure),
    CONSTRAINT percentiles_are_known_together CHECK ((p5 IS NULL) = (p95 IS NULL))
);
COMMENT ON TABLE profile_percentiles IS 'How the figures of profiles are spread over the targets of this index. Written only when that changes.';
COMMENT ON COLUMN profile_percentiles.p5 IS 'so many percent of these targets are at most there; NULL: they are fewer than 20';
COMMENT ON COLUMN profile_percentiles.p25 IS 'so many percent of these targets are at most there; NULL: they are fewer than 20';
COMMENT ON COLUMN profile_percentiles.p50 IS 'so many percent of these targets are at most there; NULL: they are fewer than 20';
COMMENT ON COLUMN profile_percentiles.p75 IS 'so many percent of these targets are at most there; NULL: they are fewer than 20';
COMMENT ON COLUMN profile_percentiles.p95 IS 'so many percent of these targets are at most there; NULL: they are fewer than 20';
COMMENT ON COLUMN profile_percentiles.targets IS 'with 20 referring domains and more, of which the figure is known';
COMMENT ON COLUMN profile_percentiles.figure IS 'a column of a view profile_…';
CREATE TABLE queues (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT queues_pkey PRIMARY KEY (id),
    CONSTRAINT queues_name_key UNIQUE (name)
);
COMMENT ON TABLE queues IS 'What one run of a crawl works on: the pages of its seeds. Id 1 is `kept`, id 2 is `verify`.';
COMMENT ON COLUMN queues.id IS 'key';
COMMENT ON COLUMN queues.added_at IS 'when it was added';
COMMENT ON COLUMN queues.name IS '`kept`: of the kept seeds; `verify`: of pages to be verified; `removed …`: of seeds that are being removed; else of the seeds that one run was given: a hash of them and their limits';
CREATE TABLE ranking_runs (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    version TEXT NOT NULL,
    parameters JSONB DEFAULT '{}' NOT NULL,
    figures JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT ranking_runs_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE ranking_runs IS 'Runs of `backlinks rank`: one row each.';
COMMENT ON COLUMN ranking_runs.id IS 'key';
COMMENT ON COLUMN ranking_runs.started_at IS 'when it began';
COMMENT ON COLUMN ranking_runs.finished_at IS 'when its last step was done; NULL: running, or it ended before that';
COMMENT ON COLUMN ranking_runs.version IS 'of the program';
COMMENT ON COLUMN ranking_runs.parameters IS 'by step: what it was computed with';
COMMENT ON COLUMN ranking_runs.figures IS 'by step: what it read, wrote and took; a step that is not there has left the old scores';
CREATE TABLE rels (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
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
CREATE TABLE risk_factors (
    domain_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    value REAL NOT NULL,
    percentile REAL NOT NULL,
    factor REAL NOT NULL,
    signal SMALLINT NOT NULL,
    CONSTRAINT risk_factors_pkey PRIMARY KEY (domain_id, target_id, signal),
    CONSTRAINT risk_factor_is_a_share CHECK (factor > 0 AND factor <= 1)
);
COMMENT ON TABLE risk_factors IS 'Reasons of risks, as of the last ranking: what is not above the 90th percentile has no row.';
COMMENT ON COLUMN risk_factors.domain_id IS 'the domain that links';
COMMENT ON COLUMN risk_factors.target_id IS 'the domain linked to; 0: whichever it is';
COMMENT ON COLUMN risk_factors.value IS 'of the signal';
COMMENT ON COLUMN risk_factors.percentile IS 'percentage of known values that are lower';
COMMENT ON COLUMN risk_factors.factor IS '0 at the 90th percentile or least, 1 at the 99th';
COMMENT ON COLUMN risk_factors.signal IS 'of risk_signals';
CREATE TABLE risk_signals (
    signal SMALLINT NOT NULL,
    judged INTEGER NOT NULL,
    weight REAL NOT NULL,
    used_weight REAL,
    least REAL NOT NULL,
    low REAL,
    high REAL,
    of_pair BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    CONSTRAINT risk_signals_pkey PRIMARY KEY (signal),
    CONSTRAINT risk_weight_is_a_share CHECK (weight BETWEEN 0 AND 1),
    CONSTRAINT risk_signals_name_key UNIQUE (name)
);
COMMENT ON TABLE risk_signals IS 'The signals of link-scheme risk. A new weight counts from the next `backlinks rank` on.';
COMMENT ON COLUMN risk_signals.signal IS 'key';
COMMENT ON COLUMN risk_signals.judged IS 'domains, or pairs of them, whose value was known at the last ranking';
COMMENT ON COLUMN risk_signals.weight IS 'how much of a risk it can make at most, 0 to 1: yours to change';
COMMENT ON COLUMN risk_signals.used_weight IS 'weight at the last ranking; NULL: nobody was judged by it';
COMMENT ON COLUMN risk_signals.least IS 'a value below it is no reason, however rare';
COMMENT ON COLUMN risk_signals.low IS '90th percentile of the values in this index; NULL: fewer than 100 were known';
COMMENT ON COLUMN risk_signals.high IS '99th percentile; NULL: as low';
COMMENT ON COLUMN risk_signals.of_pair IS 'it is of a source and one target; else of a source';
COMMENT ON COLUMN risk_signals.name IS 'its name';
COMMENT ON COLUMN risk_signals.policy IS 'which of Google''s spam policies it belongs to: docs/methods.md has them';
CREATE TABLE sitewide_domains (
    domain_id INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    CONSTRAINT sitewide_domains_pkey PRIMARY KEY (domain_id)
);
COMMENT ON TABLE sitewide_domains IS 'Domains of which enough was read to tell which of their links are sitewide, as of the last ranking.';
COMMENT ON COLUMN sitewide_domains.domain_id IS 'a domain that links';
COMMENT ON COLUMN sitewide_domains.pages IS 'its pages that were read, at least five';
COMMENT ON COLUMN sitewide_domains.batch_id IS 'the last batch that was looked at';
CREATE TABLE sitewide_links (
    url_to_id BIGINT NOT NULL,
    slot_id BIGINT NOT NULL,
    domain_from_id INTEGER NOT NULL,
    path_hash SMALLINT NOT NULL,
    pages INTEGER NOT NULL,
    CONSTRAINT sitewide_links_pkey PRIMARY KEY (url_to_id, domain_from_id, path_hash)
);
COMMENT ON TABLE sitewide_links IS 'Slots of templates that link to one URL from half of a domain''s pages or more, as of the last ranking.';
COMMENT ON COLUMN sitewide_links.url_to_id IS 'the URL linked to';
COMMENT ON COLUMN sitewide_links.slot_id IS 'the first of its links';
COMMENT ON COLUMN sitewide_links.domain_from_id IS 'the domain that links';
COMMENT ON COLUMN sitewide_links.path_hash IS 'where on the page, as in links';
COMMENT ON COLUMN sitewide_links.pages IS 'pages that have or had it, of those that were read';
CREATE TABLE skipped_domains (
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    note TEXT,
    CONSTRAINT skipped_domains_pkey PRIMARY KEY (domain)
);
COMMENT ON TABLE skipped_domains IS 'Domains that hops never enter, such as hubs that link to everything. Links to them are still recorded.';
COMMENT ON COLUMN skipped_domains.domain IS 'registrable domain';
COMMENT ON COLUMN skipped_domains.added_at IS 'when it was added';
COMMENT ON COLUMN skipped_domains.note IS 'why; NULL: none';
CREATE TABLE sources (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    worker UUID NOT NULL,
    kind SMALLINT DEFAULT '0' NOT NULL,
    reason TEXT,
    name TEXT NOT NULL,
    stats JSONB,
    CONSTRAINT sources_pkey PRIMARY KEY (id),
    CONSTRAINT source_kind_is_known CHECK (kind IN (0, 1))
);
COMMENT ON TABLE sources IS 'Where observations come from: one row a run of a crawl, or an archive that was imported.';
COMMENT ON COLUMN sources.id IS 'key';
COMMENT ON COLUMN sources.started_at IS 'when it began';
COMMENT ON COLUMN sources.finished_at IS 'when it ended; NULL: running, or killed';
COMMENT ON COLUMN sources.seen_at IS 'when it last reported that it is running, every 20 s';
COMMENT ON COLUMN sources.worker IS 'the process that runs it';
COMMENT ON COLUMN sources.kind IS '0 a run of a crawl, 1 an archive';
COMMENT ON COLUMN sources.reason IS 'why it ended: finished, max_pages, …; NULL: running, or killed';
COMMENT ON COLUMN sources.name IS 'of a crawl: the seeds that it was given; of an archive: its name';
COMMENT ON COLUMN sources.stats IS 'what it has recorded so far, and at the end Scrapy''s statistics; NULL: not reported yet';
CREATE TABLE strong_refdomains (
    domain_to_id INTEGER NOT NULL,
    domain_from_id INTEGER NOT NULL,
    links INTEGER NOT NULL,
    dofollow_links INTEGER NOT NULL,
    weight REAL NOT NULL,
    place SMALLINT NOT NULL,
    relevance SMALLINT,
    CONSTRAINT strong_refdomains_pkey PRIMARY KEY (domain_to_id, place)
);
COMMENT ON TABLE strong_refdomains IS 'Of domains with more than 100 follow refdomains the 300 whose links are worth most, written by each ranking.';
COMMENT ON COLUMN strong_refdomains.domain_to_id IS 'the domain linked to';
COMMENT ON COLUMN strong_refdomains.domain_from_id IS 'a domain with follow links to it';
COMMENT ON COLUMN strong_refdomains.links IS 'live links of this edge';
COMMENT ON COLUMN strong_refdomains.dofollow_links IS 'of them followed';
COMMENT ON COLUMN strong_refdomains.weight IS 'what a link from it is worth to anybody: see prospect_weight()';
COMMENT ON COLUMN strong_refdomains.place IS 'from the greatest weight on, from 1';
COMMENT ON COLUMN strong_refdomains.relevance IS 'the largest of a live link, 0 to 100; NULL: not known';
CREATE TABLE topic_scores (
    domain_id INTEGER NOT NULL,
    score REAL NOT NULL,
    share REAL NOT NULL,
    topic TEXT NOT NULL,
    CONSTRAINT topic_scores_pkey PRIMARY KEY (domain_id, topic),
    CONSTRAINT topic_scores_are_shares CHECK (score BETWEEN 0 AND 1 AND share BETWEEN 0 AND 1)
);
COMMENT ON TABLE topic_scores IS 'The three largest topics of each domain, as of the last ranking; what comes to less than a thousandth has no row.';
COMMENT ON COLUMN topic_scores.domain_id IS 'the domain';
COMMENT ON COLUMN topic_scores.score IS 'share of its PageRank that comes from the topic''s seeds, 0 to 1';
COMMENT ON COLUMN topic_scores.share IS 'score ÷ the sum of its scores of all topics';
COMMENT ON COLUMN topic_scores.topic IS 'the topic';
CREATE TABLE topic_seeds (
    topic TEXT NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT topic_seeds_pkey PRIMARY KEY (topic, domain),
    CONSTRAINT topic_has_a_name CHECK (topic <> '')
);
COMMENT ON TABLE topic_seeds IS 'Domains that stand for a topic, as the user has named them.';
COMMENT ON COLUMN topic_seeds.topic IS 'the topic, as the user calls it';
COMMENT ON COLUMN topic_seeds.domain IS 'registrable domain that stands for it';
COMMENT ON COLUMN topic_seeds.added_at IS 'when it was added';
CREATE TABLE trust_seeds (
    domain TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    note TEXT,
    CONSTRAINT trust_seeds_pkey PRIMARY KEY (domain)
);
COMMENT ON TABLE trust_seeds IS 'Domains that the user trusts: where trust comes from. While there are none, a list of the program''s counts.';
COMMENT ON COLUMN trust_seeds.domain IS 'registrable domain';
COMMENT ON COLUMN trust_seeds.added_at IS 'when it was added';
COMMENT ON COLUMN trust_seeds.note IS 'why it is trusted; NULL: nobody has said';
CREATE TABLE value_weights (
    one SMALLINT NOT NULL,
    authority DOUBLE PRECISION DEFAULT '0.6' NOT NULL,
    trust DOUBLE PRECISION DEFAULT '0.2' NOT NULL,
    position DOUBLE PRECISION DEFAULT '0.7' NOT NULL,
    relevance DOUBLE PRECISION DEFAULT '0.5' NOT NULL,
    follow DOUBLE PRECISION DEFAULT '0.8' NOT NULL,
    outgoing DOUBLE PRECISION DEFAULT '0.4' NOT NULL,
    content DOUBLE PRECISION DEFAULT '1' NOT NULL,
    list DOUBLE PRECISION DEFAULT '0.5' NOT NULL,
    nav DOUBLE PRECISION DEFAULT '0.3' NOT NULL,
    header DOUBLE PRECISION DEFAULT '0.3' NOT NULL,
    footer DOUBLE PRECISION DEFAULT '0.1' NOT NULL,
    sidebar DOUBLE PRECISION DEFAULT '0.3' NOT NULL,
    comments DOUBLE PRECISION DEFAULT '0.2' NOT NULL,
    unknown DOUBLE PRECISION DEFAULT '0.5' NOT NULL,
    sitewide DOUBLE PRECISION DEFAULT '0.1' NOT NULL,
    CONSTRAINT value_weights_pkey PRIMARY KEY (one),
    CONSTRAINT value_weights_are_one_row CHECK (one = 1),
    CONSTRAINT value_weights_are_shares CHECK (least(authority, trust, position, relevance, follow, outgoing, content, list, nav, header, footer, sidebar, comments, unknown, sitewide) >= 0 AND greatest(authority, trust, position, relevance, follow, outgoing, content, list, nav, header, footer, sidebar, comments, unknown, sitewide) <= 1)
);
COMMENT ON TABLE value_weights IS 'What the value of a link is made of. Change it, and backlinks.value follows.';
COMMENT ON COLUMN value_weights.one IS '1: there is one row';
COMMENT ON COLUMN value_weights.authority IS 'how much a link may lose for the authority of its domain, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.trust IS 'how much a link may lose for the trust of its domain, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.position IS 'how much a link may lose for where on its page it stands, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.relevance IS 'how much a link may lose for its relevance, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.follow IS 'how much a link may lose for not being followed, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.outgoing IS 'how much a link may lose for the other links that leave its page''s domain, 0 to 1; 0: it does not count';
COMMENT ON COLUMN value_weights.content IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.list IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.nav IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.header IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.footer IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.sidebar IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.comments IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.unknown IS 'what a link in that part of its page is worth, 0 to 1';
COMMENT ON COLUMN value_weights.sitewide IS 'what a sitewide link is worth, wherever it stands';
CREATE TABLE visits (
    page_id BIGINT NOT NULL,
    observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    batch_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    links_found INTEGER NOT NULL,
    links_gone INTEGER NOT NULL,
    outcome SMALLINT NOT NULL,
    http_code SMALLINT,
    settled SMALLINT,
    rendering SMALLINT,
    rendered_ms INTEGER,
    reason TEXT,
    CONSTRAINT visits_pkey PRIMARY KEY (page_id, observed_at),
    CONSTRAINT visit_rendering_is_known CHECK (rendering BETWEEN 0 AND 16),
    CONSTRAINT visit_outcome_is_known CHECK (outcome BETWEEN 0 AND 18),
    CONSTRAINT visit_settled_is_known CHECK (settled BETWEEN 0 AND 2)
)
 PARTITION BY RANGE (observed_at);
CREATE INDEX visits_observed_at_idx ON visits USING brin (observed_at);
COMMENT ON TABLE visits IS 'Every fetch of a page and every capture, append-only, one partition a month.';
COMMENT ON COLUMN visits.page_id IS 'the page';
COMMENT ON COLUMN visits.observed_at IS 'when the answer came; of a capture, when it was taken';
COMMENT ON COLUMN visits.batch_id IS 'the batch that recorded it: when, and from which source';
COMMENT ON COLUMN visits.size IS 'bytes of the body, decompressed';
COMMENT ON COLUMN visits.elapsed_ms IS 'milliseconds from request to the first byte of the answer';
COMMENT ON COLUMN visits.links_found IS 'links that it saw and that were not known';
COMMENT ON COLUMN visits.links_gone IS 'known live links that it did not see';
COMMENT ON COLUMN visits.outcome IS 'how it ended, as in model.Outcome';
COMMENT ON COLUMN visits.http_code IS 'status of the answer; NULL: none came';
COMMENT ON COLUMN visits.settled IS 'what it showed of its page: 0 read, 1 gone, 2 redirects; NULL: it was inconclusive';
COMMENT ON COLUMN visits.rendering IS 'why it was rendered, or not, as in model.RenderReason; NULL: its HTML had enough links';
COMMENT ON COLUMN visits.rendered_ms IS 'milliseconds that the browser took; NULL: it was not rendered';
COMMENT ON COLUMN visits.reason IS 'why, when the outcome does not say it all; NULL: it does';
CREATE TABLE batches (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
    source_id BIGINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT batches_pkey PRIMARY KEY (id),
    CONSTRAINT batches_source_id_number_key UNIQUE (source_id, number),
    CONSTRAINT batches_source_id_fkey FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE INDEX batches_recorded_at_idx ON batches (recorded_at);
COMMENT ON TABLE batches IS 'Observations that one transaction recorded: when, and from which source.';
COMMENT ON COLUMN batches.id IS 'key';
COMMENT ON COLUMN batches.source_id IS 'where its observations come from';
COMMENT ON COLUMN batches.recorded_at IS 'when it was recorded: all that it shows was learnt then';
COMMENT ON COLUMN batches.number IS 'within its source, from 1: a batch that is sent again is recognised by it';
CREATE TABLE hosts (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    domain_id INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    CONSTRAINT hosts_pkey PRIMARY KEY (id),
    CONSTRAINT host_has_a_name CHECK (name <> ''),
    CONSTRAINT hosts_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id),
    CONSTRAINT hosts_name_key UNIQUE (name)
);
CREATE INDEX hosts_domain_id_idx ON hosts (domain_id);
COMMENT ON TABLE hosts IS 'Every host seen: crawled, linked to, or asked by scripts of pages.';
COMMENT ON COLUMN hosts.id IS 'key';
COMMENT ON COLUMN hosts.domain_id IS 'its registrable domain';
COMMENT ON COLUMN hosts.name IS 'host, with its port when that is not the scheme''s own';
CREATE TABLE targets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    domain_id INTEGER NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    mode TEXT NOT NULL,
    values TEXT[] NOT NULL,
    brands TEXT[] DEFAULT '{}' NOT NULL,
    keywords TEXT[] DEFAULT '{}' NOT NULL,
    CONSTRAINT targets_pkey PRIMARY KEY (id),
    CONSTRAINT target_mode_is_known CHECK (mode IN ('exact', 'prefix', 'domain', 'subdomains')),
    CONSTRAINT targets_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id),
    CONSTRAINT targets_values_key UNIQUE (values)
);
CREATE INDEX targets_domain_id_idx ON targets (domain_id);
COMMENT ON TABLE targets IS 'Watched targets: pages that link to them are visited first.';
COMMENT ON COLUMN targets.id IS 'key';
COMMENT ON COLUMN targets.domain_id IS 'its domain';
COMMENT ON COLUMN targets.added_at IS 'when it was added';
COMMENT ON COLUMN targets.mode IS 'exact, prefix, domain or subdomains';
COMMENT ON COLUMN targets.values IS 'a URL, URL prefixes (one a scheme), a domain, or a host';
COMMENT ON COLUMN targets.brands IS 'names of it, as the user says';
COMMENT ON COLUMN targets.keywords IS 'what it is about, as the user says';
CREATE TABLE crawled_hosts (
    host_id BIGINT NOT NULL,
    claim BIGINT DEFAULT '0' NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    rests_until TIMESTAMP WITH TIME ZONE,
    last_request TIMESTAMP WITH TIME ZONE,
    held_until TIMESTAMP WITH TIME ZONE,
    worker UUID,
    domain_id INTEGER,
    suffix TEXT COLLATE "C",
    address TEXT COLLATE "C",
    line TEXT COLLATE "C",
    held_priority SMALLINT,
    renders REAL DEFAULT '0' NOT NULL,
    render_gains REAL DEFAULT '0' NOT NULL,
    endings JSONB,
    endings_since TIMESTAMP WITH TIME ZONE,
    missing_asked_at TIMESTAMP WITH TIME ZONE,
    missing_digest BIGINT,
    opted_out BOOLEAN DEFAULT 'false' NOT NULL,
    back_offs SMALLINT DEFAULT '0' NOT NULL,
    is_suspect BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT crawled_hosts_pkey PRIMARY KEY (host_id),
    CONSTRAINT render_gains_are_some_of_renders CHECK (render_gains BETWEEN 0 AND renders),
    CONSTRAINT back_offs_are_not_negative CHECK (back_offs >= 0),
    CONSTRAINT endings_have_a_beginning CHECK ((endings IS NULL) = (endings_since IS NULL)),
    CONSTRAINT held_hosts_have_a_lease CHECK ((worker IS NULL) = (leased_until IS NULL)),
    CONSTRAINT who_stands_in_line_has_a_time CHECK ((line IS NULL) = (held_until IS NULL) AND (line IS NULL) = (held_priority IS NULL)),
    CONSTRAINT crawled_hosts_host_id_fkey FOREIGN KEY(host_id) REFERENCES hosts (id)
)
 WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX crawled_hosts_added_idx ON crawled_hosts (domain_id, added_at);
CREATE INDEX crawled_hosts_address_idx ON crawled_hosts (address) WHERE worker IS NOT NULL AND address IS NOT NULL;
CREATE INDEX crawled_hosts_domain_idx ON crawled_hosts (domain_id) WHERE worker IS NOT NULL;
CREATE INDEX crawled_hosts_held_idx ON crawled_hosts (leased_until) WHERE worker IS NOT NULL;
CREATE INDEX crawled_hosts_line_idx ON crawled_hosts (line, held_priority, held_until) WHERE line IS NOT NULL;
CREATE INDEX crawled_hosts_suffix_idx ON crawled_hosts (suffix) WHERE worker IS NOT NULL AND suffix IS NOT NULL;
COMMENT ON TABLE crawled_hosts IS 'Hosts that are crawled, each by one worker at a time: the unit of politeness.';
COMMENT ON COLUMN crawled_hosts.host_id IS 'the host';
COMMENT ON COLUMN crawled_hosts.claim IS 'number of the last claim; writes under an older one are refused';
COMMENT ON COLUMN crawled_hosts.added_at IS 'when the frontier learnt of it';
COMMENT ON COLUMN crawled_hosts.leased_until IS 'end of the lease of the worker that holds it; NULL: nobody holds it';
COMMENT ON COLUMN crawled_hosts.rests_until IS 'end of its back-off or rest: not claimed before, whatever is due; NULL: none';
COMMENT ON COLUMN crawled_hosts.last_request IS 'when a request was last sent to it, or may have been; NULL: never';
COMMENT ON COLUMN crawled_hosts.held_until IS 'when it has its turn under a bound that it shares with other hosts; NULL: it waits for none';
COMMENT ON COLUMN crawled_hosts.worker IS 'the worker that holds it; NULL: nobody holds it';
COMMENT ON COLUMN crawled_hosts.domain_id IS 'its registrable domain, for which its claims count; NULL: not known before its next claim';
COMMENT ON COLUMN crawled_hosts.suffix IS 'its private public suffix, as blogspot.com; NULL: none, or never claimed';
COMMENT ON COLUMN crawled_hosts.address IS 'network that it was last found at: an IPv4 address or the first 64 bits of an IPv6 one; NULL: not known';
COMMENT ON COLUMN crawled_hosts.line IS 'the bound of which it waits for a turn: its kind and its name; NULL: none';
COMMENT ON COLUMN crawled_hosts.held_priority IS 'priority of the pages that wait for that turn: more urgent ones do not; NULL: none wait';
COMMENT ON COLUMN crawled_hosts.renders IS 'pages that were rendered, exponentially decayed';
COMMENT ON COLUMN crawled_hosts.render_gains IS 'those that gained links, decayed alike';
COMMENT ON COLUMN crawled_hosts.endings IS 'what answered to URLs that may be pages or files, by their ending: 0 a page, else how many files; NULL: nothing is known';
COMMENT ON COLUMN crawled_hosts.endings_since IS 'when endings began; after 30 days it begins anew; NULL: as endings';
COMMENT ON COLUMN crawled_hosts.missing_asked_at IS 'when it was last asked for a page that cannot exist; NULL: never, as no page of it was in doubt';
COMMENT ON COLUMN crawled_hosts.missing_digest IS 'hash of what it answered, by title and number of links; 0: another status than 200; NULL: never asked';
COMMENT ON COLUMN crawled_hosts.opted_out IS 'it, or a domain above it, has opted out (optouts): it is never claimed';
COMMENT ON COLUMN crawled_hosts.back_offs IS 'answers of 429 or 503 in a row: each makes the next back-off longer';
COMMENT ON COLUMN crawled_hosts.is_suspect IS 'a worker died or stalled while it held it, and nobody has given it back since: its pages are read one at a time, in a child process';
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
COMMENT ON COLUMN robots.fetched_at IS 'when robots.txt was last requested';
COMMENT ON COLUMN robots.http_code IS 'status of the answer; 599: not a valid status';
COMMENT ON COLUMN robots.body IS 'its text, at most 500 KiB; NULL: none, or an error';
CREATE TABLE urls (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    hash UUID NOT NULL,
    host_id BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    CONSTRAINT urls_pkey PRIMARY KEY (id),
    CONSTRAINT url_is_at_most_2048_characters CHECK (length(url) <= 2048),
    CONSTRAINT urls_host_id_fkey FOREIGN KEY(host_id) REFERENCES hosts (id)
);
CREATE UNIQUE INDEX urls_hash_key ON urls (hash);
CREATE INDEX urls_host_id_idx ON urls (host_id);
COMMENT ON TABLE urls IS 'Every URL seen, as a page or as the target of a link.';
COMMENT ON COLUMN urls.id IS 'key';
COMMENT ON COLUMN urls.hash IS 'identity: the first 128 bits of SHA-256 of url; see url_hash()';
COMMENT ON COLUMN urls.host_id IS 'the url''s host';
COMMENT ON COLUMN urls.url IS 'normalised URL';
CREATE TABLE pages (
    page_id BIGINT NOT NULL,
    host_id BIGINT NOT NULL,
    moved_to_id BIGINT,
    next_visit TIMESTAMP WITH TIME ZONE,
    first_found TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_visited TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    unverified_since TIMESTAMP WITH TIME ZONE,
    links_digest BIGINT,
    found_digest BIGINT,
    visits INTEGER DEFAULT '0' NOT NULL,
    compared REAL DEFAULT '0' NOT NULL,
    changes REAL DEFAULT '0' NOT NULL,
    compared_days REAL DEFAULT '0' NOT NULL,
    priority SMALLINT DEFAULT '3' NOT NULL,
    kind SMALLINT DEFAULT '0' NOT NULL,
    counted BOOLEAN DEFAULT 'true' NOT NULL,
    settled SMALLINT,
    failures SMALLINT DEFAULT '0' NOT NULL,
    outcome SMALLINT,
    http_code SMALLINT,
    has_missing BOOLEAN DEFAULT 'false' NOT NULL,
    reason TEXT,
    rendered_at TIMESTAMP WITH TIME ZONE,
    unrendered_since TIMESTAMP WITH TIME ZONE,
    rendered_digest BIGINT,
    by_crawl BOOLEAN DEFAULT 'false' NOT NULL,
    gained BOOLEAN,
    rendering SMALLINT,
    ending SMALLINT,
    doubted_since TIMESTAMP WITH TIME ZONE,
    doubts SMALLINT DEFAULT '0' NOT NULL,
    doubted_for TEXT,
    redirects_to BIGINT,
    begun SMALLINT DEFAULT '0' NOT NULL,
    CONSTRAINT pages_pkey PRIMARY KEY (page_id),
    CONSTRAINT page_kind_is_known CHECK (kind IN (0, 1)),
    CONSTRAINT page_ending_is_known CHECK (ending BETWEEN 0 AND 2),
    CONSTRAINT page_doubts_have_a_beginning CHECK ((doubts = 0) = (doubted_since IS NULL)),
    CONSTRAINT page_rendering_is_known CHECK (rendering BETWEEN 0 AND 16),
    CONSTRAINT page_settled_is_known CHECK (settled BETWEEN 0 AND 2),
    CONSTRAINT page_history_is_not_negative CHECK (failures >= 0 AND compared >= 0 AND changes >= 0 AND compared_days >= 0),
    CONSTRAINT page_outcome_is_known CHECK (outcome BETWEEN 0 AND 18),
    CONSTRAINT page_priority_is_known CHECK (priority BETWEEN 0 AND 4),
    CONSTRAINT pages_page_id_fkey FOREIGN KEY(page_id) REFERENCES urls (id)
)
 WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX pages_due_idx ON pages (host_id, priority, next_visit) WHERE next_visit IS NOT NULL;
CREATE INDEX pages_gone_idx ON pages (host_id) WHERE outcome = 2;
CREATE INDEX pages_moved_to_id_idx ON pages (moved_to_id) WHERE moved_to_id IS NOT NULL;
CREATE INDEX pages_redirects_to_idx ON pages (host_id, redirects_to) WHERE redirects_to IS NOT NULL;
COMMENT ON TABLE pages IS 'The crawl state of each page. Narrow, so that rescheduling rewrites little.';
COMMENT ON COLUMN pages.page_id IS 'the page''s URL';
COMMENT ON COLUMN pages.host_id IS 'its host';
COMMENT ON COLUMN pages.moved_to_id IS 'the URL of the same path and domain to which it redirects permanently; NULL: none';
COMMENT ON COLUMN pages.next_visit IS 'due from then on; NULL: not to be visited';
COMMENT ON COLUMN pages.first_found IS 'when the frontier learnt of it';
COMMENT ON COLUMN pages.last_visited IS 'latest visit or capture, however it ended; NULL: never';
COMMENT ON COLUMN pages.confirmed_at IS 'latest visit that read the page (2xx, 304 or a redirect): last_seen of its live links; NULL: never';
COMMENT ON COLUMN pages.settled_at IS 'latest conclusive visit or capture: it was read, is gone or redirects; NULL: none';
COMMENT ON COLUMN pages.unverified_since IS 'first inconclusive visit after settled_at, or the latest capture when no crawl has read it: its live links are unverified; NULL: they are not';
COMMENT ON COLUMN pages.links_digest IS 'hash of its links and their snippets as last read: equal means unchanged; NULL: never read';
COMMENT ON COLUMN pages.found_digest IS 'hash of the pages that it leads to, as last read; NULL: never read, or to be read again in full';
COMMENT ON COLUMN pages.visits IS 'visits so far';
COMMENT ON COLUMN pages.compared IS 'visits that were compared with the one before, exponentially decayed';
COMMENT ON COLUMN pages.changes IS 'those that found a change, decayed alike';
COMMENT ON COLUMN pages.compared_days IS 'days between them, decayed alike';
COMMENT ON COLUMN pages.priority IS '0 to be verified, 1 watched, 2 likely to have new links, or sitemap, 3 new, 4 other; lower is visited first';
COMMENT ON COLUMN pages.kind IS '0 page, 1 sitemap';
COMMENT ON COLUMN pages.counted IS 'it counts against the budgets of its seeds: it is not a sitemap, and has not turned out to be gone, moved or not HTML';
COMMENT ON COLUMN pages.settled IS 'what the last conclusive visit showed: 0 read, 1 gone, 2 redirects; NULL: none was';
COMMENT ON COLUMN pages.failures IS 'inconclusive visits in a row';
COMMENT ON COLUMN pages.outcome IS 'of the last visit, as in model.Outcome; NULL: never visited';
COMMENT ON COLUMN pages.http_code IS 'status of the last visit; NULL: no answer, or never visited';
COMMENT ON COLUMN pages.has_missing IS 'one of its links is missing, or was found by an inconclusive visit: the next visit compares all of them';
COMMENT ON COLUMN pages.reason IS 'why the last visit ended as it did; NULL: the outcome says it all';
COMMENT ON COLUMN pages.rendered_at IS 'last visit that rendered it, without incomplete ones that lacked a rendered link: last_seen of its live rendered links; NULL: never';
COMMENT ON COLUMN pages.unrendered_since IS 'first visit after rendered_at that read it: its live rendered links are unverified; NULL: none';
COMMENT ON COLUMN pages.rendered_digest IS 'hash of what its last rendering changed; NULL: never rendered';
COMMENT ON COLUMN pages.by_crawl IS 'a crawl has read it, not only captures';
COMMENT ON COLUMN pages.gained IS 'its last rendering had links that its HTML did not have; NULL: never rendered';
COMMENT ON COLUMN pages.rendering IS 'why it was rendered when last read, or not, as in model.RenderReason; NULL: its HTML had enough links';
COMMENT ON COLUMN pages.ending IS 'how its HTML ends when it is whole: 0 with the end tag of body or html, 1 without, 2 inside markup; NULL: never read';
COMMENT ON COLUMN pages.doubted_since IS 'first of the visits in a row whose answer was doubted; NULL: the last was not';
COMMENT ON COLUMN pages.doubts IS 'such visits in a row';
COMMENT ON COLUMN pages.doubted_for IS 'what these answers look like; NULL: there is no doubt';
COMMENT ON COLUMN pages.redirects_to IS 'first 64 bits of the hash of the URL to which its last conclusive visit redirected for good; NULL: none';
COMMENT ON COLUMN pages.begun IS 'how often its reading was begun and no visit came of it; counted for suspects only';
CREATE TABLE queue_hosts (
    host_id BIGINT NOT NULL,
    queue_id BIGINT NOT NULL,
    priority SMALLINT NOT NULL,
    claimable_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT queue_hosts_pkey PRIMARY KEY (host_id, queue_id, priority),
    CONSTRAINT host_priority_is_known CHECK (priority BETWEEN 0 AND 4),
    CONSTRAINT queue_hosts_host_id_fkey FOREIGN KEY(host_id) REFERENCES crawled_hosts (host_id),
    CONSTRAINT queue_hosts_queue_id_fkey FOREIGN KEY(queue_id) REFERENCES queues (id) ON DELETE CASCADE
)
 WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX queue_hosts_claimable_idx ON queue_hosts (queue_id, priority, claimable_at);
COMMENT ON TABLE queue_hosts IS 'Which queue has pages on which host, and when it may be claimed for them. Claims do not change it: who holds a host is in crawled_hosts.';
COMMENT ON COLUMN queue_hosts.host_id IS 'a host on which the queue has, or has had, pages of that priority';
COMMENT ON COLUMN queue_hosts.queue_id IS 'the queue';
COMMENT ON COLUMN queue_hosts.priority IS 'as in pages; lower is claimed first';
COMMENT ON COLUMN queue_hosts.claimable_at IS 'not later than when the first of these pages is due and the host does not rest; NULL: nothing is due';
CREATE TABLE seeds (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    queue_id BIGINT NOT NULL,
    url_id BIGINT NOT NULL,
    domain_id INTEGER NOT NULL,
    root_id BIGINT,
    target_id BIGINT,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    max_depth INTEGER,
    max_pages INTEGER,
    hops INTEGER DEFAULT '0' NOT NULL,
    pages_known INTEGER DEFAULT '0' NOT NULL,
    sitemaps_known INTEGER DEFAULT '0' NOT NULL,
    bare BOOLEAN DEFAULT 'false' NOT NULL,
    scope TEXT NOT NULL,
    render TEXT DEFAULT 'auto' NOT NULL,
    CONSTRAINT seeds_pkey PRIMARY KEY (id),
    CONSTRAINT render_is_never_auto_or_always CHECK (render IN ('never', 'auto', 'always')),
    CONSTRAINT scope_is_host_domain_or_prefix CHECK (scope IN ('host', 'domain', 'prefix')),
    CONSTRAINT seed_limits_are_not_negative CHECK (hops >= 0 AND max_depth >= 0 AND max_pages >= 0),
    CONSTRAINT seeds_queue_id_url_id_key UNIQUE (queue_id, url_id),
    CONSTRAINT seeds_queue_id_fkey FOREIGN KEY(queue_id) REFERENCES queues (id),
    CONSTRAINT seeds_url_id_fkey FOREIGN KEY(url_id) REFERENCES urls (id),
    CONSTRAINT seeds_domain_id_fkey FOREIGN KEY(domain_id) REFERENCES domains (id),
    CONSTRAINT seeds_root_id_fkey FOREIGN KEY(root_id) REFERENCES seeds (id) ON DELETE CASCADE,
    CONSTRAINT seeds_target_id_fkey FOREIGN KEY(target_id) REFERENCES targets (id)
);
CREATE INDEX seeds_domain_id_idx ON seeds (domain_id);
CREATE UNIQUE INDEX seeds_hop_domain_key ON seeds (queue_id, domain_id) WHERE root_id IS NOT NULL;
CREATE INDEX seeds_root_id_idx ON seeds (root_id);
CREATE INDEX seeds_target_id_idx ON seeds (target_id) WHERE target_id IS NOT NULL;
CREATE INDEX seeds_turn_idx ON seeds (queue_id, id) WHERE root_id IS NULL;
CREATE INDEX seeds_url_id_idx ON seeds (url_id);
COMMENT ON TABLE seeds IS 'Sites to crawl: named by the user, or found by the hops of a named one.';
COMMENT ON COLUMN seeds.id IS 'key';
COMMENT ON COLUMN seeds.queue_id IS 'the queue that its pages are in';
COMMENT ON COLUMN seeds.url_id IS 'where the crawl of it starts';
COMMENT ON COLUMN seeds.domain_id IS 'registrable domain of its url';
COMMENT ON COLUMN seeds.root_id IS 'the seed whose hops found this one; NULL: the user named it';
COMMENT ON COLUMN seeds.target_id IS 'the watched target for which it is there: its pages are those that others link to; NULL: a site to crawl';
COMMENT ON COLUMN seeds.added_at IS 'when it was added';
COMMENT ON COLUMN seeds.max_depth IS 'clicks from url_id at most; NULL: no limit';
COMMENT ON COLUMN seeds.max_pages IS 'its pages that can be read at most; NULL: no limit';
COMMENT ON COLUMN seeds.hops IS 'times that links to new domains are followed';
COMMENT ON COLUMN seeds.pages_known IS 'its pages that can still be read (pages.counted); at max_pages no more are added';
COMMENT ON COLUMN seeds.sitemaps_known IS 'its sitemaps so far';
COMMENT ON COLUMN seeds.bare IS 'the user named a domain without a scheme';
COMMENT ON COLUMN seeds.scope IS 'host, domain or prefix';
COMMENT ON COLUMN seeds.render IS 'when its pages are rendered: never, auto or always';
CREATE TABLE seed_pages (
    page_id BIGINT NOT NULL,
    seed_id BIGINT NOT NULL,
    depth INTEGER NOT NULL,
    refused BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT seed_pages_pkey PRIMARY KEY (page_id, seed_id),
    CONSTRAINT seed_pages_page_id_fkey FOREIGN KEY(page_id) REFERENCES pages (page_id),
    CONSTRAINT seed_pages_seed_id_fkey FOREIGN KEY(seed_id) REFERENCES seeds (id) ON DELETE CASCADE
);
CREATE INDEX seed_pages_seed_id_idx ON seed_pages (seed_id);
COMMENT ON TABLE seed_pages IS 'Covers: which seeds a page belongs to.';
COMMENT ON COLUMN seed_pages.page_id IS 'a page';
COMMENT ON COLUMN seed_pages.seed_id IS 'a seed whose scope and limits cover it';
COMMENT ON COLUMN seed_pages.depth IS 'clicks from the seed''s start';
COMMENT ON COLUMN seed_pages.refused IS 'the seed''s budget, or its domain''s of new hosts, had no room for a page that this one leads to';
CREATE TABLE visits_default PARTITION OF visits DEFAULT;
COMMENT ON TABLE visits_default IS 'Visits of months that have no partition of their own.';
INSERT INTO queues (name) VALUES ('kept'), ('verify');
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
INSERT INTO value_weights (one) VALUES (1);
"""

DOWN = """
DROP TABLE seed_pages;
DROP TABLE seeds;
DROP TABLE queue_hosts;
DROP TABLE pages;
DROP TABLE urls;
DROP TABLE robots;
DROP TABLE crawled_hosts;
DROP TABLE targets;
DROP TABLE hosts;
DROP TABLE batches;
DROP TABLE visits;
DROP TABLE value_weights;
DROP TABLE trust_seeds;
DROP TABLE topic_seeds;
DROP TABLE topic_scores;
DROP TABLE strong_refdomains;
DROP TABLE sources;
DROP TABLE skipped_domains;
DROP TABLE sitewide_links;
DROP TABLE sitewide_domains;
DROP TABLE risk_signals;
DROP TABLE risk_factors;
DROP TABLE rels;
DROP TABLE ranking_runs;
DROP TABLE queues;
DROP TABLE profile_percentiles;
DROP TABLE page_mirrors;
DROP TABLE page_facts;
DROP TABLE optouts;
DROP TABLE networks;
DROP TABLE mark_events;
DROP TABLE links;
DROP TABLE link_relevance;
DROP TABLE link_groups;
DROP TABLE link_events;
DROP TABLE link_anchor_classes;
DROP TABLE index_words;
DROP TABLE index_state;
DROP TABLE edge_relevance;
DROP TABLE edge_mirrors;
DROP TABLE edge_events;
DROP TABLE domains;
DROP TABLE domain_totals;
DROP TABLE domain_risks;
DROP TABLE domain_ranks;
DROP TABLE domain_rank_history;
DROP TABLE domain_profiles;
DROP TABLE domain_networks;
DROP TABLE domain_edges;
DROP TABLE domain_coverage;
DROP TABLE domain_competitors;
DROP TABLE daily_changes;
DROP TABLE anchor_profiles;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN)
