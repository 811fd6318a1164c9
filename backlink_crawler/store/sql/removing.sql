-- A domain is taken out of the index: its pages, their visits and links, and what these count for in every sum. Links
-- of other domains to it stay. While a step is made, no batch of visits is being written.

-- name: create_removed
-- removed_pages: all of the domain's, numbered. The others: of a step. is_live: neither missing, lost nor unverified.
CREATE TEMPORARY TABLE IF NOT EXISTS removed_pages (number bigint PRIMARY KEY, page_id bigint, host_id bigint);
CREATE TEMPORARY TABLE IF NOT EXISTS removed_links (
    link_id bigint PRIMARY KEY, page_id bigint, url_to_id bigint, domain_to_id bigint, status smallint, is_live boolean,
    is_dofollow boolean, is_nofollow boolean, is_sponsored boolean, is_ugc boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS removed_edges (
    domain_to_id bigint PRIMARY KEY, was_live boolean, was_dofollow boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS touched_pages (page_id bigint) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS counted (domain_to_id bigint) ON COMMIT DELETE ROWS;

-- name: domain
SELECT id FROM domains WHERE name = %(name)s;

-- name: tell
-- What there is of it.
SELECT
    (SELECT count(*) FROM seeds AS s WHERE s.domain_id = %(domain_id)s AND s.root_id IS NULL) AS seeds,
    (
        SELECT count(*)
        FROM hosts AS h
        INNER JOIN urls AS u ON h.id = u.host_id
        INNER JOIN pages AS p ON u.id = p.page_id
        WHERE h.domain_id = %(domain_id)s
    ) AS pages,
    (
        SELECT count(*)
        FROM domain_edges AS e
        INNER JOIN links AS l ON e.domain_to_id = l.domain_to_id AND e.domain_from_id = l.domain_from_id
        WHERE e.domain_from_id = %(domain_id)s
    ) AS links,
    (SELECT count(*) FROM domain_edges AS e WHERE e.domain_from_id = %(domain_id)s) AS domains_to,
    (SELECT count(*) FROM links AS l WHERE l.domain_to_id = %(domain_id)s) AS links_to_it,
    (SELECT count(*) FROM domain_edges AS e WHERE e.domain_to_id = %(domain_id)s) AS domains_from;

-- name: seeds
SELECT id, queue_id
FROM seeds
WHERE domain_id = %(domain_id)s
ORDER BY id;

-- name: find_pages
INSERT INTO removed_pages (number, page_id, host_id)
SELECT
    row_number() OVER (ORDER BY p.page_id),
    p.page_id,
    p.host_id
FROM hosts AS h
INNER JOIN urls AS u ON h.id = u.host_id
INNER JOIN pages AS p ON u.id = p.page_id
WHERE h.domain_id = %(domain_id)s;

-- name: take_back_hosts
-- From whoever holds them: what is read of them by now is recorded no more. Returns whether one was held.
WITH taken AS (
    UPDATE crawled_hosts AS c
    SET claim = c.claim + 1, worker = NULL, leased_until = NULL
    FROM hosts AS h
    WHERE h.id = c.host_id AND h.domain_id = %(domain_id)s AND c.worker IS NOT NULL
    RETURNING c.host_id
)

SELECT EXISTS (SELECT 1 FROM taken);

-- name: stop_pages
-- They are due no more; and should the removal be left half done, they are read anew as a whole.
WITH chosen AS (
    SELECT p.page_id
    FROM removed_pages AS r
    INNER JOIN pages AS p ON r.page_id = p.page_id
    WHERE r.number > %(after)s AND r.number <= %(up_to)s
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p
)

UPDATE pages AS p
SET next_visit = NULL, links_digest = NULL, found_digest = NULL
FROM chosen AS c
WHERE p.page_id = c.page_id;

-- name: choose_links
-- Edge after edge, and of an edge the lost ones first, then the missing ones: as long as one is live, the edge is. They
-- are found in this order, which no sort may bring about: it would read all links of all these edges.
INSERT INTO removed_links
WITH found AS (
    SELECT l.*
    FROM (
        SELECT e.domain_to_id
        FROM domain_edges AS e
        WHERE e.domain_from_id = %(domain_id)s
        ORDER BY e.domain_to_id
        LIMIT %(edges)s
    ) AS e
    CROSS JOIN LATERAL (
        (
            SELECT k.*
            FROM links AS k
            WHERE k.domain_to_id = e.domain_to_id AND k.domain_from_id = %(domain_id)s AND k.status <> 0
            ORDER BY k.status DESC
            LIMIT %(limit)s
        )
        UNION ALL
        (
            SELECT k.*
            FROM links AS k
            WHERE k.domain_to_id = e.domain_to_id AND k.domain_from_id = %(domain_id)s AND k.status = 0
            LIMIT %(limit)s
        )
    ) AS l
    LIMIT %(limit)s
)

SELECT
    l.id,
    l.page_id,
    l.url_to_id,
    l.domain_to_id,
    l.status,
    l.status = 0 AND p.unverified_since IS NULL
    AND NOT (coalesce(l.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL),
    l.is_dofollow,
    coalesce(r.is_nofollow, FALSE) OR coalesce(rr.is_nofollow, FALSE),
    coalesce(r.is_sponsored, FALSE) OR coalesce(rr.is_sponsored, FALSE),
    coalesce(r.is_ugc, FALSE) OR coalesce(rr.is_ugc, FALSE)
FROM found AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
ORDER BY l.page_id, l.id;

-- name: note_pages
INSERT INTO touched_pages SELECT DISTINCT page_id FROM removed_links WHERE status = 0;

-- name: note_counted
INSERT INTO counted SELECT DISTINCT domain_to_id FROM removed_links;

-- name: note_edges
-- How they stand before.
INSERT INTO removed_edges
SELECT
    e.domain_to_id,
    e.links > 0 AND p.unverified_since IS NULL
    AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL),
    e.dofollow_links > 0
FROM (SELECT DISTINCT domain_to_id FROM removed_links) AS k
INNER JOIN domain_edges AS e ON k.domain_to_id = e.domain_to_id AND e.domain_from_id = %(domain_id)s
LEFT JOIN pages AS p ON e.last_page_id = p.page_id;

-- name: count_links_by_day
-- What they were told to be on each day is told of them no more.
WITH
steps AS (
    SELECT
        r.link_id,
        l.batch_id,
        0 AS status,
        0 AS number
    FROM removed_links AS r
    INNER JOIN links AS l ON r.link_id = l.id
    UNION ALL
    SELECT
        r.link_id,
        e.batch_id,
        CASE e.kind WHEN 0 THEN 1 WHEN 1 THEN 2 ELSE 0 END AS status,
        e.id AS number
    FROM removed_links AS r
    INNER JOIN link_events AS e ON r.link_id = e.link_id
    WHERE e.kind <= 2
),

settled AS (
    SELECT DISTINCT ON (link_id, batch_id)
        link_id,
        batch_id,
        status
    FROM steps
    ORDER BY link_id ASC, batch_id ASC, number DESC
),

states AS (
    SELECT
        r.domain_to_id,
        s.batch_id,
        -- an event that says "back" may mean "missing again": what it is by now is known
        CASE WHEN lead(s.batch_id) OVER later IS NULL THEN r.status ELSE s.status END AS status,
        lag(s.status) OVER later AS before
    FROM settled AS s
    INNER JOIN removed_links AS r ON s.link_id = r.link_id
    WINDOW later AS (PARTITION BY s.link_id ORDER BY s.batch_id)
)

INSERT INTO daily_changes AS d (domain_to_id, day, new_links, lost_links, restored_links)
SELECT
    s.domain_to_id AS domain_id,
    (b.recorded_at AT TIME ZONE 'UTC')::date AS day,
    -count(*) FILTER (WHERE s.before IS NULL),
    -count(*) FILTER (WHERE s.status = 2 AND s.before IS DISTINCT FROM 2),
    -count(*) FILTER (WHERE s.status <> 2 AND s.before = 2)
FROM states AS s
INNER JOIN batches AS b ON s.batch_id = b.id
GROUP BY domain_id, day
ORDER BY domain_id, day
ON CONFLICT (domain_to_id, day) DO UPDATE
SET
    new_links = d.new_links + excluded.new_links,
    lost_links = d.lost_links + excluded.lost_links,
    restored_links = d.restored_links + excluded.restored_links;

-- name: delete_link_events
DELETE FROM link_events AS e USING removed_links AS r WHERE e.link_id = r.link_id;

-- name: delete_links
DELETE FROM links AS l USING removed_links AS r WHERE l.id = r.link_id;

-- name: update_totals
-- Links move by what was removed. A page that has another live link to the domain still refers to it.
WITH
left_pages AS (
    SELECT
        k.domain_to_id,
        count(*) AS refpages
    FROM (SELECT DISTINCT r.domain_to_id, r.page_id FROM removed_links AS r WHERE r.is_live) AS k
    INNER JOIN pages AS p ON k.page_id = p.page_id
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM (SELECT l.* FROM links AS l WHERE l.page_id = k.page_id AND l.status <> 2 OFFSET 0) AS l
            WHERE
                l.domain_to_id = k.domain_to_id
                AND l.status = 0
                AND NOT (coalesce(l.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL)
        )
    GROUP BY k.domain_to_id
),

gone AS (
    SELECT
        r.domain_to_id,
        count(*) FILTER (WHERE r.is_live) AS backlinks,
        count(*) FILTER (WHERE r.is_live AND r.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE r.is_live AND r.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE r.is_live AND r.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE r.is_live AND r.is_ugc) AS ugc_links,
        count(*) FILTER (WHERE r.status = 0 AND NOT r.is_live) AS unverified_links,
        count(*) FILTER (WHERE r.status = 1) AS missing_links,
        count(*) FILTER (WHERE r.status = 2) AS lost_links
    FROM removed_links AS r
    GROUP BY r.domain_to_id
)

UPDATE domain_totals AS t
SET
    backlinks = t.backlinks - g.backlinks,
    dofollow_links = t.dofollow_links - g.dofollow_links,
    nofollow_links = t.nofollow_links - g.nofollow_links,
    sponsored_links = t.sponsored_links - g.sponsored_links,
    ugc_links = t.ugc_links - g.ugc_links,
    unverified_links = t.unverified_links - g.unverified_links,
    missing_links = t.missing_links - g.missing_links,
    lost_links = t.lost_links - g.lost_links,
    refpages = t.refpages - coalesce(p.refpages, 0)
FROM gone AS g
LEFT JOIN left_pages AS p ON g.domain_to_id = p.domain_to_id
WHERE t.domain_id = g.domain_to_id;

-- name: edges_with_links
-- Their sums are counted anew.
INSERT INTO recounted_edges (domain_to_id, domain_from_id)
SELECT r.domain_to_id, %(domain_id)s
FROM removed_edges AS r
WHERE
    EXISTS (
        SELECT 1
        FROM links AS l
        WHERE l.domain_to_id = r.domain_to_id AND l.domain_from_id = %(domain_id)s AND l.status = 0
    )
    OR EXISTS (
        SELECT 1
        FROM links AS l
        WHERE l.domain_to_id = r.domain_to_id AND l.domain_from_id = %(domain_id)s AND l.status <> 0
    );

-- name: count_edges_by_day
-- Of those that go.
WITH
steps AS (
    SELECT
        e.domain_to_id,
        e.batch_id,
        0 AS status,
        0 AS number
    FROM removed_edges AS r
    INNER JOIN domain_edges AS e ON r.domain_to_id = e.domain_to_id AND e.domain_from_id = %(domain_id)s
    WHERE r.domain_to_id NOT IN (SELECT k.domain_to_id FROM recounted_edges AS k)
    UNION ALL
    SELECT
        e.domain_to_id,
        e.batch_id,
        CASE e.kind WHEN 2 THEN 0 ELSE e.kind + 1 END AS status,
        e.id AS number
    FROM removed_edges AS r
    INNER JOIN edge_events AS e ON r.domain_to_id = e.domain_to_id AND e.domain_from_id = %(domain_id)s
    WHERE r.domain_to_id NOT IN (SELECT k.domain_to_id FROM recounted_edges AS k)
),

happened AS (
    SELECT
        s.domain_to_id,
        s.batch_id,
        -- whatever its events say: what it is by now is known
        CASE WHEN lead(s.number) OVER later IS NULL THEN e.status ELSE s.status END AS status,
        lag(s.status) OVER later AS before
    FROM steps AS s
    INNER JOIN domain_edges AS e ON s.domain_to_id = e.domain_to_id AND e.domain_from_id = %(domain_id)s
    WINDOW later AS (PARTITION BY s.domain_to_id ORDER BY s.number)
)

INSERT INTO daily_changes AS d (domain_to_id, day, new_refdomains, lost_refdomains, restored_refdomains)
SELECT
    h.domain_to_id AS domain_id,
    (b.recorded_at AT TIME ZONE 'UTC')::date AS day,
    -count(*) FILTER (WHERE h.before IS NULL),
    -count(*) FILTER (WHERE h.status = 2 AND h.before IS DISTINCT FROM 2),
    -count(*) FILTER (WHERE h.status <> 2 AND h.before = 2)
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
USING removed_edges AS r
WHERE
    d.domain_to_id = r.domain_to_id
    AND d.new_links = 0
    AND d.lost_links = 0
    AND d.restored_links = 0
    AND d.new_refdomains = 0
    AND d.lost_refdomains = 0
    AND d.restored_refdomains = 0;

-- name: delete_edges
-- Without a link, and what happened to them.
WITH gone AS (
    DELETE FROM domain_edges AS e
    USING removed_edges AS r
    WHERE
        e.domain_to_id = r.domain_to_id
        AND e.domain_from_id = %(domain_id)s
        AND r.domain_to_id NOT IN (SELECT k.domain_to_id FROM recounted_edges AS k)
    RETURNING e.domain_to_id
)

DELETE FROM edge_events AS e
USING gone AS g
WHERE e.domain_to_id = g.domain_to_id AND e.domain_from_id = %(domain_id)s;

-- name: update_refdomains
-- By how the edges stand after it. Where one has gone, the domain is as old as its oldest edge.
UPDATE domain_totals AS t
SET
    refdomains = t.refdomains + s.live - r.was_live::int,
    dofollow_refdomains = t.dofollow_refdomains + s.dofollow - (r.was_live AND r.was_dofollow)::int,
    first_seen = CASE
        WHEN s.is_there THEN t.first_seen
        ELSE coalesce(
            (SELECT min(o.first_seen) FROM domain_edges AS o WHERE o.domain_to_id = t.domain_id), t.first_seen
        )
    END,
    last_seen = CASE
        WHEN s.is_there THEN t.last_seen
        ELSE coalesce((SELECT max(o.last_seen) FROM domain_edges AS o WHERE o.domain_to_id = t.domain_id), t.last_seen)
    END
FROM removed_edges AS r
CROSS JOIN LATERAL (
    SELECT
        count(*) > 0 AS is_there,
        (count(*) FILTER (WHERE v.ok))::int AS live,
        (count(*) FILTER (WHERE v.ok AND e.dofollow_links > 0))::int AS dofollow
    FROM domain_edges AS e
    LEFT JOIN pages AS p ON e.last_page_id = p.page_id
    CROSS JOIN LATERAL (
        SELECT
            e.links > 0 AND p.unverified_since IS NULL
            AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL) AS ok
    ) AS v
    WHERE e.domain_to_id = r.domain_to_id AND e.domain_from_id = %(domain_id)s
) AS s
WHERE t.domain_id = r.domain_to_id;

-- name: forget_first_rows
-- Those of profiles that a ranking has kept may have its words.
UPDATE domain_profiles AS p
SET top_anchors = '[]', top_pages = '[]'
FROM removed_edges AS r
WHERE p.domain_id = r.domain_to_id AND (p.top_anchors <> '[]' OR p.top_pages <> '[]');

-- name: delete_totals
DELETE FROM domain_totals AS t
USING removed_edges AS r
WHERE t.domain_id = r.domain_to_id AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.domain_to_id = r.domain_to_id);

