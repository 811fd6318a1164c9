CREATE OR REPLACE VIEW profile_position_mix AS
SELECT
    d.name AS domain_to,
    e.refdomains,
    e.content_refdomains,
    -- where of many domains no link has a known position, nothing is said
    CASE WHEN p.position_links >= e.refdomains THEN e.content_refdomains::double precision / e.refdomains END
        AS content_refdomain_share,
    p.position_links,
    p.content_links,
    p.content_links::double precision / p.position_links AS content_share,
    p.list_links,
    p.list_links::double precision / p.position_links AS list_share,
    p.nav_links,
    p.nav_links::double precision / p.position_links AS nav_share,
    p.header_links,
    p.header_links::double precision / p.position_links AS header_share,
    p.footer_links,
    p.footer_links::double precision / p.position_links AS footer_share,
    p.sidebar_links,
    p.sidebar_links::double precision / p.position_links AS sidebar_share,
    p.comments_links,
    p.comments_links::double precision / p.position_links AS comments_share,
    p.sitewide_links,
    p.sitewide_links::double precision / p.position_links AS sitewide_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
INNER JOIN (
    SELECT
        a.*,
        nullif(
            a.content_links + a.list_links + a.nav_links + a.header_links + a.footer_links + a.sidebar_links
            + a.comments_links,
            0
        ) AS position_links
    FROM anchor_profiles AS a
) AS p ON t.domain_id = p.domain_to_id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS refdomains,
        count(*) FILTER (WHERE e.content_links > 0)::integer AS content_refdomains
    FROM domain_edges AS e
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS e
WHERE e.refdomains > 0 AND p.position_links > 0
