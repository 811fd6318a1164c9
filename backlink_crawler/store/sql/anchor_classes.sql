-- The classes of anchors, and what they come to for each domain that is linked to. Everything is read once into
-- temporary tables, which spill to disk, and changed rows alone are written, all in one transaction.

-- name: read_uses
-- By what words each domain links to each other one. An anchor leads to two pages that are looked at, however many it
-- leads to: those with the lowest and the highest key.
CREATE TEMPORARY TABLE anchor_uses AS
SELECT
    l.domain_to_id,
    l.domain_from_id,
    hashtextextended(l.anchor, 0) AS anchor_key,
    min(l.anchor) AS anchor,
    bool_or(l.link_type = 0) AS is_text,
    bool_or(l.link_type = 1) AS is_image,
    min(l.url_to_id) AS first_url_id,
    max(l.url_to_id) AS last_url_id
FROM links AS l
WHERE l.status = 0 AND l.link_type IN (0, 1)
GROUP BY l.domain_to_id, l.domain_from_id, hashtextextended(l.anchor, 0);

-- name: read_anchors
CREATE TEMPORARY TABLE used_anchors AS
SELECT
    domain_to_id,
    anchor_key,
    min(anchor) AS anchor,
    bool_or(is_text) AS is_text,
    count(*) AS refdomains,
    min(first_url_id) AS first_url_id,
    max(last_url_id) AS last_url_id
FROM anchor_uses
WHERE anchor <> ''
GROUP BY domain_to_id, anchor_key;

-- name: index_anchors
CREATE UNIQUE INDEX ON used_anchors (domain_to_id, anchor_key);

-- name: index_common_anchors
-- Those that may be a domain's keywords, as several call it so.
CREATE INDEX ON used_anchors (domain_to_id, refdomains) WHERE is_text AND refdomains >= 3;

-- name: create_classes
CREATE TEMPORARY TABLE found_classes (
    domain_to_id int NOT NULL,
    anchor_key bigint NOT NULL,
    class smallint NOT NULL,
    only_images boolean NOT NULL
);

-- name: next_anchors
-- A page of the anchors, with the pages that they lead to. A URL that has moved is about what it has moved to.
SELECT
    a.domain_to_id,
    a.anchor_key,
    a.anchor,
    NOT a.is_text,
    fu.url,
    ff.title,
    ff.headings,
    CASE WHEN lu.id <> fu.id THEN lu.url END,
    lf.title,
    lf.headings
FROM (
    SELECT
        u.domain_to_id,
        u.anchor_key,
        u.anchor,
        u.is_text,
        u.first_url_id,
        u.last_url_id
    FROM used_anchors AS u
    WHERE (u.domain_to_id, u.anchor_key) > (%(domain)s, %(anchor)s)
    ORDER BY u.domain_to_id, u.anchor_key
    LIMIT %(most)s
) AS a
LEFT JOIN urls AS fu ON a.first_url_id = fu.id
LEFT JOIN pages AS fp ON a.first_url_id = fp.page_id
LEFT JOIN page_facts AS ff ON ff.page_id = coalesce(fp.moved_to_id, fp.page_id)
LEFT JOIN urls AS lu ON a.last_url_id = lu.id
LEFT JOIN pages AS lp ON a.last_url_id = lp.page_id
LEFT JOIN page_facts AS lf ON lf.page_id = coalesce(lp.moved_to_id, lp.page_id)
ORDER BY a.domain_to_id, a.anchor_key;

-- name: sites
-- What is known of these domains: their names, titles of some of their pages, what at least three domains and a
-- fiftieth of those that link call them, and what the user has said of them.
SELECT
    d.id,
    d.name,
    coalesce(t.titles, '{}'),
    coalesce(c.anchors, '{}'),
    coalesce(s.brands, '{}'),
    coalesce(s.keywords, '{}')
FROM domains AS d
LEFT JOIN domain_totals AS n ON d.id = n.domain_id
LEFT JOIN LATERAL (
    SELECT array_agg(f.title) AS titles
    FROM (
        SELECT p.title
        FROM hosts AS h
        CROSS JOIN LATERAL (SELECT u.id FROM urls AS u WHERE u.host_id = h.id LIMIT 200) AS u
        INNER JOIN page_facts AS p ON u.id = p.page_id
        WHERE
            h.domain_id = d.id
            AND p.title IS NOT NULL
            AND d.id IN (SELECT v.domain_id FROM domain_coverage AS v WHERE v.pages_visited > 0)
        LIMIT 50
    ) AS f
) AS t ON TRUE
LEFT JOIN LATERAL (
    SELECT array_agg(a.anchor) AS anchors
    FROM (
        SELECT u.anchor
        FROM used_anchors AS u
        WHERE
            u.domain_to_id = d.id
            AND u.is_text
            AND u.refdomains >= 3
            AND u.refdomains >= 0.02 * n.refdomains
        ORDER BY u.refdomains DESC
        LIMIT 20
    ) AS a
) AS c ON TRUE
LEFT JOIN (
    SELECT
        w.domain_id,
        array_agg(w.word) FILTER (WHERE w.is_brand) AS brands,
        array_agg(w.word) FILTER (WHERE NOT w.is_brand) AS keywords
    FROM (
        SELECT domain_id, TRUE AS is_brand, unnest(brands) AS word FROM targets
        UNION
        SELECT domain_id, FALSE AS is_brand, unnest(keywords) AS word FROM targets
    ) AS w
    GROUP BY w.domain_id
) AS s ON d.id = s.domain_id
WHERE d.id = ANY(%(domains)s::int []);