-- name: unused_urls
-- Those that they led to, when nothing else needs them.
SELECT DISTINCT r.url_to_id
FROM removed_links AS r
WHERE
    NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.page_id = r.url_to_id)
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.url_to_id = r.url_to_id)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.url_id = r.url_to_id)
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.moved_to_id = r.url_to_id);

-- name: unused_urls_of_pages
SELECT u.id
FROM urls AS u
WHERE
    u.id = ANY(%(pages)s::bigint[])
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.page_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.url_to_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.url_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.moved_to_id = u.id);

-- name: pages_without_links
-- Of a step. One that has a link has been read anew meanwhile.
SELECT r.page_id
FROM removed_pages AS r
INNER JOIN pages AS p ON r.page_id = p.page_id
WHERE
    r.number > %(after)s
    AND r.number <= %(up_to)s
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.page_id = r.page_id AND l.status <> 2)
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.page_id = r.page_id AND l.status = 2)
ORDER BY p.page_id
FOR UPDATE OF p;

-- name: delete_visits
DELETE FROM visits WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: delete_facts
DELETE FROM page_facts WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: delete_covers
DELETE FROM seed_pages WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: delete_pages
DELETE FROM pages WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: find_coverage
INSERT INTO recounted_domains (domain_id) VALUES (%(domain_id)s) ON CONFLICT DO NOTHING;

