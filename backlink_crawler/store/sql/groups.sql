-- Live links to large domains, summed up by the URL they go to and by their words. Sums move by the difference that a
-- batch makes: what its touched_pages have of each group before it and after it.

-- name: create_staging
CREATE TEMPORARY TABLE IF NOT EXISTS grouped_domains (domain_id int) ON COMMIT DELETE ROWS;
-- side: -1 before the batch, 1 after it.
CREATE TEMPORARY TABLE IF NOT EXISTS grouped_links (
    side int, page_id bigint, domain_to_id int, domain_from_id int, url_to_id bigint, first_seen timestamptz,
    seen_at timestamptz, is_dofollow boolean, only_rendered boolean, anchor text
) ON COMMIT DELETE ROWS;
-- Live links of other pages that are older than was known.
CREATE TEMPORARY TABLE IF NOT EXISTS carried_links (
    domain_to_id int, url_to_id bigint, first_seen timestamptz, anchor text
) ON COMMIT DELETE ROWS;

-- name: note_domains
INSERT INTO grouped_domains SELECT domain_id FROM domain_totals WHERE has_groups;

-- name: note_links
-- What the touched pages have of the noted domains' groups. OFFSET 0: page by page, whatever the planner supposes.
INSERT INTO grouped_links
SELECT
    %(side)s,
    l.page_id,
    l.domain_to_id,
    l.domain_from_id,
    l.url_to_id,
    l.first_seen,
    CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END,
    l.is_dofollow,
    coalesce(l.origin = 1, FALSE),
    l.anchor
FROM touched_pages AS t
INNER JOIN pages AS p ON t.page_id = p.page_id
CROSS JOIN LATERAL (
    SELECT k.*
    FROM links AS k
    WHERE
        k.page_id = t.page_id
        AND k.status <> 2
        AND k.domain_to_id = ANY(ARRAY(SELECT d.domain_id FROM grouped_domains AS d))
    OFFSET 0
) AS l
WHERE l.status = 0 AND EXISTS (SELECT 1 FROM grouped_domains);

-- name: to_regroup
-- Domains that have become large or small by this batch, or by another since the links before it were noted.
-- domain_totals are locked by now, so that nobody else groups their links.
SELECT
    t.domain_id,
    t.backlinks + t.unverified_links >= %(most)s OR (t.has_groups AND t.backlinks + t.unverified_links >= %(least)s)
FROM domain_totals AS t
LEFT JOIN grouped_domains AS d ON t.domain_id = d.domain_id
WHERE
    t.domain_id IN (SELECT c.domain_to_id FROM counted AS c)
    AND CASE
        WHEN NOT t.has_groups THEN d.domain_id IS NOT NULL OR t.backlinks + t.unverified_links >= %(most)s
        ELSE d.domain_id IS NULL OR t.backlinks + t.unverified_links < %(least)s
    END;

-- name: all_large
SELECT domain_id FROM domain_totals WHERE has_groups OR backlinks + unverified_links >= %(most)s ORDER BY domain_id;

-- name: lock_total
SELECT backlinks + unverified_links >= %(most)s FROM domain_totals WHERE domain_id = %(domain_id)s FOR NO KEY UPDATE;

-- name: forget_groups
DELETE FROM link_groups WHERE domain_to_id = ANY(%(domains)s::int []);

-- name: set_grouped
UPDATE domain_totals SET has_groups = domain_id = ANY(%(large)s::int []) WHERE domain_id = ANY(%(domains)s::int []);

