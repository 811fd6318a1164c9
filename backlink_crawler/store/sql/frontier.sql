-- name: seeds_of_run
-- Whose pages this run visits: of the seeds in %(roots)s and of what their hops have found; NULL: of all that are kept.
-- With %(any_seed)s: of all there are. Stands, as a subquery, wherever a statement says seeds_of_run.
SELECT s.id
FROM seeds AS s
LEFT JOIN seeds AS root ON s.root_id = root.id
WHERE
    CASE
        WHEN %(any_seed)s THEN TRUE
        WHEN %(roots)s::bigint[] IS NULL THEN coalesce(root.kept, s.kept)
        ELSE coalesce(s.root_id, s.id) = ANY(%(roots)s::bigint[])
    END;

-- name: claim_hosts
-- Take hosts that have something due out of the frontier, for as long as the lease says. Hosts whose owners opted out
-- (their own name or a domain above it, whatever the port) are passed over.
-- No transaction stays open while their pages are fetched.
-- %(up_to)s: the least urgent priority whose pages are wanted. One branch a priority, the urgent ones first, so that
-- each is a range of hosts_claimable_idx; a branch that is not needed is not run.
WITH candidates AS (
    SELECT h.id
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT h.id
        FROM hosts AS h
        WHERE
            h.priority = class.priority
            AND class.priority <= %(up_to)s
            AND h.claimable_at <= now()
            AND (h.rests_until IS NULL OR h.rests_until <= now())
            AND NOT EXISTS (
                SELECT 1
                FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
                CROSS JOIN generate_subscripts(labels, 1) AS n
                INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
            )
            AND (
                %(roots)s::bigint[] IS NULL
                OR h.id = ANY(ARRAY(
                    SELECT sh.host_id
                    FROM seeds AS s
                    INNER JOIN seed_hosts AS sh ON s.id = sh.seed_id
                    WHERE s.root_id = ANY(%(roots)s::bigint[]) OR s.id = ANY(%(roots)s::bigint[])
                ))
            )
            AND EXISTS (
                SELECT 1
                FROM pages AS p
                INNER JOIN seeds_of_run AS s ON p.seed_id = s.id
                WHERE
                    p.host_id = h.id
                    AND p.priority <= %(up_to)s
                    AND p.next_visit <= now()
            )
        ORDER BY h.claimable_at
        LIMIT %(limit)s
        FOR NO KEY UPDATE OF h SKIP LOCKED
    ) AS h
    LIMIT %(limit)s
)

UPDATE hosts AS h
SET
    claim = h.claim + 1,
    worker = %(worker)s,
    claimable_at = now() + %(lease)s,
    -- a lease that nobody gave back: until its end its worker may have asked
    last_request = greatest(h.last_request, CASE WHEN h.worker IS NOT NULL THEN h.claimable_at END)
FROM candidates AS c
WHERE h.id = c.id
RETURNING
    h.id,
    h.name,
    h.claim,
    extract(EPOCH FROM now() - h.last_request)::float8 AS seconds_since_request,
    h.setbacks,
    h.renders,
    h.render_gains;

-- name: due_pages
-- The pages of a claimed host that are due, first things first. %(handed)s: what the worker already has.
-- %(up_to)s: the least urgent priority that may be handed out. One branch a priority, so that each is a range of
-- pages_due_idx. ETag and Last-Modified only where a 304 would say all. A rendered page with a missing link is rendered
-- again, as if it had gained some: it may be a rendered link, which nothing else could settle.
SELECT
    p.page_id,
    u.url,
    p.seed_id,
    p.kind,
    p.depth,
    p.visits,
    coalesce(f.etag, '') AS etag,
    coalesce(f.last_modified, '') AS last_modified,
    coalesce(p.gained OR p.has_missing, FALSE) AS gained
FROM generate_series(0, %(up_to)s::int) AS class (priority)
CROSS JOIN LATERAL (
    SELECT
        p.next_visit,
        p.page_id,
        p.seed_id,
        p.kind,
        p.depth,
        p.visits,
        p.gained,
        p.has_missing AND p.rendered_at IS NOT NULL AS has_missing,
        p.settled = 0
        AND NOT p.has_missing
        AND p.found_digest IS NOT NULL AS may_be_unmodified
    FROM pages AS p
    INNER JOIN seeds_of_run AS s ON p.seed_id = s.id
    WHERE
        p.host_id = %(host_id)s
        AND p.priority = class.priority
        AND p.next_visit <= now()
        AND p.page_id <> ALL(%(handed)s::bigint[])
    ORDER BY p.next_visit
    LIMIT %(limit)s
) AS p
INNER JOIN urls AS u ON p.page_id = u.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id AND p.may_be_unmodified
ORDER BY class.priority, p.next_visit
LIMIT %(limit)s;

