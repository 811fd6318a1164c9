-- name: create_staging
-- What a batch of visits leads to arrives by COPY, per session; emptied at each commit. found_on: the page that leads
-- there, if what it leads to is all in these rows. doubtful: it may be a file. refused_hosts: no page of them is
-- admitted. due_hosts: on which
-- something has become due, for whom.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_pages (
    hash uuid, seed_id bigint, found_on bigint, lastmod timestamptz, depth int, kind smallint,
    doubtful boolean DEFAULT FALSE
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_hops (hash uuid, seed_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS refused_hosts (host_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS new_pages (host_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS due_hosts (
    host_id bigint, queue_id bigint, priority smallint
) ON COMMIT DELETE ROWS;

-- name: refuse_hosts
-- Of hosts that the frontier does not know, a domain gets only so many a night: wildcard DNS has no end of names. Those
-- that were seen first come first.
WITH new_hosts AS (
    SELECT
        h.id AS host_id,
        h.domain_id,
        row_number() OVER (PARTITION BY h.domain_id ORDER BY h.id) AS number
    FROM hosts AS h
    WHERE h.name = ANY(%(hosts)s) AND NOT EXISTS (SELECT 1 FROM crawled_hosts AS c WHERE c.host_id = h.id)
),

of_domains AS (
    SELECT d.domain_id, a.hosts
    FROM (SELECT DISTINCT domain_id FROM new_hosts) AS d
    CROSS JOIN LATERAL (
        SELECT count(*) AS hosts
        FROM crawled_hosts AS c
        WHERE c.domain_id = d.domain_id AND c.added_at > now() - interval '20 hours'
    ) AS a
)

INSERT INTO refused_hosts (host_id)
SELECT n.host_id
FROM new_hosts AS n
INNER JOIN of_domains AS d ON n.domain_id = d.domain_id
WHERE d.hosts + n.number > %(new_hosts)s
RETURNING host_id;

-- name: lock_seeds
-- Budgets are counted under this lock, and no seed is removed meanwhile. %(pages)s: those that count from now on, or do
-- not any more.
SELECT 1
FROM seeds
WHERE
    id IN (
        SELECT t.seed_id FROM staged_pages AS t
        UNION ALL
        SELECT m.seed_id FROM seed_pages AS m WHERE m.page_id = ANY(%(pages)s::bigint[])
    )
ORDER BY id
FOR NO KEY UPDATE;

-- name: count_pages
-- Whether pages count against the budgets of their seeds: %(readable)s of %(pages)s do.
WITH turned AS (
    UPDATE pages
    SET counted = NOT counted
    WHERE page_id = ANY(%(pages)s::bigint[]) AND counted <> (page_id = ANY(%(readable)s::bigint[]))
    RETURNING page_id, counted
),

of_seeds AS (
    SELECT
        m.seed_id,
        sum(CASE WHEN t.counted THEN 1 ELSE -1 END) AS pages
    FROM turned AS t
    INNER JOIN seed_pages AS m ON t.page_id = m.page_id
    GROUP BY m.seed_id
)

UPDATE seeds AS s
SET pages_known = s.pages_known + o.pages
FROM of_seeds AS o
WHERE s.id = o.seed_id;

-- name: admit_pages
-- Pages become members of the seeds that want them, as far as their budgets go: the nearest to the seed's start first,
-- and last what may be a file. What does not count against a budget is always admitted; sitemaps have one of their own.
-- Those that no seed had are new to the frontier. Those that it knew are due again, to be read without conditions: what
-- they lead to has never been found for this seed. The same for pages that turn out to be nearer to the start of a seed
-- which goes only so deep.
-- Returns how many pages are new, without sitemaps, for how many memberships there was no room, and which of those due
-- again others hold.
WITH found AS (
    SELECT DISTINCT ON (u.id, t.seed_id)
        u.id AS page_id,
        u.host_id,
        t.seed_id,
        t.depth,
        t.kind,
        t.doubtful
    FROM staged_pages AS t
    INNER JOIN urls AS u ON t.hash = u.hash
    WHERE u.host_id NOT IN (SELECT r.host_id FROM refused_hosts AS r)
    ORDER BY u.id, t.seed_id, t.kind, t.depth
),

compared AS (
    SELECT
        f.page_id,
        f.host_id,
        f.seed_id,
        f.depth,
        f.doubtful,
        s.queue_id,
        s.max_depth,
        s.max_pages,
        s.pages_known,
        s.sitemaps_known,
        p.page_id IS NULL AS is_new,
        coalesce(p.kind, min(f.kind) OVER page) AS kind,
        coalesce(p.counted, min(f.kind) OVER page = 0) AS counted,
        coalesce(p.priority, CASE min(f.kind) OVER page WHEN 1 THEN 2 ELSE 3 END) AS priority,
        m.depth AS known_depth
    FROM found AS f
    INNER JOIN seeds AS s ON f.seed_id = s.id
    LEFT JOIN pages AS p ON f.page_id = p.page_id
    LEFT JOIN seed_pages AS m ON f.page_id = m.page_id AND f.seed_id = m.seed_id
    WINDOW page AS (PARTITION BY f.page_id)
),

numbered AS (
    SELECT
        c.*,
        count(*) FILTER (WHERE c.counted) OVER so_far AS pages,
        count(*) FILTER (WHERE c.kind = 1) OVER so_far AS sitemaps
    FROM compared AS c
    WHERE c.known_depth IS NULL
    WINDOW so_far AS (PARTITION BY c.seed_id ORDER BY c.doubtful, c.depth, c.page_id)
),

admitted AS (
    SELECT n.*
    FROM numbered AS n
    WHERE
        CASE
            WHEN n.kind = 1 THEN n.sitemaps_known + n.sitemaps <= %(max_sitemaps)s
            ELSE NOT n.counted OR n.max_pages IS NULL OR n.pages_known + n.pages <= n.max_pages
        END
),

inserted AS (
    INSERT INTO pages (page_id, host_id, kind, counted, priority, next_visit)
    SELECT DISTINCT a.page_id, a.host_id, a.kind, a.counted, a.priority, now()
    FROM admitted AS a
    WHERE a.is_new
    ORDER BY a.page_id
    ON CONFLICT DO NOTHING
    RETURNING page_id, host_id, kind
),

joined AS (
    INSERT INTO seed_pages (page_id, seed_id, depth)
    SELECT a.page_id, a.seed_id, a.depth FROM admitted AS a ORDER BY a.page_id, a.seed_id
    ON CONFLICT DO NOTHING
),

budgeted AS (
    UPDATE seeds AS s
    SET pages_known = s.pages_known + a.pages, sitemaps_known = s.sitemaps_known + a.sitemaps
    FROM (
        SELECT seed_id, count(*) FILTER (WHERE counted) AS pages, count(*) FILTER (WHERE kind = 1) AS sitemaps
        FROM admitted
        GROUP BY seed_id
    ) AS a
    WHERE s.id = a.seed_id
),

nearer AS (
    UPDATE seed_pages AS m
    SET depth = c.depth
    FROM compared AS c
    WHERE m.page_id = c.page_id AND m.seed_id = c.seed_id AND c.known_depth > c.depth
),

due AS (
    SELECT page_id, host_id, queue_id, priority, is_new FROM admitted
    UNION ALL
    SELECT page_id, host_id, queue_id, priority, FALSE
    FROM compared
    WHERE known_depth > depth AND depth < max_depth
),

known AS (
    SELECT p.page_id
    FROM pages AS p
    WHERE p.page_id IN (SELECT d.page_id FROM due AS d WHERE NOT d.is_new)
    ORDER BY p.page_id
    FOR NO KEY UPDATE SKIP LOCKED
),

again AS (
    UPDATE pages AS p
    SET next_visit = least(p.next_visit, now()), found_digest = NULL
    FROM known AS k
    WHERE p.page_id = k.page_id
),

woken AS (
    INSERT INTO due_hosts (host_id, queue_id, priority)
    SELECT d.host_id, d.queue_id, d.priority FROM due AS d
    UNION
    SELECT p.host_id, s.queue_id, p.priority
    FROM known AS k
    INNER JOIN pages AS p ON k.page_id = p.page_id
    INNER JOIN seed_pages AS m ON k.page_id = m.page_id
    INNER JOIN seeds AS s ON m.seed_id = s.id
),

covered AS (
    INSERT INTO new_pages (host_id) SELECT i.host_id FROM inserted AS i WHERE i.kind = 0
)

SELECT
    (SELECT count(*) FROM inserted WHERE kind = 0) AS new_pages,
    (SELECT count(*) FROM numbered) - (SELECT count(*) FROM admitted) AS refused,
    ARRAY(
        SELECT d.page_id FROM due AS d WHERE NOT d.is_new
        EXCEPT
        SELECT k.page_id FROM known AS k
    ) AS held;

-- name: hasten_pages
-- A sitemap says that a page has changed since its last visit: a hint to come back now.
WITH chosen AS (
    SELECT p.page_id
    FROM pages AS p
    WHERE
        p.next_visit > now()
        AND p.page_id IN (
            SELECT u.id
            FROM staged_pages AS t
            INNER JOIN urls AS u ON t.hash = u.hash
            INNER JOIN pages AS o ON u.id = o.page_id
            WHERE t.lastmod > o.last_visited
        )
    ORDER BY p.page_id
    FOR NO KEY UPDATE SKIP LOCKED
),

hastened AS (
    UPDATE pages AS p
    SET next_visit = now()
    FROM chosen AS c
    WHERE p.page_id = c.page_id
    RETURNING p.page_id, p.host_id, p.priority
)

INSERT INTO due_hosts (host_id, queue_id, priority)
SELECT DISTINCT h.host_id, s.queue_id, h.priority
FROM hastened AS h
INNER JOIN seed_pages AS m ON h.page_id = m.page_id
INNER JOIN seeds AS s ON m.seed_id = s.id;

-- name: insert_crawled_hosts
INSERT INTO crawled_hosts (host_id, domain_id, opted_out)
SELECT h.id, h.domain_id, EXISTS (SELECT 1 FROM optouts) AND has_opted_out(h.name)
FROM hosts AS h
WHERE
    h.id IN (SELECT d.host_id FROM due_hosts AS d)
    AND NOT EXISTS (SELECT 1 FROM crawled_hosts AS c WHERE c.host_id = h.id)
ORDER BY h.id
ON CONFLICT DO NOTHING;

-- name: wake_hosts
-- Hosts on which something has become due are claimable for it now, or when they have rested and have their turn. One
-- that a worker holds is as it was: its release says more.
INSERT INTO queue_hosts AS q (host_id, queue_id, priority, claimable_at)
SELECT DISTINCT
    d.host_id,
    d.queue_id,
    d.priority,
    CASE
        WHEN NOT h.opted_out
            THEN greatest(now(), h.rests_until, CASE WHEN d.priority >= h.held_priority THEN h.held_until END)
    END
FROM due_hosts AS d
INNER JOIN crawled_hosts AS h ON d.host_id = h.host_id
ORDER BY d.host_id, d.queue_id, d.priority
ON CONFLICT (host_id, queue_id, priority) DO UPDATE
SET claimable_at = excluded.claimable_at
WHERE excluded.claimable_at < coalesce(q.claimable_at, 'infinity');

-- name: mark_refused
-- For which of their seeds was there no room for something that these pages lead to, or for its host? They are asked
-- again, without conditions, when there is.
WITH refused AS (
    SELECT DISTINCT t.found_on AS page_id, t.seed_id
    FROM staged_pages AS t
    INNER JOIN urls AS u ON t.hash = u.hash
    WHERE
        t.kind = 0
        AND t.found_on IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = u.id AND m.seed_id = t.seed_id)
),

said AS (
    SELECT m.page_id, m.seed_id, r.page_id IS NOT NULL AS refused
    FROM seed_pages AS m
    LEFT JOIN refused AS r ON m.page_id = r.page_id AND m.seed_id = r.seed_id
    WHERE m.page_id = ANY(%(pages)s::bigint[])
)

UPDATE seed_pages AS m
SET refused = s.refused
FROM said AS s
WHERE m.page_id = s.page_id AND m.seed_id = s.seed_id AND m.refused <> s.refused;

-- name: covers
-- Whose pages are these by now?
SELECT m.page_id, m.seed_id, m.depth, s.max_depth
FROM seed_pages AS m
INNER JOIN seeds AS s ON m.seed_id = s.id
WHERE m.page_id = ANY(%(pages)s::bigint[]);

-- name: visit_again
UPDATE pages SET next_visit = now(), found_digest = NULL WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: leave_alone
-- They were verified, and are nobody's pages.
UPDATE pages AS p
SET next_visit = NULL
WHERE
    p.page_id = ANY(%(pages)s::bigint[])
    AND NOT EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = p.page_id);

-- name: cover_new_pages
-- For seeds that are added outside of a batch.
INSERT INTO domain_coverage AS c (domain_id, pages_known)
SELECT h.domain_id, count(*)
FROM new_pages AS n
INNER JOIN hosts AS h ON n.host_id = h.id
GROUP BY h.domain_id
ORDER BY h.domain_id
ON CONFLICT (domain_id) DO UPDATE SET pages_known = c.pages_known + excluded.pages_known;
