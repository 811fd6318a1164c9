CREATE OR REPLACE VIEW profile_position_mix AS
SELECT
    d.name AS domain_to,
    m.position_refdomains,
    m.content_refdomains,
    m.content_refdomains::double precision / m.position_refdomains AS content_share,
    m.list_refdomains,
    m.list_refdomains::double precision / m.position_refdomains AS list_share,
    m.nav_refdomains,
    m.nav_refdomains::double precision / m.position_refdomains AS nav_share,
    m.header_refdomains,
    m.header_refdomains::double precision / m.position_refdomains AS header_share,
    m.footer_refdomains,
    m.footer_refdomains::double precision / m.position_refdomains AS footer_share,
    m.sidebar_refdomains,
    m.sidebar_refdomains::double precision / m.position_refdomains AS sidebar_share,
    m.comments_refdomains,
    m.comments_refdomains::double precision / m.position_refdomains AS comments_share,
    m.sitewide_refdomains,
    m.position_links,
    m.sitewide_links,
    m.sitewide_links::double precision / m.position_links AS sitewide_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
-- of large domains it is kept, of others it is counted
CROSS JOIN LATERAL (
    SELECT p.*
    FROM position_profiles AS p
    WHERE p.domain_to_id = t.domain_id AND t.has_groups
    UNION ALL
    SELECT
        t.domain_id,
        count(*) FILTER (WHERE e.is_known)::integer,
        count(*) FILTER (WHERE e.is_content)::integer,
        count(*) FILTER (WHERE e.is_list)::integer,
        count(*) FILTER (WHERE e.is_nav)::integer,
        count(*) FILTER (WHERE e.is_header)::integer,
        count(*) FILTER (WHERE e.is_footer)::integer,
        count(*) FILTER (WHERE e.is_sidebar)::integer,
        count(*) FILTER (WHERE e.is_comments)::integer,
        count(*) FILTER (WHERE e.sitewide_links > 0)::integer,
        sum(e.links)::integer,
        sum(e.sitewide_links)::integer
    FROM (
        SELECT
            bool_or(l.link_position > 0) AS is_known,
            bool_or(l.link_position = 1) AS is_content,
            bool_or(l.link_position = 2) AS is_list,
            bool_or(l.link_position = 3) AS is_nav,
            bool_or(l.link_position = 4) AS is_header,
            bool_or(l.link_position = 5) AS is_footer,
            bool_or(l.link_position = 6) AS is_sidebar,
            bool_or(l.link_position = 7) AS is_comments,
            count(*) FILTER (WHERE l.link_position > 0) AS links,
            count(s.pages) AS sitewide_links
        FROM links AS l
        LEFT JOIN sitewide_links AS s
            ON l.url_to_id = s.url_to_id AND l.domain_from_id = s.domain_from_id AND l.path_hash = s.path_hash
        WHERE l.domain_to_id = t.domain_id AND l.status = 0 AND l.link_type IN (0, 1) AND NOT t.has_groups
        GROUP BY l.domain_from_id
    ) AS e
) AS m
WHERE m.position_refdomains > 0
