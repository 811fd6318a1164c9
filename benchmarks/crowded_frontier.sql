-- A frontier of due pages, none ever visited, on hosts under `.test`.

-- name: fill_domains
INSERT INTO domains (id, name) OVERRIDING SYSTEM VALUE
SELECT n, 'h' || n || '.test' FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_hosts
INSERT INTO hosts (id, domain_id, name) OVERRIDING SYSTEM VALUE
SELECT n, n, 'h' || n || '.test:%(port)s' FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_crawled_hosts
INSERT INTO crawled_hosts (host_id) SELECT n FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_queue_hosts
INSERT INTO queue_hosts (host_id, queue_id, priority, claimable_at)
SELECT n, 1, 3, now() FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_urls
INSERT INTO urls (id, hash, host_id, url) OVERRIDING SYSTEM VALUE
SELECT u.id, url_hash(u.url), u.host, u.url
FROM (
    SELECT
        n AS id,
        1 + mod(n - 1, %(hosts)s) AS host,
        'http://h' || 1 + mod(n - 1, %(hosts)s) || '.test:%(port)s/' || (n - 1) / %(hosts)s AS url
    FROM generate_series(1, %(pages)s) AS n
) AS u;

-- name: fill_seeds
-- One a host, starting at its first page.
INSERT INTO seeds (id, queue_id, url_id, domain_id, scope, pages_known) OVERRIDING SYSTEM VALUE
SELECT n, 1, n, n, 'host', %(pages)s / %(hosts)s FROM generate_series(1, %(hosts)s) AS n;

-- name: fill_pages
INSERT INTO pages (page_id, host_id, next_visit) SELECT id, host_id, now() FROM urls;

-- name: fill_seed_pages
INSERT INTO seed_pages (page_id, seed_id, depth)
SELECT id, host_id, CASE WHEN id <= %(hosts)s THEN 0 ELSE 1 END FROM urls;

-- name: fill_coverage
INSERT INTO domain_coverage (domain_id, pages_known)
SELECT n, %(pages)s / %(hosts)s FROM generate_series(1, %(hosts)s) AS n;

-- name: restart_urls
-- What the crawl finds comes after.
ALTER TABLE urls ALTER COLUMN id RESTART WITH 10000000;

-- name: restart_domains
ALTER TABLE domains ALTER COLUMN id RESTART WITH 10000000;

-- name: restart_hosts
ALTER TABLE hosts ALTER COLUMN id RESTART WITH 10000000;

-- name: restart_seeds
ALTER TABLE seeds ALTER COLUMN id RESTART WITH 10000000;
