CREATE OR REPLACE VIEW counted_anchors AS
SELECT
    dt.name AS domain_to,
    g.anchor,
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
        array_agg(l.page_id) FILTER (WHERE l.origin IS DISTINCT FROM 1) AS page_ids,
        array_agg(l.page_id) FILTER (WHERE l.origin = 1) AS rendered_ids,
        bool_and(l.link_type = 1) AS only_images,
        min(l.id) FILTER (WHERE l.link_type = 0) AS text_link_id
    FROM links AS l
    WHERE l.domain_to_id = t.domain_id AND l.status = 0
    GROUP BY l.anchor
) AS g
WHERE NOT t.has_groups