-- name: change_groups
-- A domain counts for a group as long as one of its pages does. Whether one that was not touched does is looked up
-- where fewer links have to be read: among those of the group's URL, or those from that domain; and once for all groups
-- of an edge when these are more than ten.
WITH
members AS (
    SELECT
        l.domain_to_id,
        l.domain_from_id,
        l.page_id,
        g.kind,
        g.key,
        g.anchor,
        count(*) FILTER (WHERE l.side = -1) AS links_before,
        sum(l.side) AS links,
        coalesce(sum(l.side) FILTER (WHERE l.is_dofollow), 0) AS dofollow_links,
        bool_or(l.side = -1) AS had,
        bool_or(l.side = 1) AS has,
        min(l.first_seen) AS first_seen,
        max(l.seen_at) AS seen_at,
        coalesce(min(l.first_seen) FILTER (WHERE l.side = 1) < min(l.first_seen) FILTER (WHERE l.side = -1), FALSE)
            AS is_older,
        bool_or(l.side = -1 AND NOT l.only_rendered) AS stood,
        bool_or(l.side = 1 AND NOT l.only_rendered) AS stands
    FROM grouped_links AS l
    CROSS JOIN LATERAL (
        VALUES (0::smallint, l.url_to_id, ''), (1::smallint, hashtextextended(l.anchor, 0), l.anchor)
    ) AS g (kind, key, anchor)
    WHERE l.domain_to_id <> ALL(%(regrouped)s::int [])
    GROUP BY l.domain_to_id, l.domain_from_id, l.page_id, g.kind, g.key, g.anchor
),

domains AS (
    SELECT
        domain_to_id,
        domain_from_id,
        kind,
        key,
        anchor,
        sum(links_before) AS links_before,
        sum(links) AS links,
        sum(dofollow_links) AS dofollow_links,
        sum(has::int - had::int) AS refpages,
        bool_or(had) AS had,
        bool_or(has) AS has,
        min(first_seen) AS first_seen,
        max(seen_at) AS seen_at,
        max(page_id) FILTER (WHERE stands) AS page_id,
        bool_or(links <> 0 OR dofollow_links <> 0 OR has <> had OR stands <> stood OR is_older) AS has_changed
    FROM members
    GROUP BY domain_to_id, domain_from_id, kind, key, anchor
),

known AS (
    SELECT
        d.*,
        d.has <> d.had
        AND coalesce(g.links, 0)
        > sum(d.links_before) OVER (PARTITION BY d.domain_to_id, d.kind, d.key, d.anchor) AS may_stay,
        g.links AS links_known
    FROM domains AS d
    LEFT JOIN link_groups AS g
        ON d.domain_to_id = g.domain_to_id AND d.kind = g.kind + 0 AND d.key = g.key AND d.anchor = g.anchor
),

full_edges AS (
    SELECT domain_to_id, domain_from_id
    FROM known
    WHERE may_stay
    GROUP BY domain_to_id, domain_from_id
    HAVING count(*) > 10
),

staying AS (
    SELECT DISTINCT f.domain_to_id, f.domain_from_id, g.kind, g.key, g.anchor
    FROM full_edges AS f
    CROSS JOIN LATERAL (
        SELECT l.url_to_id, l.anchor
        FROM links AS l
        WHERE
            l.domain_to_id = f.domain_to_id
            AND l.domain_from_id = f.domain_from_id
            AND l.status = 0
            AND l.page_id NOT IN (SELECT t.page_id FROM touched_pages AS t)
        OFFSET 0
    ) AS l
    CROSS JOIN LATERAL (
        VALUES (0::smallint, l.url_to_id, ''), (1::smallint, hashtextextended(l.anchor, 0), l.anchor)
    ) AS g (kind, key, anchor)
),

differences AS (
    SELECT
        k.domain_to_id,
        k.kind,
        k.key,
        k.anchor,
        k.links,
        k.dofollow_links,
        k.refpages,
        CASE
            WHEN k.has = k.had THEN 0
            WHEN k.may_stay AND CASE
                WHEN (k.domain_to_id, k.domain_from_id) IN (
                    SELECT f.domain_to_id, f.domain_from_id
                    FROM full_edges AS f
                )
                    THEN (k.domain_to_id, k.domain_from_id, k.kind, k.key, k.anchor) IN (
                        SELECT s.domain_to_id, s.domain_from_id, s.kind, s.key, s.anchor FROM staying AS s
                    )
                WHEN k.kind = 0 AND k.links_known < e.links THEN EXISTS (
                    SELECT 1
                    FROM links AS l
                    WHERE
                        l.url_to_id = k.key
                        AND l.status = 0
                        AND l.domain_from_id + 0 = k.domain_from_id
                        AND l.page_id NOT IN (SELECT t.page_id FROM touched_pages AS t)
                )
                ELSE EXISTS (
                    SELECT 1
                    FROM links AS l
                    WHERE
                        l.domain_to_id = k.domain_to_id
                        AND l.domain_from_id = k.domain_from_id
                        AND l.status = 0
                        AND CASE WHEN k.kind = 0 THEN l.url_to_id = k.key ELSE l.anchor = k.anchor END
                        AND l.page_id NOT IN (SELECT t.page_id FROM touched_pages AS t)
                )
            END THEN 0
            ELSE k.has::int - k.had::int
        END AS refdomains,
        k.first_seen,
        k.seen_at,
        k.page_id,
        k.has_changed
    FROM known AS k
    INNER JOIN domain_edges AS e ON k.domain_to_id = e.domain_to_id AND k.domain_from_id = e.domain_from_id
),

