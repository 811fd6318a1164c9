CREATE OR REPLACE VIEW profile_age AS
SELECT
    d.name AS domain_to,
    e.refdomains,
    t.first_seen,
    round(e.median_age::numeric, 1)::double precision AS median_age,
    e.fresh_refdomains,
    e.fresh_refdomains::double precision / e.refdomains AS fresh_share,
    e.year_old_refdomains,
    e.year_old_refdomains::double precision / e.refdomains AS year_old_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS refdomains,
        count(*) FILTER (WHERE e.first_seen > now() - interval '28 days')::integer AS fresh_refdomains,
        count(*) FILTER (WHERE e.first_seen <= now() - interval '365 days')::integer AS year_old_refdomains,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM now() - e.first_seen) / 86400) AS median_age
    FROM domain_edges AS e
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS e
WHERE e.refdomains > 0
