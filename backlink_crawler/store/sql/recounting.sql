-- What is kept as a sum, counted anew from its rows. The one place that says what each sum means.
-- `counted_…` are read WITH the rows to count: chosen (of links, pages or seeds), and chosen_edges. `write_…` put down
-- what they find for the keys in recounted_….

-- name: create_keys
CREATE TEMPORARY TABLE IF NOT EXISTS recounted_edges (
    domain_to_id bigint, domain_from_id bigint, PRIMARY KEY (domain_to_id, domain_from_id)
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS recounted_domains (domain_id bigint PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS recounted_seeds (seed_id bigint PRIMARY KEY) ON COMMIT DELETE ROWS;

-- name: counted_edges
-- A page that stands for an edge may be any with a live link. Links that were pruned were older than those that are
-- left, or went later: so first_seen may be earlier than theirs, and absent_since later.
WITH told AS (
    SELECT
        l.domain_to_id,
        l.domain_from_id,
        l.page_id,
        l.url_to_id,
        l.first_seen,
        l.absent_since,
        l.status,
        l.is_dofollow,
        l.link_position,
        coalesce(l.origin = 1, FALSE) AS is_rendered,
        l.status = 0 AND l.page_id = e.last_page_id AS is_last,
        e.last_page_id,
        e.last_rendered,
        e.first_seen AS edge_first_seen,
        e.absent_since AS edge_absent_since
    FROM chosen AS l
    LEFT JOIN domain_edges AS e ON l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id
)

SELECT
    domain_to_id,
    domain_from_id,
    (count(*) FILTER (WHERE status = 0))::int AS links,
    (count(*) FILTER (WHERE status = 0 AND is_dofollow))::int AS dofollow_links,
    (count(*) FILTER (WHERE status = 0 AND link_position = 1))::int AS content_links,
    (count(DISTINCT page_id) FILTER (WHERE status = 0))::int AS refpages,
    (count(DISTINCT url_to_id) FILTER (WHERE status = 0))::int AS pages_to,
    min(status) AS status,
    least(min(edge_first_seen), min(first_seen)) AS first_seen,
    CASE WHEN min(status) > 0 THEN greatest(min(edge_absent_since), max(absent_since)) END AS absent_since,
    CASE
        WHEN bool_or(is_last) THEN min(last_page_id) ELSE max(page_id) FILTER (WHERE status = 0)
    END AS last_page_id,
    CASE
        WHEN bool_or(is_last) THEN nullif(bool_and(is_rendered) FILTER (WHERE is_last), FALSE)
        WHEN min(status) = 0 THEN bool_or(last_rendered)
    END AS last_rendered
FROM told
GROUP BY domain_to_id, domain_from_id;

-- name: kept_edges
SELECT
    domain_to_id,
    domain_from_id,
    links,
    dofollow_links,
    content_links,
    refpages,
    pages_to,
    status,
    first_seen,
    absent_since,
    last_page_id,
    last_rendered
FROM domain_edges;

-- name: lock_edges
SELECT 1
FROM domain_edges AS e
INNER JOIN recounted_edges AS k ON e.domain_to_id = k.domain_to_id AND e.domain_from_id = k.domain_from_id
ORDER BY e.domain_to_id, e.domain_from_id
FOR NO KEY UPDATE OF e;

-- name: write_edges
-- A verified page with a live link stands for the edge, if one of the first 200 is, and one whose HTML has the link.
INSERT INTO domain_edges AS e (
    domain_to_id, domain_from_id, batch_id, links, dofollow_links, content_links, refpages, pages_to, status,
    first_seen, last_seen, absent_since, last_page_id, last_rendered
)
WITH
seen AS (
    SELECT
        c.domain_to_id,
        c.domain_from_id,
        min(c.batch_id) AS batch_id,
        max(
            greatest(
                c.first_seen,
                coalesce(c.last_seen, CASE WHEN c.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
            )
        ) AS last_seen
    FROM chosen AS c
    INNER JOIN pages AS p ON c.page_id = p.page_id
    GROUP BY c.domain_to_id, c.domain_from_id
),

witnessed AS (
    SELECT
        c.*,
        w.page_id,
        nullif(
            (
                SELECT bool_and(coalesce(l.origin = 1, FALSE))
                FROM links AS l
                WHERE
                    l.page_id = w.page_id
                    AND l.status = 0
                    AND l.domain_to_id = c.domain_to_id
                    AND l.domain_from_id = c.domain_from_id
            ), FALSE
        ) AS only_rendered
    FROM counted AS c
    LEFT JOIN LATERAL (
        SELECT l.page_id
        FROM (
            SELECT k.page_id, coalesce(k.origin = 1, FALSE) AS only_rendered
            FROM links AS k
            WHERE k.domain_to_id = c.domain_to_id AND k.domain_from_id = c.domain_from_id AND k.status = 0
            LIMIT 200
        ) AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        ORDER BY p.unverified_since IS NOT NULL OR (l.only_rendered AND p.unrendered_since IS NOT NULL), l.only_rendered
        LIMIT 1
    ) AS w ON TRUE
)

SELECT
    w.domain_to_id,
    w.domain_from_id,
    s.batch_id,
    w.links,
    w.dofollow_links,
    w.content_links,
    w.refpages,
    w.pages_to,
    w.status,
    w.first_seen,
    s.last_seen,
    w.absent_since,
    w.page_id,
    w.only_rendered
FROM witnessed AS w
INNER JOIN seen AS s ON w.domain_to_id = s.domain_to_id AND w.domain_from_id = s.domain_from_id
ORDER BY w.domain_to_id, w.domain_from_id
ON CONFLICT (domain_to_id, domain_from_id) DO UPDATE
SET
    links = excluded.links,
    dofollow_links = excluded.dofollow_links,
    content_links = excluded.content_links,
    refpages = excluded.refpages,
    pages_to = excluded.pages_to,
    status = excluded.status,
    first_seen = excluded.first_seen,
    last_seen = greatest(e.last_seen, excluded.last_seen),
    absent_since = excluded.absent_since,
    last_page_id = excluded.last_page_id,
    last_rendered = excluded.last_rendered;

-- name: delete_empty_edges
DELETE FROM domain_edges AS e
USING recounted_edges AS k
WHERE
    e.domain_to_id = k.domain_to_id
    AND e.domain_from_id = k.domain_from_id
    AND NOT EXISTS (
        SELECT 1
        FROM links AS l
        WHERE l.domain_to_id = k.domain_to_id AND l.domain_from_id = k.domain_from_id AND l.status = 0
    )
    AND NOT EXISTS (
        SELECT 1
        FROM links AS l
        WHERE l.domain_to_id = k.domain_to_id AND l.domain_from_id = k.domain_from_id AND l.status <> 0
    );

-- name: counted_totals
-- A live link counts as such while its page is verified; a domain edge, while the page that stands for it is.
WITH
told AS (
    SELECT
        c.domain_to_id,
        c.page_id,
        c.first_seen,
        k.first_seen AS domain_first_seen,
        c.status,
        c.is_dofollow,
        coalesce(r.is_nofollow, FALSE) OR coalesce(rr.is_nofollow, FALSE) AS is_nofollow,
        coalesce(r.is_sponsored, FALSE) OR coalesce(rr.is_sponsored, FALSE) AS is_sponsored,
        coalesce(r.is_ugc, FALSE) OR coalesce(rr.is_ugc, FALSE) AS is_ugc,
        c.status = 0
        AND p.unverified_since IS NULL
        AND NOT (coalesce(c.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL) AS is_live
    FROM chosen AS c
    INNER JOIN pages AS p ON c.page_id = p.page_id
    LEFT JOIN domain_totals AS k ON c.domain_to_id = k.domain_id
    LEFT JOIN rels AS r ON c.rel_id = r.id
    LEFT JOIN rels AS rr ON c.rendered_rel_id = rr.id
),

edges AS (
    SELECT
        e.domain_to_id,
        count(*) AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0) AS dofollow_refdomains
    FROM chosen_edges AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
    WHERE
        e.links > 0
        AND p.unverified_since IS NULL
        AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL)
    GROUP BY e.domain_to_id
)

SELECT
    t.domain_to_id AS domain_id,
    (count(*) FILTER (WHERE t.is_live))::int AS backlinks,
    (count(*) FILTER (WHERE t.is_live AND t.is_dofollow))::int AS dofollow_links,
    (count(*) FILTER (WHERE t.is_live AND t.is_nofollow))::int AS nofollow_links,
    (count(*) FILTER (WHERE t.is_live AND t.is_sponsored))::int AS sponsored_links,
    (count(*) FILTER (WHERE t.is_live AND t.is_ugc))::int AS ugc_links,
    (count(DISTINCT t.page_id) FILTER (WHERE t.is_live))::int AS refpages,
    coalesce(min(e.refdomains), 0)::int AS refdomains,
    coalesce(min(e.dofollow_refdomains), 0)::int AS dofollow_refdomains,
    (count(*) FILTER (WHERE t.status = 0 AND NOT t.is_live))::int AS unverified_links,
    (count(*) FILTER (WHERE t.status = 1))::int AS missing_links,
    (count(*) FILTER (WHERE t.status = 2))::int AS lost_links,
    least(min(t.domain_first_seen), min(t.first_seen)) AS first_seen
FROM told AS t
LEFT JOIN edges AS e ON t.domain_to_id = e.domain_to_id
GROUP BY t.domain_to_id;

-- name: kept_totals
SELECT
    domain_id,
    backlinks,
    dofollow_links,
    nofollow_links,
    sponsored_links,
    ugc_links,
    refpages,
    refdomains,
    dofollow_refdomains,
    unverified_links,
    missing_links,
    lost_links,
    first_seen
FROM domain_totals;

-- name: lock_totals
SELECT 1
FROM domain_totals AS t
INNER JOIN recounted_domains AS k ON t.domain_id = k.domain_id
ORDER BY t.domain_id
FOR NO KEY UPDATE OF t;

-- name: write_totals
INSERT INTO domain_totals AS t (
    domain_id, backlinks, dofollow_links, nofollow_links, sponsored_links, ugc_links, refpages, refdomains,
    dofollow_refdomains, unverified_links, missing_links, lost_links, first_seen, last_seen
)
WITH seen AS (
    SELECT
        e.domain_to_id AS domain_id,
        max(e.last_seen) AS last_seen
    FROM domain_edges AS e
    INNER JOIN recounted_domains AS k ON e.domain_to_id = k.domain_id
    GROUP BY e.domain_to_id
)

SELECT
    c.domain_id,
    c.backlinks,
    c.dofollow_links,
    c.nofollow_links,
    c.sponsored_links,
    c.ugc_links,
    c.refpages,
    c.refdomains,
    c.dofollow_refdomains,
    c.unverified_links,
    c.missing_links,
    c.lost_links,
    c.first_seen,
    coalesce(s.last_seen, c.first_seen)
FROM counted AS c
LEFT JOIN seen AS s ON c.domain_id = s.domain_id
ORDER BY c.domain_id
ON CONFLICT (domain_id) DO UPDATE
SET
    backlinks = excluded.backlinks,
    dofollow_links = excluded.dofollow_links,
    nofollow_links = excluded.nofollow_links,
    sponsored_links = excluded.sponsored_links,
    ugc_links = excluded.ugc_links,
    refpages = excluded.refpages,
    refdomains = excluded.refdomains,
    dofollow_refdomains = excluded.dofollow_refdomains,
    unverified_links = excluded.unverified_links,
    missing_links = excluded.missing_links,
    lost_links = excluded.lost_links,
    first_seen = excluded.first_seen,
    last_seen = greatest(t.last_seen, excluded.last_seen);

-- name: delete_empty_totals
DELETE FROM domain_totals AS t
USING recounted_domains AS k
WHERE t.domain_id = k.domain_id AND NOT EXISTS (SELECT 1 FROM links AS l WHERE l.domain_to_id = k.domain_id);
