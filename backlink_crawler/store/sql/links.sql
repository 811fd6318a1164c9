-- name: create_staging
-- What a batch finds and changes of links, by COPY; then the same with the keys of all that it refers to.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_links (
    page_id bigint, hash uuid, first_seen timestamptz, absent_since timestamptz, last_seen timestamptz, position int,
    link_type smallint, anchor_source smallint, status smallint, lost_reason smallint, origin smallint,
    is_dofollow boolean, rel text [], rendered_rel text [], anchor text, snippet_left text, snippet_right text,
    link_position smallint, block_words smallint, link_density smallint, order_on_page smallint, path_hash smallint,
    number int
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_changes (
    link_id bigint, page_id bigint, old_page_id bigint, first_seen timestamptz, absent_since timestamptz,
    last_seen timestamptz, position int, anchor_source smallint, status smallint, old_status smallint,
    lost_reason smallint, origin smallint, has_looks boolean, is_dofollow boolean, rel text [], rendered_rel text [],
    anchor text, snippet_left text, snippet_right text, link_position smallint, block_words smallint,
    link_density smallint, order_on_page smallint, path_hash smallint
) ON COMMIT DELETE ROWS;
-- Of a known link, or of the new one with that number.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_events (
    link_id bigint, number int, page_id bigint, happened_at timestamptz, kind smallint, before text, after text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS new_links (
    id bigint, page_id bigint, url_to_id bigint, domain_from_id bigint, domain_to_id bigint, first_seen timestamptz,
    absent_since timestamptz, last_seen timestamptz, rel_id bigint, rendered_rel_id bigint, position int,
    link_type smallint, anchor_source smallint, status smallint, lost_reason smallint, origin smallint,
    is_dofollow boolean, anchor text, snippet_left text, snippet_right text, link_position smallint,
    block_words smallint, link_density smallint, order_on_page smallint, path_hash smallint, number int
) ON COMMIT DELETE ROWS;
CREATE INDEX IF NOT EXISTS new_links_idx ON new_links (number);
CREATE INDEX IF NOT EXISTS staged_changes_idx ON staged_changes (link_id);

-- name: known_links
-- What is stored of the links of pages that may have changed: those of the HTML, then those that scripts added; each in
-- the order in which it stood. Lost ones are left out, as a page may have had any number of them.
SELECT
    l.page_id,
    l.id AS link_id,
    l.link_type,
    u.url AS url_to,
    l.anchor,
    coalesce(r.tokens, '{}') AS rel,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel,
    l.status,
    l.is_dofollow,
    l.anchor_source,
    coalesce(l.origin, 0) AS origin,
    coalesce(l.absent_since <= p.rendered_at, FALSE) AS unrendered,
    l.position,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    l.link_position,
    l.block_words,
    l.link_density,
    l.path_hash,
    l.first_seen,
    l.last_seen,
    l.absent_since,
    l.lost_reason
FROM links AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
INNER JOIN urls AS u ON l.url_to_id = u.id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
WHERE l.page_id = ANY(%(pages)s::bigint[]) AND l.status <> 2
ORDER BY l.page_id, coalesce(l.origin = 1, FALSE), l.position, l.id;

-- name: lost_links
-- Lost links of pages, those that go to one of the URLs that the page shows anew: are they back? OFFSET 0: URL by URL,
-- whatever the planner supposes.
SELECT
    l.page_id,
    l.id AS link_id,
    l.link_type,
    u.url AS url_to,
    l.anchor,
    coalesce(r.tokens, '{}') AS rel,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel,
    l.status,
    l.is_dofollow,
    l.anchor_source,
    coalesce(l.origin, 0) AS origin,
    coalesce(l.absent_since <= p.rendered_at, FALSE) AS unrendered,
    l.position,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    l.link_position,
    l.block_words,
    l.link_density,
    l.path_hash,
    l.first_seen,
    l.last_seen,
    l.absent_since,
    l.lost_reason
FROM urls AS u
INNER JOIN unnest(%(pages)s::bigint[], %(keys)s::text[]) AS held (page_id, url_hash) ON u.hash = held.url_hash::uuid
CROSS JOIN LATERAL (
    SELECT k.* FROM links AS k WHERE k.page_id = held.page_id AND k.url_to_id = u.id AND k.status = 2 OFFSET 0
) AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
ORDER BY l.page_id ASC, coalesce(l.origin = 1, FALSE) ASC, l.absent_since DESC, l.position ASC, l.id ASC;

-- name: all_lost_links
-- For observations that are late: all lost links of their pages.
SELECT
    l.page_id,
    l.id AS link_id,
    l.link_type,
    u.url AS url_to,
    l.anchor,
    coalesce(r.tokens, '{}') AS rel,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel,
    l.status,
    l.is_dofollow,
    l.anchor_source,
    coalesce(l.origin, 0) AS origin,
    coalesce(l.absent_since <= p.rendered_at, FALSE) AS unrendered,
    l.position,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    l.link_position,
    l.block_words,
    l.link_density,
    l.path_hash,
    l.first_seen,
    l.last_seen,
    l.absent_since,
    l.lost_reason
FROM links AS l
INNER JOIN pages AS p ON l.page_id = p.page_id
INNER JOIN urls AS u ON l.url_to_id = u.id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
WHERE l.page_id = ANY(%(pages)s::bigint[]) AND l.status = 2
ORDER BY l.page_id, coalesce(l.origin = 1, FALSE), l.position, l.id;

-- name: moved_pages
-- Pages that redirect permanently to one of these: their links have moved there. Not those that this batch has visited
-- itself, nor those of hosts that another worker holds, who may be writing these links.
SELECT p.page_id, p.moved_to_id
FROM pages AS p
INNER JOIN crawled_hosts AS h ON p.host_id = h.host_id
WHERE
    p.moved_to_id = ANY(%(pages)s::bigint[])
    AND p.page_id <> ALL(%(visited)s::bigint[])
    AND (h.worker IS NULL OR h.worker = (SELECT s.worker FROM sources AS s WHERE s.id = %(source_id)s))
FOR NO KEY UPDATE OF h SKIP LOCKED;

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
-- Staged links with the keys of all that they refer to, and with their own.
INSERT INTO new_links
SELECT
    nextval(pg_get_serial_sequence('links', 'id')),
    s.*
FROM (
    SELECT
        s.page_id,
        ut.id AS url_to_id,
        hf.domain_id AS domain_from_id,
        ht.domain_id AS domain_to_id,
        s.first_seen,
        s.absent_since,
        s.last_seen,
        r.id AS rel_id,
        CASE WHEN s.rendered_rel IS NOT NULL THEN coalesce(rr.id, 0) END AS rendered_rel_id,
        s.position,
        s.link_type,
        s.anchor_source,
        s.status,
        s.lost_reason,
        s.origin,
        s.is_dofollow,
        s.anchor,
        s.snippet_left,
        s.snippet_right,
        s.link_position,
        s.block_words,
        s.link_density,
        s.order_on_page,
        s.path_hash,
        s.number
    FROM staged_links AS s
    INNER JOIN urls AS ut ON s.hash = ut.hash
    INNER JOIN hosts AS ht ON ut.host_id = ht.id
    INNER JOIN staged_visits AS v ON s.page_id = v.page_id
    INNER JOIN hosts AS hf ON v.host_id = hf.id
    LEFT JOIN rels AS r ON s.rel = r.tokens
    LEFT JOIN rels AS rr ON s.rendered_rel = rr.tokens
    WHERE hf.domain_id <> ht.domain_id  -- they may be one by now: another worker may have a newer suffix list
    ORDER BY s.page_id, s.position
) AS s;

-- name: insert_links
INSERT INTO links (
    id, page_id, url_to_id, domain_from_id, domain_to_id, batch_id, first_seen, absent_since, last_seen, lost_batch_id,
    rel_id, rendered_rel_id, position, link_type, anchor_source, status, lost_reason, origin, is_dofollow, anchor,
    snippet_left, snippet_right, link_position, block_words, link_density, order_on_page, path_hash
) OVERRIDING SYSTEM VALUE
SELECT
    id,
    page_id,
    url_to_id,
    domain_from_id,
    domain_to_id,
    %(batch_id)s,
    first_seen,
    absent_since,
    last_seen,
    CASE WHEN status = 2 THEN %(batch_id)s END,
    rel_id,
    rendered_rel_id,
    position,
    link_type,
    anchor_source,
    status,
    lost_reason,
    origin,
    is_dofollow,
    anchor,
    snippet_left,
    snippet_right,
    link_position,
    block_words,
    link_density,
    order_on_page,
    path_hash
FROM new_links
ORDER BY id;

-- name: apply_changes
-- What a link looks like now; one that was not seen keeps its looks.
UPDATE links AS l
SET
    page_id = c.page_id,
    first_seen = least(l.first_seen, c.first_seen),
    absent_since = c.absent_since,
    last_seen = c.last_seen,
    status = c.status,
    lost_reason = c.lost_reason,
    lost_batch_id = CASE WHEN c.status = 2 THEN coalesce(l.lost_batch_id, %(batch_id)s) END,
    rel_id = CASE WHEN c.has_looks THEN r.id ELSE l.rel_id END,
    rendered_rel_id = CASE
        WHEN NOT c.has_looks THEN l.rendered_rel_id
        WHEN c.rendered_rel IS NOT NULL THEN coalesce(rr.id, 0)
    END,
    position = CASE WHEN c.has_looks THEN c.position ELSE l.position END,
    anchor_source = CASE WHEN c.has_looks THEN c.anchor_source ELSE l.anchor_source END,
    origin = CASE WHEN c.has_looks THEN c.origin ELSE l.origin END,
    is_dofollow = CASE WHEN c.has_looks THEN c.is_dofollow ELSE l.is_dofollow END,
    anchor = CASE WHEN c.has_looks THEN c.anchor ELSE l.anchor END,
    snippet_left = CASE WHEN c.has_looks THEN c.snippet_left ELSE l.snippet_left END,
    snippet_right = CASE WHEN c.has_looks THEN c.snippet_right ELSE l.snippet_right END,
    link_position = CASE WHEN c.has_looks THEN c.link_position ELSE l.link_position END,
    block_words = CASE WHEN c.has_looks THEN c.block_words ELSE l.block_words END,
    link_density = CASE WHEN c.has_looks THEN c.link_density ELSE l.link_density END,
    order_on_page = CASE WHEN c.has_looks THEN c.order_on_page ELSE l.order_on_page END,
    path_hash = CASE WHEN c.has_looks THEN c.path_hash ELSE l.path_hash END
FROM staged_changes AS c
LEFT JOIN rels AS r ON c.rel = r.tokens
LEFT JOIN rels AS rr ON c.rendered_rel = rr.tokens
WHERE l.id = c.link_id;

-- name: carry_first_seen
-- A page that has moved permanently loses its links; those that its new address has too are as old as they were here.
WITH moved AS (
    SELECT DISTINCT p.moved_to_id AS page_id
    FROM staged_changes AS c
    INNER JOIN pages AS p ON c.page_id = p.page_id
    WHERE c.lost_reason = 2 AND p.moved_to_id IS NOT NULL
),

lost AS (
    SELECT p.moved_to_id AS page_id, l.url_to_id, l.link_type, l.anchor, min(l.first_seen) AS first_seen
    FROM staged_changes AS c
    INNER JOIN pages AS p ON c.page_id = p.page_id
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
    WHERE c.lost_reason = 2 AND p.moved_to_id IS NOT NULL
    GROUP BY p.moved_to_id, l.url_to_id, l.link_type, l.anchor
),

here AS MATERIALIZED (
    SELECT l.id, l.page_id, l.url_to_id, l.link_type, l.anchor, l.first_seen
    FROM moved AS m
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.page_id = m.page_id AND k.status <> 2 OFFSET 0) AS l
),

older AS MATERIALIZED (
    SELECT h.id, o.first_seen
    FROM here AS h
    INNER JOIN lost AS o
        ON h.page_id = o.page_id AND h.url_to_id = o.url_to_id AND h.link_type = o.link_type AND h.anchor = o.anchor
    WHERE h.first_seen > o.first_seen
),

carried AS (
    UPDATE links AS l
    SET first_seen = o.first_seen
    FROM older AS o
    WHERE l.id = o.id
    RETURNING l.domain_to_id, l.url_to_id, l.first_seen, l.anchor, l.status
)

INSERT INTO carried_links (domain_to_id, url_to_id, first_seen, anchor)
SELECT domain_to_id, url_to_id, first_seen, anchor FROM carried WHERE status = 0;

-- name: insert_events
INSERT INTO link_events (link_id, domain_to_id, batch_id, happened_at, page_id, kind, before, after)
SELECT
    l.id,
    l.domain_to_id,
    %(batch_id)s,
    e.happened_at,
    e.page_id,
    e.kind,
    coalesce(e.before, moved.url),
    coalesce(e.after, CASE WHEN moved.url IS NOT NULL THEN here.url END)
FROM staged_events AS e
LEFT JOIN new_links AS n ON e.number = n.number
INNER JOIN links AS l ON coalesce(e.link_id, n.id) = l.id
LEFT JOIN staged_changes AS c ON e.kind = 5 AND e.link_id = c.link_id
LEFT JOIN urls AS moved ON c.old_page_id = moved.id
LEFT JOIN urls AS here ON c.page_id = here.id
ORDER BY l.id, e.happened_at;
