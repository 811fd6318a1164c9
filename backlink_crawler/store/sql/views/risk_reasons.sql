CREATE OR REPLACE VIEW risk_reasons AS
SELECT
    d.name AS domain,
    t.name AS target,
    s.name AS signal,
    f.value,
    f.percentile,
    s.used_weight AS weight,
    f.factor,
    s.policy,
    f.domain_id,
    nullif(f.target_id, 0) AS target_id
FROM risk_factors AS f
INNER JOIN risk_signals AS s ON f.signal = s.signal
INNER JOIN domains AS d ON f.domain_id = d.id
LEFT JOIN domains AS t ON f.target_id = t.id
WHERE f.target_id = 0 OR t.id IS NOT NULL
