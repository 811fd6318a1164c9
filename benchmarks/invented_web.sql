-- A web of any size, skewed as the web is, made inside the database. Deterministic: hashes stand in for chance.
-- Sizes were taken from the 20 real sites of the conformance data where they can tell (lengths of anchors and URLs,
-- distinct URLs a link: 0.3; the text on either side of a link: none for half of them, else 40 bytes); rel is more frequent
-- here than there (0.3 against 0.2).

-- name: chance
-- Uniform in (0, 1), the same for the same numbers.
CREATE FUNCTION chance(a bigint, b bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((hashint8extended(a, b) & 1073741823) + 0.5) / 1073741824.0;

-- name: heavy
-- A whole number with a heavy tail (log-logistic): half of them are below the median, few are very large.
CREATE FUNCTION heavy(u float8, median float8, shape float8, most int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(most, floor(median * power(1 / u - 1, -shape)))::int;

-- name: zipf
-- A rank from 1 to `most`, each as likely as 1 / rank.
CREATE FUNCTION zipf(u float8, most float8) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(exp(u * ln(most)))::int;

-- name: words
-- Each parameter once, here and above: only so does PostgreSQL expand the function in the query.
CREATE FUNCTION words(key text, length int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rpad(md5(key), length, 'the words that follow are the same in each, which nothing here can notice ');

-- name: sites
-- The linking domains. A share of them has links that stand on each of their pages: menu, footer, blogroll.
CREATE UNLOGGED TABLE sites AS
SELECT
    id,
    1 + heavy(chance(id, 1), 3.7, 0.7, 20000) AS pages,
    CASE WHEN chance(id, 2) < 0.6 THEN 1 + heavy(chance(id, 3), 3, 0.5, 40) ELSE 0 END AS everywhere
FROM generate_series(1::bigint, %(sites)s) AS id;

-- name: found_pages
-- Pages in the order of a crawl that works on 128 hosts at a time.
CREATE UNLOGGED TABLE found_pages AS
SELECT row_number() OVER (ORDER BY s.id / 128, number, s.id) AS id, s.id AS site, s.everywhere, number
FROM sites AS s
CROSS JOIN LATERAL generate_series(1, s.pages) AS number;

-- name: found_links
-- A link stands on each page of its site, or goes to one of the site's favourite pages, or anywhere.
-- choice: links of equal choice go to one URL. key: of its words.
CREATE UNLOGGED TABLE found_links AS
SELECT
    page_id,
    site,
    position,
    key,
    zipf(chance(liking, 4), %(targets)s) AS rank,
    -- Which of that domain's URLs; 0 is its home page.
    CASE WHEN chance(choice, 5) < 0.4 THEN 0 ELSE zipf(chance(choice, 6), %(urls_of_a_domain)s) END AS number
FROM (
    SELECT
        page_id,
        site,
        position,
        CASE WHEN position <= everywhere THEN 1000 * site + position ELSE 1000 * page_id + position + 1000000000 END AS key,
        CASE WHEN position <= everywhere THEN -position WHEN is_favourite THEN favourite ELSE 1000 * page_id + position END
        + CASE WHEN position <= everywhere OR is_favourite THEN 1000000000000 + 1000 * site ELSE 0 END AS liking,
        CASE
            WHEN position <= everywhere THEN 1000000000000 + 1000 * site - position
            WHEN is_favourite THEN 1000000000000000 + 1000000 * site + 1000 * favourite + page_of_favourite
            ELSE 1000 * page_id + position
        END AS choice
    FROM (
        SELECT
            p.id AS page_id,
            p.site,
            p.everywhere,
            position,
            chance(1000 * p.id + position, 7) < 0.85 AS is_favourite,
            zipf(chance(1000 * p.id + position, 8), 15) AS favourite,
            zipf(chance(1000 * p.id + position, 9), 1000) AS page_of_favourite
        FROM found_pages AS p
        CROSS JOIN LATERAL generate_series(1, p.everywhere + heavy(chance(p.id, 11), 4.8, 0.5, 500)) AS position
    ) AS l
) AS l;

-- name: found_targets
CREATE UNLOGGED TABLE found_targets AS
SELECT
    rank,
    number,
    -- A tenth of the targets, the largest among them, are sites that are crawled themselves.
    CASE WHEN mod(rank, 10) = 1 AND rank / 10 < %(sites)s THEN rank / 10 + 1 ELSE %(sites)s + rank END AS domain_id,
    (SELECT count(*) FROM found_pages) + row_number() OVER (ORDER BY min(page_id)) AS url_id
FROM found_links
GROUP BY rank, number;

-- name: fill_domains
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE
SELECT
    id,
    words(id::text, 2 + mod(id, 6)::int) || '-' || to_hex(id)
    || (ARRAY['.com', '.org', '.net', '.de', '.co.uk', '.io', '.github.io', '.com', '.com'])[1 + mod(id, 9)]
FROM (SELECT id::bigint FROM sites UNION SELECT domain_id FROM found_targets) AS d;

-- name: found_urls
-- Pages, then what they link to. A twelfth of them stand on a second host of their domain.
CREATE UNLOGGED TABLE found_urls AS
SELECT
    id,
    domain_id,
    number,
    2 * domain_id + (number > 0 AND chance(domain_id, 31) < 0.5 AND chance(id, 32) < 0.16)::int AS host_id
FROM (
    SELECT id, site AS domain_id, number FROM found_pages
    UNION ALL
    SELECT url_id, domain_id, number FROM found_targets
) AS u;

-- name: fill_hosts
INSERT INTO hosts (id, domain_id, name) OVERRIDING SYSTEM VALUE
SELECT
    h.id,
    d.id,
    CASE WHEN mod(h.id, 2) = 1 THEN 'blog.' WHEN mod(d.id, 3) = 0 THEN 'www.' ELSE '' END || d.name
FROM (SELECT DISTINCT host_id AS id FROM found_urls) AS h
INNER JOIN domains AS d ON h.id / 2 = d.id
ORDER BY h.id;

-- name: fill_urls
INSERT INTO urls (id, hash, host_id, url) OVERRIDING SYSTEM VALUE
SELECT u.id, url_hash(u.url), u.host_id, u.url
FROM (
    SELECT
        u.id,
        u.host_id,
        'https://' || h.name || '/'
        || CASE
            WHEN u.number = 0 THEN ''
            ELSE to_hex(u.number) || '/' || words(u.id::text, 8 + heavy(chance(u.id, 12), 22, 0.4, 1500))
        END AS url
    FROM found_urls AS u
    INNER JOIN hosts AS h ON u.host_id = h.id
) AS u
ORDER BY u.id;

-- name: fill_sources
INSERT INTO sources (id, started_at, finished_at, worker, name) OVERRIDING SYSTEM VALUE
SELECT id, now() - (91 - id) * interval '1 day', now() - (90 - id) * interval '1 day', gen_random_uuid(), 'seeds'
FROM generate_series(1, 90) AS id;

-- name: fill_batches
-- 50 pages a batch, evenly over 90 days: an odd one of pages that are new, an even one of pages found 20 days before.
INSERT INTO batches (id, source_id, recorded_at, number) OVERRIDING SYSTEM VALUE
SELECT id, 1 + 90 * (id - 1) / most, now() - interval '90 days' + interval '90 days' * id / (most + 1), id
FROM (SELECT 2 * (1 + count(*) / 50) AS most FROM found_pages) AS n
CROSS JOIN LATERAL generate_series(1, most) AS id;

-- name: fill_seeds
INSERT INTO seeds (id, queue_id, url_id, domain_id, scope) OVERRIDING SYSTEM VALUE
SELECT site, 1, id, site, 'domain' FROM found_pages WHERE number = 1;

-- name: visited
-- Every page twice; of what the crawled targets have, one URL in 30 was asked for and is gone.
CREATE UNLOGGED TABLE visited AS
SELECT
    p.id AS page_id,
    u.host_id,
    p.site,
    least(p.number, 8) AS depth,
    0 AS outcome,
    200 AS http_code,
    1 + 2 * ((p.id - 1) / 50) AS batch_id,
    now() - chance(p.id, 14) * interval '7 days' AS visited_at
FROM found_pages AS p
INNER JOIN found_urls AS u ON p.id = u.id
UNION ALL
SELECT
    u.id,
    u.host_id,
    u.domain_id,
    1,
    2,
    404,
    (SELECT max(id) FROM batches),
    now() - chance(u.id, 14) * interval '7 days'
FROM found_urls AS u
WHERE u.domain_id <= %(sites)s AND u.id > (SELECT count(*) FROM found_pages) AND chance(u.id, 33) < 0.033;

-- name: fill_crawled_hosts
INSERT INTO crawled_hosts (host_id, claim, last_request)
SELECT host_id, 2, max(visited_at) FROM visited GROUP BY host_id;

-- name: fill_queue_hosts
INSERT INTO queue_hosts (queue_id, host_id, priority, claimable_at)
SELECT 1, host_id, 4, min(visited_at) + interval '7 days' FROM visited GROUP BY host_id;

-- name: fill_pages
-- One site in 50 could not be read lately.
INSERT INTO pages (
    page_id, host_id, next_visit, first_found, last_visited, confirmed_at, settled_at, unverified_since, links_digest,
    visits, priority, outcome, http_code, settled, by_crawl
)
SELECT
    v.page_id,
    v.host_id,
    v.visited_at + interval '7 days',
    b.recorded_at,
    v.visited_at,
    v.visited_at,
    v.visited_at,
    CASE WHEN mod(v.site, 50) = 7 AND v.outcome = 0 THEN v.visited_at END,
    hashint8extended(v.page_id, 0),
    2,
    4,
    v.outcome,
    v.http_code,
    v.outcome / 2,
    TRUE
FROM visited AS v
INNER JOIN batches AS b ON v.batch_id = b.id
ORDER BY v.page_id;

-- name: fill_seed_pages
INSERT INTO seed_pages (page_id, seed_id, depth) SELECT page_id, site, depth FROM visited ORDER BY page_id;

-- name: fill_visits
INSERT INTO visits (page_id, observed_at, batch_id, size, elapsed_ms, links_found, links_gone, outcome, http_code, settled)
SELECT v.page_id, b.recorded_at, b.id, 40000, 120, 10, 0, v.outcome, v.http_code, v.outcome / 2
FROM visited AS v
INNER JOIN batches AS b ON v.batch_id = b.id
ORDER BY b.id, v.page_id;

-- name: fill_domain_coverage
INSERT INTO domain_coverage (domain_id, pages_known, pages_visited, oldest_visit, newest_visit)
SELECT site, count(*), count(*), min(visited_at), max(visited_at) FROM visited GROUP BY site ORDER BY site;

-- name: fill_page_facts
INSERT INTO page_facts (page_id, links_external, links_internal, nofollow, noindex, language, title)
SELECT id, 10, 40, FALSE, FALSE, 'en', words(id::text, 8 + heavy(chance(id, 15), 30, 0.3, 292))
FROM found_pages
ORDER BY id;

-- name: fill_rels
INSERT INTO rels (id, is_nofollow, is_sponsored, is_ugc, tokens) OVERRIDING SYSTEM VALUE
VALUES
(1, FALSE, FALSE, FALSE, '{noopener}'),
(2, TRUE, FALSE, FALSE, '{nofollow}'),
(3, FALSE, FALSE, FALSE, '{noopener,noreferrer}'),
(4, TRUE, FALSE, TRUE, '{ugc,nofollow}'),
(5, TRUE, FALSE, FALSE, '{external,nofollow}'),
(6, FALSE, TRUE, FALSE, '{sponsored}');

-- name: fill_links
-- With the indexes in place and in the order of a crawl, so that they are as full as they are in use. What was lost was
-- lost 20 days after it was found, and first missing six hours before.
INSERT INTO links (
    page_id, url_to_id, domain_from_id, domain_to_id, batch_id, first_seen, absent_since, last_seen, lost_batch_id,
    rel_id, position, link_type, anchor_source, status, lost_reason, is_dofollow, anchor, snippet_left, snippet_right,
    link_position, block_words, link_density, order_on_page, path_hash
)
SELECT
    l.page_id,
    t.url_id,
    l.site,
    t.domain_id,
    l.batch_id,
    found.recorded_at,
    lost.recorded_at - interval '6 hours',
    lost.recorded_at - interval '1 day',
    lost.id,
    l.rel_id,
    l.position,
    0,
    1,
    CASE WHEN lost.id IS NULL THEN 0 ELSE 2 END,
    CASE WHEN lost.id IS NOT NULL THEN 0 END,
    l.rel_id IS NULL OR l.rel_id IN (1, 3),
    words(l.anchor::text, heavy(chance(l.anchor, 16), 13, 0.45, 1000)),
    CASE WHEN chance(l.key, 17) < 0.5 THEN words(l.key::text, 1 + least(79, floor(85 * chance(l.key, 18)))::int) END,
    CASE WHEN chance(l.key, 19) < 0.5 THEN words(l.key::text, 1 + least(79, floor(85 * chance(l.key, 20)))::int) END,
    CASE WHEN chance(l.key, 25) < 0.1 THEN 1 ELSE 2 + floor(6 * chance(l.key, 26)) END,
    heavy(chance(l.key, 27), 12, 0.6, 1000),
    floor(101 * chance(l.key, 28)),
    floor(1001 * chance(l.key, 29)),
    floor(65536 * chance(l.key, 30)) - 32768
FROM (
    SELECT
        l.*,
        n.most,
        1 + 2 * ((page_id - 1) / 50) AS batch_id,
        zipf(chance(key, 21), 3000000) AS anchor,
        CASE WHEN chance(key, 22) < 0.3 THEN zipf(chance(key, 23), 7) END AS rel_id,
        chance(1000 * page_id + position, 24) < 0.04 AS is_lost
    FROM found_links AS l
    CROSS JOIN (SELECT max(id) AS most FROM batches) AS n
) AS l
INNER JOIN found_targets AS t ON l.rank = t.rank AND l.number = t.number
INNER JOIN batches AS found ON l.batch_id = found.id
LEFT JOIN batches AS lost ON l.is_lost AND lost.id = 2 * ((l.batch_id + l.most * 2 / 9) / 2)
ORDER BY l.page_id, l.position;

-- name: fill_link_events
-- Each lost link was missing first; one live link in 100 has another rel than it had, one in 300 was away for a week.
INSERT INTO link_events (link_id, domain_to_id, batch_id, happened_at, page_id, kind, before, after)
SELECT l.id, l.domain_to_id, l.lost_batch_id - 2 * k.before, l.absent_since, l.page_id, k.kind, NULL, k.after
FROM links AS l
CROSS JOIN LATERAL (VALUES (0, 1, NULL), (1, 0, 'link_removed')) AS k (kind, before, after)
WHERE l.status = 2
UNION ALL
SELECT l.id, l.domain_to_id, b.id, b.recorded_at, l.page_id, 3, '', 'noopener'
FROM links AS l
INNER JOIN batches AS b ON b.id = l.batch_id + 401
WHERE l.status = 0 AND mod(l.id, 100) = 0
UNION ALL
SELECT l.id, l.domain_to_id, b.id, b.recorded_at, l.page_id, k.kind, NULL, k.after
FROM links AS l
CROSS JOIN LATERAL (VALUES (0, 401, NULL), (1, 403, 'link_removed'), (2, 801, NULL)) AS k (kind, later, after)
INNER JOIN batches AS b ON b.id = l.batch_id + k.later
WHERE l.status = 0 AND mod(l.id, 300) = 1
ORDER BY 3, 1, 6;

-- name: fill_domain_edges
-- In the order in which a crawl would have found them: on disk a target's edges lie far apart.
INSERT INTO domain_edges (
    domain_to_id, domain_from_id, batch_id, last_page_id, first_seen, last_seen, absent_since, links, dofollow_links,
    content_links, refpages, pages_to, status
)
SELECT
    domain_to_id,
    domain_from_id,
    min(batch_id),
    max(page_id) FILTER (WHERE status = 0),
    min(first_seen),
    now() - interval '30 days',
    CASE WHEN count(*) FILTER (WHERE status = 0) = 0 THEN max(absent_since) END,
    count(*) FILTER (WHERE status = 0),
    count(*) FILTER (WHERE status = 0 AND is_dofollow),
    count(*) FILTER (WHERE status = 0 AND link_position = 1),
    count(DISTINCT page_id) FILTER (WHERE status = 0),
    count(DISTINCT url_to_id) FILTER (WHERE status = 0),
    CASE WHEN count(*) FILTER (WHERE status = 0) = 0 THEN 2 ELSE 0 END
FROM links
GROUP BY domain_to_id, domain_from_id
ORDER BY min(id);

-- name: fill_edge_events
INSERT INTO edge_events (domain_to_id, domain_from_id, batch_id, happened_at, kind)
SELECT e.domain_to_id, e.domain_from_id, l.batch_id - 2 * k.before, e.absent_since, k.kind
FROM domain_edges AS e
CROSS JOIN LATERAL (
    SELECT max(k.lost_batch_id) AS batch_id
    FROM links AS k
    WHERE k.domain_to_id = e.domain_to_id AND k.domain_from_id = e.domain_from_id AND k.status = 2
) AS l
CROSS JOIN (VALUES (0, 1), (1, 0)) AS k (kind, before)
WHERE e.status = 2
ORDER BY 3, 1, 2;

-- name: fill_domain_totals
INSERT INTO domain_totals (
    domain_id, first_seen, last_seen, backlinks, dofollow_links, nofollow_links, sponsored_links, ugc_links, refpages,
    refdomains, dofollow_refdomains, unverified_links, missing_links, lost_links
)
SELECT
    l.domain_to_id,
    l.first_seen,
    l.last_seen,
    l.backlinks,
    l.dofollow_links,
    l.nofollow_links,
    l.sponsored_links,
    l.ugc_links,
    l.refpages,
    e.refdomains,
    e.dofollow_refdomains,
    l.unverified,
    0,
    l.lost
FROM (
    SELECT
        l.domain_to_id,
        min(l.first_seen) AS first_seen,
        now() - interval '30 days' AS last_seen,
        count(*) FILTER (WHERE s.live) AS backlinks,
        count(*) FILTER (WHERE s.live AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE s.live AND r.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE s.live AND r.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE s.live AND r.is_ugc) AS ugc_links,
        count(DISTINCT l.page_id) FILTER (WHERE s.live) AS refpages,
        count(*) FILTER (WHERE l.status = 0 AND NOT s.live) AS unverified,
        count(*) FILTER (WHERE l.status = 2) AS lost
    FROM links AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    CROSS JOIN LATERAL (SELECT l.status = 0 AND p.unverified_since IS NULL AS live) AS s
    LEFT JOIN rels AS r ON l.rel_id = r.id
    GROUP BY l.domain_to_id
) AS l
INNER JOIN (
    SELECT
        e.domain_to_id,
        count(*) FILTER (WHERE s.live) AS refdomains,
        count(*) FILTER (WHERE s.live AND e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e
    LEFT JOIN pages AS p ON e.last_page_id = p.page_id
    CROSS JOIN LATERAL (SELECT e.status = 0 AND p.unverified_since IS NULL AS live) AS s
    GROUP BY e.domain_to_id
) AS e USING (domain_to_id);

-- name: fill_daily_changes
INSERT INTO daily_changes (
    domain_to_id, day, new_links, lost_links, restored_links, new_refdomains, lost_refdomains, restored_refdomains
)
SELECT
    c.domain_to_id,
    (b.recorded_at AT TIME ZONE 'UTC')::date,
    sum(c.new_links),
    sum(c.lost_links),
    sum(c.restored_links),
    sum(c.new_refdomains),
    sum(c.lost_refdomains),
    0
FROM (
    SELECT domain_to_id, batch_id, 1 AS new_links, 0 AS lost_links, 0 AS restored_links, 0 AS new_refdomains, 0 AS lost_refdomains
    FROM links
    UNION ALL
    SELECT domain_to_id, batch_id, 0, (kind = 1)::int, (kind = 2)::int, 0, 0 FROM link_events WHERE kind IN (1, 2)
    UNION ALL
    SELECT domain_to_id, batch_id, 0, 0, 0, 1, 0 FROM domain_edges
    UNION ALL
    SELECT domain_to_id, batch_id, 0, 0, 0, 0, 1 FROM edge_events WHERE kind = 1
) AS c
INNER JOIN batches AS b ON c.batch_id = b.id
GROUP BY 1, 2
ORDER BY 2, 1;

-- name: forget_scratch
DROP TABLE sites, found_pages, found_links, found_targets, found_urls, visited;
