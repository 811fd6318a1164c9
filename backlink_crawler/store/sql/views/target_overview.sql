CREATE OR REPLACE VIEW target_overview AS
SELECT
    d.name AS domain_to,
    t.backlinks,
    t.dofollow_links,
    t.nofollow_links,
    t.sponsored_links,
    t.ugc_links,
    t.refpages,
    t.refdomains,
    t.dofollow_refdomains,
    t.lost_links,
    t.unverified_links,
    t.first_seen,
    greatest(t.last_seen, s.last_seen) AS last_seen,
    CASE WHEN k.domain_id IS NULL THEN c.pages_known ELSE (k.figures ->> 'pages_known')::bigint END AS pages_known,
    CASE WHEN k.domain_id IS NULL THEN c.pages_visited ELSE (k.figures ->> 'pages_visited')::bigint END
        AS pages_visited,
    CASE WHEN k.domain_id IS NULL THEN c.oldest_visit ELSE (k.figures ->> 'oldest_visit')::timestamptz END
        AS oldest_visit,
    CASE WHEN k.domain_id IS NULL THEN c.newest_visit ELSE (k.figures ->> 'newest_visit')::timestamptz END
        AS newest_visit,
    t.missing_links,
    t.domain_id AS domain_to_id,
    r.authority,
    r.trust,
    ap.over_optimised,
    ap.content_links,
    ap.list_links,
    ap.nav_links,
    ap.header_links,
    ap.footer_links,
    ap.sidebar_links,
    ap.comments_links,
    ap.sitewide_links,
    k.as_of AS coverage_as_of
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
LEFT JOIN domain_ranks AS r ON t.domain_id = r.domain_id
LEFT JOIN anchor_profiles AS ap ON t.domain_id = ap.domain_to_id
-- of large domains the coverage is kept, as a great many domains link to them
LEFT JOIN domain_profiles AS k ON t.domain_id = k.domain_id AND t.has_groups AND t.backlinks + t.unverified_links > 0
-- An edge's last_seen is its witness page's: of the largest hundred the latest is at most so late as that of all.
CROSS JOIN LATERAL (
    SELECT max(CASE WHEN e.last_rendered THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen
    FROM (
        SELECT e.last_page_id, e.last_rendered
        FROM domain_edges AS e
        WHERE e.domain_to_id = t.domain_id AND e.links > 0
        ORDER BY e.links DESC
        LIMIT 100
    ) AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
) AS s
CROSS JOIN LATERAL (
    SELECT
        sum(c.pages_known) AS pages_known,
        sum(c.pages_visited) AS pages_visited,
        min(c.oldest_visit) AS oldest_visit,
        max(c.newest_visit) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN domain_coverage AS c ON e.domain_from_id = c.domain_id
    WHERE e.domain_to_id = t.domain_id AND e.links > 0 AND k.domain_id IS NULL
) AS c
