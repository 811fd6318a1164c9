CREATE OR REPLACE VIEW counted_anchors AS
SELECT
    dt.name AS domain_to,
    g.anchor,
    g.refdomains,
    g.refpages,
    g.links,
    g.dofollow_links,
    g.first_seen,
    g.last_seen,
    t.domain_id AS domain_to_id,
    hashtextextended(g.anchor, 0) AS anchor_key,
    round(100.0 * g.links / nullif(t.backlinks + t.unverified_links, 0), 1)::double precision AS links_percent,
    CASE
        WHEN g.anchor = '' THEN 'empty'
        WHEN g.only_images THEN 'image'
        ELSE (
            SELECT anchor_class_name(anchor_class_of(ac.classes, g.text_link_id, g.anchor))
            FROM link_anchor_classes AS ac
            WHERE ac.block = g.text_link_id >> 6
        )
    END AS class
FROM domain_totals AS t
INNER JOIN domains AS dt ON t.domain_id = dt.id
CROSS JOIN LATERAL (
    SELECT
        l.anchor,
        count(DISTINCT l.domain_from_id)::integer AS refdomains,
        count(DISTINCT l.page_id)::integer AS refpages,
        count(*)::integer AS links,
        count(*) FILTER (WHERE l.is_dofollow)::integer AS dofollow_links,
        min(l.first_seen) AS first_seen,
        max(CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen,
        bool_and(l.link_type = 1) AS only_images,
        min(l.id) FILTER (WHERE l.link_type = 0) AS text_link_id
    FROM links AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    WHERE l.domain_to_id = t.domain_id AND l.status = 0
    GROUP BY l.anchor
) AS g
WHERE NOT t.has_groups
