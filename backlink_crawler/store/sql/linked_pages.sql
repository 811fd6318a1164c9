-- name: into_seeds
-- Where the new links of a batch lead into sites that are seeds: pages that these do not have yet. Of the seeds of one
-- domain the first few are looked at, such as mean much of it: a list of thousands of its pages may be seeds each.
SELECT DISTINCT s.id AS seed_id, u.hash::text AS hash, u.url, h.name AS host, d.name AS domain
FROM (SELECT DISTINCT n.domain_to_id, n.url_to_id FROM new_links AS n WHERE n.status = 0) AS n
CROSS JOIN LATERAL (
    SELECT s.id
    FROM seeds AS s
    WHERE s.domain_id = n.domain_to_id AND s.root_id IS NULL AND s.target_id IS NULL
    ORDER BY s.queue_id <> 1, s.scope = 'prefix', s.max_depth IS NOT NULL, s.id
    LIMIT %(seeds)s
) AS s
INNER JOIN urls AS u ON n.url_to_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
WHERE NOT EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = u.id AND m.seed_id = s.id);

-- name: into_new_seeds
-- Where the links that are known lead into seeds which this transaction has added; of a domain's, into a few, as above.
SELECT s.id AS seed_id, u.hash::text AS hash, u.url, h.name AS host, d.name AS domain
FROM (
    SELECT
        s.id,
        s.domain_id,
        row_number() OVER (
            PARTITION BY s.domain_id ORDER BY s.scope = 'prefix', s.max_depth IS NOT NULL, s.id
        ) AS place
    FROM seeds AS s
    WHERE s.queue_id = %(queue)s AND s.root_id IS NULL AND s.target_id IS NULL AND s.added_at = now()
) AS s
CROSS JOIN LATERAL (
    SELECT DISTINCT l.url_to_id FROM links AS l WHERE l.domain_to_id = s.domain_id AND l.status = 0
) AS l
INNER JOIN urls AS u ON l.url_to_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
WHERE s.place <= %(seeds)s;

-- name: new_links_to_targets
-- Candidates of a batch, as links_to_targets.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    n.page_id,
    n.url_to_id
FROM asked AS t
INNER JOIN new_links AS n ON t.domain_id = n.domain_to_id
WHERE n.status = 0;

-- name: of_targets
-- Pages that `meant` links lead to, of targets whose linked pages are checked.
SELECT DISTINCT s.id AS seed_id, u.hash::text AS hash, u.url, h.name AS host, d.name AS domain
FROM meant AS l
INNER JOIN seeds AS s ON l.target_id = s.target_id
INNER JOIN urls AS u ON l.url_to_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
WHERE NOT EXISTS (SELECT 1 FROM seed_pages AS m WHERE m.page_id = u.id AND m.seed_id = s.id);

-- name: stage
INSERT INTO staged_pages (hash, seed_id, depth, kind, doubtful)
SELECT r.page_hash::uuid, r.seed_id, r.depth, 0, r.doubtful
FROM unnest(
    %(url_hashes)s::text[], %(seeds)s::bigint[], %(depths)s::int[], %(doubtful)s::boolean[]
) AS r (page_hash, seed_id, depth, doubtful);
