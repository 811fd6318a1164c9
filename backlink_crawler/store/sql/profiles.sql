-- How the figures of profiles are spread over the targets of this index.

-- name: positions
-- Where the links to large domains stand.
CREATE TEMPORARY TABLE found_positions ON COMMIT DROP AS
SELECT
    e.domain_to_id,
    count(*) FILTER (WHERE e.is_known)::integer AS position_refdomains,
    count(*) FILTER (WHERE e.is_content)::integer AS content_refdomains,
    count(*) FILTER (WHERE e.is_list)::integer AS list_refdomains,
    count(*) FILTER (WHERE e.is_nav)::integer AS nav_refdomains,
    count(*) FILTER (WHERE e.is_header)::integer AS header_refdomains,
    count(*) FILTER (WHERE e.is_footer)::integer AS footer_refdomains,
    count(*) FILTER (WHERE e.is_sidebar)::integer AS sidebar_refdomains,
    count(*) FILTER (WHERE e.is_comments)::integer AS comments_refdomains,
    count(*) FILTER (WHERE e.sitewide_links > 0)::integer AS sitewide_refdomains,
    sum(e.links)::integer AS position_links,
    sum(e.sitewide_links)::integer AS sitewide_links
FROM (
    SELECT
        l.domain_to_id,
        bool_or(l.link_position > 0) AS is_known,
        bool_or(l.link_position = 1) AS is_content,
        bool_or(l.link_position = 2) AS is_list,
        bool_or(l.link_position = 3) AS is_nav,
        bool_or(l.link_position = 4) AS is_header,
        bool_or(l.link_position = 5) AS is_footer,
        bool_or(l.link_position = 6) AS is_sidebar,
        bool_or(l.link_position = 7) AS is_comments,
        count(*) FILTER (WHERE l.link_position > 0) AS links,
        count(s.pages) AS sitewide_links
    FROM links AS l
    INNER JOIN domain_totals AS t ON l.domain_to_id = t.domain_id
    LEFT JOIN sitewide_links AS s
        ON l.url_to_id = s.url_to_id AND l.domain_from_id = s.domain_from_id AND l.path_hash = s.path_hash
    WHERE l.status = 0 AND l.link_type IN (0, 1) AND t.has_groups
    GROUP BY l.domain_to_id, l.domain_from_id
) AS e
GROUP BY e.domain_to_id;

-- name: forget_positions
-- Those that are gone or have changed.
DELETE FROM position_profiles AS p
WHERE NOT EXISTS (SELECT 1 FROM found_positions AS f WHERE f.* IS NOT DISTINCT FROM p.*);

-- name: write_positions
INSERT INTO position_profiles
SELECT f.* -- noqa: AM04
FROM found_positions AS f
ON CONFLICT DO NOTHING;

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
