-- name: workers
-- Alive: said so within a minute.
SELECT
    c.id AS crawl_id,
    c.worker,
    c.started_at,
    c.seen_at,
    coalesce((c.stats ->> 'recorded/pages')::bigint, 0) AS pages,
    coalesce(h.hosts, 0) AS hosts,
    c.seeds
FROM crawls AS c
LEFT JOIN (
    SELECT
        worker,
        count(*) AS hosts
    FROM hosts
    WHERE worker IS NOT NULL
    GROUP BY worker
) AS h ON c.worker = h.worker
WHERE c.finished_at IS NULL AND c.seen_at > now() - interval '60 seconds'
ORDER BY c.id;

-- name: killed
-- Neither finished nor seen for a minute; the newest. A verification is no nightly run, killed or not.
SELECT
    id AS crawl_id,
    started_at,
    seen_at,
    coalesce((stats ->> 'recorded/pages')::bigint, 0) AS pages,
    seeds
FROM crawls
WHERE finished_at IS NULL AND seen_at <= now() - interval '60 seconds' AND NOT starts_with(seeds, 'verify ')
ORDER BY seen_at DESC
LIMIT 10;

-- name: last_finished
-- A verification says nothing about the nightly run.
SELECT
    id AS crawl_id,
    started_at,
    finished_at,
    reason,
    coalesce((stats ->> 'recorded/pages')::bigint, 0) AS pages,
    coalesce((stats ->> 'recorded/links')::bigint, 0) AS new_links,
    seeds,
    finished_at < now() - %(max_age)s::interval AS is_old
FROM crawls
WHERE finished_at IS NOT NULL AND NOT starts_with(seeds, 'verify ')
ORDER BY finished_at DESC
LIMIT 1;

-- name: hosts_in_work
SELECT count(*) FROM hosts WHERE worker IS NOT NULL AND claimable_at > now();

-- name: pages_due
-- Of kept seeds, on hosts that may be asked now or are being asked. No more than %(most)s rows are looked at, each
-- found by an index; `more`: there are more.
SELECT
    count(*) FILTER (WHERE coalesce(root.kept, s.kept)) AS pages,
    count(*) >= %(most)s AS more
FROM (
    SELECT p.seed_id
    FROM (
        SELECT h.id, h.name
        FROM generate_series(0, 4) AS class (priority)
        INNER JOIN hosts AS h ON class.priority = h.priority AND h.claimable_at <= now() AND h.worker IS NULL
        UNION ALL
        SELECT id, name FROM hosts WHERE worker IS NOT NULL
    ) AS h
    CROSS JOIN generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT p.seed_id
        FROM pages AS p
        WHERE p.host_id = h.id AND p.priority = class.priority AND p.next_visit <= now()
        LIMIT %(most)s
    ) AS p
    WHERE
        NOT EXISTS (SELECT 1 FROM optouts)
        OR NOT EXISTS (
            SELECT 1
            FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
            CROSS JOIN generate_subscripts(labels, 1) AS n
            INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
        )
    LIMIT %(most)s
) AS due
INNER JOIN seeds AS s ON due.seed_id = s.id
LEFT JOIN seeds AS root ON s.root_id = root.id;

-- name: seeds_kept
SELECT count(*) FROM seeds WHERE kept;

-- name: visits_lately
-- Of the last 24 hours: one partition or two, and of these what a BRIN index leaves.
SELECT outcome, coalesce(reason, '') AS reason, count(*) AS visits
FROM visits
WHERE visited_at > now() - interval '24 hours'
GROUP BY outcome, reason
ORDER BY visits DESC, outcome ASC, reason ASC;

-- name: totals
-- What workers have recorded together.
SELECT
    coalesce(sum((stats ->> 'recorded/pages')::bigint), 0)::bigint AS pages,
    coalesce(sum((stats ->> 'recorded/links')::bigint), 0)::bigint AS links,
    coalesce(sum((stats ->> 'recorded/new_referring_domains')::bigint), 0)::bigint AS referring_domains
FROM crawls
WHERE worker = ANY(%(workers)s::uuid[]);
