-- name: claim_hosts
-- Take hosts that have something due out of the frontier, for as long as the lease says.
-- %(roots)s: seeds of this run, NULL for all kept ones. No transaction stays open while their pages are fetched.
WITH candidates AS (
    SELECT h.id
    FROM hosts AS h
    WHERE
        h.claimable_at <= now()
        AND (
            %(roots)s::bigint[] IS NULL
            OR h.id IN (
                SELECT sh.host_id
                FROM seed_hosts AS sh
                INNER JOIN seeds AS s ON sh.seed_id = s.id
                WHERE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
            )
        )
        AND EXISTS (
            SELECT 1
            FROM pages AS p
            INNER JOIN seeds AS s ON p.seed_id = s.id
            LEFT JOIN seeds AS root ON s.root_id = root.id
            WHERE
                p.host_id = h.id
                AND p.next_visit <= now()
                AND CASE
                    WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
                    ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
                END
        )
    ORDER BY h.claimable_at
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF h SKIP LOCKED
)

UPDATE hosts AS h
SET claim = h.claim + 1, worker = %(worker)s, claimable_at = now() + %(lease)s
FROM candidates AS c
WHERE h.id = c.id
RETURNING h.id, h.name, h.claim, extract(EPOCH FROM now() - h.last_request)::float8 AS seconds_since_request;

-- name: due_pages
-- The pages of a claimed host that are due, first things first. %(handed)s: what the worker already has.
-- One branch a priority, so that each is a range of pages_due_idx.
SELECT
    p.page_id,
    u.url,
    p.seed_id,
    p.kind,
    p.depth,
    p.visits
FROM generate_series(0, 3) AS class (priority)
CROSS JOIN LATERAL (
    SELECT
        p.next_visit,
        p.page_id,
        p.seed_id,
        p.kind,
        p.depth,
        p.visits
    FROM pages AS p
    INNER JOIN seeds AS s ON p.seed_id = s.id
    LEFT JOIN seeds AS root ON s.root_id = root.id
    WHERE
        p.host_id = %(host_id)s
        AND p.priority = class.priority
        AND p.next_visit <= now()
        AND p.page_id <> ALL(%(handed)s::bigint[])
        AND CASE
            WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
            ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
        END
    ORDER BY p.next_visit
    LIMIT %(limit)s
) AS p
INNER JOIN urls AS u ON p.page_id = u.id
ORDER BY class.priority, p.next_visit
LIMIT %(limit)s;

-- name: release_hosts
-- Give hosts back: claimable again when their earliest page is due, and not before the pause that they need is over.
UPDATE hosts AS h
SET
    worker = NULL,
    rests_until = CASE WHEN held.pause > interval '0' THEN now() + held.pause END,
    claimable_at = (
        -- greatest() passes over NULL: nothing due ever must stay NULL
        SELECT CASE WHEN min(due.next_visit) IS NOT NULL THEN greatest(min(due.next_visit), now() + held.pause) END
        FROM generate_series(0, 3) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT p.next_visit
            FROM pages AS p
            WHERE p.host_id = h.id AND p.priority = class.priority AND p.next_visit IS NOT NULL
            ORDER BY p.next_visit
            LIMIT 1
        ) AS due
    ),
    last_request = coalesce(now() - held.since_request, h.last_request)
FROM
    unnest(%(hosts)s::bigint[], %(claims)s::bigint[], %(since_request)s::interval[], %(pauses)s::interval[])
        AS held (id, claim, since_request, pause)
WHERE h.id = held.id AND h.claim = held.claim;

-- name: release_worker
-- Whatever else a worker still holds: claimed in the moment in which it was told to stop.
UPDATE hosts SET worker = NULL, claimable_at = now() WHERE worker = %(worker)s;

-- name: wake_missed
-- A page that was recorded while its host was being released may have woken nobody. Looked for when a run would end.
UPDATE hosts AS h
SET claimable_at = now()
WHERE
    h.worker IS NULL
    AND (h.claimable_at IS NULL OR h.claimable_at > now())
    AND (h.rests_until IS NULL OR h.rests_until <= now())
    AND EXISTS (
        SELECT 1
        FROM pages AS p
        INNER JOIN seeds AS s ON p.seed_id = s.id
        LEFT JOIN seeds AS root ON s.root_id = root.id
        WHERE
            p.host_id = h.id
            AND p.next_visit <= now()
            AND CASE
                WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
                ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
            END
    );

-- name: renew_leases
-- Keep hosts a while longer. Returns those that are still ours.
UPDATE hosts AS h
SET claimable_at = now() + %(lease)s
FROM unnest(%(hosts)s::bigint[], %(claims)s::bigint[]) AS held (id, claim)
WHERE h.id = held.id AND h.claim = held.claim
RETURNING h.id;

-- name: held_by_others
-- Does another worker hold a host that has something due in this run?
SELECT EXISTS (
    SELECT 1
    FROM hosts AS h
    INNER JOIN pages AS p ON h.id = p.host_id
    INNER JOIN seeds AS s ON p.seed_id = s.id
    LEFT JOIN seeds AS root ON s.root_id = root.id
    WHERE
        h.worker IS NOT NULL
        AND h.worker <> %(worker)s
        AND h.claimable_at > now()
        AND p.next_visit <= now()
        AND CASE
            WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
            ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
        END
);

-- name: due_count
-- How much is due in this run.
SELECT count(*) AS pages, count(DISTINCT p.host_id) AS hosts
FROM pages AS p
INNER JOIN seeds AS s ON p.seed_id = s.id
LEFT JOIN seeds AS root ON s.root_id = root.id
WHERE
    p.next_visit <= now()
    AND CASE
        WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
        ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
    END;

-- name: read_robots
-- What is known of a host's robots.txt, when it is younger than 24 hours (an error: than one).
SELECT http_code, body
FROM robots
WHERE
    host_id = %(host_id)s
    AND fetched_at > now() - CASE WHEN http_code < 500 THEN interval '24 hours' ELSE interval '1 hour' END;

-- name: write_robots
INSERT INTO robots (host_id, fetched_at, http_code, body)
VALUES (%(host_id)s, now(), %(http_code)s, %(body)s)
ON CONFLICT (host_id) DO UPDATE
SET fetched_at = excluded.fetched_at, http_code = excluded.http_code, body = excluded.body;

-- name: run_seeds
-- The seeds whose pages this run may visit, as the crawl needs them.
SELECT
    s.id,
    u.url,
    s.scope,
    s.max_depth,
    s.max_pages,
    s.hops,
    s.bare
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
WHERE s.id = ANY(%(ids)s::bigint[]);

-- name: start_crawl
INSERT INTO crawls (worker, seeds) VALUES (%(worker)s, %(seeds)s) RETURNING id;

-- name: finish_crawl
UPDATE crawls SET finished_at = now(), reason = %(reason)s, stats = %(stats)s WHERE id = %(crawl_id)s;
