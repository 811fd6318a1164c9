-- As rehoming.sql: of what people have named, and which list the index was made with.

-- name: find_seeds
-- Those that start on these hosts; and of the seeds that hops have made, those of the same new domain. Of these one is
-- kept, the oldest.
INSERT INTO moved_seeds (seed_id, root_id, domain_id, kept_id)
SELECT
    s.id,
    s.root_id,
    h.domain_id,
    CASE
        WHEN s.root_id IS NULL THEN s.id
        ELSE min(s.id) OVER (PARTITION BY s.queue_id, h.domain_id, s.root_id IS NULL)
    END
FROM (SELECT DISTINCT new_id FROM moved_hosts) AS m
INNER JOIN hosts AS h ON m.new_id = h.domain_id
INNER JOIN urls AS u ON h.id = u.host_id
INNER JOIN seeds AS s ON u.id = s.url_id;

-- name: hand_over_pages
INSERT INTO seed_pages AS sp (page_id, seed_id, depth)
SELECT
    p.page_id,
    m.kept_id,
    min(p.depth)
FROM moved_seeds AS m
INNER JOIN seed_pages AS p ON m.seed_id = p.seed_id
WHERE m.seed_id <> m.kept_id
GROUP BY p.page_id, m.kept_id
ORDER BY p.page_id, m.kept_id
ON CONFLICT (page_id, seed_id) DO UPDATE SET depth = least(sp.depth, excluded.depth);

-- name: delete_doubled_seeds
DELETE FROM seeds AS s
USING moved_seeds AS m
WHERE s.id = m.seed_id AND m.seed_id <> m.kept_id;

-- name: lift_hop_seeds
-- Out of the way of seeds_hop_domain_key while they change places.
UPDATE seeds AS s
SET root_id = NULL
FROM moved_seeds AS m
WHERE s.id = m.seed_id AND s.root_id IS NOT NULL AND s.domain_id <> m.domain_id;

-- name: move_seeds
UPDATE seeds AS s
SET domain_id = m.domain_id, root_id = m.root_id
FROM moved_seeds AS m
WHERE s.id = m.seed_id AND s.domain_id <> m.domain_id;

-- name: find_seeds_to_recount
INSERT INTO recounted_seeds (seed_id)
SELECT s.id FROM seeds AS s INNER JOIN recounted_domains AS k ON s.domain_id = k.domain_id;

-- name: leave_seeds
-- Pages that are no longer on the domain of a seed that means the whole of it. Those that are nobody's then are visited
-- no more.
WITH left_alone AS (
    DELETE FROM seed_pages AS sp
    USING recounted_seeds AS k, seeds AS s, pages AS p, hosts AS h
    WHERE
        sp.seed_id = k.seed_id
        AND s.id = k.seed_id
        AND s.scope = 'domain'
        AND p.page_id = sp.page_id
        AND h.id = p.host_id
        AND h.domain_id <> s.domain_id
    RETURNING sp.page_id, sp.seed_id
)

UPDATE pages AS p
SET next_visit = NULL
FROM (SELECT page_id, array_agg(seed_id) AS seeds FROM left_alone GROUP BY page_id) AS l
WHERE
    p.page_id = l.page_id
    AND p.priority > 0
    AND NOT EXISTS (SELECT 1 FROM seed_pages AS sp WHERE sp.page_id = l.page_id AND sp.seed_id <> ALL(l.seeds));

-- name: every_target
SELECT
    t.id,
    t.mode,
    t.values,
    d.name
FROM targets AS t
INNER JOIN domains AS d ON t.domain_id = d.id
FOR UPDATE OF t;

-- name: insert_domain
INSERT INTO domains (name) VALUES (%(domain)s) ON CONFLICT DO NOTHING;

-- name: move_target
UPDATE targets AS t
SET mode = %(mode)s, domain_id = d.id
FROM domains AS d
WHERE t.id = %(target_id)s AND d.name = %(domain)s;

-- name: list_of_index
SELECT value FROM index_state WHERE name = 'public_suffix_list';

-- name: set_list
INSERT INTO index_state (name, value) VALUES ('public_suffix_list', %(list)s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_at = now();
