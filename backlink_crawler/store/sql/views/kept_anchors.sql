CREATE OR REPLACE VIEW kept_anchors AS
SELECT
    dt.name AS domain_to,
    g.anchor,
    g.refdomains,
    g.refpages,
    g.links,
    g.dofollow_links,
    g.first_seen,
    greatest(g.last_seen, p.confirmed_at) AS last_seen,
    g.domain_to_id,
    g.key AS anchor_key
FROM link_groups AS g
LEFT JOIN domains AS dt ON g.domain_to_id = dt.id
LEFT JOIN pages AS p ON g.last_page_id = p.page_id
WHERE g.kind = 1
