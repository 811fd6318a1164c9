-- name: known_links
-- What is stored of the links of pages that may have changed: those of the HTML, then those that scripts added.
SELECT
    l.page_id,
    l.id,
    l.link_type,
    u.url AS url_to,
    l.anchor,
    coalesce(r.tokens, '{}') AS rel,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel,
    l.status,
    l.is_dofollow,
    l.anchor_source,
    coalesce(l.origin, 0) AS origin,
    coalesce(l.absent_since <= p.rendered_at, FALSE) AS unrendered
FROM links AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
INNER JOIN urls AS u ON l.url_to_id = u.id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
WHERE l.page_id = ANY(%(pages)s::bigint[])
ORDER BY l.page_id, coalesce(l.origin = 1, FALSE), l.position, l.id;

-- name: insert_rels
INSERT INTO rels (tokens, is_nofollow, is_sponsored, is_ugc)
SELECT
    s.rel,
    'nofollow' = ANY(s.rel),
    'sponsored' = ANY(s.rel),
    'ugc' = ANY(s.rel)
FROM (
    SELECT rel FROM staged_links WHERE rel <> '{}'
    UNION
    SELECT rel FROM staged_changes WHERE rel <> '{}'
    UNION
    SELECT rendered_rel FROM staged_links WHERE rendered_rel <> '{}'
    UNION
    SELECT rendered_rel FROM staged_changes WHERE rendered_rel <> '{}'
) AS s
WHERE NOT EXISTS (SELECT 1 FROM rels AS r WHERE r.tokens = s.rel)
ORDER BY s.rel
ON CONFLICT DO NOTHING;

-- name: resolve_links
-- Staged links with the keys of all that they refer to.
INSERT INTO new_links
SELECT
    s.page_id,
    ut.id,
    uf.domain_id,
    ut.domain_id,
    r.id,
    s.position,
    s.link_type,
    s.anchor_source,
    s.is_dofollow,
    s.anchor,
    s.snippet_left,
    s.snippet_right,
    s.origin,
    CASE WHEN s.rendered_rel IS NOT NULL THEN coalesce(rr.id, 0) END
FROM staged_links AS s
INNER JOIN urls AS ut ON s.hash = ut.hash
INNER JOIN urls AS uf ON s.page_id = uf.id
LEFT JOIN rels AS r ON s.rel = r.tokens
LEFT JOIN rels AS rr ON s.rendered_rel = rr.tokens;

-- name: insert_edges
-- The edges that this batch touches, made where missing.
INSERT INTO domain_edges (domain_to_id, domain_from_id, first_seen, last_seen)
SELECT DISTINCT n.domain_to_id, n.domain_from_id, now(), now()
FROM new_links AS n
WHERE NOT EXISTS (
    SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = n.domain_to_id AND e.domain_from_id = n.domain_from_id
)
ORDER BY n.domain_to_id, n.domain_from_id
ON CONFLICT DO NOTHING;

-- name: lock_edges
-- In the order of their keys. Whoever comes next sees all that is written under the lock.
SELECT 1
FROM domain_edges AS e
WHERE
    (e.domain_to_id, e.domain_from_id) IN (
        SELECT n.domain_to_id, n.domain_from_id FROM new_links AS n
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_changes AS c
        CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_visits AS v
        CROSS JOIN LATERAL (
            SELECT k.* FROM links AS k WHERE k.page_id = v.page_id AND k.status = 0 OFFSET 0
        ) AS l
        WHERE v.turned
    )
ORDER BY e.domain_to_id, e.domain_from_id
FOR NO KEY UPDATE;

-- name: remember_before
-- What the touched pages count for before the change. OFFSET 0: page by page, whatever the planner supposes.
INSERT INTO before
SELECT
    l.page_id,
    l.domain_to_id,
    l.domain_from_id,
    count(*),
    count(*) FILTER (WHERE l.is_dofollow),
    bool_and(coalesce(l.origin = 1, FALSE))
FROM (
    SELECT page_id FROM staged_links
    UNION
    SELECT page_id FROM staged_changes
) AS v
CROSS JOIN LATERAL (
    SELECT k.* FROM links AS k WHERE k.page_id = v.page_id AND k.status = 0 OFFSET 0
) AS l
GROUP BY l.page_id, l.domain_to_id, l.domain_from_id;

-- name: remember_touched
INSERT INTO touched
SELECT
    t.domain_to_id,
    t.domain_from_id,
    t.url_to_id,
    EXISTS (
        SELECT 1
        FROM links AS l
        WHERE
            l.domain_to_id = t.domain_to_id
            AND l.domain_from_id = t.domain_from_id
            AND l.url_to_id = t.url_to_id
            AND l.status = 0
    )
