-- How the figures of profiles are spread over the targets of this index.

-- name: judged
-- The targets that count: with so few domains that link a share says little.
CREATE TEMPORARY TABLE judged_targets ON COMMIT DROP AS
SELECT e.domain_to_id
FROM domain_edges AS e
WHERE e.links > 0
GROUP BY e.domain_to_id
HAVING count(*) >= %(least_refdomains)s;

-- name: figures
CREATE TEMPORARY TABLE found_figures (figure text NOT NULL, value double precision) ON COMMIT DROP;

-- name: percentiles
-- To six decimals, so that the order of sums does not make another row of it.
CREATE TEMPORARY TABLE found_percentiles ON COMMIT DROP AS
SELECT
    k.p[1] AS p5,
    k.p[2] AS p25,
    k.p[3] AS p50,
    k.p[4] AS p75,
    k.p[5] AS p95,
    s.targets,
    s.figure
FROM (
    SELECT
        f.figure,
        count(f.value)::integer AS targets,
        percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95])
            WITHIN GROUP (ORDER BY round(f.value::numeric, 6)::double precision) AS p
    FROM found_figures AS f
    GROUP BY f.figure
) AS s
CROSS JOIN LATERAL (SELECT CASE WHEN s.targets >= %(least_targets)s THEN s.p END AS p) AS k;

-- name: forget
DELETE FROM profile_percentiles AS p
WHERE NOT EXISTS (SELECT 1 FROM found_percentiles AS f WHERE f.* IS NOT DISTINCT FROM p.*);

-- name: write
INSERT INTO profile_percentiles
SELECT f.* -- noqa: AM04
FROM found_percentiles AS f
ON CONFLICT DO NOTHING;

-- name: targets
SELECT count(*)::integer FROM judged_targets;

-- name: usual
SELECT
    figure,
    targets,
    p5,
    p25,
    p50,
    p75,
    p95
FROM index_percentiles;
