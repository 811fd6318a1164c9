CREATE OR REPLACE VIEW domain_authority AS
SELECT
    d.name AS domain,
    r.authority,
    r.percentile AS authority_percentile,
    r.trust,
    r.follow_refdomains,
    r.follow_domains_to,
    r.pagerank_ratio,
    r.pagerank_ratio * (u.used ->> 'pagerank_floor')::double precision AS pagerank,
    r.trust * r.pagerank_ratio * (u.used ->> 'trustrank_floor')::double precision AS trustrank,
    r.harmonic,
    u.started_at AS ranked_at,
    u.id AS run_id,
    r.domain_id
FROM domain_ranks AS r
INNER JOIN domains AS d ON r.domain_id = d.id
CROSS JOIN (
    SELECT
        id,
        started_at,
        parameters -> 'authority' AS used
    FROM ranking_runs
    WHERE figures ? 'authority'
    ORDER BY id DESC
    LIMIT 1
) AS u