FROM (
    SELECT n.domain_to_id, n.domain_from_id, n.url_to_id FROM new_links AS n
    UNION
    SELECT l.domain_to_id, l.domain_from_id, l.url_to_id
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
) AS t;

-- name: insert_links
INSERT INTO links (
    page_id, url_to_id, domain_from_id, domain_to_id, first_seen, rel_id, position, link_type, anchor_source,
    is_dofollow, anchor, snippet_left, snippet_right, origin, rendered_rel_id
)
SELECT
    n.page_id,
    n.url_to_id,
    n.domain_from_id,
    n.domain_to_id,
    now(),
    n.rel_id,
    n.position,
    n.link_type,
    n.anchor_source,
    n.is_dofollow,
    n.anchor,
    n.snippet_left,
    n.snippet_right,
    n.origin,
    n.rendered_rel_id
FROM new_links AS n
ORDER BY n.page_id, n.position;

-- name: apply_changes
-- What a link looks like now; one that was not seen keeps its looks.
UPDATE links AS l
SET
    status = c.status,
    lost_reason = c.lost_reason,
    absent_since = CASE WHEN c.status <> 0 THEN coalesce(l.absent_since, now()) END,
    last_seen = CASE
        WHEN c.status <> 0 THEN coalesce(l.last_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
    END,
    rel_id = CASE WHEN c.status <> 0 THEN l.rel_id ELSE r.id END,
    anchor = CASE WHEN c.status <> 0 THEN l.anchor ELSE c.anchor END,
    anchor_source = CASE WHEN c.status <> 0 THEN l.anchor_source ELSE c.anchor_source END,
    is_dofollow = CASE WHEN c.status <> 0 THEN l.is_dofollow ELSE c.is_dofollow END,
    origin = CASE WHEN c.status <> 0 THEN l.origin ELSE c.origin END,
    rendered_rel_id = CASE
        WHEN c.status <> 0 THEN l.rendered_rel_id
        WHEN c.rendered_rel IS NOT NULL THEN coalesce(rr.id, 0)
    END
FROM staged_changes AS c
LEFT JOIN rels AS r ON c.rel = r.tokens
LEFT JOIN rels AS rr ON c.rendered_rel = rr.tokens
CROSS JOIN pages AS p
WHERE l.id = c.link_id AND p.page_id = l.page_id;

-- name: insert_events
INSERT INTO link_events (link_id, happened_at, kind, before, after)
SELECT link_id, now(), kind, before, after FROM staged_changes WHERE kind IS NOT NULL ORDER BY link_id;

-- name: update_edges
-- Counts move by the difference that this batch made.
WITH
after AS (
    SELECT
        l.page_id,
        l.domain_to_id,
        l.domain_from_id,
        v.confirmed,
        v.rendered,
        count(*) AS links,
        count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
        bool_and(coalesce(l.origin = 1, FALSE)) AS only_rendered
    FROM (
        SELECT page_id, confirmed, rendered
        FROM staged_visits
        WHERE
            page_id IN (SELECT page_id FROM staged_links)
            OR page_id IN (SELECT page_id FROM staged_changes)
    ) AS v
    CROSS JOIN LATERAL (
        SELECT k.* FROM links AS k WHERE k.page_id = v.page_id AND k.status = 0 OFFSET 0
    ) AS l
    GROUP BY l.page_id, l.domain_to_id, l.domain_from_id, v.confirmed, v.rendered
),

differences AS (
    SELECT
        domain_to_id,
        domain_from_id,
        coalesce(a.links, 0) - coalesce(b.links, 0) AS links,
        coalesce(a.dofollow_links, 0) - coalesce(b.dofollow_links, 0) AS dofollow_links,
        (a.links IS NOT NULL)::int - (b.links IS NOT NULL)::int AS refpages,
        0 AS pages_to,
        CASE WHEN a.confirmed AND NOT a.only_rendered THEN page_id END AS live_page_id,
        CASE WHEN a.confirmed AND a.rendered THEN page_id END AS rendered_page_id,
        FALSE AS lost,
        coalesce(a.only_rendered <> b.only_rendered, FALSE) AS moved
    FROM after AS a
    FULL JOIN before AS b USING (page_id, domain_to_id, domain_from_id)
    UNION ALL
    SELECT
        t.domain_to_id,
        t.domain_from_id,
        0 AS links,
        0 AS dofollow_links,
        0 AS refpages,
        live.now::int - t.was_live::int AS pages_to,
        NULL AS live_page_id,
        NULL AS rendered_page_id,
        -- without a live link, an edge may be missing or lost: that is looked up below
        NOT live.now AS lost,
        FALSE AS moved
    FROM touched AS t
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT 1
            FROM links AS l
            WHERE
                l.domain_to_id = t.domain_to_id
                AND l.domain_from_id = t.domain_from_id
                AND l.url_to_id = t.url_to_id
                AND l.status = 0
        ) AS now
    ) AS live
),