-- name: profile
-- By what words each domain is linked to: how many domains use each class.
CREATE TEMPORARY TABLE found_profiles AS
WITH
edges AS (
    SELECT
        u.domain_to_id,
        u.domain_from_id,
        bool_or(u.anchor = '') AS has_empty,
        bool_or(u.anchor <> '' AND u.is_image) AS has_image,
        bool_or(u.is_text AND c.class = 2) AS has_naked,
        bool_or(u.is_text AND c.class = 3) AS has_branded,
        bool_or(u.is_text AND c.class = 4) AS has_compound,
        bool_or(u.is_text AND c.class = 5) AS has_exact,
        bool_or(u.is_text AND c.class = 6) AS has_partial,
        bool_or(u.is_text AND c.class = 7) AS has_generic,
        bool_or(u.is_text AND c.class = 8) AS has_other
    FROM anchor_uses AS u
    LEFT JOIN found_classes AS c ON u.domain_to_id = c.domain_to_id AND u.anchor_key = c.anchor_key
    GROUP BY u.domain_to_id, u.domain_from_id
),

counted AS (
    SELECT
        domain_to_id,
        count(*)::int AS refdomains,
        count(*) FILTER (WHERE has_empty)::int AS empty_refdomains,
        count(*) FILTER (WHERE has_image)::int AS image_refdomains,
        count(*) FILTER (WHERE has_naked)::int AS naked_refdomains,
        count(*) FILTER (WHERE has_branded)::int AS branded_refdomains,
        count(*) FILTER (WHERE has_compound)::int AS compound_refdomains,
        count(*) FILTER (WHERE has_exact)::int AS exact_refdomains,
        count(*) FILTER (WHERE has_partial)::int AS partial_refdomains,
        count(*) FILTER (WHERE has_generic)::int AS generic_refdomains,
        count(*) FILTER (WHERE has_other)::int AS other_refdomains
    FROM edges
    GROUP BY domain_to_id
),

texts AS (
    SELECT
        domain_to_id,
        refdomains::double precision / sum(refdomains) OVER (PARTITION BY domain_to_id) AS share
    FROM used_anchors
    WHERE is_text
),

spreads AS (
    SELECT
        domain_to_id,
        count(*)::int AS anchors,
        -- rounded, so that the order of its parts does not make another row of it
        round((-sum(share * ln(share) / ln(2::double precision)))::numeric, 6)::double precision AS entropy
    FROM texts
    GROUP BY domain_to_id
),

placed AS (
    SELECT
        l.domain_to_id,
        count(*) FILTER (WHERE l.link_position = 1)::int AS content_links,
        count(*) FILTER (WHERE l.link_position = 2)::int AS list_links,
        count(*) FILTER (WHERE l.link_position = 3)::int AS nav_links,
        count(*) FILTER (WHERE l.link_position = 4)::int AS header_links,
        count(*) FILTER (WHERE l.link_position = 5)::int AS footer_links,
        count(*) FILTER (WHERE l.link_position = 6)::int AS sidebar_links,
        count(*) FILTER (WHERE l.link_position = 7)::int AS comments_links,
        count(s.pages) FILTER (WHERE l.link_position > 0)::int AS sitewide_links
    FROM links AS l
    INNER JOIN pages AS g ON l.page_id = g.page_id
    LEFT JOIN sitewide_links AS s
        ON l.url_to_id = s.url_to_id AND l.domain_from_id = s.domain_from_id AND l.path_hash = s.path_hash
    WHERE
        l.status = 0
        AND g.unverified_since IS NULL
        AND NOT (coalesce(l.origin = 1, FALSE) AND g.unrendered_since IS NOT NULL)
    GROUP BY l.domain_to_id
),

measured AS (
    SELECT
        c.*,
        coalesce(s.anchors, 0) AS anchors,
        abs(s.entropy) AS entropy,  -- of a single anchor it would be -0
        CASE WHEN c.refdomains >= %(least_refdomains)s THEN wilson_lower(c.exact_refdomains, c.refdomains) END
            AS exact_lower
    FROM counted AS c
    LEFT JOIN spreads AS s ON c.domain_to_id = s.domain_to_id
),

