-- name: due_pages
-- The pages of claimed hosts that are due in a queue (2: that are to be verified, whosoever they are), first things
-- first. %(handed)s: what the worker already has. One branch a priority, so that each is a range of pages_due_idx.
-- ETag and Last-Modified only where a 304 would say all. A rendered page with a missing link is rendered again, as if
-- it had gained some: it may be a rendered link, which nothing else could settle.
SELECT
    p.host_id,
    p.page_id,
    u.url,
    p.kind,
    p.visits,
    p.counted,
    coalesce(p.gained, FALSE) AS gained,
    coalesce(m.covers, '{}') AS covers,
    coalesce(m.depths, '{}') AS depths,
    coalesce(m.hop_seeds, '{}') AS hop_seeds,
    coalesce(m.has_room, FALSE) AS has_room,
    coalesce(m.render, 'auto') AS render,
    coalesce(f.etag, '') AS etag,
    coalesce(f.last_modified, '') AS last_modified,
    p.settled IS NOT NULL AS was_settled,
    p.doubted,
    p.begun,
    p.has_missing AS misses_link
FROM unnest(%(hosts)s::bigint[]) AS claimed (host_id)
CROSS JOIN LATERAL (
    SELECT
        class.priority,
        p.next_visit,
        p.host_id,
        p.page_id,
        p.kind,
        p.visits,
        p.counted,
        p.gained,
        p.settled,
        p.begun,
        p.has_missing AND p.rendered_at IS NOT NULL AS has_missing,
        p.doubted_since IS NOT NULL AS doubted,
        p.settled = 0
        AND NOT p.has_missing
        AND p.found_digest IS NOT NULL AS may_be_unmodified
    FROM generate_series(0, %(up_to)s::int) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT p.*
        FROM pages AS p
        WHERE
            p.host_id = claimed.host_id
            AND p.priority = class.priority
            AND p.next_visit <= now()
            AND p.page_id <> ALL(%(handed)s::bigint[])
            AND (
                %(queue)s = 2
                OR (
                    SELECT TRUE
                    FROM seed_pages AS m
                    INNER JOIN seeds AS s ON m.seed_id = s.id
                    WHERE m.page_id = p.page_id AND s.queue_id = %(queue)s
                    LIMIT 1
                )
            )
        ORDER BY p.next_visit
        LIMIT %(limit)s
    ) AS p
    ORDER BY class.priority, p.next_visit
    LIMIT %(limit)s
) AS p
INNER JOIN urls AS u ON p.page_id = u.id
CROSS JOIN LATERAL (
    SELECT
        array_agg(m.seed_id ORDER BY m.seed_id) AS covers,
        array_agg(m.depth ORDER BY m.seed_id) AS depths,
        array_agg(m.seed_id) FILTER (WHERE s.hops > 0) AS hop_seeds,
        -- something was refused for lack of room, and there is room now; or a host was, and perhaps is no more
        bool_or(m.refused AND coalesce(s.pages_known < s.max_pages, TRUE)) AS has_room,
        CASE
            WHEN bool_or(s.render = 'always') FILTER (WHERE %(queue)s IN (2, s.queue_id)) THEN 'always'
            WHEN bool_or(s.render = 'auto') FILTER (WHERE %(queue)s IN (2, s.queue_id)) THEN 'auto'
            WHEN count(*) > 0 THEN 'never'
        END AS render
    FROM seed_pages AS m
    INNER JOIN seeds AS s ON m.seed_id = s.id
    WHERE m.page_id = p.page_id
) AS m
LEFT JOIN page_facts AS f ON p.page_id = f.page_id AND p.may_be_unmodified AND m.has_room IS NOT TRUE
ORDER BY p.host_id, p.priority, p.next_visit;

-- name: begin_page
-- Its reading begins, if its host is still ours; the visit that is recorded says that it has ended (update_pages).
UPDATE pages AS p
SET begun = least(p.begun + 1, 100)
FROM crawled_hosts AS h
WHERE p.page_id = %(page_id)s AND p.host_id = h.host_id AND h.claim = %(claim)s;

-- name: give_back_pages
-- Nobody has died of these pages, of hosts that are given back: their readings are dropped, and begin anew.
UPDATE pages
SET begun = begun - 1
WHERE page_id = ANY(%(pages)s::bigint[]) AND host_id = ANY(%(hosts)s::bigint[]) AND begun > 0;

