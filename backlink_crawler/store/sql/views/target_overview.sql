CREATE VIEW target_overview AS
SELECT
    d.name AS domain_to,
    l.backlinks,
    l.dofollow_links,
    l.nofollow_links,
    l.sponsored_links,
    l.ugc_links,
    l.refpages,
    e.refdomains,
    e.dofollow_refdomains,
    l.lost_links,
    l.unverified_links,
    l.first_seen,
    l.last_seen,
    c.pages_known,
    c.pages_visited,
    c.oldest_visit,
    c.newest_visit
FROM domains AS d
CROSS JOIN LATERAL (
    SELECT
        count(*) AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
    WHERE
        e.domain_to_id = d.id
        AND e.status = 0
        AND p.unverified_since IS NULL
        AND NOT (e.last_rendered IS TRUE AND p.unrendered_since IS NOT NULL)
) AS e
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE l.is_live) AS backlinks,
        count(*) FILTER (WHERE l.is_live AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE l.is_live AND l.is_ugc) AS ugc_links,
        count(DISTINCT l.page_id) FILTER (WHERE l.is_live) AS refpages,
        count(*) FILTER (WHERE l.status = 2) AS lost_links,
        count(*) FILTER (WHERE l.status = 0 AND NOT l.is_live) AS unverified_links,
        min(l.first_seen) AS first_seen,
        max(l.last_seen) AS last_seen
    FROM (
        SELECT
            l.page_id,
            l.status,
            l.is_dofollow,
            l.first_seen,
            coalesce(r.is_nofollow OR rr.is_nofollow, r.is_nofollow, rr.is_nofollow) AS is_nofollow,
            coalesce(r.is_sponsored OR rr.is_sponsored, r.is_sponsored, rr.is_sponsored) AS is_sponsored,
            coalesce(r.is_ugc OR rr.is_ugc, r.is_ugc, rr.is_ugc) AS is_ugc,
            greatest(
                l.first_seen, coalesce(l.last_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
            ) AS last_seen,
            l.status = 0
            AND p.unverified_since IS NULL
            AND NOT (coalesce(l.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL) AS is_live
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        LEFT JOIN rels AS r ON l.rel_id = r.id
        LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
        WHERE l.domain_to_id = d.id
    ) AS l
) AS l
CROSS JOIN LATERAL (
    SELECT
        count(*) AS pages_known,
        count(p.last_visited) AS pages_visited,
        min(p.last_visited) AS oldest_visit,
        max(p.last_visited) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN urls AS u ON e.domain_from_id = u.domain_id
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE e.domain_to_id = d.id AND e.links > 0 AND p.kind = 0
) AS c
WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id)
