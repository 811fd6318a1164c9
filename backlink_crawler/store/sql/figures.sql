-- name: due
-- What of a queue may be asked for now, or is being asked for: pages, and the hosts that they are on. In queue 2 are
-- the pages to be verified, whosoever they are. Whatever the frontier's size, no more than %(pages)s pages and
-- %(hosts)s rows of queue_hosts are looked at, each found by an index. more_…: there are more.
WITH claimable AS (
    SELECT q.host_id, q.priority
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT q.host_id, q.priority
        FROM queue_hosts AS q
        WHERE q.queue_id = %(queue)s AND q.priority = class.priority AND q.claimable_at <= now()
        ORDER BY q.claimable_at
        LIMIT %(hosts)s
    ) AS q
    LIMIT %(hosts)s
),

due AS (
    SELECT p.page_id
    FROM claimable AS q
    CROSS JOIN LATERAL (
        SELECT NOT h.opted_out AS open
        FROM crawled_hosts AS h
        WHERE h.host_id = q.host_id
        OFFSET 0
    ) AS h
    CROSS JOIN LATERAL (
        SELECT p.page_id
        FROM pages AS p
        WHERE p.host_id = q.host_id AND p.priority = q.priority AND p.next_visit <= now()
        LIMIT %(pages)s
    ) AS p
    WHERE h.open
    LIMIT %(pages)s
),

counted_pages AS (
    SELECT
        count(*) FILTER (
            WHERE %(queue)s = 2
            OR (
                SELECT TRUE
                FROM seed_pages AS m
                INNER JOIN seeds AS s ON m.seed_id = s.id
                WHERE m.page_id = due.page_id AND s.queue_id = %(queue)s
                LIMIT 1
            )
        ) AS pages,
        count(*) >= %(pages)s AS more_pages
    FROM due
),

counted_hosts AS (
    SELECT
        count(DISTINCT host_id) AS hosts,
        count(*) >= %(hosts)s AS more_hosts
    FROM claimable
)

SELECT p.pages, p.more_pages, h.hosts, h.more_hosts
FROM counted_pages AS p
CROSS JOIN counted_hosts AS h;

-- name: held
-- Hosts that wait for their turn under a bound, by the line that they stand in. From line to line by the index; of
-- each kind of bound %(lines)s lines at most, of each line %(hosts)s hosts at most, of all %(in_all)s, from each kind
-- in turn. more: the line may have more.
WITH RECURSIVE lines AS (
    SELECT k.kind, f.line, 1 AS number
    FROM unnest(ARRAY['domain', 'suffix', 'address']) AS k (kind)
    CROSS JOIN LATERAL (
        SELECT h.line
        FROM crawled_hosts AS h
        WHERE h.line > k.kind || ' ' AND h.line < k.kind || '!'
        ORDER BY h.line
        LIMIT 1
    ) AS f
    UNION ALL
    SELECT l.kind, f.line, l.number + 1
    FROM lines AS l
    CROSS JOIN LATERAL (
        SELECT h.line
        FROM crawled_hosts AS h
        WHERE h.line > l.line AND h.line < l.kind || '!'
        ORDER BY h.line
        LIMIT 1
    ) AS f
    WHERE l.number < %(lines)s
),

held AS (
    SELECT l.kind, l.line
    FROM lines AS l
    CROSS JOIN LATERAL (
        SELECT 1
        FROM generate_series(0, 4) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT 1
            FROM crawled_hosts AS h
            WHERE h.line = l.line AND h.held_priority = class.priority AND h.held_until > now()
            LIMIT %(hosts)s
        ) AS h
        LIMIT %(hosts)s
    ) AS h
    LIMIT %(in_all)s
),

counted AS (
    SELECT
        kind,
        line,
        count(*) AS hosts,
        count(*) >= %(hosts)s AS more
    FROM held
    GROUP BY kind, line
)

SELECT
    c.kind,
    substr(c.line, length(c.kind) + 2) AS name,
    c.hosts,
    c.more,
    (
        SELECT max(e.held_until)
        FROM generate_series(0, 4) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT h.held_until
            FROM crawled_hosts AS h
            WHERE h.line = c.line AND h.held_priority = class.priority
            ORDER BY h.held_until DESC
            LIMIT 1
        ) AS e
    ) AS last_turn
FROM counted AS c
ORDER BY c.hosts DESC, c.line ASC;

-- name: resting
-- Hosts with something due in a queue that are left alone for a while: they asked for it, or could not be reached. No
-- index knows who rests: of each priority the next %(looked)s hosts that will be claimable are looked at. more: there
-- may be others among those after them.
WITH next_hosts AS (
    SELECT class.priority, q.host_id, q.claimable_at
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT q.host_id, q.claimable_at
        FROM queue_hosts AS q
        WHERE q.queue_id = %(queue)s AND q.priority = class.priority AND q.claimable_at > now()
        ORDER BY q.claimable_at
        LIMIT %(looked)s
    ) AS q
),

