-- A web of any size, skewed as the web is, made inside the database. Deterministic: hashes stand in for chance.
-- Sizes were taken from the 20 real sites of the conformance data where they can tell (lengths of anchors and URLs,
-- distinct URLs a link: 0.3); snippets and rel are more frequent here than there (0.6 against 0.5, 0.3 against 0.2).

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
    -- A tenth of the targets are sites that are crawled themselves.
    CASE WHEN mod(rank, 10) = 3 AND rank / 10 < %(sites)s THEN rank / 10 + 1 ELSE %(sites)s + rank END AS domain_id,
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

-- name: fill_urls
-- Pages, then what they link to.
INSERT INTO urls (id, hash, domain_id, url) OVERRIDING SYSTEM VALUE
SELECT u.id, url_hash(u.url), u.domain_id, u.url
FROM (
    SELECT
        u.id,
        u.domain_id,
        CASE WHEN mod(d.id, 3) = 0 THEN 'https://www.' ELSE 'https://' END || d.name || '/'
        || CASE
            WHEN u.number = 0 THEN ''
            ELSE to_hex(u.number) || '/' || words(u.id::text, 8 + heavy(chance(u.id, 12), 22, 0.4, 1500))
        END AS url
    FROM (
        SELECT id, site AS domain_id, number FROM found_pages
        UNION ALL
        SELECT url_id, domain_id, number FROM found_targets
    ) AS u
    INNER JOIN domains AS d ON u.domain_id = d.id
) AS u
ORDER BY u.id;

-- name: fill_pages
INSERT INTO pages (
    page_id, host_id, seed_id, next_visit, last_visited, confirmed_at, links_digest, visits, depth, outcome, http_code
)
SELECT
    id,
    site,
    1,
    now() + chance(id, 13) * interval '7 days',
    visited_at,
    visited_at,
    hashint8extended(id, 0),
    2,
    least(number, 8),
    0,
    200
FROM (SELECT *, now() - chance(id, 14) * interval '7 days' AS visited_at FROM found_pages) AS p
ORDER BY id;

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
-- With the indexes in place and in the order of a crawl, so that they are as full as they are in use.
INSERT INTO links (
    page_id, url_to_id, domain_from_id, domain_to_id, first_seen, absent_since, last_seen, rel_id, position, link_type,
    anchor_source, status, lost_reason, is_dofollow, anchor, snippet_left, snippet_right
)
SELECT
    l.page_id,
    t.url_id,
    l.site,
    t.domain_id,
    now() - interval '90 days' + l.page_id * interval '1 second',
    CASE WHEN l.is_lost THEN now() - interval '20 days' END,
    CASE WHEN l.is_lost THEN now() - interval '21 days' END,
    l.rel_id,
    l.position,
    0,
    1,
    CASE WHEN l.is_lost THEN 2 ELSE 0 END,
    CASE WHEN l.is_lost THEN 0 END,
    l.rel_id IS NULL OR l.rel_id IN (1, 3),
    words(l.anchor::text, heavy(chance(l.anchor, 16), 13, 0.45, 1000)),
    CASE WHEN chance(l.key, 17) < 0.6 THEN words(l.key::text, 6 + least(74, floor(95 * chance(l.key, 18)))::int) END,
    CASE WHEN chance(l.key, 19) < 0.6 THEN words(l.key::text, 6 + least(74, floor(95 * chance(l.key, 20)))::int) END
FROM (
    SELECT
        *,
        zipf(chance(key, 21), 3000000) AS anchor,
        CASE WHEN chance(key, 22) < 0.3 THEN zipf(chance(key, 23), 7) END AS rel_id,
        chance(1000 * page_id + position, 24) < 0.03 AS is_lost
    FROM found_links
) AS l
INNER JOIN found_targets AS t ON l.rank = t.rank AND l.number = t.number
ORDER BY l.page_id, l.position;

-- name: fill_domain_edges
-- In the order in which a crawl would have found them: on disk a target's edges lie far apart.
INSERT INTO domain_edges (
    domain_to_id, domain_from_id, last_page_id, first_seen, last_seen, absent_since, links, dofollow_links, refpages,
    pages_to, status
)
SELECT
    domain_to_id,
    domain_from_id,
    max(page_id) FILTER (WHERE status = 0),
    min(first_seen),
    now() - interval '30 days',
    CASE WHEN count(*) FILTER (WHERE status = 0) = 0 THEN max(absent_since) END,
    count(*) FILTER (WHERE status = 0),
    count(*) FILTER (WHERE status = 0 AND is_dofollow),
    count(DISTINCT page_id) FILTER (WHERE status = 0),
    count(DISTINCT url_to_id) FILTER (WHERE status = 0),
    CASE WHEN count(*) FILTER (WHERE status = 0) = 0 THEN 2 ELSE 0 END
FROM links
GROUP BY domain_to_id, domain_from_id
ORDER BY min(id);

-- name: forget_scratch
DROP TABLE sites, found_pages, found_links, found_targets;
