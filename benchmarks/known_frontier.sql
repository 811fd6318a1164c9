-- A frontier of pages that were read before, on hosts under `.test`, as nights of crawling leave it.
-- %(hosts)s and %(pages)s: both multiples of 250, the same number of pages on each host. %(due)s: of these, due now.
-- %(foreign)s: as many hosts again, each with a page that is due for the seeds of one other run.
-- On disk pages lie as a crawl finds them that works on 250 hosts at a time.

-- name: fill_domains
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE
SELECT n, 'h' || n || '.test' FROM generate_series(1, %(hosts)s) AS n;

-- name: found_pages
CREATE UNLOGGED TABLE found_pages AS
SELECT
    n AS id,
    250 * ((n - 1) / (250 * (%(pages)s / %(hosts)s))) + 1 + mod(n - 1, 250) AS host_id,
    mod(n - 1, 250 * (%(pages)s / %(hosts)s)) / 250 AS number,
    -- Of a hundred pages 2 hold watched links, 10 change often, and 8 are new.
    CASE
        WHEN mod(n * 2654435761, 10007) < 200 THEN 1
        WHEN mod(n * 2654435761, 10007) < 1200 THEN 2
        WHEN mod(n * 2654435761, 10007) < 2000 THEN 3
        ELSE 4
    END AS priority,
    now() + mod(n * 40503, 86400) * interval '1 second' AS at
FROM generate_series(1::bigint, %(pages)s) AS n;

-- name: fill_hosts
INSERT INTO hosts (id, domain_id, name) OVERRIDING SYSTEM VALUE
SELECT n, n, 'h' || n || '.test' FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_urls
INSERT INTO urls (id, hash, host_id, url) OVERRIDING SYSTEM VALUE
SELECT u.id, url_hash(u.url), u.host_id, u.url
FROM (
    SELECT id, host_id, 'http://h' || host_id || '.test/a-page-of-this-host/' || number AS url FROM found_pages
) AS u
ORDER BY u.id;

-- name: fill_seeds
-- One a host, starting at its first page.
INSERT INTO seeds (id, queue_id, url_id, domain_id, scope, pages_known) OVERRIDING SYSTEM VALUE
SELECT host_id, 1, id, host_id, 'host', %(pages)s / %(hosts)s FROM found_pages WHERE number = 0 ORDER BY host_id;

-- name: fill_pages
INSERT INTO pages (
    page_id, host_id, next_visit, last_visited, settled_at, confirmed_at, links_digest, found_digest, visits, compared,
    changes, compared_days, priority, settled, outcome, http_code, by_crawl
)
SELECT
    id,
    host_id,
    at + CASE WHEN number < %(due)s THEN interval '-1 day' ELSE interval '7 days' END,
    at - interval '2 days',
    at - interval '2 days',
    at - interval '2 days',
    hashint8extended(id, 0),
    hashint8extended(id, 1),
    CASE WHEN priority = 3 THEN 1 ELSE 5 END,
    CASE WHEN priority = 3 THEN 0 ELSE 3.4 END,
    CASE WHEN priority = 2 THEN 1.5 ELSE 0 END,
    CASE WHEN priority = 3 THEN 0 ELSE 3.4 END,
    priority,
    0,
    0,
    200,
    TRUE
FROM found_pages
ORDER BY id;

-- name: fill_seed_pages
INSERT INTO seed_pages (page_id, seed_id, depth) SELECT id, host_id, number FROM found_pages ORDER BY id;

-- name: fill_page_facts
INSERT INTO page_facts (page_id, links_external, links_internal, nofollow, noindex, language, title, etag)
SELECT id, 10, 40, FALSE, FALSE, 'en', 'A page with some words for its title', '"' || md5(id::text) || '"'
FROM found_pages
ORDER BY id;

-- name: fill_crawled_hosts
INSERT INTO crawled_hosts (host_id, claim, last_request)
SELECT n, 5, now() - interval '1 day' FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_queue_hosts
INSERT INTO queue_hosts (host_id, queue_id, priority, claimable_at)
SELECT
    host_id,
    1,
    priority,
    min(at + CASE WHEN number < %(due)s THEN interval '-1 day' ELSE interval '7 days' END)
FROM found_pages
GROUP BY host_id, priority
ORDER BY host_id, priority;

-- name: fill_coverage
INSERT INTO domain_coverage (domain_id, pages_known, pages_visited)
SELECT n, %(pages)s / %(hosts)s, %(pages)s / %(hosts)s FROM generate_series(1, %(hosts)s) AS n;

-- name: forget_scratch
DROP TABLE found_pages;

-- name: foreign_queue
INSERT INTO queues (id, name) OVERRIDING SYSTEM VALUE VALUES (1000, 'another run');

-- name: foreign_domains
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE
SELECT 100000000 + n, 'f' || n || '.test' FROM generate_series(1, %(foreign)s) AS n;

-- name: foreign_hosts
INSERT INTO hosts (id, domain_id, name) OVERRIDING SYSTEM VALUE
SELECT id, id, name FROM domains WHERE id > 100000000;

-- name: foreign_urls
INSERT INTO urls (id, hash, host_id, url) OVERRIDING SYSTEM VALUE
SELECT id, url_hash('http://' || name || '/'), id, 'http://' || name || '/' FROM domains WHERE id > 100000000;

-- name: foreign_seeds
INSERT INTO seeds (id, queue_id, url_id, domain_id, scope, pages_known) OVERRIDING SYSTEM VALUE
SELECT id, 1000, id, id, 'host', 1 FROM domains WHERE id > 100000000;

-- name: foreign_pages
INSERT INTO pages (page_id, host_id, next_visit)
SELECT id, id, now() - interval '2 days' FROM domains WHERE id > 100000000;

-- name: foreign_seed_pages
INSERT INTO seed_pages (page_id, seed_id, depth) SELECT id, id, 0 FROM domains WHERE id > 100000000;

-- name: foreign_crawled_hosts
INSERT INTO crawled_hosts (host_id) SELECT id FROM domains WHERE id > 100000000;

-- name: foreign_queue_hosts
INSERT INTO queue_hosts (host_id, queue_id, priority, claimable_at)
SELECT id, 1000, 3, now() - interval '2 days' FROM domains WHERE id > 100000000;

-- name: clock
-- now() of the index's sessions, days ahead: a night passes, and no row is written for that.
CREATE SCHEMA nights;
CREATE FUNCTION nights.now() RETURNS timestamptz LANGUAGE sql STABLE
RETURN pg_catalog.now() + current_setting('nights.passed')::interval;
ALTER DATABASE backlinks SET nights.passed = '0';
ALTER DATABASE backlinks SET search_path = nights, public, pg_catalog;
