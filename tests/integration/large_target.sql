-- 20,000 pages of 1,000 domains, each with a link to one of 400 URLs of t1.test and one to one of 50 other domains.
INSERT INTO domains (name) SELECT 't' || n || '.test' FROM generate_series(1, 51) AS n;
INSERT INTO domains (name) SELECT 'f' || n || '.test' FROM generate_series(1, 1000) AS n;
INSERT INTO hosts (domain_id, name) SELECT id, name FROM domains ORDER BY id;
INSERT INTO hosts (domain_id, name) SELECT id, 'blog.' || name FROM domains WHERE name = 't1.test';
INSERT INTO urls (hash, host_id, url)
SELECT url_hash(u.url), u.host_id, u.url
FROM (
    SELECT h.id AS host_id, 'http://' || h.name || '/' || n AS url
    FROM hosts AS h
    CROSS JOIN LATERAL generate_series(1, CASE WHEN h.name LIKE 'f%' THEN 20 WHEN h.name = 't1.test' THEN 300 WHEN h.name LIKE 'blog%' THEN 100 ELSE 1 END) AS n
    ORDER BY n, h.id
) AS u;
INSERT INTO sources (worker, name) VALUES (gen_random_uuid(), 'seeds');
INSERT INTO batches (source_id, recorded_at, number) SELECT 1, now() - (801 - n) * interval '1 hour', n FROM generate_series(1, 800) AS n;
INSERT INTO crawled_hosts (host_id) SELECT id FROM hosts;
INSERT INTO pages (page_id, host_id, last_visited, confirmed_at, outcome, http_code)
SELECT u.id, u.host_id, now(), now(), 0, 200 FROM urls AS u INNER JOIN hosts AS h ON u.host_id = h.id WHERE h.name LIKE 'f%';
INSERT INTO pages (page_id, host_id, last_visited, outcome, http_code)
SELECT u.id, u.host_id, now(), 2, 404 FROM urls AS u WHERE u.url ~ '//t1.test/([1-9]|1[0-9])$';
CREATE TABLE numbered AS
SELECT row_number() OVER (ORDER BY p.page_id) AS n, p.page_id, h.domain_id FROM pages AS p INNER JOIN hosts AS h ON p.host_id = h.id WHERE p.outcome = 0;
CREATE TABLE ends AS
SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, u.id, h.domain_id FROM urls AS u INNER JOIN hosts AS h ON u.host_id = h.id WHERE h.name LIKE '%t1.test';
CREATE TABLE others AS
SELECT row_number() OVER (ORDER BY u.id) - 1 AS n, u.id, h.domain_id FROM urls AS u INNER JOIN hosts AS h ON u.host_id = h.id WHERE h.name LIKE 't%' AND h.name <> 't1.test';
INSERT INTO links (
    page_id, url_to_id, domain_from_id, domain_to_id, batch_id, first_seen, absent_since, last_seen, lost_batch_id, position,
    link_type, anchor_source, status, lost_reason, is_dofollow, anchor
)
SELECT
    p.page_id, e.id, p.domain_id, e.domain_id, 1 + p.n / 50, now() - interval '30 days', l.at, l.at, l.batch_id, 0, 0, 1,
    CASE WHEN l.at IS NULL THEN 0 ELSE 2 END, CASE WHEN l.at IS NOT NULL THEN 0 END, TRUE, 'word ' || p.n * 7 % 1500
FROM numbered AS p
CROSS JOIN LATERAL (
    SELECT id, domain_id FROM ends WHERE n = p.n * 11 % 400
    UNION ALL
    SELECT id, domain_id FROM others WHERE n = p.n % 50
) AS e
LEFT JOIN LATERAL (SELECT now() - interval '1 day' AS at, 401 + p.n / 50 AS batch_id WHERE p.n % 20 = 7) AS l ON TRUE;
INSERT INTO link_events (link_id, domain_to_id, batch_id, happened_at, page_id, kind)
SELECT id, domain_to_id, lost_batch_id - 2 + k, absent_since, page_id, k FROM links CROSS JOIN (VALUES (0), (1)) AS v (k) WHERE status = 2;
INSERT INTO domain_edges (domain_to_id, domain_from_id, batch_id, last_page_id, first_seen, last_seen, links, dofollow_links, refpages, pages_to)
SELECT domain_to_id, domain_from_id, min(batch_id), max(page_id), min(first_seen), now(), count(*), count(*), count(*), 1
FROM links WHERE status = 0 GROUP BY domain_to_id, domain_from_id;
INSERT INTO domain_totals (domain_id, first_seen, last_seen, backlinks, has_groups)
SELECT domain_to_id, min(first_seen), now(), count(*), count(*) > 10000 FROM links WHERE status = 0 GROUP BY domain_to_id;
INSERT INTO daily_changes (domain_to_id, day, new_links)
SELECT d.id, current_date - n, 1 FROM domains AS d CROSS JOIN generate_series(0, 400) AS n WHERE d.name LIKE 't%';
INSERT INTO domain_coverage (domain_id, pages_known, pages_visited) SELECT id, 20, 20 FROM domains WHERE name LIKE 'f%';
INSERT INTO domains (name) VALUES ('gone.test');
INSERT INTO domain_edges (domain_to_id, domain_from_id, batch_id, first_seen, last_seen, absent_since, status)
SELECT g.id, f.id, 1 + f.id % 800, now() - interval '30 days', now() - interval '2 days', now() - interval '1 day', 2
FROM domains AS g INNER JOIN domains AS f ON f.name LIKE 'f%' WHERE g.name = 'gone.test';
INSERT INTO edge_events (happened_at, domain_to_id, domain_from_id, batch_id, kind)
SELECT absent_since, domain_to_id, domain_from_id, 1 + domain_from_id * 7 % 800, k FROM domain_edges CROSS JOIN (VALUES (0), (1)) AS v (k) WHERE status = 2;
