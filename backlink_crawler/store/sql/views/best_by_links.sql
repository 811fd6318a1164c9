CREATE VIEW best_by_links AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, ut.url
