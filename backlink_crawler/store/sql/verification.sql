-- name: hosts_to_verify
SELECT name FROM hosts WHERE priority = 0
UNION
SELECT h.name
FROM hosts AS h
INNER JOIN pages AS p ON h.id = p.host_id
WHERE
    p.page_id IN (SELECT page_id FROM watched)
    AND NOT EXISTS (
        SELECT 1
        FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
        CROSS JOIN generate_subscripts(labels, 1) AS n
        INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
    );

-- name: ask_for_verification
-- The pages that `watched` names are due now, and before all others; those of opted-out hosts are left alone.
UPDATE pages AS p
SET priority = 0, next_visit = now()
FROM (
    SELECT p.page_id
    FROM pages AS p
    INNER JOIN hosts AS h ON p.host_id = h.id
    WHERE
        p.page_id IN (SELECT page_id FROM watched)
        AND NOT EXISTS (
            SELECT 1
            FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
            CROSS JOIN generate_subscripts(labels, 1) AS n
            INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
        )
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p
) AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;

-- name: wake_hosts_first
-- A host that rests stays resting, and one that is held is its worker's.
WITH chosen AS (
    SELECT id FROM hosts WHERE id = ANY(%(hosts)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
)

UPDATE hosts AS h
SET
    priority = 0,
    claimable_at = CASE
        WHEN h.worker IS NULL THEN least(h.claimable_at, greatest(now(), h.rests_until))
        ELSE h.claimable_at
    END
FROM chosen AS c
WHERE h.id = c.id;
