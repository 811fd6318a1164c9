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
    g.key AS anchor_key,
    round(100.0 * g.links / nullif(t.backlinks + t.unverified_links, 0), 1)::double precision AS links_percent,
    CASE
        WHEN g.anchor = '' THEN 'empty'
        ELSE anchor_class_name(g.class)
    END AS class
FROM link_groups AS g
LEFT JOIN domain_totals AS t ON g.domain_to_id = t.domain_id
LEFT JOIN domains AS dt ON g.domain_to_id = dt.id
LEFT JOIN pages AS p ON g.last_page_id = p.page_id
WHERE g.kind = 1
