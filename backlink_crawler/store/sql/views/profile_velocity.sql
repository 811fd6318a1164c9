CREATE OR REPLACE VIEW profile_velocity AS
SELECT
    d.name AS domain_to,
    e.refdomains,
    coalesce(w.new_refdomains, 0) / 13.0::double precision AS new_a_week,
    coalesce(w.lost_refdomains, 0) / 13.0::double precision AS lost_a_week,
    coalesce(b.busiest_new_refdomains, 0) AS busiest_new_refdomains,
    coalesce(b.busiest_new_refdomains, 0)::double precision / e.refdomains AS busiest_share,
    b.busiest_week,
    e.recently_lost_refdomains,
    e.refdomains + e.recently_lost_refdomains AS recent_refdomains,
    e.recently_lost_refdomains::double precision / (e.refdomains + e.recently_lost_refdomains) AS recently_lost_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE e.links > 0)::integer AS refdomains,
        count(*) FILTER (WHERE e.status = 2 AND e.absent_since > now() - interval '28 days')::integer
            AS recently_lost_refdomains
    FROM domain_edges AS e
    WHERE e.domain_to_id = t.domain_id
) AS e
CROSS JOIN LATERAL (
    SELECT
        sum(c.new_refdomains)::integer AS new_refdomains,
        sum(c.lost_refdomains)::integer AS lost_refdomains
    FROM daily_changes AS c
    WHERE c.domain_to_id = t.domain_id AND c.day > (now() AT TIME ZONE 'UTC')::date - 91
) AS w
-- of the domains that link now, those found in one week
CROSS JOIN LATERAL (
    SELECT
        max(g.new_refdomains) AS busiest_new_refdomains,
        (array_agg(g.week ORDER BY g.new_refdomains DESC, g.week DESC))[1] AS busiest_week
    FROM (
        SELECT
            date_trunc('week', f.recorded_at AT TIME ZONE 'UTC')::date AS week,
            count(*)::integer AS new_refdomains
        FROM domain_edges AS e
        INNER JOIN batches AS f ON e.batch_id = f.id
        WHERE e.domain_to_id = t.domain_id AND e.links > 0 AND f.recorded_at > now() - interval '91 days'
        GROUP BY date_trunc('week', f.recorded_at AT TIME ZONE 'UTC')::date
    ) AS g
) AS b
WHERE e.refdomains > 0
