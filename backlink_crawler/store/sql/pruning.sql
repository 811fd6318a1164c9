-- name: old_partitions
-- Months of visits that ended before then, by the name that crawls give them.
SELECT
    c.relname AS name,
    pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON i.inhrelid = c.oid
WHERE
    i.inhparent = 'visits'::regclass
    AND c.relname ~ '^visits_\d{4}_\d{2}$'
    AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= (now() - %(age)s::interval) AT TIME ZONE 'UTC'
ORDER BY c.relname;

-- name: prune_default
DELETE FROM visits_default WHERE observed_at < now() - %(age)s::interval;

-- name: is_too_young
SELECT now() - %(age)s::interval > now() - interval '1 day';

-- name: create_pruned
CREATE TEMPORARY TABLE IF NOT EXISTS pruned_links (
    link_id bigint, domain_to_id bigint, domain_from_id bigint
) ON COMMIT DELETE ROWS;

-- name: last_batch
-- The last one that was recorded before then.
SELECT id
FROM batches
WHERE recorded_at < now() - %(age)s::interval
ORDER BY recorded_at DESC, id DESC
LIMIT 1;

-- name: delete_links
-- Some links that were lost so long ago, from a domain on.
WITH gone AS (
    DELETE FROM links
    WHERE
        id IN (
            SELECT l.id
            FROM links AS l
            WHERE l.status = 2 AND l.lost_batch_id <= %(last_batch)s AND l.domain_to_id >= %(domain_id)s
            ORDER BY l.domain_to_id
            LIMIT %(limit)s
        )
    RETURNING id, domain_to_id, domain_from_id
)

INSERT INTO pruned_links (link_id, domain_to_id, domain_from_id)
SELECT id, domain_to_id, domain_from_id FROM gone;

-- name: last_domain
SELECT max(domain_to_id) FROM pruned_links;

-- name: delete_link_events
DELETE FROM link_events AS e USING pruned_links AS p WHERE e.link_id = p.link_id;

-- name: delete_edges
-- Edges with no link left, and what happened to them.
WITH gone AS (
    DELETE FROM domain_edges AS e
    USING (SELECT DISTINCT domain_to_id, domain_from_id FROM pruned_links) AS p
    WHERE
        e.domain_to_id = p.domain_to_id
        AND e.domain_from_id = p.domain_from_id
        AND e.status = 2
        AND NOT EXISTS (
            SELECT 1
            FROM links AS l
            WHERE l.domain_to_id = p.domain_to_id AND l.domain_from_id = p.domain_from_id AND l.status <> 0
        )
    RETURNING e.domain_to_id, e.domain_from_id
),

events AS (
    DELETE FROM edge_events AS e
    USING gone AS g
    WHERE e.domain_to_id = g.domain_to_id AND e.domain_from_id = g.domain_from_id
)

SELECT count(*) FROM gone;

-- name: update_totals
UPDATE domain_totals AS t
SET lost_links = t.lost_links - p.links
FROM (SELECT domain_to_id, count(*) AS links FROM pruned_links GROUP BY domain_to_id) AS p
WHERE t.domain_id = p.domain_to_id;

-- name: delete_totals
DELETE FROM domain_totals AS t
USING (SELECT DISTINCT domain_to_id FROM pruned_links) AS p
WHERE
    t.domain_id = p.domain_to_id
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.domain_to_id = p.domain_to_id);

-- name: largest_keys
-- Up to which urls, hosts and domains are to be looked at.
SELECT
    (SELECT coalesce(max(id), 0) FROM urls) AS urls,
    (SELECT coalesce(max(id), 0) FROM hosts) AS hosts,
    (SELECT coalesce(max(id), 0) FROM domains) AS domains;

-- name: unused_urls
-- Of those with these keys: no page, no end of a link, nobody's seed, and nothing has moved there.
SELECT u.id
FROM urls AS u
WHERE
    u.id > %(after)s
    AND u.id <= %(up_to)s
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.page_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.url_to_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.url_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.moved_to_id = u.id);

-- name: delete_urls
DELETE FROM urls WHERE id = ANY(%(unused)s::bigint[]);

-- name: unused_hosts
-- Without a URL, and never crawled.
SELECT h.id
FROM hosts AS h
WHERE
    h.id > %(after)s
    AND h.id <= %(up_to)s
    AND NOT EXISTS (SELECT 1 FROM urls AS u WHERE u.host_id = h.id)
    AND NOT EXISTS (SELECT 1 FROM crawled_hosts AS c WHERE c.host_id = h.id)
    AND NOT EXISTS (SELECT 1 FROM robots AS r WHERE r.host_id = h.id);

-- name: delete_hosts
DELETE FROM hosts WHERE id = ANY(%(unused)s::bigint[]);

-- name: unused_domains
-- Without a host, and nothing is told of them.
SELECT d.id
FROM domains AS d
WHERE
    d.id > %(after)s
    AND d.id <= %(up_to)s
    AND NOT EXISTS (SELECT 1 FROM hosts AS h WHERE h.domain_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.domain_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM targets AS t WHERE t.domain_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM daily_changes AS c WHERE c.domain_to_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM domain_totals AS t WHERE t.domain_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM domain_coverage AS c WHERE c.domain_id = d.id)
    AND NOT EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_from_id = d.id);

-- name: delete_domains
DELETE FROM domains WHERE id = ANY(%(unused)s::bigint[]);
