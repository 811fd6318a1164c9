-- name: take_turns
-- Who counts how many hosts are in work under a bound, and then claims more, does it alone. Until the transaction ends.
SELECT pg_advisory_xact_lock(%(key)s);

-- name: claimable_hosts
-- Hosts that have something due in a queue, first things first, locked until the transaction ends.
-- One branch a priority, the urgent ones first, so that each is a range of queue_hosts_claimable_idx; a branch that is
-- not needed is not run. A host that has something more urgent due was found by an earlier branch, or is not to be had.
WITH claimable AS (
    SELECT h.host_id, h.address, h.in_turn, h.claimable_at, class.priority
    FROM generate_series(0, %(up_to)s::int) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT
            h.host_id,
            h.address,
            coalesce(h.held_until > now() - interval '5 seconds', FALSE) AS in_turn,
            q.claimable_at
        FROM queue_hosts AS q
        INNER JOIN crawled_hosts AS h ON q.host_id = h.host_id
        WHERE
            q.queue_id = %(queue)s
            AND q.priority = class.priority
            AND q.claimable_at <= now()
            AND (h.worker IS NULL OR h.leased_until <= now())
            AND (h.rests_until IS NULL OR h.rests_until <= now())
            AND NOT h.opted_out
            AND NOT EXISTS (
                SELECT 1
                FROM queue_hosts AS o
                WHERE
                    o.host_id = q.host_id
                    AND o.queue_id = q.queue_id
                    AND o.priority < class.priority
                    AND o.claimable_at <= now()
            )
        ORDER BY q.claimable_at
        LIMIT %(limit)s
        FOR NO KEY UPDATE OF h SKIP LOCKED
    ) AS h
    LIMIT %(limit)s
)

SELECT c.host_id, h.name, h.domain_id, c.address, c.priority, c.in_turn
FROM claimable AS c
INNER JOIN hosts AS h ON c.host_id = h.id
ORDER BY c.priority, c.claimable_at, c.host_id;

-- name: hosts_of_next_seeds
-- The next seeds in the round of those that the user named for a queue, and of each a host of its domain that has
-- something due, locked: one seed's thousands of hosts, which have been due for longer, do not keep it out.
WITH next_seeds AS (
    SELECT s.id, s.domain_id
    FROM seeds AS s
    WHERE s.queue_id = %(queue)s AND s.root_id IS NULL AND s.id > %(after)s
    ORDER BY s.id
    LIMIT %(seeds)s
),

found AS (
    SELECT s.id, h.host_id, h.address, h.priority, h.in_turn
    FROM next_seeds AS s
    CROSS JOIN LATERAL (
        SELECT
            h.host_id,
            h.address,
            q.priority,
            coalesce(h.held_until > now() - interval '5 seconds', FALSE) AS in_turn
        FROM (SELECT o.id FROM hosts AS o WHERE o.domain_id = s.domain_id LIMIT %(hosts)s) AS of_domain
        INNER JOIN queue_hosts AS q ON of_domain.id = q.host_id
        INNER JOIN crawled_hosts AS h ON of_domain.id = h.host_id
        WHERE
            q.queue_id = %(queue)s
            AND q.priority <= %(up_to)s
            AND q.claimable_at <= now()
            AND (h.worker IS NULL OR h.leased_until <= now())
            AND (h.rests_until IS NULL OR h.rests_until <= now())
            AND NOT h.opted_out
        ORDER BY q.priority
        LIMIT 1
        FOR NO KEY UPDATE OF h SKIP LOCKED
    ) AS h
)

SELECT s.id AS seed_id, f.host_id, h.name, h.domain_id, f.address, f.priority, f.in_turn
FROM next_seeds AS s
LEFT JOIN found AS f ON s.id = f.id
LEFT JOIN hosts AS h ON f.host_id = h.id
ORDER BY s.id;

-- name: in_work
-- How many hosts are in work under each of these bounds, and whether another worker holds any of them. %(besides)s:
-- hosts that do not count.
SELECT
    'domain' AS kind,
    domain_id,
    NULL::text AS name,
    count(*) AS hosts,
    bool_or(worker <> %(worker)s) AS elsewhere
FROM crawled_hosts
WHERE
    domain_id = ANY(%(domains)s::int[])
    AND worker IS NOT NULL
    AND leased_until > now()
    AND host_id <> ALL(%(besides)s::bigint[])
GROUP BY domain_id
UNION ALL
SELECT
    'suffix' AS kind,
    NULL::int AS domain_id,
    suffix AS name,
    count(*) AS hosts,
    bool_or(worker <> %(worker)s) AS elsewhere
