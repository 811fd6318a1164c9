-- How the figures of profiles are spread over the targets of this index, and the profiles of large ones.

-- name: judged
-- The targets that count: with so few domains that link a share says little.
CREATE TEMPORARY TABLE judged_targets ON COMMIT DROP AS
SELECT e.domain_to_id
FROM domain_edges AS e
WHERE e.links > 0
GROUP BY e.domain_to_id
HAVING count(*) >= %(least_refdomains)s;

-- name: large
-- The targets with more links than are counted while somebody waits.
CREATE TEMPORARY TABLE large_targets ON COMMIT DROP AS
SELECT t.domain_id
FROM domain_totals AS t
WHERE t.backlinks + t.unverified_links > %(most_counted)s;

-- name: rows
-- Rows of the views profile_…, by the place of the view.
CREATE TEMPORARY TABLE found_rows (
    domain_id integer NOT NULL,
    place integer NOT NULL,
    figures jsonb NOT NULL
) ON COMMIT DROP;

-- name: figures
CREATE TEMPORARY TABLE found_figures ON COMMIT DROP AS
SELECT
    f.key AS figure,
    f.value::double precision AS value
FROM found_rows AS r
INNER JOIN judged_targets AS j ON r.domain_id = j.domain_to_id
CROSS JOIN LATERAL jsonb_each_text(r.figures) AS f
INNER JOIN unnest(%(figures)s::text [], %(places)s::integer []) AS k (figure, place)
    ON f.key = k.figure AND r.place = k.place
WHERE f.value IS NOT NULL;

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

-- name: large_domains
SELECT domain_id FROM large_targets ORDER BY domain_id;

-- name: forget_kept
DELETE FROM domain_profiles AS p
WHERE NOT EXISTS (SELECT 1 FROM large_targets AS l WHERE l.domain_id = p.domain_id);

-- name: keep
-- The rows of one domain as one, those of later views over those of earlier ones, which say the same.
INSERT INTO domain_profiles AS p (as_of, domain_id, figures, mixes, top_anchors, top_pages, top_refdomains)
SELECT
    now(),
    %(domain_id)s::integer,
    (
        SELECT coalesce(jsonb_object_agg(f.key, f.value ORDER BY r.place), '{}')
        FROM found_rows AS r
        CROSS JOIN LATERAL jsonb_each(r.figures) AS f
        WHERE r.domain_id = %(domain_id)s::integer
    ),
    %(mixes)s,
    (
        SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.links DESC, a.anchor_key DESC), '[]')
        FROM (
            SELECT v.*
            FROM anchors AS v
            WHERE v.domain_to_id = %(domain_id)s::integer
            ORDER BY v.links DESC, v.anchor_key DESC
            LIMIT 10
        ) AS a
    ),
    (
        SELECT coalesce(jsonb_agg(to_jsonb(b) ORDER BY b.refdomains DESC, b.url_to_id DESC), '[]')
        FROM (
            SELECT v.*
            FROM best_by_links AS v
            WHERE v.domain_to_id = %(domain_id)s::integer
            ORDER BY v.refdomains DESC, v.url_to_id DESC
            LIMIT 10
        ) AS b
    ),
    (
        SELECT
            coalesce(
                array_agg(f.domain_from_id ORDER BY f.authority DESC, f.links DESC, f.domain_from_id DESC), '{}'
            )
        FROM (
            SELECT e.domain_from_id, e.links, k.authority
            FROM domain_edges AS e
            INNER JOIN domain_ranks AS k ON e.domain_from_id = k.domain_id
            WHERE e.domain_to_id = %(domain_id)s::integer AND e.links > 0
            ORDER BY k.authority DESC, e.links DESC, e.domain_from_id DESC
            LIMIT 200
        ) AS f
    )
ON CONFLICT (domain_id) DO UPDATE
SET
    as_of = excluded.as_of,
    figures = excluded.figures,
    mixes = excluded.mixes,
    top_anchors = excluded.top_anchors,
    top_pages = excluded.top_pages,
    top_refdomains = excluded.top_refdomains;

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
