-- name: create_staging
CREATE TEMPORARY TABLE IF NOT EXISTS staged_seeds (
    hash uuid, scope text, max_depth int, max_pages int, hops int, bare boolean, render text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_starts (hash uuid, seed_hash uuid) ON COMMIT DELETE ROWS;
-- is_seed: it is where a seed starts; else another page that a seed starts with.
CREATE TEMPORARY TABLE IF NOT EXISTS seed_starts (
    seed_id bigint, domain_id int, scope text, max_depth int, hash uuid, url text COLLATE "C", host text COLLATE "C",
    is_staged boolean, is_seed boolean
) ON COMMIT DELETE ROWS;

-- name: analyze_staged
-- Without statistics 50,000 of them would be compared with each other; so below.
ANALYZE staged_urls, staged_seeds, staged_starts;

-- name: seeds_on_hosts
-- Those that the user named for a queue. is_whole: one means its whole host, without limits of its own.
SELECT
    h.name,
    replace(u.hash::text, '-', '') AS hash,
    s.hops,
    s.render,
    s.scope = 'host' AND s.max_depth IS NULL AND s.max_pages IS NULL AND s.target_id IS NULL AS is_whole
FROM hosts AS h
INNER JOIN seeds AS s ON h.domain_id = s.domain_id
INNER JOIN urls AS u ON s.url_id = u.id AND h.id = u.host_id
WHERE h.name = ANY(%(hosts)s) AND s.queue_id = %(queue)s AND s.root_id IS NULL
ORDER BY s.id;

-- name: make_queue
INSERT INTO queues (name) VALUES (%(name)s) ON CONFLICT DO NOTHING;

-- name: queue
SELECT id FROM queues WHERE name = %(name)s;

-- name: lock_queue
-- Seeds of a queue are added and removed by one at a time. (Hops may add theirs meanwhile.)
SELECT 1 FROM queues WHERE id = %(queue)s FOR NO KEY UPDATE;

-- name: replaced_seeds
-- Seeds of the queue that make room for what is added: those whose limits are others now, and those that hops found
-- on domains which the user names now.
SELECT s.id
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN seeds AS s ON u.id = s.url_id
WHERE
    s.queue_id = %(queue)s
    AND s.root_id IS NULL
    AND (s.scope, s.max_depth, s.max_pages, s.hops) IS DISTINCT FROM (t.scope, t.max_depth, t.max_pages, t.hops)
UNION
SELECT s.id
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN seeds AS s ON h.domain_id = s.domain_id
WHERE s.queue_id = %(queue)s AND s.root_id IS NOT NULL;

-- name: kept_seed
SELECT s.id
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
WHERE s.queue_id = 1 AND s.root_id IS NULL AND s.target_id IS NULL AND u.hash = %(hash)s;

-- name: move_seeds
UPDATE seeds SET queue_id = %(queue)s, target_id = NULL WHERE id = ANY(%(seeds)s::bigint[]);

-- name: insert_seeds
INSERT INTO seeds (queue_id, url_id, domain_id, scope, max_depth, max_pages, hops, bare, render)
SELECT %(queue)s, u.id, h.domain_id, t.scope, t.max_depth, t.max_pages, t.hops, t.bare, t.render
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN hosts AS h ON u.host_id = h.id
ORDER BY u.id
ON CONFLICT (queue_id, url_id) DO UPDATE
SET bare = excluded.bare, render = excluded.render, target_id = NULL
WHERE (seeds.bare, seeds.render) <> (excluded.bare, excluded.render) OR seeds.target_id IS NOT NULL;

-- name: note_starts
-- Where those start that the user named for a queue, on the domains of the staged ones.
INSERT INTO seed_starts
SELECT
    s.id AS seed_id,
    s.domain_id,
    s.scope,
    s.max_depth,
    u.hash,
    u.url,
    regexp_replace(h.name, '^www\.', '') AS host,
    u.hash IN (SELECT t.hash FROM staged_seeds AS t) AS is_staged,
    TRUE AS is_seed
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
WHERE
    s.queue_id = %(queue)s
    AND s.root_id IS NULL
    AND s.target_id IS NULL
    AND s.domain_id IN (
        SELECT d.id
        FROM staged_urls AS t
        INNER JOIN domains AS d ON t.domain = d.name
    );

-- name: note_other_starts
INSERT INTO seed_starts
SELECT s.seed_id, s.domain_id, s.scope, s.max_depth, u.hash, u.url, s.host, TRUE AS is_staged, FALSE AS is_seed
FROM staged_starts AS t
INNER JOIN seed_starts AS s ON t.seed_hash = s.hash
INNER JOIN urls AS u ON t.hash = u.hash;

-- name: analyze_seeds
ANALYZE seeds;

-- name: analyze_starts
ANALYZE seed_starts;

-- name: stage_start_pages
-- A seed's start is its page, and that of every other seed of the queue that has it in its scope (urls/scope.py says)
-- and goes as deep as it may: else a site that two seeds mean, with www and without, would be read twice.
INSERT INTO staged_pages (hash, seed_id, depth, kind)
SELECT s.hash, s.seed_id, 0, 0
FROM seed_starts AS s
WHERE s.is_staged
UNION
SELECT page.hash, seed.seed_id, 0, 0
FROM seed_starts AS seed
INNER JOIN seed_starts AS page ON seed.domain_id = page.domain_id AND seed.host = page.host
WHERE seed.is_seed AND seed.scope = 'host' AND seed.max_depth IS NULL AND (page.is_staged OR seed.is_staged)
UNION
SELECT page.hash, seed.seed_id, 0, 0
FROM seed_starts AS seed
INNER JOIN seed_starts AS page ON seed.domain_id = page.domain_id
WHERE
    seed.is_seed
    AND seed.scope <> 'host'
    AND seed.max_depth IS NULL
    AND (page.is_staged OR seed.is_staged)
    AND (seed.scope = 'domain' OR starts_with(page.url, seed.url));

-- name: analyze_pages
ANALYZE staged_pages;

-- name: found_by_removed
-- What the hops of removed seeds have found is removed with them, some at a time.
SELECT found.id
FROM queues AS q
INNER JOIN seeds AS root ON q.id = root.queue_id
INNER JOIN seeds AS found ON root.id = found.root_id
INNER JOIN queues AS o ON found.queue_id = o.id
WHERE starts_with(q.name, 'removed ') AND NOT starts_with(o.name, 'removed ')
LIMIT %(limit)s;

-- name: led_to_by_removed
-- So is what the hops of others found where those of removed seeds lead to as well: which of its pages are there for
-- whose sake, nobody knows. For the sake of others it is found again (follow_hops_again).
SELECT DISTINCT found.id
FROM queues AS q
INNER JOIN seeds AS removed ON q.id = removed.queue_id
INNER JOIN seed_pages AS m ON removed.id = m.seed_id
INNER JOIN links AS l ON m.page_id = l.page_id
INNER JOIN seeds AS found ON l.domain_to_id = found.domain_id
WHERE
    starts_with(q.name, 'removed ')
    AND removed.hops > 0
    AND l.status <> 2
    AND found.queue_id = 1
    AND found.root_id IS NOT NULL;

-- name: remove_seed_pages
-- Some at a time.
DELETE FROM seed_pages AS m
USING (
    SELECT m.page_id, m.seed_id
    FROM queues AS q
    INNER JOIN seeds AS s ON q.id = s.queue_id
    INNER JOIN seed_pages AS m ON s.id = m.seed_id
    WHERE starts_with(q.name, 'removed ')
    LIMIT %(limit)s
) AS r
WHERE m.page_id = r.page_id AND m.seed_id = r.seed_id
RETURNING m.page_id;

-- name: lock_pages
SELECT 1 FROM pages WHERE page_id = ANY(%(pages)s::bigint[]) ORDER BY page_id FOR NO KEY UPDATE;

-- name: leave_nobodys_pages
-- They are visited no more, unless somebody wants them verified. Returns the hosts of all these pages.
WITH nobodys AS (
    UPDATE pages AS p
    SET next_visit = NULL
    WHERE
        p.page_id = ANY(%(pages)s::bigint[])
        AND p.priority > 0
        AND NOT EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = p.page_id)
)

