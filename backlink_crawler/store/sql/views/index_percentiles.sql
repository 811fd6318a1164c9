CREATE OR REPLACE VIEW index_percentiles AS
SELECT
    p.figure,
    p.targets,
    p.p5,
    p.p25,
    p.p50,
    p.p75,
    p.p95
FROM profile_percentiles AS p