resting AS (
    SELECT DISTINCT h.host_id, h.rests_until, h.back_offs
    FROM next_hosts AS q
    CROSS JOIN LATERAL (
        SELECT h.host_id, h.rests_until, h.back_offs, h.opted_out
        FROM crawled_hosts AS h
        WHERE h.host_id = q.host_id
        OFFSET 0
    ) AS h
    WHERE h.rests_until > now() AND q.claimable_at <= h.rests_until AND NOT h.opted_out
),

looked AS (
    SELECT coalesce(bool_or(p.hosts >= %(looked)s), FALSE) AS more
    FROM (SELECT count(*) AS hosts FROM next_hosts GROUP BY priority) AS p
),

longest AS (
    SELECT r.host_id, r.rests_until, r.back_offs
    FROM resting AS r
    ORDER BY r.rests_until DESC, r.host_id ASC
    LIMIT %(rows)s
)

SELECT
    (SELECT count(*) FROM resting) AS hosts,
    looked.more,
    n.name AS host,
    l.rests_until,
    l.back_offs
FROM looked
LEFT JOIN longest AS l ON TRUE
LEFT JOIN hosts AS n ON l.host_id = n.id
ORDER BY l.rests_until DESC, n.name ASC;

-- name: waiting
-- Of the %(looked)s hosts of each priority that could have been claimed for longest and that nobody holds, those with
-- most due pages of the queue: since when, and how many, up to %(pages)s.
WITH waits AS (
    SELECT
        q.host_id,
        min(q.claimable_at) AS since
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT q.host_id, q.claimable_at
        FROM queue_hosts AS q
        CROSS JOIN LATERAL (
            SELECT
                (h.worker IS NULL OR h.leased_until <= now())
                AND (h.rests_until IS NULL OR h.rests_until <= now())
                AND NOT h.opted_out AS free
            FROM crawled_hosts AS h
            WHERE h.host_id = q.host_id
            OFFSET 0
        ) AS h
        WHERE q.queue_id = %(queue)s AND q.priority = class.priority AND q.claimable_at <= now() AND h.free
        ORDER BY q.claimable_at
        LIMIT %(looked)s
    ) AS q
    GROUP BY q.host_id
)

SELECT n.name AS host, w.since, p.pages, p.pages >= %(pages)s AS more
FROM waits AS w
INNER JOIN hosts AS n ON w.host_id = n.id
CROSS JOIN LATERAL (
    SELECT count(*) AS pages
    FROM (
        SELECT 1
        FROM generate_series(0, 4) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT p.page_id
            FROM pages AS p
            WHERE p.host_id = w.host_id AND p.priority = class.priority AND p.next_visit <= now()
            LIMIT %(pages)s
        ) AS p
        WHERE (
            SELECT TRUE
            FROM seed_pages AS m
            INNER JOIN seeds AS s ON m.seed_id = s.id
            WHERE m.page_id = p.page_id AND s.queue_id = %(queue)s
            LIMIT 1
        )
        LIMIT %(pages)s
    ) AS due
) AS p
WHERE p.pages > 0
ORDER BY p.pages DESC, w.since ASC, n.name ASC
LIMIT %(rows)s;

-- name: slowest
-- Of %(looked)s hosts in work those that take longest: by the delay that they ask for, as their worker says; by how
-- long they took to answer at the last visits of a day to a few of their pages, in milliseconds; and by back-offs.
WITH alive AS MATERIALIZED (
    SELECT id, worker, stats -> 'delays' AS delays
    FROM sources
    WHERE kind = 0 AND finished_at IS NULL AND seen_at > now() - interval '60 seconds'
),

in_work AS (
    SELECT host_id, worker, back_offs
    FROM crawled_hosts
    WHERE worker IS NOT NULL AND leased_until > now()
    ORDER BY leased_until DESC
    LIMIT %(looked)s
),

measured AS (
    SELECT
        n.name AS host,
        c.id AS crawl_id,
        (c.delays ->> n.name)::float8 AS delay,
        v.answers_ms,
        h.back_offs
    FROM in_work AS h
    INNER JOIN hosts AS n ON h.host_id = n.id
    LEFT JOIN alive AS c ON h.worker = c.worker
    CROSS JOIN LATERAL (
        SELECT avg(v.elapsed_ms)::int AS answers_ms
        FROM generate_series(0, 4) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT p.page_id, p.last_visited
            FROM pages AS p
            WHERE p.host_id = h.host_id AND p.priority = class.priority AND p.next_visit IS NOT NULL
            ORDER BY p.next_visit DESC
            LIMIT 4
        ) AS p
        CROSS JOIN LATERAL (
            SELECT v.elapsed_ms
            FROM visits AS v
            WHERE v.page_id = p.page_id AND v.observed_at = p.last_visited
            OFFSET 0
        ) AS v
        WHERE p.last_visited > now() - interval '24 hours'
    ) AS v
)

SELECT host, crawl_id, delay, answers_ms, back_offs
FROM measured
WHERE delay IS NOT NULL OR answers_ms IS NOT NULL OR back_offs > 0
ORDER BY greatest(delay, answers_ms / 1000.0) DESC NULLS LAST, back_offs DESC, host ASC
LIMIT %(rows)s;
