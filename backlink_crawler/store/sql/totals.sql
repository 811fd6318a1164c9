-- Sums by domain and by day: rows that many batches share, written last.

-- name: insert_totals
INSERT INTO domain_totals (domain_id, first_seen, last_seen)
SELECT
    n.domain_to_id,
    min(n.first_seen),
    max(coalesce(n.last_seen, n.first_seen))
FROM new_links AS n
WHERE NOT EXISTS (SELECT 1 FROM domain_totals AS t WHERE t.domain_id = n.domain_to_id)
GROUP BY n.domain_to_id
ORDER BY n.domain_to_id
ON CONFLICT DO NOTHING;

-- name: update_totals
WITH
moves AS (
    SELECT
        l.domain_to_id,
        c.first_seen,
        c.status,
        c.old_status
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
    UNION ALL
    SELECT n.domain_to_id, n.first_seen, n.status, 0
    FROM new_links AS n
),

differences AS (
    SELECT
        domain_to_id,
        sum(side * live) AS backlinks,
        sum(side * live_dofollow) AS dofollow_links,
        sum(side * live_nofollow) AS nofollow_links,
        sum(side * live_sponsored) AS sponsored_links,
        sum(side * live_ugc) AS ugc_links,
        sum(side * (live > 0)::int) AS refpages,
        sum(side * (links - live)) AS unverified_links,
        0 AS missing_links,
        0 AS lost_links,
        0 AS refdomains,
        0 AS dofollow_refdomains,
        NULL::timestamptz AS first_seen,
        NULL::timestamptz AS last_seen
    FROM counted
    GROUP BY domain_to_id
    UNION ALL
    SELECT
        domain_to_id,
        0, 0, 0, 0, 0, 0, 0,
        sum((status = 1)::int - (old_status = 1)::int),
        sum((status = 2)::int - (old_status = 2)::int),
        0, 0,
        min(first_seen),
        NULL
    FROM moves
    GROUP BY domain_to_id
    UNION ALL
    SELECT
        domain_to_id,
        0, 0, 0, 0, 0, 0, 0, 0, 0,
        sum(side * is_live::int),
        sum(side * (is_live AND is_dofollow)::int),
        NULL,
        max(seen_at) FILTER (WHERE side = -1 OR status = 0)
    FROM edge_states
    GROUP BY domain_to_id
),

changes AS (
    SELECT
        domain_to_id,
        sum(backlinks) AS backlinks,
        sum(dofollow_links) AS dofollow_links,
        sum(nofollow_links) AS nofollow_links,
        sum(sponsored_links) AS sponsored_links,
        sum(ugc_links) AS ugc_links,
        sum(refpages) AS refpages,
        sum(unverified_links) AS unverified_links,
        sum(missing_links) AS missing_links,
        sum(lost_links) AS lost_links,
        sum(refdomains) AS refdomains,
        sum(dofollow_refdomains) AS dofollow_refdomains,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen
    FROM differences
    GROUP BY domain_to_id
),

locked AS (
    SELECT c.*
    FROM changes AS c
    INNER JOIN domain_totals AS t ON c.domain_to_id = t.domain_id
    ORDER BY t.domain_id
    FOR NO KEY UPDATE OF t
)

UPDATE domain_totals AS t
SET
    first_seen = least(t.first_seen, c.first_seen),
    last_seen = greatest(t.last_seen, c.last_seen),
    backlinks = t.backlinks + c.backlinks,
    dofollow_links = t.dofollow_links + c.dofollow_links,
    nofollow_links = t.nofollow_links + c.nofollow_links,
    sponsored_links = t.sponsored_links + c.sponsored_links,
    ugc_links = t.ugc_links + c.ugc_links,
    refpages = t.refpages + c.refpages,
    refdomains = t.refdomains + c.refdomains,
    dofollow_refdomains = t.dofollow_refdomains + c.dofollow_refdomains,
    unverified_links = t.unverified_links + c.unverified_links,
    missing_links = t.missing_links + c.missing_links,
    lost_links = t.lost_links + c.lost_links
FROM locked AS c
WHERE t.domain_id = c.domain_to_id;

-- name: update_daily
-- What was learnt today.
WITH
moves AS (
    SELECT
        l.domain_to_id,
        0 AS found,
        (c.status = 2 AND c.old_status <> 2)::int AS lost,
        (c.status <> 2 AND c.old_status = 2)::int AS restored
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT k.* FROM links AS k WHERE k.id = c.link_id OFFSET 0) AS l
    UNION ALL
    SELECT n.domain_to_id, 1, (n.status = 2)::int, 0
    FROM new_links AS n
),

changes AS (
    SELECT
        domain_to_id,
        sum(found) AS new_links,
        sum(lost) AS lost_links,
        sum(restored) AS restored_links,
        0 AS new_refdomains,
        0 AS lost_refdomains,
        0 AS restored_refdomains
    FROM moves
    GROUP BY domain_to_id
    UNION ALL
    SELECT
        a.domain_to_id,
        0, 0, 0,
        sum(a.is_new::int),
        sum((a.status = 2 AND (b.status <> 2 OR a.is_new))::int),
        sum((a.status <> 2 AND b.status = 2 AND NOT a.is_new)::int)
    FROM edge_states AS a
    INNER JOIN edge_states AS b
        ON a.domain_to_id = b.domain_to_id AND a.domain_from_id = b.domain_from_id AND b.side = -1
    WHERE a.side = 1
    GROUP BY a.domain_to_id
),

days AS (
    SELECT
        domain_to_id,
        sum(new_links)::int AS new_links,
        sum(lost_links)::int AS lost_links,
        sum(restored_links)::int AS restored_links,
        sum(new_refdomains)::int AS new_refdomains,
        sum(lost_refdomains)::int AS lost_refdomains,
        sum(restored_refdomains)::int AS restored_refdomains
    FROM changes
    GROUP BY domain_to_id
)

INSERT INTO daily_changes AS d (
    domain_to_id, day, new_links, lost_links, restored_links, new_refdomains, lost_refdomains, restored_refdomains
)
SELECT
    domain_to_id,
    (now() AT TIME ZONE 'UTC')::date,
    new_links,
    lost_links,
    restored_links,
    new_refdomains,
    lost_refdomains,
    restored_refdomains
FROM days
WHERE new_links + lost_links + restored_links + new_refdomains + lost_refdomains + restored_refdomains > 0
ORDER BY domain_to_id
ON CONFLICT (domain_to_id, day) DO UPDATE
SET
    new_links = d.new_links + excluded.new_links,
    lost_links = d.lost_links + excluded.lost_links,
    restored_links = d.restored_links + excluded.restored_links,
    new_refdomains = d.new_refdomains + excluded.new_refdomains,
    lost_refdomains = d.lost_refdomains + excluded.lost_refdomains,
    restored_refdomains = d.restored_refdomains + excluded.restored_refdomains;
