-- name: totals
-- How much there is; of large tables the planner's estimate.
SELECT
    (SELECT count(*) FROM seeds WHERE queue_id = 1 AND root_id IS NULL AND target_id IS NULL) AS seeds,
    (SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint END FROM pg_class WHERE oid = 'links'::regclass)
        AS links_estimated,
    (SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint END FROM pg_class WHERE oid = 'pages'::regclass)
        AS pages_estimated,
    (SELECT max(recorded_at) FROM batches WHERE recorded_at > now() - interval '10 years') AS last_recorded;

-- name: counted_links
SELECT count(*) FROM links;

-- name: counted_pages
SELECT count(*) FROM pages WHERE kind = 0;

-- name: largest
-- The domains with most referring domains.
SELECT d.name AS domain_to, t.refdomains, t.backlinks, t.dofollow_links, r.authority
FROM (
    SELECT domain_id, refdomains, backlinks, dofollow_links
    FROM domain_totals
    WHERE refdomains > 0
    ORDER BY refdomains DESC, domain_id ASC
    LIMIT 20
) AS t
INNER JOIN domains AS d ON t.domain_id = d.id
LEFT JOIN domain_ranks AS r ON t.domain_id = r.domain_id
ORDER BY t.refdomains DESC, d.name ASC;

-- name: suggested
-- Domains whose names begin so and that are linked to, those with most referring domains first; of many, the first few
-- hundred are looked at.
SELECT d.name, t.refdomains
FROM (
    SELECT id, name
    FROM domains
    WHERE name >= %(begin)s AND name < %(past)s
    ORDER BY name
    LIMIT 500
) AS d
INNER JOIN domain_totals AS t ON d.id = t.domain_id
WHERE t.refdomains > 0
ORDER BY t.refdomains DESC, d.name ASC
LIMIT 8;
