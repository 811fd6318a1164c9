-- Marks: set, taken back, listed.

-- name: lock
-- Whoever marks does so alone: of two at once, one would not see what it replaces. Readers wait for nothing.
LOCK TABLE mark_events IN SHARE ROW EXCLUSIVE MODE;

-- name: pages_with_links
-- Those of these URLs that are pages with links.
SELECT u.hash
FROM urls AS u
WHERE
    u.hash = ANY(%(url_hashes)s::uuid[])
    AND (
        EXISTS (SELECT 1 FROM links AS l WHERE l.page_id = u.id AND l.status <> 2)
        OR EXISTS (SELECT 1 FROM links AS l WHERE l.page_id = u.id AND l.status = 2)
    );

-- name: domains_with_links
SELECT d.name
FROM domains AS d
WHERE d.name = ANY(%(domains)s::text[]) AND EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_from_id = d.id);

-- name: stage
-- What is given and says something new. A note that is not given stays, as long as the mark does; an empty one goes.
CREATE TEMPORARY TABLE new_marks ON COMMIT DROP AS
SELECT
    g.*,
    o.id AS replaces_id
FROM (
    SELECT
        s.domain,
        s.url,
        s.url_hash,
        s.mark,
        s.said,
        s.marked_by,
        nullif(s.said, '') AS note
    FROM unnest(
        %(domains)s::text[],
        %(urls)s::text[],
        %(url_hashes)s::uuid[],
        %(marks)s::smallint[],
        %(notes)s::text[],
        %(people)s::text[]
    ) AS s (domain, url, url_hash, mark, said, marked_by)
) AS g
LEFT JOIN mark_events AS o ON coalesce(g.url, g.domain) = coalesce(o.url, o.domain) AND o.in_force
WHERE o.id IS NULL OR o.mark <> g.mark OR (g.said IS NOT NULL AND o.note IS DISTINCT FROM g.note);

-- name: stage_taken_back
CREATE TEMPORARY TABLE new_marks ON COMMIT DROP AS
SELECT
    o.domain,
    o.url,
    o.url_hash,
    0::smallint AS mark,
    %(note)s::text AS note,
    %(marked_by)s::text AS marked_by,
    o.id AS replaces_id
FROM mark_events AS o
WHERE o.in_force AND coalesce(o.url, o.domain) = ANY(%(subjects)s::text[]);

-- name: end_old
UPDATE mark_events AS o
SET in_force = FALSE
FROM new_marks AS n
WHERE o.id = n.replaces_id;

-- name: insert_new
INSERT INTO mark_events (domain, url, url_hash, mark, note, marked_by, in_force)
SELECT
    n.domain,
    n.url,
    n.url_hash,
    n.mark,
    n.note,
    n.marked_by,
    n.mark <> 0
FROM new_marks AS n
ORDER BY n.domain, n.url NULLS FIRST
RETURNING coalesce(url, domain);

-- name: list_marks
SELECT
    m.domain,
    m.url,
    m.mark,
    m.mark_note,
    m.marked_by,
    m.marked_at
FROM marks AS m
WHERE
    (%(mark)s::text IS NULL OR m.mark = %(mark)s::text)
    AND (%(marked_by)s::text IS NULL OR m.marked_by = %(marked_by)s::text)
    AND (%(subjects)s::text[] = '{}' OR m.domain = ANY(%(subjects)s::text[]) OR m.url = ANY(%(subjects)s::text[]))
ORDER BY m.marked_at DESC, m.domain ASC, m.url ASC NULLS FIRST;

-- name: list_history
SELECT
    m.domain,
    m.url,
    m.mark,
    m.mark_note,
    m.marked_by,
    m.marked_at,
    m.in_force
FROM mark_history AS m
WHERE
    (%(mark)s::text IS NULL OR m.mark = %(mark)s::text)
    AND (%(marked_by)s::text IS NULL OR m.marked_by = %(marked_by)s::text)
    AND (%(subjects)s::text[] = '{}' OR m.domain = ANY(%(subjects)s::text[]) OR m.url = ANY(%(subjects)s::text[]))
ORDER BY m.mark_id DESC;
