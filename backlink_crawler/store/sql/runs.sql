-- name: start_crawl
INSERT INTO sources (worker, name) VALUES (%(worker)s, %(name)s) RETURNING id;

-- name: tell_progress
UPDATE sources SET seen_at = now(), stats = %(stats)s WHERE id = %(source_id)s AND finished_at IS NULL;

-- name: finish_crawl
UPDATE sources SET finished_at = now(), seen_at = now(), reason = %(reason)s, stats = %(stats)s
WHERE id = %(source_id)s;

-- name: refresh_oldest_visits
-- Of domains that were visited since a run began, so many at a time, after the one in %(after)s: the last visit that is
-- longest ago, of their pages that are still visited. Returns the last of these domains; NULL: there are no more.
WITH visited AS (
    SELECT c.domain_id
    FROM domain_coverage AS c
    WHERE
        c.domain_id > %(after)s
        AND c.newest_visit >= (SELECT s.started_at FROM sources AS s WHERE s.id = %(source_id)s)
    ORDER BY c.domain_id
    LIMIT %(limit)s
),

oldest AS (
    SELECT
        v.domain_id,
        min(p.last_visited) AS visit
    FROM visited AS v
    INNER JOIN hosts AS h ON v.domain_id = h.domain_id
    INNER JOIN pages AS p ON h.id = p.host_id
    WHERE p.next_visit IS NOT NULL AND p.kind = 0
    GROUP BY v.domain_id
),

chosen AS (
    SELECT c.domain_id, o.visit
    FROM domain_coverage AS c
    INNER JOIN oldest AS o ON c.domain_id = o.domain_id
    WHERE c.oldest_visit IS DISTINCT FROM o.visit
    ORDER BY c.domain_id
    FOR NO KEY UPDATE OF c
),

refreshed AS (
    UPDATE domain_coverage AS c
    SET oldest_visit = n.visit
    FROM chosen AS n
    WHERE c.domain_id = n.domain_id
)

SELECT max(domain_id) FROM visited;
