-- Sums over links move by the difference that a batch makes: what its pages count for before it and after it.

-- name: create_staging
CREATE TEMPORARY TABLE IF NOT EXISTS touched_pages (page_id bigint) ON COMMIT DELETE ROWS;
-- side: -1 before the batch, 1 after it. links: live or unverified; live_…: those that are not unverified.
CREATE TEMPORARY TABLE IF NOT EXISTS counted (
    side int, page_id bigint, domain_to_id bigint, domain_from_id bigint, links int, dofollow_links int,
    content_links int, live int, live_dofollow int, live_nofollow int, live_sponsored int, live_ugc int,
    only_rendered boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS touched (
    domain_to_id bigint, domain_from_id bigint, url_to_id bigint, was_live boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS edge_states (
    side int, domain_to_id bigint, domain_from_id bigint, status smallint, links int, is_new boolean, is_live boolean,
    is_dofollow boolean, seen_at timestamptz
) ON COMMIT DELETE ROWS;
-- Each of a thousand edges is looked up among them: without an index that is a million comparisons, four times a batch.
CREATE INDEX IF NOT EXISTS edge_states_idx ON edge_states (domain_to_id, domain_from_id, side);

-- name: touch_pages
INSERT INTO touched_pages
SELECT page_id FROM staged_links
UNION
SELECT page_id FROM staged_changes
UNION
SELECT old_page_id FROM staged_changes
UNION
SELECT page_id FROM staged_visits WHERE turned;

-- name: count_links
-- What the touched pages count for. OFFSET 0: page by page, whatever the planner supposes; status <> 2: by the only
-- index that says so, which begins with the page.
INSERT INTO counted
SELECT
    %(side)s,
    l.page_id,
    l.domain_to_id,
    l.domain_from_id,
    count(*),
    count(*) FILTER (WHERE l.is_dofollow),
    count(*) FILTER (WHERE l.link_position = 1),
    count(*) FILTER (WHERE l.is_live),
    count(*) FILTER (WHERE l.is_live AND l.is_dofollow),
    count(*) FILTER (WHERE l.is_live AND (r.is_nofollow OR rr.is_nofollow)),
    count(*) FILTER (WHERE l.is_live AND (r.is_sponsored OR rr.is_sponsored)),
    count(*) FILTER (WHERE l.is_live AND (r.is_ugc OR rr.is_ugc)),
    bool_and(coalesce(l.origin = 1, FALSE))
FROM touched_pages AS t
INNER JOIN pages AS p ON t.page_id = p.page_id
CROSS JOIN LATERAL (
    SELECT
        k.*,
        p.unverified_since IS NULL AND NOT (coalesce(k.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL) AS is_live
    FROM links AS k
    WHERE k.page_id = t.page_id AND k.status <> 2
    OFFSET 0
) AS l
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
WHERE l.status = 0
GROUP BY l.page_id, l.domain_to_id, l.domain_from_id;

-- name: insert_edges
-- The edges that this batch touches, made where missing.
INSERT INTO domain_edges (domain_to_id, domain_from_id, batch_id, first_seen, last_seen)
SELECT
    n.domain_to_id,
    n.domain_from_id,
    %(batch_id)s,
    min(n.first_seen),
    max(coalesce(n.last_seen, n.first_seen))
FROM new_links AS n
GROUP BY n.domain_to_id, n.domain_from_id
ORDER BY n.domain_to_id, n.domain_from_id
ON CONFLICT DO NOTHING;

-- name: lock_edges
-- In the order of their keys. Whoever comes next sees all that is written under the lock.
SELECT 1
FROM domain_edges AS e
WHERE
    (e.domain_to_id, e.domain_from_id) IN (
        SELECT domain_to_id, domain_from_id FROM new_links
        UNION
        SELECT domain_to_id, domain_from_id FROM counted
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_changes AS c
        CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
    )
ORDER BY e.domain_to_id, e.domain_from_id
FOR NO KEY UPDATE;

-- name: note_edges
-- How they stand before. A statement of its own: what was committed while the locks were waited for is seen by now.
INSERT INTO edge_states
SELECT
    -1,
    e.domain_to_id,
    e.domain_from_id,
    e.status,
    e.links,
    e.batch_id = %(batch_id)s,
    e.links > 0 AND p.unverified_since IS NULL
    AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL),
    e.dofollow_links > 0,
    greatest(e.last_seen, CASE WHEN e.last_rendered THEN p.rendered_at ELSE p.confirmed_at END)
FROM domain_edges AS e
LEFT JOIN pages AS p ON e.last_page_id = p.page_id
WHERE
    (e.domain_to_id, e.domain_from_id) IN (
        SELECT domain_to_id, domain_from_id FROM new_links
        UNION
        SELECT domain_to_id, domain_from_id FROM counted
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_changes AS c
        CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
    );

-- name: new_edges
-- How many edges this batch has made, whether anybody watches a target, and whether an edge leads to the domain of a
-- seed that the user named, or that is there for a target.
SELECT
    (SELECT count(*) FROM edge_states WHERE side = -1 AND is_new),
    EXISTS (SELECT 1 FROM targets),
    EXISTS (
        SELECT 1
        FROM edge_states AS e
        INNER JOIN seeds AS s ON e.domain_to_id = s.domain_id
        WHERE e.side = -1 AND s.root_id IS NULL
    );

-- name: touch_urls
-- Is the URL linked from the domain? Looked for where fewer links have to be read: among those of the edge, or of the
-- URL, whose number is known for large domains.
INSERT INTO touched
SELECT
    t.domain_to_id,
    t.domain_from_id,
    t.url_to_id,
    CASE
        WHEN s.links <= coalesce(
            (
                SELECT g.links
                FROM link_groups AS g
                WHERE g.domain_to_id = t.domain_to_id AND g.kind + 0 = 0 AND g.key = t.url_to_id
            ),
            300
        )
            THEN EXISTS (
                SELECT 1
                FROM (
                    SELECT k.url_to_id
                    FROM links AS k
                    WHERE k.domain_to_id = t.domain_to_id AND k.domain_from_id = t.domain_from_id AND k.status = 0
                    OFFSET 0
                ) AS l
                WHERE l.url_to_id = t.url_to_id
            )
        ELSE EXISTS (
            SELECT 1
            FROM (SELECT k.* FROM links AS k WHERE k.url_to_id = t.url_to_id OFFSET 0) AS l
            WHERE l.domain_from_id = t.domain_from_id AND l.status = 0
        )
    END
FROM (
    SELECT n.domain_to_id, n.domain_from_id, n.url_to_id FROM new_links AS n
    UNION
    SELECT l.domain_to_id, l.domain_from_id, l.url_to_id
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
) AS t
INNER JOIN edge_states AS s ON t.domain_to_id = s.domain_to_id AND t.domain_from_id = s.domain_from_id;

-- name: update_edges
-- Counts move by the difference. The page that stands for an edge is one that this batch has read, else a verified one
-- among the first 200 with a live link: looked for when links have changed, or when that page has.
WITH
differences AS (
    SELECT
        c.domain_to_id,
        c.domain_from_id,
        sum(c.side * c.links) AS links,
        sum(c.side * c.dofollow_links) AS dofollow_links,
        sum(c.side * c.content_links) AS content_links,
        sum(c.side) AS refpages,
        0 AS pages_to,
        max(c.page_id) FILTER (WHERE c.side = 1 AND c.live > 0 AND v.counts AND NOT c.only_rendered) AS read_page_id,
        max(c.page_id) FILTER (WHERE c.side = 1 AND c.live > 0 AND v.counts AND v.rendered) AS rendered_page_id,
        max(v.observed_at) FILTER (WHERE c.side = 1 AND v.counts AND (v.rendered OR NOT c.only_rendered)) AS seen_at,
        NULL::timestamptz AS first_seen
    FROM counted AS c
    LEFT JOIN staged_visits AS v ON c.page_id = v.page_id
    GROUP BY c.domain_to_id, c.domain_from_id
    UNION ALL
    SELECT
        t.domain_to_id,
        t.domain_from_id,
        0 AS links,
        0 AS dofollow_links,
        0 AS content_links,
        0 AS refpages,
        CASE
            WHEN (t.domain_to_id, t.domain_from_id, t.url_to_id) IN (
                SELECT n.domain_to_id, n.domain_from_id, n.url_to_id
                FROM new_links AS n
                WHERE n.status = 0
            ) THEN TRUE
            WHEN s.links <= coalesce(
                (
                    SELECT g.links
                    FROM link_groups AS g
                    WHERE g.domain_to_id = t.domain_to_id AND g.kind + 0 = 0 AND g.key = t.url_to_id
                ),
                300
            )
                THEN EXISTS (
                    SELECT 1
                    FROM (
                        SELECT k.url_to_id
                        FROM links AS k
                        WHERE k.domain_to_id = t.domain_to_id AND k.domain_from_id = t.domain_from_id AND k.status = 0
                        OFFSET 0
                    ) AS l
                    WHERE l.url_to_id = t.url_to_id
                )
            ELSE EXISTS (
                SELECT 1
                FROM (SELECT k.* FROM links AS k WHERE k.url_to_id = t.url_to_id OFFSET 0) AS l
                WHERE l.domain_from_id = t.domain_from_id AND l.status = 0
            )
        END::int - t.was_live::int AS pages_to,
        NULL AS read_page_id,
        NULL AS rendered_page_id,
        NULL AS seen_at,
        NULL AS first_seen
    FROM touched AS t
    INNER JOIN edge_states AS s ON t.domain_to_id = s.domain_to_id AND t.domain_from_id = s.domain_from_id
    UNION ALL
    SELECT
        n.domain_to_id,
        n.domain_from_id,
        0 AS links,
        0 AS dofollow_links,
        0 AS content_links,
        0 AS refpages,
        0 AS pages_to,
        NULL AS read_page_id,
        NULL AS rendered_page_id,
        NULL AS seen_at,
        n.first_seen
    FROM new_links AS n
    UNION ALL
    SELECT
        l.domain_to_id,
        l.domain_from_id,
        0 AS links,
        0 AS dofollow_links,
        0 AS content_links,
        0 AS refpages,
        0 AS pages_to,
        NULL AS read_page_id,
        NULL AS rendered_page_id,
        NULL AS seen_at,
        c.first_seen
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
),

changes AS (
    SELECT
        domain_to_id,
        domain_from_id,
        sum(links) AS links,
        sum(dofollow_links) AS dofollow_links,
        sum(content_links) AS content_links,
        sum(refpages) AS refpages,
        sum(pages_to) AS pages_to,
        coalesce(max(read_page_id), max(rendered_page_id)) AS page_id,
        max(read_page_id) IS NULL AS only_rendered,
        max(seen_at) AS seen_at,
        min(first_seen) AS first_seen
    FROM differences
    GROUP BY domain_to_id, domain_from_id
),

witnessed AS (
    SELECT
        c.domain_to_id,
        c.domain_from_id,
        c.links,
        c.dofollow_links,
        c.content_links,
        c.refpages,
        c.pages_to,
        c.first_seen,
        c.seen_at,
        coalesce(c.page_id, w.page_id) AS page_id,
        CASE WHEN c.page_id IS NULL THEN w.only_rendered ELSE c.only_rendered END AS only_rendered
    FROM changes AS c
    LEFT JOIN LATERAL (
        SELECT l.page_id, l.only_rendered
        FROM (
            SELECT k.page_id, coalesce(k.origin = 1, FALSE) AS only_rendered
            FROM links AS k
            WHERE
                c.page_id IS NULL  -- here, as the join's condition is looked at when all has been read
                AND k.domain_to_id = c.domain_to_id
                AND k.domain_from_id = c.domain_from_id
                AND k.status = 0
            LIMIT 200
        ) AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        ORDER BY p.unverified_since IS NOT NULL OR (l.only_rendered AND p.unrendered_since IS NOT NULL), l.only_rendered
        LIMIT 1
    ) AS w ON TRUE
)

UPDATE domain_edges AS e
SET
    links = e.links + c.links,
    dofollow_links = e.dofollow_links + c.dofollow_links,
    content_links = e.content_links + c.content_links,
    refpages = e.refpages + c.refpages,
    pages_to = e.pages_to + c.pages_to,
    first_seen = least(e.first_seen, c.first_seen),
    last_page_id = CASE WHEN e.links + c.links > 0 THEN c.page_id END,
    last_rendered = CASE WHEN e.links + c.links > 0 AND c.only_rendered THEN TRUE END,
    last_seen = greatest(e.last_seen, s.seen_at, c.seen_at),  -- what it was so far, before another page stands for it
    absent_since = CASE
        WHEN e.links + c.links <= 0 THEN greatest(
            (
                SELECT l.absent_since
                FROM links AS l
                WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 1
                ORDER BY l.absent_since DESC
                LIMIT 1
            ),
            (
                SELECT l.absent_since
                FROM links AS l
                WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 2
                ORDER BY l.absent_since DESC
                LIMIT 1
            )
        )
    END,
    status = CASE
        WHEN e.links + c.links > 0 THEN 0
        WHEN EXISTS (
            SELECT 1
            FROM links AS l
            WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 1
        ) THEN 1
        ELSE 2
    END
FROM witnessed AS c
INNER JOIN edge_states AS s ON c.domain_to_id = s.domain_to_id AND c.domain_from_id = s.domain_from_id
WHERE
    e.domain_to_id = c.domain_to_id
    AND e.domain_from_id = c.domain_from_id
    AND (
        c.links <> 0 OR c.dofollow_links <> 0 OR c.content_links <> 0 OR c.refpages <> 0 OR c.pages_to <> 0
        OR c.first_seen < e.first_seen OR e.links + c.links <= 0
        -- the page that stands for it has turned, and now another one does, or only what it renders
        OR (
            (NOT s.is_live OR e.last_page_id IN (SELECT t.page_id FROM touched_pages AS t))
            AND (c.page_id, coalesce(c.only_rendered, FALSE))
            IS DISTINCT FROM (e.last_page_id, coalesce(e.last_rendered, FALSE))
        )
    );

-- name: count_edges
-- How the touched edges stand after the batch.
INSERT INTO edge_states
SELECT
    1,
    e.domain_to_id,
    e.domain_from_id,
    e.status,
    e.links,
    s.is_new,
    e.links > 0 AND p.unverified_since IS NULL
    AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL),
    e.dofollow_links > 0,
    coalesce(e.absent_since, e.last_seen)
FROM edge_states AS s
INNER JOIN domain_edges AS e ON s.domain_to_id = e.domain_to_id AND s.domain_from_id = e.domain_from_id
LEFT JOIN pages AS p ON e.last_page_id = p.page_id
WHERE s.side = -1;

-- name: insert_edge_events
INSERT INTO edge_events (domain_to_id, domain_from_id, batch_id, happened_at, kind)
SELECT
    a.domain_to_id,
    a.domain_from_id,
    %(batch_id)s,
    a.seen_at,
    CASE a.status WHEN 0 THEN 2 ELSE a.status - 1 END
FROM edge_states AS a
INNER JOIN edge_states AS b
    ON a.domain_to_id = b.domain_to_id AND a.domain_from_id = b.domain_from_id AND b.side = -1
WHERE a.side = 1 AND a.status <> b.status
ORDER BY a.domain_to_id, a.domain_from_id;