-- name: hosts
SELECT id FROM hosts WHERE domain_id = %(domain_id)s ORDER BY id;

-- name: delete_queue_hosts
DELETE FROM queue_hosts AS q
WHERE q.host_id = ANY(%(hosts)s::bigint[]) AND NOT EXISTS (
    SELECT 1
    FROM urls AS u
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE u.host_id = q.host_id
);

-- name: delete_robots
DELETE FROM robots AS r
WHERE r.host_id = ANY(%(hosts)s::bigint[]) AND NOT EXISTS (
    SELECT 1
    FROM urls AS u
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE u.host_id = r.host_id
);

-- name: delete_crawled_hosts
DELETE FROM crawled_hosts AS c
WHERE
    c.host_id = ANY(%(hosts)s::bigint[])
    AND c.worker IS NULL
    AND NOT EXISTS (SELECT 1 FROM queue_hosts AS q WHERE q.host_id = c.host_id)
    AND NOT EXISTS (
        SELECT 1
        FROM urls AS u
        INNER JOIN pages AS p ON u.id = p.page_id
        WHERE u.host_id = c.host_id
    );

-- name: other_urls
-- Of its hosts, without a page: found, or led to by links that have gone.
SELECT u.id
FROM urls AS u
WHERE
    u.host_id = ANY(%(hosts)s::bigint[])
    AND u.id > %(after)s
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.page_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.url_to_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.url_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.moved_to_id = u.id)
ORDER BY u.id
LIMIT %(limit)s;