-- name: release_hosts
-- Give hosts back: claimable again when their earliest page is due, and not before the pause that they need is over.
-- Their priority is a hint: of what is due within a week, and of watched pages whenever they are.
UPDATE hosts AS h
SET
    worker = NULL,
    rests_until = CASE WHEN held.pause > interval '0' THEN now() + held.pause END,
    (claimable_at, priority) = (
        SELECT
            -- greatest() passes over NULL: nothing due ever must stay NULL
            CASE WHEN min(due.next_visit) IS NOT NULL THEN greatest(min(due.next_visit), now() + held.pause) END,
            coalesce(
                min(class.priority) FILTER (
                    WHERE class.priority < 2 OR due.next_visit < now() + interval '7 days'
                ),
                4
            )
        FROM generate_series(0, 4) AS class (priority)
        CROSS JOIN LATERAL (
            SELECT p.next_visit
            FROM pages AS p
            WHERE p.host_id = h.id AND p.priority = class.priority AND p.next_visit IS NOT NULL
            ORDER BY p.next_visit
            LIMIT 1
        ) AS due
    ),
    last_request = coalesce(now() - held.since_request, h.last_request),
    setbacks = held.setbacks,
    renders = held.renders,
    render_gains = held.render_gains
FROM
    unnest(
        %(hosts)s::bigint[], %(claims)s::bigint[], %(since_request)s::interval[], %(pauses)s::interval[],
        %(setbacks)s::smallint[], %(renders)s::real[], %(render_gains)s::real[]
    ) AS held (id, claim, since_request, pause, setbacks, renders, render_gains)
WHERE h.id = held.id AND h.claim = held.claim;

-- name: hosts_to_share
-- Hosts that are claimed or could be, as far as it matters for who gets how many.
SELECT count(*)
FROM (SELECT 1 FROM hosts WHERE claimable_at <= now() OR worker IS NOT NULL LIMIT %(limit)s) AS h;

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
    AND (
        NOT EXISTS (SELECT 1 FROM optouts)
        OR NOT EXISTS (
            SELECT 1
            FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
            CROSS JOIN generate_subscripts(labels, 1) AS n
            INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
        )
    )
    AND EXISTS (
        SELECT 1
        FROM pages AS p
        INNER JOIN seeds_of_run AS s ON p.seed_id = s.id
        WHERE
            p.host_id = h.id
            AND p.next_visit <= now()
            AND p.priority <= %(up_to)s
    );

-- name: renew_leases
-- Keep hosts a while longer. Returns those that are still ours, and whose owners have not opted out meanwhile.
-- In the order of their keys, as the same worker's batches lock them (fence).
WITH ours AS (
    SELECT h.id
    FROM unnest(%(hosts)s::bigint[], %(claims)s::bigint[]) AS held (id, claim)
    INNER JOIN hosts AS h ON held.id = h.id
    WHERE
        h.claim = held.claim
        AND NOT EXISTS (
            SELECT 1
            FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
            CROSS JOIN generate_subscripts(labels, 1) AS n
            INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
        )
    ORDER BY h.id
    FOR NO KEY UPDATE OF h
)

UPDATE hosts AS h
SET claimable_at = now() + %(lease)s
FROM ours AS o
WHERE h.id = o.id
RETURNING h.id;

-- name: held_by_others
-- Does another worker hold a host that has something due in this run?
SELECT EXISTS (
    SELECT 1
    FROM hosts AS h
    INNER JOIN pages AS p ON h.id = p.host_id
    INNER JOIN seeds_of_run AS s ON p.seed_id = s.id
    WHERE
        h.worker IS NOT NULL
        AND h.worker <> %(worker)s
        AND h.claimable_at > now()
        AND NOT EXISTS (
            SELECT 1
            FROM string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
            CROSS JOIN generate_subscripts(labels, 1) AS n
            INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
        )
        AND p.next_visit <= now()
        AND p.priority <= %(up_to)s
);