SELECT DISTINCT host_id FROM pages WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: leave_hosts
-- Hosts on which a queue has no page any more. (Queue 2 has none of its own.) A seed's pages are all due some time.
DELETE FROM queue_hosts AS q
WHERE
    q.host_id = ANY(%(hosts)s::bigint[])
    AND q.queue_id <> 2
    AND q.claimable_at IS NULL
    AND NOT EXISTS (
        SELECT 1
        FROM pages AS p
        INNER JOIN seed_pages AS m ON p.page_id = m.page_id
        INNER JOIN seeds AS s ON m.seed_id = s.id
        WHERE p.host_id = q.host_id AND p.next_visit IS NOT NULL AND s.queue_id = q.queue_id
    );

-- name: follow_hops_again
-- Hops of kept seeds may lead to the domains of removed ones: pages that link to them are read anew, so that they are
-- found again. Returns their hosts.
WITH chosen AS (
    SELECT p.page_id
    FROM pages AS p
    WHERE
        EXISTS (SELECT 1 FROM seeds AS s WHERE s.queue_id = 1 AND s.hops > 0)
        AND p.page_id IN (
            SELECT l.page_id
            FROM queues AS q
            INNER JOIN seeds AS removed ON q.id = removed.queue_id
            INNER JOIN links AS l ON removed.domain_id = l.domain_to_id
            INNER JOIN seed_pages AS m ON l.page_id = m.page_id
            INNER JOIN seeds AS s ON m.seed_id = s.id
            WHERE starts_with(q.name, 'removed ') AND l.status = 0 AND s.queue_id = 1 AND s.hops > 0
        )
    ORDER BY p.page_id
    FOR NO KEY UPDATE
)