changes AS (
    SELECT
        domain_to_id,
        domain_from_id,
        sum(links) AS links,
        sum(dofollow_links) AS dofollow_links,
        sum(refpages) AS refpages,
        sum(pages_to) AS pages_to,
        coalesce(max(live_page_id), max(rendered_page_id)) AS live_page_id,
        max(live_page_id) IS NULL AND max(rendered_page_id) IS NOT NULL AS live_rendered
    FROM differences
    GROUP BY domain_to_id, domain_from_id
    HAVING bool_or(links <> 0 OR dofollow_links <> 0 OR refpages <> 0 OR lost OR moved) OR sum(pages_to) <> 0
),

witnessed AS (
    SELECT
        c.*,
        coalesce(c.live_page_id, w.page_id) AS witness_id,
        CASE WHEN c.live_page_id IS NULL THEN w.only_rendered ELSE c.live_rendered END AS only_rendered
    FROM changes AS c
    LEFT JOIN LATERAL (
        SELECT l.page_id, l.only_rendered
        FROM (
            SELECT k.page_id, coalesce(k.origin = 1, FALSE) AS only_rendered
            FROM links AS k
            WHERE k.domain_to_id = c.domain_to_id AND k.domain_from_id = c.domain_from_id AND k.status = 0
            LIMIT 200
        ) AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        ORDER BY p.unverified_since IS NOT NULL OR (l.only_rendered AND p.unrendered_since IS NOT NULL), l.only_rendered
        LIMIT 1
    ) AS w ON c.live_page_id IS NULL
)

UPDATE domain_edges AS e
SET
    links = e.links + c.links,
    dofollow_links = e.dofollow_links + c.dofollow_links,
    refpages = e.refpages + c.refpages,
    pages_to = e.pages_to + c.pages_to,
    last_page_id = CASE WHEN e.links + c.links > 0 THEN c.witness_id END,
    last_rendered = CASE WHEN e.links + c.links > 0 AND c.only_rendered THEN TRUE END,
    last_seen = CASE
        WHEN c.live_page_id IS NOT NULL THEN now()
        -- what it was so far, before another page stands for it
        ELSE greatest(
            e.last_seen,
            (
                SELECT CASE WHEN e.last_rendered THEN p.rendered_at ELSE p.confirmed_at END
                FROM pages AS p
                WHERE p.page_id = e.last_page_id
            )
        )
    END,
    absent_since = CASE WHEN e.links + c.links = 0 THEN coalesce(e.absent_since, now()) END,
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
WHERE e.domain_to_id = c.domain_to_id AND e.domain_from_id = c.domain_from_id;

-- name: repoint_edges
-- Edges that an unverified page stands for, where pages have turned unverified or verified again: a verified page with
-- a live link stands for them from now on, if one of the first 200 is.
UPDATE domain_edges AS e
SET
    last_page_id = verified.page_id,
    last_rendered = CASE WHEN verified.only_rendered THEN TRUE END,
    last_seen = greatest(
        e.last_seen, CASE WHEN e.last_rendered THEN witness.rendered_at ELSE witness.confirmed_at END
    )
FROM (
    SELECT DISTINCT l.domain_to_id, l.domain_from_id
    FROM staged_visits AS v
    CROSS JOIN LATERAL (
        SELECT k.* FROM links AS k WHERE k.page_id = v.page_id AND k.status = 0 OFFSET 0
    ) AS l
    WHERE v.turned
) AS t
CROSS JOIN LATERAL (
    SELECT p.page_id, l.only_rendered
    FROM (
        SELECT k.page_id, coalesce(k.origin = 1, FALSE) AS only_rendered
        FROM links AS k
        WHERE k.domain_to_id = t.domain_to_id AND k.domain_from_id = t.domain_from_id AND k.status = 0
        LIMIT 200
    ) AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    WHERE p.unverified_since IS NULL AND NOT (l.only_rendered AND p.unrendered_since IS NOT NULL)
    ORDER BY l.only_rendered
    LIMIT 1
) AS verified
CROSS JOIN pages AS witness
WHERE
    e.domain_to_id = t.domain_to_id
    AND e.domain_from_id = t.domain_from_id
    AND witness.page_id = e.last_page_id
    AND (witness.unverified_since IS NOT NULL OR (e.last_rendered AND witness.unrendered_since IS NOT NULL));
