-- Hosts that a newer Public Suffix List puts under another domain. When a batch of them is through, all is as if the
-- index had been made with that list, as far as what is kept can tell.

-- name: create_moves
-- moves: all hosts to be moved, with their new domains; parent: the shorter of the old and the new name, the same for
-- hosts that share sums. The others: of the batch.
CREATE TEMPORARY TABLE moves (host_id bigint PRIMARY KEY, domain text COLLATE "C", parent text COLLATE "C");
CREATE TEMPORARY TABLE moved_hosts (host_id bigint PRIMARY KEY, old_id bigint, new_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE moved_links (
    link_id bigint PRIMARY KEY, old_to_id bigint, old_from_id bigint, new_to_id bigint, new_from_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE moved_seeds (
    seed_id bigint PRIMARY KEY, root_id bigint, domain_id bigint, kept_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE link_states (
    link_id bigint, batch_id bigint, happened_at timestamptz, status smallint, before smallint
) ON COMMIT DELETE ROWS;

-- name: every_host
SELECT
    h.id,
    h.name,
    d.name
FROM hosts AS h
INNER JOIN domains AS d ON h.domain_id = d.id;

-- name: insert_domains
INSERT INTO domains (name)
SELECT DISTINCT m.domain
FROM moves AS m
WHERE NOT EXISTS (SELECT 1 FROM domains AS d WHERE d.name = m.domain)
ORDER BY m.domain
ON CONFLICT DO NOTHING;

-- name: next_batch
-- Hosts that share sums stand together.
WITH taken AS (
    DELETE FROM moves
    WHERE host_id IN (SELECT m.host_id FROM moves AS m ORDER BY m.parent, m.host_id LIMIT %(hosts)s)
    RETURNING host_id, domain
)

INSERT INTO moved_hosts (host_id, old_id, new_id)
SELECT
    t.host_id,
    h.domain_id,
    d.id
FROM taken AS t
INNER JOIN hosts AS h ON t.host_id = h.id
INNER JOIN domains AS d ON t.domain = d.name;

-- name: move_hosts
UPDATE hosts AS h
SET domain_id = m.new_id
FROM moved_hosts AS m
WHERE h.id = m.host_id;

-- name: find_links
-- Those that stand on these hosts or lead to them, with the domains that they had and have now.
WITH
moved_urls AS (
    SELECT u.id AS url_id
    FROM moved_hosts AS m
    INNER JOIN urls AS u ON m.host_id = u.host_id
),

found AS (
    SELECT l.id
    FROM moved_urls AS m
    INNER JOIN links AS l ON m.url_id = l.page_id
    WHERE l.status <> 2
    UNION
    SELECT l.id
    FROM moved_urls AS m
    INNER JOIN links AS l ON m.url_id = l.page_id
    WHERE l.status = 2
    UNION
    SELECT l.id
    FROM moved_urls AS m
    INNER JOIN links AS l ON m.url_id = l.url_to_id
)

INSERT INTO moved_links (link_id, old_to_id, old_from_id, new_to_id, new_from_id)
SELECT
    l.id,
    l.domain_to_id,
    l.domain_from_id,
    ht.domain_id,
    hf.domain_id
FROM found AS f
INNER JOIN links AS l ON f.id = l.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN hosts AS ht ON ut.host_id = ht.id
INNER JOIN urls AS uf ON l.page_id = uf.id
INNER JOIN hosts AS hf ON uf.host_id = hf.id
WHERE l.domain_to_id <> ht.domain_id OR l.domain_from_id <> hf.domain_id;

-- name: find_edges
-- The domain edges that lose or gain links.
INSERT INTO recounted_edges (domain_to_id, domain_from_id)
SELECT old_to_id, old_from_id FROM moved_links
UNION
SELECT new_to_id, new_from_id FROM moved_links WHERE new_to_id <> new_from_id;

-- name: find_domains
-- The domains linked to that lose or gain links.
INSERT INTO recounted_domains (domain_id)
SELECT old_to_id FROM moved_links
UNION
SELECT new_to_id FROM moved_links WHERE new_to_id <> new_from_id;

-- name: find_states
-- How the links of these edges stood after each batch that learnt of a change, and before it (NULL: not known yet).
WITH
concerned AS (
    SELECT l.id, l.batch_id, l.first_seen, l.status
    FROM recounted_edges AS k
    INNER JOIN links AS l ON k.domain_to_id = l.domain_to_id AND k.domain_from_id = l.domain_from_id
    WHERE l.status = 0
    UNION ALL
    SELECT l.id, l.batch_id, l.first_seen, l.status
    FROM recounted_edges AS k
    INNER JOIN links AS l ON k.domain_to_id = l.domain_to_id AND k.domain_from_id = l.domain_from_id
    WHERE l.status <> 0
),

steps AS (
    SELECT
        c.id AS link_id,
        c.batch_id,
        c.first_seen AS happened_at,
        0 AS status,
        0 AS number
    FROM concerned AS c
    UNION ALL
    SELECT
        e.link_id,
        e.batch_id,
        e.happened_at,
        CASE e.kind WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 0 END AS status,
        e.id AS number
    FROM concerned AS c
    INNER JOIN link_events AS e ON c.id = e.link_id
    WHERE e.kind <= 2
),

settled AS (
    SELECT DISTINCT ON (link_id, batch_id)
        link_id,
        batch_id,
        happened_at,
        status
    FROM steps
    ORDER BY link_id ASC, batch_id ASC, number DESC
)

INSERT INTO link_states (link_id, batch_id, happened_at, status, before)
SELECT
    s.link_id,
    s.batch_id,
    s.happened_at,
    -- an event that says "back" may mean "missing again": what it is by now is known
    CASE WHEN lead(s.batch_id) OVER later IS NULL THEN c.status ELSE s.status END,
    lag(s.status) OVER later
FROM settled AS s
INNER JOIN concerned AS c ON s.link_id = c.id
WINDOW later AS (PARTITION BY s.link_id ORDER BY s.batch_id);

-- name: count_links_by_day
-- What the moved links add to the days of the domains that they lead to. side: -1 takes it from the old domain, 1
-- gives it to the new one.
INSERT INTO daily_changes AS d (domain_to_id, day, new_links, lost_links, restored_links)
SELECT
    CASE WHEN %(side)s < 0 THEN m.old_to_id ELSE m.new_to_id END AS domain_id,
    (b.recorded_at AT TIME ZONE 'UTC')::date AS day,
    %(side)s * count(*) FILTER (WHERE s.before IS NULL),
    %(side)s * count(*) FILTER (WHERE s.status = 2 AND s.before IS DISTINCT FROM 2),
    %(side)s * count(*) FILTER (WHERE s.status <> 2 AND s.before = 2)
FROM moved_links AS m
INNER JOIN link_states AS s ON m.link_id = s.link_id
INNER JOIN batches AS b ON s.batch_id = b.id
WHERE %(side)s < 0 OR m.new_to_id <> m.new_from_id
GROUP BY domain_id, day
ORDER BY domain_id, day
ON CONFLICT (domain_to_id, day) DO UPDATE
SET
    new_links = d.new_links + excluded.new_links,
    lost_links = d.lost_links + excluded.lost_links,
    restored_links = d.restored_links + excluded.restored_links;

-- name: count_edges_by_day
-- The same of the edges, as they are before and after.
WITH
steps AS (
    SELECT
        e.domain_to_id,
        e.domain_from_id,
        e.batch_id,
        0 AS status,
        0 AS number
    FROM recounted_edges AS k
    INNER JOIN domain_edges AS e ON k.domain_to_id = e.domain_to_id AND k.domain_from_id = e.domain_from_id
    UNION ALL
    SELECT
        e.domain_to_id,
        e.domain_from_id,
        e.batch_id,
        CASE e.kind WHEN 2 THEN 0 ELSE e.kind + 1 END AS status,
        e.id AS number
    FROM recounted_edges AS k
    INNER JOIN edge_events AS e ON k.domain_to_id = e.domain_to_id AND k.domain_from_id = e.domain_from_id
),

happened AS (
    SELECT
        s.domain_to_id,
        s.batch_id,
        -- whatever its events say: what it is by now is known
        CASE WHEN lead(s.number) OVER later IS NULL THEN e.status ELSE s.status END AS status,
        lag(s.status) OVER later AS before
    FROM steps AS s
    INNER JOIN domain_edges AS e ON s.domain_to_id = e.domain_to_id AND s.domain_from_id = e.domain_from_id
    WINDOW later AS (PARTITION BY s.domain_to_id, s.domain_from_id ORDER BY s.number)
)

INSERT INTO daily_changes AS d (domain_to_id, day, new_refdomains, lost_refdomains, restored_refdomains)
SELECT
    h.domain_to_id AS domain_id,
    (b.recorded_at AT TIME ZONE 'UTC')::date AS day,
    %(side)s * count(*) FILTER (WHERE h.before IS NULL),
    %(side)s * count(*) FILTER (WHERE h.status = 2 AND h.before IS DISTINCT FROM 2),
    %(side)s * count(*) FILTER (WHERE h.status <> 2 AND h.before = 2)
FROM happened AS h
INNER JOIN batches AS b ON h.batch_id = b.id
GROUP BY domain_id, day
ORDER BY domain_id, day
ON CONFLICT (domain_to_id, day) DO UPDATE
SET
    new_refdomains = d.new_refdomains + excluded.new_refdomains,
    lost_refdomains = d.lost_refdomains + excluded.lost_refdomains,
    restored_refdomains = d.restored_refdomains + excluded.restored_refdomains;

-- name: delete_empty_days
DELETE FROM daily_changes AS d
USING recounted_domains AS k
WHERE
    d.domain_to_id = k.domain_id
    AND d.new_links = 0
    AND d.lost_links = 0
    AND d.restored_links = 0
    AND d.new_refdomains = 0
    AND d.lost_refdomains = 0
    AND d.restored_refdomains = 0;

-- name: delete_events_of_internal_links
DELETE FROM link_events AS e
USING moved_links AS m
WHERE e.link_id = m.link_id AND m.new_to_id = m.new_from_id;

-- name: delete_internal_links
-- A link inside a domain is none.
DELETE FROM links AS l
USING moved_links AS m
WHERE l.id = m.link_id AND m.new_to_id = m.new_from_id;

-- name: move_links
UPDATE links AS l
SET domain_to_id = m.new_to_id, domain_from_id = m.new_from_id
FROM moved_links AS m
WHERE l.id = m.link_id;

-- name: move_link_events
UPDATE link_events AS e
SET domain_to_id = m.new_to_id
FROM moved_links AS m
WHERE e.link_id = m.link_id AND m.new_to_id <> m.old_to_id;

-- name: delete_edge_events
DELETE FROM edge_events AS e
USING recounted_edges AS k
WHERE e.domain_to_id = k.domain_to_id AND e.domain_from_id = k.domain_from_id;

-- name: delete_edges
DELETE FROM domain_edges AS e
USING recounted_edges AS k
WHERE e.domain_to_id = k.domain_to_id AND e.domain_from_id = k.domain_from_id;

-- name: insert_edge_events
-- An edge is live while one of its links is, missing while one is that, else lost; each change of that is an event.
WITH
changes AS (
    SELECT
        l.domain_to_id,
        l.domain_from_id,
        s.batch_id,
        max(s.happened_at) AS happened_at,
        sum((s.status = 0)::int - coalesce((s.before = 0)::int, 0)) AS live,
        sum((s.status = 1)::int - coalesce((s.before = 1)::int, 0)) AS missing
    FROM link_states AS s
    INNER JOIN links AS l ON s.link_id = l.id
    GROUP BY l.domain_to_id, l.domain_from_id, s.batch_id
),

running AS (
    SELECT
        domain_to_id,
        domain_from_id,
        batch_id,
        happened_at,
        CASE WHEN sum(live) OVER so_far > 0 THEN 0 WHEN sum(missing) OVER so_far > 0 THEN 1 ELSE 2 END AS status
    FROM changes
    WINDOW so_far AS (PARTITION BY domain_to_id, domain_from_id ORDER BY batch_id)
),

stepped AS (
    SELECT
        r.*,
        lag(r.status, 1, 0) OVER (PARTITION BY r.domain_to_id, r.domain_from_id ORDER BY r.batch_id) AS before
    FROM running AS r
)

INSERT INTO edge_events (domain_to_id, domain_from_id, batch_id, happened_at, kind)
SELECT
    domain_to_id,
    domain_from_id,
    batch_id,
    happened_at,
    CASE status WHEN 0 THEN 2 ELSE status - 1 END
FROM stepped
WHERE status <> before
ORDER BY batch_id, domain_to_id, domain_from_id;

-- name: delete_totals
DELETE FROM domain_totals AS t
USING recounted_domains AS k
WHERE t.domain_id = k.domain_id;

-- name: delete_groups
-- What is known of them otherwise, such as when the first of their links was seen, may be of links that are elsewhere.
DELETE FROM link_groups AS g
USING recounted_domains AS k
WHERE g.domain_to_id = k.domain_id;

-- name: find_coverage
-- The domains that lose or gain pages, in place of those that lose or gain links.
INSERT INTO recounted_domains (domain_id)
SELECT old_id FROM moved_hosts
UNION
SELECT new_id FROM moved_hosts;

-- name: clear_domains
DELETE FROM recounted_domains;

-- name: read_pages_anew
-- What leaves their domain now may not have left it before: only a whole reading can tell. A page without digests is
-- asked for without conditions. Where a page has moved to for good is within its domain, or it has a link there.
UPDATE pages AS p
SET
    links_digest = NULL,
    found_digest = NULL,
    moved_to_id = (
        SELECT um.id
        FROM urls AS um
        INNER JOIN hosts AS hm ON um.host_id = hm.id
        WHERE um.id = p.moved_to_id AND hm.domain_id = k.domain_id
    )
FROM recounted_domains AS k
INNER JOIN hosts AS h ON k.domain_id = h.domain_id
INNER JOIN urls AS u ON h.id = u.host_id
WHERE
    p.page_id = u.id
    AND (p.links_digest IS NOT NULL OR p.found_digest IS NOT NULL OR p.moved_to_id IS NOT NULL);

-- name: count_moved
SELECT
    (SELECT count(*) FROM moved_hosts) AS hosts,
    (SELECT count(*) FROM moved_links WHERE new_to_id <> new_from_id) AS links,
    (SELECT count(*) FROM moved_links WHERE new_to_id = new_from_id) AS internal;