-- name: release_hosts
-- Give hosts back, in the order of their keys, as the same worker's batches lock them (fence). requeue_hosts follows.
WITH held AS (
    SELECT h.host_id, r.since_request, r.pause, r.back_offs, r.renders, r.render_gains, r.endings
    FROM unnest(
        %(hosts)s::bigint[], %(claims)s::bigint[], %(since_request)s::interval[], %(pauses)s::interval[],
        %(back_offs)s::smallint[], %(renders)s::real[], %(render_gains)s::real[], %(endings)s::jsonb[]
    ) AS r (host_id, claim, since_request, pause, back_offs, renders, render_gains, endings)
    INNER JOIN crawled_hosts AS h ON r.host_id = h.host_id AND r.claim = h.claim
    ORDER BY h.host_id
    FOR NO KEY UPDATE OF h
)

UPDATE crawled_hosts AS h
SET
    worker = NULL,
    leased_until = NULL,
    rests_until = CASE WHEN held.pause > interval '0' THEN now() + held.pause END,
    last_request = coalesce(now() - held.since_request, h.last_request),
    back_offs = held.back_offs,
    renders = held.renders,
    render_gains = held.render_gains,
    endings = held.endings,
    endings_since = CASE
        WHEN held.endings IS NULL THEN NULL
        WHEN h.endings_since > now() - interval '30 days' THEN h.endings_since
        ELSE now()
    END,
    is_suspect = FALSE
FROM held
WHERE h.host_id = held.host_id
RETURNING h.host_id;

-- name: lock_hosts
SELECT 1 FROM crawled_hosts WHERE host_id = ANY(%(hosts)s::bigint[]) ORDER BY host_id FOR NO KEY UPDATE;

-- name: requeue_hosts
-- When hosts, which this transaction has locked, are claimable in each of their queues: by the pages that they have
-- now. In queue 2 are the pages to be verified, whosoever they are. Whose a page is, is looked up by LIMIT 1 everywhere
-- here: an EXISTS may be answered by reading all pages of all seeds of the queue first.
INSERT INTO queue_hosts AS q (host_id, queue_id, priority, claimable_at)
SELECT
    h.host_id,
    of_host.queue_id,
    class.priority,
    -- greatest() passes over NULL
    CASE
        WHEN NOT h.opted_out AND due.next_visit IS NOT NULL
            THEN greatest(
                due.next_visit, h.rests_until, CASE WHEN class.priority >= h.held_priority THEN h.held_until END
            )
    END
FROM crawled_hosts AS h
CROSS JOIN LATERAL (SELECT DISTINCT o.queue_id FROM queue_hosts AS o WHERE o.host_id = h.host_id) AS of_host
CROSS JOIN LATERAL generate_series(0, CASE WHEN of_host.queue_id = 2 THEN 0 ELSE 4 END) AS class (priority)
LEFT JOIN LATERAL (
    SELECT p.next_visit
    FROM pages AS p
    WHERE
        p.host_id = h.host_id
        AND p.priority = class.priority
        AND p.next_visit IS NOT NULL
        AND (
            of_host.queue_id = 2
            OR (
                SELECT TRUE
                FROM seed_pages AS m
                INNER JOIN seeds AS s ON m.seed_id = s.id
                WHERE m.page_id = p.page_id AND s.queue_id = of_host.queue_id
                LIMIT 1
            )
        )
    ORDER BY p.next_visit
    LIMIT 1
) AS due ON TRUE
LEFT JOIN LATERAL (
    SELECT k.claimable_at
    FROM queue_hosts AS k
    WHERE k.host_id = h.host_id AND k.queue_id = of_host.queue_id AND k.priority = class.priority
    OFFSET 0
) AS k ON TRUE
WHERE
    h.host_id = ANY(%(hosts)s::bigint[])
    AND (due.next_visit IS NOT NULL OR k.claimable_at IS NOT NULL)
ORDER BY h.host_id, of_host.queue_id, class.priority
ON CONFLICT (host_id, queue_id, priority) DO UPDATE
SET claimable_at = excluded.claimable_at
WHERE q.claimable_at IS DISTINCT FROM excluded.claimable_at;

-- name: hosts_to_share
-- Hosts of a queue that are claimed or could be, as far as it matters for who gets how many. A host has five rows at
-- most.
SELECT count(DISTINCT q.host_id)
FROM (
    SELECT host_id
    FROM queue_hosts
    WHERE queue_id = %(queue)s AND priority <= %(up_to)s AND claimable_at <= now()
    LIMIT 5 * %(limit)s
) AS q;

-- name: release_worker
-- Whatever else a worker still holds: claimed in the moment in which it was told to stop.
UPDATE crawled_hosts SET worker = NULL, leased_until = NULL WHERE worker = %(worker)s;

