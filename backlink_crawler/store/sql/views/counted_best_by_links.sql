CREATE OR REPLACE VIEW counted_best_by_links AS
SELECT
    dt.name AS domain_to,
    (SELECT u.url FROM urls AS u WHERE u.id = g.url_to_id) AS url_to,
    g.refdomains,
    g.refpages,
    g.links,
    g.dofollow_links,
    g.first_seen,
    -- of the groups that are shown only
    greatest(
        (SELECT max(p.confirmed_at) FROM pages AS p WHERE p.page_id = ANY(g.page_ids)),
        (SELECT max(p.rendered_at) FROM pages AS p WHERE p.page_id = ANY(g.rendered_ids))
    ) AS last_seen,
    t.domain_id AS domain_to_id,
    g.url_to_id
FROM domain_totals AS t
INNER JOIN domains AS dt ON t.domain_id = dt.id
CROSS JOIN LATERAL (
    SELECT
        l.url_to_id,
        count(DISTINCT l.domain_from_id)::integer AS refdomains,
        count(DISTINCT l.page_id)::integer AS refpages,
        count(*)::integer AS links,
        count(*) FILTER (WHERE l.is_dofollow)::integer AS dofollow_links,
        min(l.first_seen) AS first_seen,
        array_agg(l.page_id) FILTER (WHERE l.origin IS DISTINCT FROM 1) AS page_ids,
        array_agg(l.page_id) FILTER (WHERE l.origin = 1) AS rendered_ids
    FROM links AS l
    WHERE l.domain_to_id = t.domain_id AND l.status = 0
    GROUP BY l.url_to_id
) AS g
WHERE NOT t.has_groups
