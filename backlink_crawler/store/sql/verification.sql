-- name: hosts_to_verify
SELECT h.name
FROM queue_hosts AS q
INNER JOIN hosts AS h ON q.host_id = h.id
WHERE q.queue_id = 2 AND q.claimable_at IS NOT NULL
UNION
SELECT h.name
FROM pages AS p
INNER JOIN hosts AS h ON p.host_id = h.id
LEFT JOIN crawled_hosts AS c ON h.id = c.host_id
WHERE p.page_id IN (SELECT page_id FROM watched) AND NOT coalesce(c.opted_out, has_opted_out(h.name));

-- name: mark_for_verification
-- The pages that `watched` names are due now, and before all others; those of opted-out hosts are left alone.
UPDATE pages AS p
SET priority = 0, next_visit = now()
FROM (
    SELECT p.page_id
    FROM pages AS p
    INNER JOIN hosts AS h ON p.host_id = h.id
    LEFT JOIN crawled_hosts AS c ON h.id = c.host_id
    WHERE p.page_id IN (SELECT page_id FROM watched) AND NOT coalesce(c.opted_out, has_opted_out(h.name))
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p
) AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;

-- name: insert_hosts
-- Pages that nobody has crawled may be known from captures.
INSERT INTO crawled_hosts (host_id, domain_id, opted_out)
SELECT h.id, h.domain_id, has_opted_out(h.name)
FROM hosts AS h
WHERE h.id = ANY(%(hosts)s::bigint[])
ORDER BY h.id
ON CONFLICT DO NOTHING;

-- name: queue_hosts
INSERT INTO queue_hosts (host_id, queue_id, priority)
SELECT h.host_id, 2, 0 FROM crawled_hosts AS h WHERE h.host_id = ANY(%(hosts)s::bigint[]) ORDER BY h.host_id
ON CONFLICT DO NOTHING;
