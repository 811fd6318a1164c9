-- As recounting.sql: of pages, seeds and days.

-- name: counted_coverage
-- oldest_visit is as of the last run: it may be earlier than it is by now.
SELECT
    h.domain_id,
    count(*)::int AS pages_known,
    count(p.last_visited)::int AS pages_visited,
    max(p.last_visited) AS newest_visit,
    CASE WHEN min(c.oldest_visit) IS NOT NULL THEN least(min(c.oldest_visit), min(p.last_visited)) END AS oldest_visit
FROM chosen AS p
INNER JOIN hosts AS h ON p.host_id = h.id
LEFT JOIN domain_coverage AS c ON h.domain_id = c.domain_id
WHERE p.kind = 0
GROUP BY h.domain_id;

-- name: kept_coverage
SELECT
    domain_id,
    pages_known,
    pages_visited,
    newest_visit,
    oldest_visit
FROM domain_coverage
WHERE pages_known <> 0 OR pages_visited <> 0 OR newest_visit IS NOT NULL;

-- name: lock_coverage
SELECT 1
FROM domain_coverage AS c
INNER JOIN recounted_domains AS k ON c.domain_id = k.domain_id
ORDER BY c.domain_id
FOR NO KEY UPDATE OF c;

-- name: write_coverage
INSERT INTO domain_coverage (domain_id, pages_known, pages_visited, newest_visit, oldest_visit)
SELECT
    h.domain_id,
    count(*),
    count(p.last_visited),
    max(p.last_visited),
    min(p.last_visited)
FROM chosen AS p
INNER JOIN hosts AS h ON p.host_id = h.id
WHERE p.kind = 0
GROUP BY h.domain_id
ORDER BY h.domain_id
ON CONFLICT (domain_id) DO UPDATE
SET
    pages_known = excluded.pages_known,
    pages_visited = excluded.pages_visited,
    newest_visit = excluded.newest_visit,
    oldest_visit = excluded.oldest_visit;

-- name: delete_empty_coverage
DELETE FROM domain_coverage AS c
USING recounted_domains AS k
WHERE
    c.domain_id = k.domain_id
    AND NOT EXISTS (
        SELECT 1
        FROM hosts AS h
        INNER JOIN urls AS u ON h.id = u.host_id
        INNER JOIN pages AS p ON u.id = p.page_id
        WHERE h.domain_id = k.domain_id AND p.kind = 0
    );

-- name: counted_seeds
-- Sitemaps that have turned out to be none were given all the same.
SELECT
    s.id,
    (count(*) FILTER (WHERE p.counted))::int AS pages_known,
    greatest(min(s.sitemaps_known), (count(*) FILTER (WHERE p.kind = 1))::int) AS sitemaps_known
FROM chosen AS s
LEFT JOIN seed_pages AS sp ON s.id = sp.seed_id
LEFT JOIN pages AS p ON sp.page_id = p.page_id
GROUP BY s.id;

-- name: kept_seeds
SELECT
    id,
    pages_known,
    sitemaps_known
FROM seeds;

-- name: lock_seeds
SELECT 1 FROM seeds AS s INNER JOIN recounted_seeds AS k ON s.id = k.seed_id ORDER BY s.id FOR NO KEY UPDATE OF s;

-- name: write_seeds
UPDATE seeds AS s
SET pages_known = c.pages_known, sitemaps_known = c.sitemaps_known
FROM counted AS c
WHERE s.id = c.id;

-- name: counted_days
-- What the days of a domain must add up to. Links and edges that were pruned were lost: they add nothing.
SELECT
    domain_id,
    sum(links)::bigint AS links,
    sum(refdomains)::bigint AS refdomains
FROM (
    SELECT
        domain_to_id AS domain_id,
        1 AS links,
        0 AS refdomains
    FROM chosen
    WHERE status <> 2
    UNION ALL
    SELECT
        domain_to_id,
        0,
        1
    FROM chosen_edges
    WHERE status <> 2
) AS c
GROUP BY domain_id;

-- name: kept_days
SELECT
    domain_to_id AS domain_id,
    sum(new_links + restored_links - lost_links)::bigint AS links,
    sum(new_refdomains + restored_refdomains - lost_refdomains)::bigint AS refdomains
FROM daily_changes
GROUP BY domain_to_id
HAVING
    sum(new_links + restored_links - lost_links) <> 0
    OR sum(new_refdomains + restored_refdomains - lost_refdomains) <> 0;

-- name: write_days
-- Days that are over stay as they were told: what is lacking is told today.
INSERT INTO daily_changes AS d (domain_to_id, day, new_links, lost_links, new_refdomains, lost_refdomains)
WITH
there AS (
    SELECT
        k.domain_id,
        (SELECT count(*) FROM links AS l WHERE l.domain_to_id = k.domain_id AND l.status <> 2)::int AS links,
        (SELECT count(*) FROM domain_edges AS e WHERE e.domain_to_id = k.domain_id AND e.status <> 2)::int AS refdomains
    FROM recounted_domains AS k
),

told AS (
    SELECT
        d.domain_to_id AS domain_id,
        sum(d.new_links + d.restored_links - d.lost_links)::int AS links,
        sum(d.new_refdomains + d.restored_refdomains - d.lost_refdomains)::int AS refdomains
    FROM recounted_domains AS k
    INNER JOIN daily_changes AS d ON k.domain_id = d.domain_to_id
    GROUP BY d.domain_to_id
),

lacking AS (
    SELECT
        c.domain_id,
        c.links - coalesce(d.links, 0) AS links,
        c.refdomains - coalesce(d.refdomains, 0) AS refdomains
    FROM there AS c
    LEFT JOIN told AS d ON c.domain_id = d.domain_id
)

SELECT
    domain_id,
    (now() AT TIME ZONE 'UTC')::date,
    greatest(links, 0),
    greatest(-links, 0),
    greatest(refdomains, 0),
    greatest(-refdomains, 0)
FROM lacking
WHERE links <> 0 OR refdomains <> 0
ORDER BY domain_id
ON CONFLICT (domain_to_id, day) DO UPDATE
SET
    new_links = d.new_links + excluded.new_links,
    lost_links = d.lost_links + excluded.lost_links,
    new_refdomains = d.new_refdomains + excluded.new_refdomains,
    lost_refdomains = d.lost_refdomains + excluded.lost_refdomains;
