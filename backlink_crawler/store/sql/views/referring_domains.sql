CREATE VIEW referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    e.links,
    e.dofollow_links,
    e.refpages,
    e.pages_to,
    e.first_seen,
    -- A subquery, not a join: PostgreSQL runs it for the rows that are returned, after ORDER BY and LIMIT.
    greatest(e.last_seen, (SELECT p.confirmed_at FROM pages AS p WHERE p.page_id = e.last_page_id)) AS last_seen,
    CASE WHEN e.status = 2 THEN e.absent_since END AS lost_at,
    (ARRAY['live', 'missing', 'lost', 'unverified'])[e.status + 1] AS status,
    e.domain_to_id,
    e.domain_from_id
FROM domain_edges AS e
INNER JOIN domains AS dt ON e.domain_to_id = dt.id
INNER JOIN domains AS df ON e.domain_from_id = df.id
