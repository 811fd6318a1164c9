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

-- name: hosts_waiting
-- On which there are pages to be verified.
SELECT h.name
FROM queue_hosts AS q
INNER JOIN hosts AS h ON q.host_id = h.id
WHERE q.queue_id = 2 AND q.claimable_at IS NOT NULL;

-- name: insert_named_pages
-- Pages that the user named are nobody's: they are verified, and then left alone. What is not visited is not made.
WITH inserted AS (
    INSERT INTO pages (page_id, host_id, priority, next_visit)
    SELECT DISTINCT u.id, u.host_id, 0, now()
    FROM staged_urls AS t
    INNER JOIN urls AS u ON t.hash = u.hash
    WHERE NOT has_opted_out(t.host)
    ORDER BY u.id
    ON CONFLICT DO NOTHING
    RETURNING host_id
)

INSERT INTO new_pages (host_id) SELECT i.host_id FROM inserted AS i;

-- name: mark_named_pages
UPDATE pages AS p
SET priority = 0, next_visit = now()
FROM (
    SELECT p.page_id
    FROM staged_urls AS t
    INNER JOIN urls AS u ON t.hash = u.hash
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE NOT has_opted_out(t.host)
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p
) AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;
