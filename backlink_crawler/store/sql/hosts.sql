-- name: read_robots
-- What is known of a host's robots.txt, and for how long it may be used: 24 hours, an error one. Less than 0: too old.
SELECT
    r.http_code,
    r.body,
    extract(
        EPOCH FROM
        r.fetched_at - now() + CASE WHEN r.http_code < 500 THEN interval '24 hours' ELSE interval '1 hour' END
    )::float8 AS seconds_left
FROM robots AS r
INNER JOIN hosts AS h ON r.host_id = h.id
WHERE h.name = %(name)s;

-- name: write_robots
-- Of a host, and of the one to whose robots.txt its own redirects.
INSERT INTO robots (host_id, fetched_at, http_code, body)
SELECT id, now(), %(http_code)s, %(body)s FROM hosts WHERE name = ANY(%(names)s) ORDER BY id
ON CONFLICT (host_id) DO UPDATE
SET fetched_at = excluded.fetched_at, http_code = excluded.http_code, body = excluded.body;

-- name: insert_domain
INSERT INTO domains (name)
SELECT %(domain)s
WHERE NOT EXISTS (SELECT 1 FROM domains AS d WHERE d.name = %(domain)s)
ON CONFLICT DO NOTHING;

-- name: insert_host
INSERT INTO hosts (name, domain_id)
SELECT %(name)s, d.id
FROM domains AS d
WHERE d.name = %(domain)s AND NOT EXISTS (SELECT 1 FROM hosts AS h WHERE h.name = %(name)s)
ON CONFLICT DO NOTHING;

-- name: copy_robots
-- What is known of %(other)s holds for %(name)s, and is no younger for that.
INSERT INTO robots (host_id, fetched_at, http_code, body)
SELECT h.id, r.fetched_at, r.http_code, r.body
FROM hosts AS h
CROSS JOIN robots AS r
INNER JOIN hosts AS o ON r.host_id = o.id
WHERE h.name = %(name)s AND o.name = %(other)s
ON CONFLICT (host_id) DO UPDATE
SET fetched_at = excluded.fetched_at, http_code = excluded.http_code, body = excluded.body;

-- name: read_missing_page
-- What a host answers for an address that cannot exist, as long as that is to be believed.
SELECT missing_digest
FROM crawled_hosts
WHERE host_id = %(host_id)s AND missing_asked_at > now() - interval '7 days';

-- name: write_missing_page
UPDATE crawled_hosts
SET missing_asked_at = now(), missing_digest = %(digest)s
WHERE host_id = %(host_id)s AND claim = %(claim)s;
