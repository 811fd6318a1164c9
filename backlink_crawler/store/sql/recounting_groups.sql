-- Groups of links to large domains, as in recounting.sql. Read with chosen (of links) and chosen_groups.

-- name: kept_large
SELECT
    domain_id,
    has_groups
FROM domain_totals;

-- name: counted_large
-- Between least and most, either is right.
SELECT
    t.domain_id,
    CASE
        WHEN coalesce(l.links, 0) >= %(most)s THEN TRUE
        WHEN coalesce(l.links, 0) < %(least)s THEN FALSE
        ELSE t.has_groups
    END AS has_groups
FROM domain_totals AS t
LEFT JOIN (
    SELECT
        domain_to_id,
        count(*) AS links
    FROM chosen
    WHERE status = 0
    GROUP BY domain_to_id
) AS l ON t.domain_id = l.domain_to_id;

-- name: write_large
UPDATE domain_totals AS t
SET has_groups = NOT t.has_groups
FROM recounted_domains AS k
WHERE
    t.domain_id = k.domain_id
    AND CASE
        WHEN t.has_groups THEN t.backlinks + t.unverified_links < %(least)s
        ELSE t.backlinks + t.unverified_links >= %(most)s
    END;

-- name: kept_groups
-- Nothing but the lock on domain_totals keeps a group from having two rows: their sums are its then.
SELECT
    domain_to_id AS domain_id,
    kind,
    key,
    anchor,
    sum(links)::int AS links,
    sum(dofollow_links)::int AS dofollow_links,
    sum(refpages)::int AS refpages,
    sum(refdomains)::int AS refdomains,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    max(last_page_id) AS last_page_id
FROM chosen_groups
GROUP BY domain_to_id, kind, key, anchor;

-- name: counted_groups
-- A page that stands for a group may be any with such a link in its HTML, or none. Links that are lost by now may have
-- been older than those that are left: so first_seen may be earlier than theirs. last_seen is as of the last change.
WITH members AS (
    SELECT
        l.domain_to_id,
        l.domain_from_id,
        g.kind,
        g.key,
        g.anchor,
        count(*) AS links,
        count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
        count(DISTINCT l.page_id) AS refpages,
        min(l.first_seen) AS first_seen,
        max(CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen,
        max(l.page_id) FILTER (WHERE l.origin IS DISTINCT FROM 1) AS page_id,
        min(k.first_seen) AS kept_first_seen,
        min(k.last_seen) AS kept_last_seen,
        min(k.last_page_id) AS kept_page_id,
        bool_or(l.page_id = k.last_page_id AND l.origin IS DISTINCT FROM 1) AS has_kept_page
    FROM chosen AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    CROSS JOIN LATERAL (
        VALUES (0::smallint, l.url_to_id, ''), (1::smallint, hashtextextended(l.anchor, 0), l.anchor)
    ) AS g (kind, key, anchor)
    LEFT JOIN kept AS k
        ON l.domain_to_id = k.domain_id AND g.kind = k.kind AND g.key = k.key AND g.anchor = k.anchor
    WHERE l.status = 0
    GROUP BY l.domain_to_id, l.domain_from_id, g.kind, g.key, g.anchor
)

SELECT
    domain_to_id AS domain_id,
    kind,
    key,
    anchor,
    sum(links)::int AS links,
    sum(dofollow_links)::int AS dofollow_links,
    sum(refpages)::int AS refpages,
    count(*)::int AS refdomains,
    least(min(kept_first_seen), min(first_seen)) AS first_seen,
    coalesce(min(kept_last_seen), max(last_seen), min(first_seen)) AS last_seen,
    CASE
        WHEN min(kept_first_seen) IS NOT NULL AND (min(kept_page_id) IS NULL OR bool_or(has_kept_page))
            THEN min(kept_page_id)
        ELSE max(page_id)
    END AS last_page_id
FROM members
GROUP BY domain_to_id, kind, key, anchor;

-- name: write_groups
INSERT INTO link_groups (
    key, last_page_id, first_seen, last_seen, domain_to_id, links, dofollow_links, refpages, refdomains, kind, anchor
)
SELECT
    key,
    last_page_id,
    first_seen,
    last_seen,
    domain_id,
    links,
    dofollow_links,
    refpages,
    refdomains,
    kind,
    anchor
FROM counted
ORDER BY domain_id, kind, key;
