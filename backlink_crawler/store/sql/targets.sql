-- name: links_to_targets
-- Links to the domains of `asked` that are not lost, wherever they stand. `asked` has the columns of targets: WITH it,
-- as all_targets, one_target or named_target.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    l.page_id,
    l.url_to_id
FROM asked AS t
INNER JOIN links AS l ON t.domain_id = l.domain_to_id
WHERE l.status <> 2;

-- name: links_of_pages
-- Of those, the ones that stand on %(pages)s. OFFSET keeps PostgreSQL from starting at the targets all the same: one of
-- them may have a million links.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    l.page_id,
    l.url_to_id
FROM unnest(%(pages)s::bigint[]) AS v (page_id)
CROSS JOIN LATERAL (
    SELECT
        k.page_id,
        k.url_to_id,
        k.domain_to_id
    FROM links AS k
    WHERE k.page_id = v.page_id AND k.status <> 2
    OFFSET 0
) AS l
INNER JOIN asked AS t ON l.domain_to_id = t.domain_id;

-- name: meant_links
-- The one place that says which links a target means: those of `candidates`.
SELECT c.* -- noqa: AM04
FROM candidates AS c
INNER JOIN urls AS u ON c.url_to_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
WHERE
    CASE c.mode
        WHEN 'domain' THEN TRUE
        WHEN 'exact' THEN u.hash = url_hash(c.values[1])
        WHEN 'prefix' THEN EXISTS (SELECT 1 FROM unnest(c.values) AS v (prefix) WHERE starts_with(u.url, v.prefix))
        ELSE right('.' || h.name, length(c.values[1]) + 1) = '.' || c.values[1]
    END;

-- name: watched_pages
-- Pages with such links for each target, and how many.
SELECT
    target_id,
    page_id,
    count(*) AS links
FROM meant
GROUP BY target_id, page_id;

-- name: all_targets
SELECT id, domain_id, mode, values FROM targets;

-- name: one_target
SELECT id, domain_id, mode, values FROM targets WHERE id = %(target_id)s;

-- name: named_target
-- One that need not be watched.
SELECT
    0::bigint AS id,
    id AS domain_id,
    %(mode)s::text AS mode,
    %(values)s::text[] AS values
FROM domains
WHERE name = %(domain)s;

-- name: add_domain
INSERT INTO domains (name) VALUES (%(domain)s) ON CONFLICT DO NOTHING;

-- name: find_target
SELECT id, mode FROM targets WHERE values = %(values)s::text[] FOR UPDATE;

-- name: add_target
-- Two who add the same at once add it once.
INSERT INTO targets (domain_id, mode, values)
SELECT id, %(mode)s, %(values)s::text[] FROM domains WHERE name = %(domain)s
ON CONFLICT DO NOTHING;

-- name: add_words
-- Each once, in the order in which they were said.
UPDATE targets
SET
    brands = ARRAY(
        SELECT w.word FROM unnest(brands || %(brands)s::text []) WITH ORDINALITY AS w (word, place)
        GROUP BY w.word ORDER BY min(w.place)
    ),
    keywords = ARRAY(
        SELECT w.word FROM unnest(keywords || %(keywords)s::text []) WITH ORDINALITY AS w (word, place)
        GROUP BY w.word ORDER BY min(w.place)
    )
WHERE id = %(target_id)s;

-- name: remove_target
DELETE FROM targets WHERE id = %(target_id)s;

-- name: list_targets
-- With what is known of each.
SELECT
    t.mode,
    t.values,
    t.added_at,
    coalesce(sum(w.links), 0)::bigint AS links,
    count(w.page_id) AS pages,
    t.brands,
    t.keywords
FROM targets AS t
LEFT JOIN watched AS w ON t.id = w.target_id
GROUP BY t.id
ORDER BY t.values, t.id;

-- name: visit_first
-- Pages that `watched` names come before all others that are due, but for those to be verified.
UPDATE pages AS p
SET priority = 1
FROM (
    SELECT page_id
    FROM pages
    WHERE priority > 1 AND page_id IN (SELECT page_id FROM watched)
    ORDER BY page_id
    FOR NO KEY UPDATE
) AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;

-- name: visit_as_others
-- Of pages that were watched, those that no target needs any more (`watched`: by those that are left).
UPDATE pages AS p
SET priority = 4
FROM (
    SELECT page_id
    FROM pages
    WHERE
        priority = 1
        AND page_id = ANY(%(pages)s::bigint[])
        AND page_id NOT IN (SELECT page_id FROM watched)
    ORDER BY page_id
    FOR NO KEY UPDATE
) AS c
WHERE p.page_id = c.page_id
RETURNING p.host_id;
