-- name: create_staging
CREATE TEMPORARY TABLE IF NOT EXISTS staged_seeds (
    hash uuid, host text COLLATE "C", scope text, max_depth int, max_pages int, hops int, bare boolean, kept boolean,
    render text
) ON COMMIT DELETE ROWS;

-- name: seeds_with_other_limits
-- Known seeds that are about to get other limits: their pages may lead to more than before.
SELECT s.id
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN seeds AS s ON u.id = s.url_id
WHERE
    (s.scope, s.max_depth, s.max_pages, s.hops) IS DISTINCT FROM (t.scope, t.max_depth, t.max_pages, t.hops)
    AND (t.kept OR NOT s.kept);

-- name: forget_found
UPDATE pages SET found_digest = NULL WHERE seed_id = ANY(%(seeds)s::bigint[]) AND found_digest IS NOT NULL;

-- name: upsert_seeds
-- A seed that is kept keeps its limits when it is named for one run.
INSERT INTO seeds AS s (url_id, domain_id, scope, max_depth, max_pages, hops, bare, kept, render)
SELECT u.id, u.domain_id, t.scope, t.max_depth, t.max_pages, t.hops, t.bare, t.kept, t.render
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
ORDER BY u.id
ON CONFLICT (url_id) DO UPDATE
SET
    scope = excluded.scope,
    max_depth = excluded.max_depth,
    max_pages = excluded.max_pages,
    hops = excluded.hops,
    bare = excluded.bare,
    root_id = NULL,
    kept = excluded.kept,
    render = excluded.render
WHERE excluded.kept OR NOT s.kept;

-- name: staged_seed_ids
SELECT s.id
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN seeds AS s ON u.id = s.url_id;

-- name: kept_hosts
-- A few are enough to see whether the run goes to the public web.
SELECT split_part(u.url, '/', 3)
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
WHERE s.kept;

-- name: stage_seed_pages
INSERT INTO staged_pages (hash, seed_id, depth, kind, host)
SELECT t.hash, s.id, 0, 0, t.host
FROM staged_seeds AS t
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN seeds AS s ON u.id = s.url_id;

-- name: adopt_seed_pages
-- A seed's first page is its own, even when another seed's crawl found it first.
WITH adopted AS (
    UPDATE pages AS p
    SET seed_id = t.seed_id, depth = 0, found_digest = NULL
    FROM staged_pages AS t
    INNER JOIN urls AS u ON t.hash = u.hash
    WHERE p.page_id = u.id AND p.seed_id <> t.seed_id
    RETURNING p.seed_id, p.host_id
)

INSERT INTO seed_hosts (seed_id, host_id)
SELECT DISTINCT seed_id, host_id FROM adopted
ON CONFLICT DO NOTHING;

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
    coalesce(p.visited, 0) AS pages_visited,
    (SELECT count(*) FROM seeds AS found WHERE found.root_id = s.id) AS found_by_hops
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
LEFT JOIN (SELECT seed_id, count(last_visited) AS visited FROM pages GROUP BY seed_id) AS p ON s.id = p.seed_id
WHERE s.kept
ORDER BY u.url;

-- name: remove_seed
UPDATE seeds AS s SET kept = FALSE
FROM urls AS u
WHERE u.id = s.url_id AND u.hash = %(hash)s AND s.kept;

-- name: add_skipped
INSERT INTO skipped_domains (domain, note) VALUES (%(domain)s, %(note)s)
ON CONFLICT (domain) DO UPDATE SET note = coalesce(excluded.note, skipped_domains.note);

-- name: list_skipped
SELECT domain, note FROM skipped_domains ORDER BY domain;

-- name: remove_skipped
DELETE FROM skipped_domains WHERE domain = %(domain)s;

-- name: add_optout
INSERT INTO optouts (domain, note) VALUES (%(domain)s, %(note)s)
ON CONFLICT (domain) DO UPDATE SET note = coalesce(excluded.note, optouts.note);

-- name: list_optouts
SELECT domain, note FROM optouts ORDER BY domain;

-- name: remove_optout
DELETE FROM optouts WHERE domain = %(domain)s;
