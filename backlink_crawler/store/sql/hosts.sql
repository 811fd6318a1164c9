-- name: read_robots
-- What is known of hosts' robots.txt, and for how long it may be used: 24 hours, an error one. Less than 0: too old.
SELECT
    h.name,
    r.http_code,
    r.body,
    extract(
        EPOCH FROM
        r.fetched_at - now() + CASE WHEN r.http_code < 500 THEN interval '24 hours' ELSE interval '1 hour' END
    )::float8 AS seconds_left
FROM hosts AS h
INNER JOIN robots AS r ON h.id = r.host_id
WHERE h.name = ANY(%(names)s);

-- name: write_robots
INSERT INTO robots (host_id, fetched_at, http_code, body)
SELECT h.id, now() - t.since, t.http_code, t.body
FROM unnest(%(names)s::text[], %(since)s::interval[], %(http_codes)s::smallint[], %(bodies)s::text[])
    AS t (name, since, http_code, body)
INNER JOIN hosts AS h ON t.name = h.name
ORDER BY h.id
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