FROM crawled_hosts
WHERE
    suffix = ANY(%(suffixes)s::text[])
    AND worker IS NOT NULL
    AND leased_until > now()
    AND host_id <> ALL(%(besides)s::bigint[])
GROUP BY suffix
UNION ALL
SELECT
    'address' AS kind,
    NULL::int AS domain_id,
    address AS name,
    count(*) AS hosts,
    bool_or(worker <> %(worker)s) AS elsewhere
FROM crawled_hosts
WHERE
    address = ANY(%(addresses)s::text[])
    AND worker IS NOT NULL
    AND leased_until > now()
    AND host_id <> ALL(%(besides)s::bigint[])
GROUP BY address;

-- name: claim_hosts
-- Take hosts, which this transaction has locked, out of the frontier, for as long as the lease says. No transaction
-- stays open while their pages are fetched.
WITH claimed AS (
    UPDATE crawled_hosts AS h
    SET
        claim = h.claim + 1,
        worker = %(worker)s,
        leased_until = now() + %(lease)s,
        -- a lease that nobody gave back: until its end its worker may have asked
        last_request = greatest(h.last_request, CASE WHEN h.worker IS NOT NULL THEN h.leased_until END),
        is_suspect = h.is_suspect OR h.worker IS NOT NULL,
        domain_id = c.domain_id,
        suffix = c.suffix,
        held_until = NULL,
        line = NULL,
        held_priority = NULL
    FROM unnest(%(hosts)s::bigint[], %(domains)s::int[], %(suffixes)s::text[]) AS c (host_id, domain_id, suffix)
    WHERE h.host_id = c.host_id
    RETURNING
        h.host_id,
        h.claim,
        h.last_request,
        h.back_offs,
        h.renders,
        h.render_gains,
        CASE WHEN h.endings_since > now() - interval '30 days' THEN h.endings END AS endings,
        h.is_suspect
)

SELECT
    c.host_id,
    h.name,
    c.claim,
    extract(EPOCH FROM now() - c.last_request)::float8 AS seconds_since_request,
    c.back_offs,
    c.renders,
    c.render_gains,
    c.endings,
    c.is_suspect
FROM claimed AS c
INNER JOIN hosts AS h ON c.host_id = h.id;

-- name: line_ends
-- In how many seconds the last who stand in these lines have their turn.
SELECT
    l.line,
    l.priority,
    extract(EPOCH FROM e.held_until - now())::float8 AS seconds
FROM unnest(%(lines)s::text[], %(priorities)s::smallint[]) AS l (line, priority)
CROSS JOIN LATERAL (
    SELECT h.held_until
    FROM crawled_hosts AS h
    WHERE h.line = l.line AND h.held_priority = l.priority AND h.held_until > now()
    ORDER BY h.held_until DESC
    LIMIT 1
) AS e;

-- name: hold_hosts
-- Hosts, which this transaction has locked, stand in line: until their time nobody claims them for pages of that
-- priority, or for less urgent ones, in whichever queue. What we hold of them is ours no more.
WITH held AS (
    UPDATE crawled_hosts AS h
    SET
        worker = CASE WHEN h.worker <> %(worker)s THEN h.worker END,
        leased_until = CASE WHEN h.worker <> %(worker)s THEN h.leased_until END,
        held_until = now() + t.seconds * interval '1 second',
        line = t.line,
        held_priority = t.priority
    FROM unnest(
        %(hosts)s::bigint[], %(lines)s::text[], %(priorities)s::smallint[], %(seconds)s::float8[]
    ) AS t (host_id, line, priority, seconds)
    WHERE h.host_id = t.host_id
    RETURNING h.host_id, h.held_until, h.held_priority
),

chosen AS (
    SELECT q.host_id, q.queue_id, q.priority, h.held_until
    FROM held AS h
    INNER JOIN queue_hosts AS q ON h.host_id = q.host_id
    WHERE q.claimable_at < h.held_until AND q.priority >= h.held_priority
    ORDER BY q.host_id, q.queue_id, q.priority
    FOR NO KEY UPDATE OF q
)

UPDATE queue_hosts AS q
SET claimable_at = c.held_until
FROM chosen AS c
WHERE q.host_id = c.host_id AND q.queue_id = c.queue_id AND q.priority = c.priority;

-- name: say_addresses
-- At which addresses claimed hosts were found. Returns those that are still ours, in the order of their claims.
UPDATE crawled_hosts AS h
SET address = f.address
FROM unnest(%(hosts)s::bigint[], %(claims)s::bigint[], %(addresses)s::text[]) AS f (host_id, claim, address)
WHERE h.host_id = f.host_id AND h.claim = f.claim AND h.worker IS NOT NULL
RETURNING h.host_id;
