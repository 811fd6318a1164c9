-- name: add_seed
-- A seed that is there for a target. Where the user has named a seed that starts there, that one has its pages.
INSERT INTO seeds (queue_id, url_id, domain_id, target_id, scope, max_depth, max_pages, hops, render)
SELECT 1, u.id, h.domain_id, t.id, 'domain', 0, %(max_pages)s, 0, 'never'
FROM urls AS u
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN targets AS t ON t.values = %(values)s::text[]
WHERE u.hash = %(hash)s::uuid
ON CONFLICT (queue_id, url_id) DO UPDATE
SET max_pages = excluded.max_pages
WHERE seeds.target_id = excluded.target_id
RETURNING target_id;

-- name: seeds_of_target
SELECT s.id
FROM seeds AS s
INNER JOIN targets AS t ON s.target_id = t.id
WHERE t.values = %(values)s::text[];
