-- name: workers
-- Alive: said so within a minute.
SELECT
    c.id AS crawl_id,
    c.worker,
    c.started_at,
    c.seen_at,
    coalesce((c.stats ->> 'recorded/pages')::bigint, 0) AS pages,
    coalesce(h.hosts, 0) AS hosts,
    c.name AS seeds
FROM sources AS c
LEFT JOIN (
    SELECT
        worker,
        count(*) AS hosts
    FROM crawled_hosts
    WHERE worker IS NOT NULL AND leased_until > now()
    GROUP BY worker
) AS h ON c.worker = h.worker
WHERE c.kind = 0 AND c.finished_at IS NULL AND c.seen_at > now() - interval '60 seconds'
ORDER BY c.id;

-- name: killed
-- Neither finished nor seen for a minute; the newest. A verification is no nightly run, killed or not.
SELECT
    id AS crawl_id,
    started_at,
    seen_at,
    coalesce((stats ->> 'recorded/pages')::bigint, 0) AS pages,
    name AS seeds
FROM sources
WHERE
    kind = 0
    AND finished_at IS NULL
    AND seen_at <= now() - interval '60 seconds'
    AND NOT starts_with(name, 'verify ')
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
    name AS seeds,
    finished_at < now() - %(max_age)s::interval AS is_old
FROM sources
WHERE kind = 0 AND finished_at IS NOT NULL AND NOT starts_with(name, 'verify ')
ORDER BY finished_at DESC
LIMIT 1;

-- name: hosts_in_work
SELECT count(*) FROM crawled_hosts WHERE worker IS NOT NULL AND leased_until > now();

-- name: seeds_kept
SELECT count(*) FROM seeds WHERE queue_id = 1 AND root_id IS NULL AND target_id IS NULL;

-- name: lately
-- 24 hours ago, or when the last batch but %(batches)s was recorded if that is later.
SELECT
    greatest(
        now() - interval '24 hours',
        (SELECT b.recorded_at FROM batches AS b ORDER BY b.recorded_at DESC LIMIT 1 OFFSET %(batches)s)
    ) AS since;

-- name: visits_lately
-- Since a moment, or of the last 24 hours: one partition or two, and of these what a BRIN index leaves.
SELECT outcome, coalesce(reason, '') AS reason, count(*) AS visits
FROM visits
WHERE observed_at > coalesce(%(since)s::timestamptz, now() - interval '24 hours')
GROUP BY outcome, reason
ORDER BY visits DESC, outcome ASC, reason ASC;

-- name: totals
-- What workers have recorded together.
SELECT
    coalesce(sum((stats ->> 'recorded/pages')::bigint), 0)::bigint AS pages,
    coalesce(sum((stats ->> 'recorded/links')::bigint), 0)::bigint AS links,
    coalesce(sum((stats ->> 'recorded/new_referring_domains')::bigint), 0)::bigint AS referring_domains,
    coalesce(sum((stats ->> 'recorded/sitemaps')::bigint), 0)::bigint AS sitemaps,
    coalesce(bool_or(stats ->> 'read' = 'nothing') AND bool_and(stats ->> 'read' <> 'pages'), FALSE) AS read_nothing
FROM sources
WHERE worker = ANY(%(workers)s::uuid[]);
