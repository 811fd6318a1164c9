CREATE VIEW new_lost_daily AS
-- No WHERE in the branches: PostgreSQL would join each of them whole.
WITH changes AS (
    SELECT
        domain_to_id,
        first_seen::date AS day,
        1 AS new_links,
        0 AS lost_links,
        0 AS new_refdomains,
        0 AS lost_refdomains
    FROM links
    UNION ALL
    SELECT
        domain_to_id,
        CASE WHEN status = 2 THEN absent_since::date END AS day,
        0 AS new_links,
        1 AS lost_links,
        0 AS new_refdomains,
        0 AS lost_refdomains
    FROM links
    UNION ALL
    SELECT
        domain_to_id,
        first_seen::date AS day,
        0 AS new_links,
        0 AS lost_links,
        1 AS new_refdomains,
        0 AS lost_refdomains
    FROM domain_edges
    UNION ALL
    SELECT
        domain_to_id,
        CASE WHEN status = 2 THEN absent_since::date END AS day,
        0 AS new_links,
        0 AS lost_links,
        0 AS new_refdomains,
        1 AS lost_refdomains
    FROM domain_edges
)

SELECT
    d.name AS domain_to,
    c.day,
    sum(c.new_links) AS new_links,
    sum(c.lost_links) AS lost_links,
    sum(c.new_refdomains) AS new_refdomains,
    sum(c.lost_refdomains) AS lost_refdomains
FROM changes AS c
INNER JOIN domains AS d ON c.domain_to_id = d.id
WHERE c.day IS NOT NULL
GROUP BY d.name, c.day