changes AS (
    SELECT
        domain_to_id,
        kind,
        key,
        anchor,
        sum(links) AS links,
        sum(dofollow_links) AS dofollow_links,
        sum(refpages) AS refpages,
        sum(refdomains) AS refdomains,
        min(first_seen) AS first_seen,
        max(seen_at) AS seen_at,
        max(page_id) AS page_id
    FROM differences
    GROUP BY domain_to_id, kind, key, anchor
    HAVING bool_or(has_changed)
),

removed AS (
    DELETE FROM link_groups AS g
    USING changes AS c
    WHERE
        g.domain_to_id = c.domain_to_id AND g.kind + 0 = c.kind AND g.key = c.key AND g.anchor = c.anchor
        AND g.links + c.links <= 0
),

changed AS (
    UPDATE link_groups AS g
    SET
        links = g.links + c.links,
        dofollow_links = g.dofollow_links + c.dofollow_links,
        refpages = g.refpages + c.refpages,
        refdomains = g.refdomains + c.refdomains,
        first_seen = least(g.first_seen, c.first_seen),
        last_page_id = coalesce(
            c.page_id,
            CASE WHEN g.last_page_id NOT IN (SELECT t.page_id FROM touched_pages AS t) THEN g.last_page_id END
        ),
        last_seen = greatest(g.last_seen, c.seen_at)
    FROM changes AS c
    WHERE
        g.domain_to_id = c.domain_to_id AND g.kind + 0 = c.kind AND g.key = c.key AND g.anchor = c.anchor
        AND g.links + c.links > 0
)

INSERT INTO link_groups (
    key, last_page_id, first_seen, last_seen, domain_to_id, links, dofollow_links, refpages, refdomains, kind, anchor
)
SELECT
    c.key,
    c.page_id,
    c.first_seen,
    coalesce(c.seen_at, c.first_seen),
    c.domain_to_id,
    c.links,
    c.dofollow_links,
    c.refpages,
    c.refdomains,
    c.kind,
    c.anchor
FROM changes AS c
WHERE
    c.links > 0
    AND NOT EXISTS (
        SELECT 1
        FROM link_groups AS g
        WHERE g.domain_to_id = c.domain_to_id AND g.kind + 0 = c.kind AND g.key = c.key AND g.anchor = c.anchor
    );

-- name: carry_first_seen
-- A group is as old as its oldest link, also where one of a page that this batch has not read is older by now.
UPDATE link_groups AS g
SET first_seen = c.first_seen
FROM (
    SELECT
        l.domain_to_id,
        v.kind,
        v.key,
        v.anchor,
        min(l.first_seen) AS first_seen
    FROM carried_links AS l
    CROSS JOIN LATERAL (
        VALUES (0::smallint, l.url_to_id, ''), (1::smallint, hashtextextended(l.anchor, 0), l.anchor)
    ) AS v (kind, key, anchor)
    GROUP BY l.domain_to_id, v.kind, v.key, v.anchor
) AS c
WHERE
    g.domain_to_id = c.domain_to_id AND g.kind + 0 = c.kind AND g.key = c.key AND g.anchor = c.anchor
    AND g.first_seen > c.first_seen;
