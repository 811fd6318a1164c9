CREATE OR REPLACE VIEW kept_best_by_links AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    g.refdomains,
    g.refpages,
    g.links,
    g.dofollow_links,
    g.first_seen,
    greatest(g.last_seen, p.confirmed_at) AS last_seen,
    g.domain_to_id,
    g.key AS url_to_id
FROM link_groups AS g
LEFT JOIN domains AS dt ON g.domain_to_id = dt.id
LEFT JOIN urls AS ut ON g.key = ut.id
LEFT JOIN pages AS p ON g.last_page_id = p.page_id
WHERE g.kind = 0