-- name: due_count
-- How much is due in this run. Who has opted out is found for all hosts at once, and only if anybody has.
WITH due AS (
    SELECT p.host_id, count(*) AS pages
    FROM pages AS p
    INNER JOIN seeds_of_run AS s ON p.seed_id = s.id
    WHERE p.next_visit <= now()
    GROUP BY p.host_id
),

names AS (
    SELECT h.id, string_to_array(regexp_replace(h.name, '\.?(:\d+)?$', ''), '.') AS labels
    FROM hosts AS h
    WHERE EXISTS (SELECT 1 FROM optouts)
),

above AS (
    SELECT n.id, array_to_string(n.labels[generate_subscripts(n.labels, 1):], '.') AS domain
    FROM names AS n
),

closed AS (
    SELECT a.id FROM above AS a INNER JOIN optouts AS o ON a.domain = o.domain
)

SELECT coalesce(sum(d.pages), 0)::bigint AS pages, count(*) AS hosts
FROM due AS d
WHERE NOT EXISTS (SELECT 1 FROM closed AS c WHERE c.id = d.host_id);

-- name: read_robots
-- What is known of a host's robots.txt, and for how long it may be used: 24 hours, an error one. Less than 0: too old.
SELECT
    r.http_code,
    r.body,
    extract(
        EPOCH FROM
        r.fetched_at - now() + CASE WHEN r.http_code < 500 THEN interval '24 hours' ELSE interval '1 hour' END
    )::float8 AS seconds_left
FROM robots AS r
INNER JOIN hosts AS h ON r.host_id = h.id
WHERE h.name = %(name)s;

-- name: write_robots
-- Of a host, and of the one to whose robots.txt its own redirects.
INSERT INTO robots (host_id, fetched_at, http_code, body)
SELECT id, now(), %(http_code)s, %(body)s FROM hosts WHERE name = ANY(%(names)s) ORDER BY id
ON CONFLICT (host_id) DO UPDATE
SET fetched_at = excluded.fetched_at, http_code = excluded.http_code, body = excluded.body;

-- name: copy_robots
-- What is known of %(lender)s holds for %(name)s, and is no younger for that.
INSERT INTO robots (host_id, fetched_at, http_code, body)
SELECT h.id, r.fetched_at, r.http_code, r.body
FROM hosts AS h
CROSS JOIN robots AS r
INNER JOIN hosts AS l ON r.host_id = l.id
WHERE h.name = %(name)s AND l.name = %(lender)s
ON CONFLICT (host_id) DO UPDATE
SET fetched_at = excluded.fetched_at, http_code = excluded.http_code, body = excluded.body;

-- name: borrow_host
-- For one request to a host that we do not hold, as another's robots.txt leads there: nobody holds it, and its delay is
-- over. Whoever claims it meanwhile takes the request as made when it may last have been, in %(lasts)s.
INSERT INTO hosts AS h (name, last_request)
SELECT %(name)s, now() + %(lasts)s
WHERE
    NOT EXISTS (
        SELECT 1
        FROM string_to_array(regexp_replace(%(name)s, '\.?(:\d+)?$', ''), '.') AS labels
        CROSS JOIN generate_subscripts(labels, 1) AS n
        INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
    )
ON CONFLICT (name) DO UPDATE
SET last_request = excluded.last_request
WHERE
    (h.worker IS NULL OR h.claimable_at <= now())
    AND (h.rests_until IS NULL OR h.rests_until <= now())
    AND coalesce(
        greatest(h.last_request, CASE WHEN h.worker IS NOT NULL THEN h.claimable_at END) <= now() - %(delay)s, TRUE
    )
RETURNING h.id;

-- name: return_host
UPDATE hosts SET last_request = now() WHERE name = %(name)s AND worker IS NULL AND last_request > now();

-- name: run_seeds
-- The seeds whose pages this run may visit, as the crawl needs them.
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

-- name: start_crawl
INSERT INTO crawls (worker, seeds) VALUES (%(worker)s, %(seeds)s) RETURNING id;

-- name: tell_progress
UPDATE crawls SET seen_at = now(), stats = %(stats)s WHERE id = %(crawl_id)s AND finished_at IS NULL;

-- name: finish_crawl
UPDATE crawls SET finished_at = now(), seen_at = now(), reason = %(reason)s, stats = %(stats)s WHERE id = %(crawl_id)s;
