CREATE OR REPLACE VIEW authority_history AS
SELECT
    d.name AS domain,
    u.started_at AS ranked_at,
    h.authority,
    h.pagerank_ratio,
    h.trust,
    h.run_id,
    h.domain_id
FROM domain_rank_history AS h
INNER JOIN domains AS d ON h.domain_id = d.id
INNER JOIN ranking_runs AS u ON h.run_id = u.id
