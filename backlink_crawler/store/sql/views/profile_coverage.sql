CREATE OR REPLACE VIEW profile_coverage AS
SELECT
    d.name AS domain_to,
    t.backlinks,
    t.backlinks + t.unverified_links AS links,
    t.unverified_links,
    t.unverified_links::double precision / (t.backlinks + t.unverified_links) AS unverified_share,
    c.pages_known,
    c.pages_visited,
    c.pages_visited::double precision / nullif(c.pages_known, 0) AS visited_share,
    c.oldest_visit,
    c.newest_visit,
    b.broken_links,
    b.broken_links::double precision / nullif(t.backlinks, 0) AS broken_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        sum(c.pages_known) AS pages_known,
        sum(c.pages_visited) AS pages_visited,
        min(c.oldest_visit) AS oldest_visit,
        max(c.newest_visit) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN domain_coverage AS c ON e.domain_from_id = c.domain_id
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS c
-- the target's pages that are gone are few, its links may be many
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS broken_links
    FROM links AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    WHERE
        l.url_to_id = ANY(gone_urls(d.name, '{}', '{}'))
        AND l.status = 0
        AND p.unverified_since IS NULL
        AND (l.origin IS DISTINCT FROM 1 OR p.unrendered_since IS NULL)
) AS b
WHERE t.backlinks + t.unverified_links > 0
