-- name: not_theirs
-- Visits that failed because of this machine or its settings do not count: their pages are due at once. %(starts)s: so
-- are pages where seeds start that the user named, at first: whether it is their fault cannot be told.
WITH chosen AS (
    SELECT p.page_id
    FROM pages AS p
    WHERE
        p.next_visit > now()
        AND (
            p.page_id = ANY(%(pages)s::bigint[])
            OR (
                p.page_id = ANY(%(starts)s::bigint[])
                AND p.failures <= 2
                AND EXISTS (SELECT 1 FROM seeds AS s WHERE s.url_id = p.page_id AND s.root_id IS NULL)
            )
        )
    ORDER BY p.page_id
    FOR NO KEY UPDATE
)

UPDATE pages AS p
SET
    next_visit = now(),
    failures = CASE WHEN p.page_id = ANY(%(pages)s::bigint[]) THEN greatest(p.failures - 1, 0) ELSE p.failures END
FROM chosen AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;

-- name: end_rests
-- Of hosts, which this transaction has locked, that rest because they could not be reached. Those that asked to be left
-- alone are.
UPDATE crawled_hosts
SET rests_until = NULL
WHERE host_id = ANY(%(hosts)s::bigint[]) AND rests_until IS NOT NULL AND back_offs = 0;

-- name: pages_of_queue
-- So many at a time, after the one in %(after)s.
SELECT DISTINCT m.page_id
FROM seeds AS s
INNER JOIN seed_pages AS m ON s.id = m.seed_id
WHERE s.queue_id = %(queue)s AND m.page_id > %(after)s
ORDER BY m.page_id
LIMIT %(limit)s;

-- name: pages_of_seed
-- As above.
SELECT m.page_id
FROM seed_pages AS m
WHERE m.seed_id = %(seed)s AND m.page_id > %(after)s
ORDER BY m.page_id
LIMIT %(limit)s;

-- name: make_due
-- Of these pages, those that were not visited since a moment are due now. Returns the hosts of all of them, and how
-- many are due that were not.
WITH part AS (
    SELECT p.page_id, p.host_id
    FROM pages AS p
    WHERE p.page_id = ANY(%(pages)s::bigint[])
),

chosen AS (
    SELECT p.page_id
    FROM part AS s
    INNER JOIN pages AS p ON s.page_id = p.page_id
    WHERE p.next_visit > now() AND (p.last_visited IS NULL OR p.last_visited < %(since)s)
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p
),

due AS (
    UPDATE pages AS p SET next_visit = now() FROM chosen AS c WHERE p.page_id = c.page_id
)

SELECT
    array_agg(DISTINCT s.host_id) AS hosts,
    (SELECT count(*) FROM chosen) AS pages
FROM part AS s;

-- name: database_time
SELECT now();

-- name: next_due
-- When the first host of a queue may be claimed; NULL: none ever. In the past: now.
SELECT min(q.claimable_at)
FROM generate_series(0, 4) AS class (priority)
CROSS JOIN LATERAL (
    SELECT q.claimable_at
    FROM queue_hosts AS q
    WHERE q.queue_id = %(queue)s AND q.priority = class.priority AND q.claimable_at IS NOT NULL
    ORDER BY q.claimable_at
    LIMIT 1
) AS q;

-- name: pages_missing_links
-- Of the pages that a run has visited.
SELECT DISTINCT p.page_id, p.host_id
FROM sources AS s
INNER JOIN visits AS v ON s.started_at <= v.observed_at
INNER JOIN batches AS b ON v.batch_id = b.id AND s.id = b.source_id
INNER JOIN pages AS p ON v.page_id = p.page_id
WHERE s.id = %(source_id)s AND p.has_missing;

-- name: ask_again
WITH chosen AS (
    SELECT p.page_id FROM pages AS p WHERE p.page_id = ANY(%(pages)s::bigint[]) ORDER BY p.page_id FOR NO KEY UPDATE
)

UPDATE pages AS p SET priority = 0, next_visit = now() FROM chosen AS c WHERE p.page_id = c.page_id;