-- name: missed_hosts
-- Hosts that nobody holds, and of which something is due. When claims do not find them, it was recorded in the moment
-- in which the host was released: neither saw the other. Looked for when a run would end.
SELECT h.host_id
FROM crawled_hosts AS h
WHERE
    h.host_id IN (SELECT q.host_id FROM queue_hosts AS q WHERE q.queue_id = %(queue)s)
    AND (h.worker IS NULL OR h.leased_until <= now())
    AND (h.rests_until IS NULL OR h.rests_until <= now())
    AND (NOT %(bounded)s OR h.held_until IS NULL OR h.held_until <= now())
    AND NOT h.opted_out
    AND EXISTS (
        SELECT 1
        FROM pages AS p
        WHERE
            p.host_id = h.host_id
            AND p.priority <= %(up_to)s
            AND p.next_visit <= now()
            AND (
                (%(queue)s = 2 AND p.priority = 0)
                OR (
                    SELECT TRUE
                    FROM seed_pages AS m
                    INNER JOIN seeds AS s ON m.seed_id = s.id
                    WHERE m.page_id = p.page_id AND s.queue_id = %(queue)s
                    LIMIT 1
                )
            )
    );

-- name: renew_leases
-- Keep hosts a while longer. Returns those that are still ours, and whose owners have not opted out meanwhile.
-- In the order of their keys, as the same worker's batches lock them (fence).
WITH ours AS (
    SELECT h.host_id
    FROM unnest(%(hosts)s::bigint[], %(claims)s::bigint[]) AS held (host_id, claim)
    INNER JOIN crawled_hosts AS h ON held.host_id = h.host_id
    WHERE h.claim = held.claim AND h.worker IS NOT NULL AND NOT h.opted_out
    ORDER BY h.host_id
    FOR NO KEY UPDATE OF h
)

UPDATE crawled_hosts AS h
SET leased_until = now() + %(lease)s
FROM ours AS o
WHERE h.host_id = o.host_id
RETURNING h.host_id;

-- name: is_any_held
-- Does a worker hold a host that has something due in this queue?
SELECT EXISTS (
    SELECT 1
    FROM crawled_hosts AS h
    INNER JOIN pages AS p ON h.host_id = p.host_id
    WHERE
        h.worker IS NOT NULL
        AND h.leased_until > now()
        AND NOT h.opted_out
        AND p.priority <= %(up_to)s
        AND p.next_visit <= now()
        AND (
            (%(queue)s = 2 AND p.priority = 0)
            OR (
                SELECT TRUE
                FROM seed_pages AS m
                INNER JOIN seeds AS s ON m.seed_id = s.id
                WHERE m.page_id = p.page_id AND s.queue_id = %(queue)s
                LIMIT 1
            )
        )
);

-- name: held_back
-- Does something that is due in this queue wait for its turn under a bound?
SELECT EXISTS (
    SELECT 1
    FROM queue_hosts AS q
    INNER JOIN crawled_hosts AS h ON q.host_id = h.host_id
    WHERE
        q.queue_id = %(queue)s
        AND q.priority <= %(up_to)s
        AND q.claimable_at > now()
        AND q.claimable_at <= (SELECT max(l.held_until) FROM crawled_hosts AS l WHERE l.line IS NOT NULL)
        AND q.claimable_at <= h.held_until
        AND h.line IS NOT NULL
        AND NOT h.opted_out
);

-- name: leave_lines
UPDATE crawled_hosts
SET held_until = NULL, line = NULL, held_priority = NULL
WHERE host_id = ANY(%(hosts)s::bigint[]) AND line IS NOT NULL;

-- name: due_count
-- How much is due in a queue.
WITH due AS (
    SELECT p.host_id, p.kind
    FROM pages AS p
    WHERE %(queue)s = 2 AND p.priority = 0 AND p.next_visit <= now()
    UNION ALL
    SELECT p.host_id, p.kind
    FROM pages AS p
    WHERE
        p.next_visit <= now()
        AND p.page_id IN (
            SELECT m.page_id
            FROM seeds AS s
            INNER JOIN seed_pages AS m ON s.id = m.seed_id
            WHERE s.queue_id = %(queue)s
        )
)

SELECT
    count(*) FILTER (WHERE d.kind = 0) AS pages,
    count(*) FILTER (WHERE d.kind = 1) AS sitemaps,
    count(DISTINCT d.host_id) AS hosts
FROM due AS d
INNER JOIN crawled_hosts AS h ON d.host_id = h.host_id
WHERE NOT h.opted_out;

-- name: read_seeds
-- Seeds as the crawl needs them.
SELECT
    s.id,
    u.url,
    s.scope,
    s.max_depth,
    s.max_pages,
    s.hops,
    s.bare,
    s.render
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
WHERE s.id = ANY(%(ids)s::bigint[]);