usual AS (
    SELECT
        CASE
            WHEN count(*) >= %(least_targets)s
                THEN percentile_cont(0.95) WITHIN GROUP (ORDER BY exact_refdomains::double precision / refdomains)
        END AS exact_p95
    FROM measured
    WHERE exact_lower IS NOT NULL
)

SELECT
    j.entropy,
    j.exact_lower,
    CASE WHEN j.exact_lower IS NOT NULL THEN u.exact_p95 END AS exact_p95,
    j.domain_to_id,
    -- where nobody's keywords are known, one domain that happens to use one is above them all
    CASE WHEN j.exact_refdomains >= %(least_exact)s OR u.exact_p95 IS NULL THEN j.exact_lower > u.exact_p95
        WHEN j.exact_lower IS NOT NULL THEN FALSE
    END AS over_optimised,
    j.refdomains,
    j.anchors,
    j.empty_refdomains,
    j.image_refdomains,
    j.naked_refdomains,
    j.branded_refdomains,
    j.compound_refdomains,
    j.exact_refdomains,
    j.partial_refdomains,
    j.generic_refdomains,
    j.other_refdomains,
    coalesce(p.content_links, 0) AS content_links,
    coalesce(p.list_links, 0) AS list_links,
    coalesce(p.nav_links, 0) AS nav_links,
    coalesce(p.header_links, 0) AS header_links,
    coalesce(p.footer_links, 0) AS footer_links,
    coalesce(p.sidebar_links, 0) AS sidebar_links,
    coalesce(p.comments_links, 0) AS comments_links,
    coalesce(p.sitewide_links, 0) AS sitewide_links
FROM measured AS j
LEFT JOIN placed AS p ON j.domain_to_id = p.domain_to_id
CROSS JOIN usual AS u;

-- name: pack_classes
-- Each text link's byte of link_anchor_classes.
CREATE TEMPORARY TABLE packed_classes AS
WITH
classes AS (
    SELECT
        l.id AS link_id,
        f.class - 1 + 8 * (f.anchor_key & 31)::integer AS byte
    FROM links AS l
    INNER JOIN found_classes AS f
        ON l.domain_to_id = f.domain_to_id AND f.anchor_key = hashtextextended(l.anchor, 0)
    WHERE l.link_type = 0
),

blocks AS (SELECT DISTINCT link_id >> 6 AS block FROM classes)

SELECT
    b.block,
    string_agg(set_byte('\x00', 0, coalesce(c.byte, 0)), '' ORDER BY s.place) AS classes
FROM blocks AS b
CROSS JOIN generate_series(0, 63) AS s (place)
LEFT JOIN classes AS c ON c.link_id = (b.block << 6) + s.place
GROUP BY b.block;

-- name: large_domains
SELECT domain_id FROM domain_totals WHERE has_groups ORDER BY domain_id;

-- name: write_group_classes
-- Of a domain whose domain_totals are locked.
UPDATE link_groups AS g
SET class = f.class
FROM (
    SELECT
        k.key,
        CASE WHEN c.only_images THEN 1 ELSE c.class END AS class
    FROM link_groups AS k
    LEFT JOIN found_classes AS c ON k.domain_to_id = c.domain_to_id AND k.key = c.anchor_key
    WHERE k.domain_to_id = %(domain_id)s AND k.kind = 1
) AS f
WHERE g.domain_to_id = %(domain_id)s AND g.kind = 1 AND g.key = f.key AND g.class IS DISTINCT FROM f.class;

-- name: write_classes
INSERT INTO link_anchor_classes AS a (block, classes)
SELECT
    p.block,
    p.classes
FROM packed_classes AS p
ORDER BY p.block
ON CONFLICT (block) DO UPDATE
SET classes = excluded.classes
WHERE a.classes <> excluded.classes;

-- name: forget_classes
DELETE FROM link_anchor_classes AS a
WHERE NOT EXISTS (SELECT 1 FROM packed_classes AS p WHERE p.block = a.block);

-- name: forget_profiles
-- Those that are gone or have changed.
DELETE FROM anchor_profiles AS p
WHERE NOT EXISTS (
    SELECT 1
    FROM found_profiles AS f
    WHERE f.domain_to_id = p.domain_to_id AND f.* IS NOT DISTINCT FROM p.*
);

-- name: write_profiles
INSERT INTO anchor_profiles
SELECT f.* -- noqa: AM04
FROM found_profiles AS f
ON CONFLICT DO NOTHING;

-- name: summary
SELECT
    (SELECT count(*) FROM used_anchors),
    (SELECT count(*) FROM found_profiles),
    (SELECT count(*) FROM found_profiles WHERE exact_lower IS NOT NULL),
    (SELECT max(exact_p95) FROM found_profiles);

-- name: drop_staging
DROP TABLE IF EXISTS anchor_uses, used_anchors, found_classes, packed_classes, found_profiles;