UPDATE pages AS p
SET next_visit = least(p.next_visit, now()), found_digest = NULL
FROM chosen AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;

-- name: remove_seeds
DELETE FROM seeds AS s USING queues AS q WHERE q.id = s.queue_id AND starts_with(q.name, 'removed ');

-- name: remove_queues
DELETE FROM queues WHERE starts_with(name, 'removed ');

-- name: kept_hosts
-- The hosts on which they start.
SELECT DISTINCT h.name
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
WHERE s.queue_id = 1 AND s.root_id IS NULL;

-- name: list_seeds
SELECT
    s.id,
    u.url,
    s.scope,
    s.max_depth,
    s.max_pages,
    s.hops,
    s.render,
    s.pages_known,
    coalesce(v.pages, 0) AS pages_visited,
    (SELECT count(*) FROM seeds AS found WHERE found.root_id = s.id) AS found_by_hops
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
LEFT JOIN (
    SELECT m.seed_id, count(*) AS pages
    FROM seed_pages AS m
    INNER JOIN pages AS p ON m.page_id = p.page_id
    WHERE p.last_visited IS NOT NULL
    GROUP BY m.seed_id
) AS v ON s.id = v.seed_id
WHERE s.queue_id = 1 AND s.root_id IS NULL AND s.target_id IS NULL
ORDER BY u.url;

-- name: add_skipped
INSERT INTO skipped_domains (domain, note) VALUES (%(domain)s, %(note)s)
ON CONFLICT (domain) DO UPDATE SET note = coalesce(excluded.note, skipped_domains.note);

-- name: list_skipped
SELECT domain, note FROM skipped_domains ORDER BY domain;

-- name: remove_skipped
DELETE FROM skipped_domains WHERE domain = %(domain)s;
