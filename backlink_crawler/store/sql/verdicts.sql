-- name: links_of_run
-- Candidates, as links_to_targets, with those that a run has lost. %(worker)s: whose run.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    l.page_id,
    l.url_to_id,
    l.id AS link_id
FROM asked AS t
INNER JOIN links AS l ON t.domain_id = l.domain_to_id
WHERE
    l.status <> 2
    OR l.lost_batch_id IN (
        SELECT b.id
        FROM sources AS s
        INNER JOIN batches AS b ON s.id = b.source_id
        WHERE s.worker = %(worker)s
    );

-- name: by_domain
-- What a run has shown of `meant` links, by the domain that they are on, and what it has changed. Links of pages that
-- it did not visit are not asked.
SELECT
    domain_from,
    count(*) FILTER (WHERE asked AND status = 'live') AS live,
    count(*) FILTER (WHERE asked AND status = 'missing') AS missing,
    count(*) FILTER (WHERE status = 'lost') AS lost,
    count(*) FILTER (WHERE asked AND status = 'unverified') AS unverified,
    count(*) FILTER (WHERE NOT asked AND status <> 'lost') AS not_asked,
    count(*) FILTER (WHERE status = 'missing' AND 0 = ANY(kinds)) AS newly_missing,
    count(*) FILTER (WHERE is_new AND status <> 'lost') AS found,
    count(*) FILTER (WHERE 2 = ANY(kinds) AND 0 <> ALL(kinds)) AS restored,
    count(*) FILTER (WHERE 3 = ANY(kinds)) AS rel_changed,
    count(*) FILTER (WHERE 4 = ANY(kinds)) AS anchor_changed
FROM (
    SELECT
        b.domain_from,
        b.status,
        p.last_visited >= (SELECT min(s.started_at) FROM sources AS s WHERE s.worker = %(worker)s) AS asked,
        EXISTS (
            SELECT 1
            FROM batches AS o
            INNER JOIN sources AS s ON o.source_id = s.id
            WHERE o.id = b.batch_id AND s.worker = %(worker)s
        ) AS is_new,
        ARRAY(
            SELECT e.kind
            FROM link_events AS e
            INNER JOIN batches AS o ON e.batch_id = o.id
            INNER JOIN sources AS s ON o.source_id = s.id
            WHERE e.link_id = m.link_id AND s.worker = %(worker)s
        ) AS kinds
    FROM (SELECT DISTINCT link_id FROM meant) AS m
    INNER JOIN backlinks AS b ON m.link_id = b.link_id
    INNER JOIN pages AS p ON b.url_from_id = p.page_id
) AS shown
GROUP BY domain_from
ORDER BY lost DESC, missing DESC, unverified DESC, not_asked DESC, domain_from ASC;

-- name: pairs
-- Pages, and the targets that they should link to.
SELECT
    j.line AS id,
    d.id AS domain_id,
    j.mode,
    j.values,
    u.id AS page_id
FROM jsonb_to_recordset(%(pairs)s::jsonb) AS j (line int, page text, domain text, mode text, values text [])
LEFT JOIN domains AS d ON j.domain = d.name
LEFT JOIN urls AS u ON j.page::uuid = u.hash;

-- name: links_of_pairs
-- Candidates: the links of each page to its target's domain, lost ones too.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    l.page_id,
    l.url_to_id,
    l.link_id
FROM asked AS t
CROSS JOIN LATERAL (
    SELECT k.page_id, k.url_to_id, k.id AS link_id, k.domain_to_id
    FROM links AS k
    WHERE k.page_id = t.page_id AND k.status <> 2
    UNION ALL
    SELECT k.page_id, k.url_to_id, k.id AS link_id, k.domain_to_id
    FROM links AS k
    WHERE k.page_id = t.page_id AND k.status = 2
) AS l
WHERE l.domain_to_id = t.domain_id;

-- name: by_pair
-- What a run has shown of each pair: the best link of the page to the target. settled: what was seen of the page, when
-- this was its last visit that was conclusive.
SELECT
    a.id AS line,
    coalesce(p.last_visited >= r.started_at, FALSE) AS asked,
    coalesce(p.settled_at >= r.started_at, FALSE) AS is_settled,
    b.status,
    b.url_to,
    b.anchor,
    b.rel,
    b.is_dofollow,
    b.last_seen,
    b.lost_reason,
    p.outcome,
    p.http_code,
    p.reason
FROM asked AS a
CROSS JOIN (SELECT min(s.started_at) AS started_at FROM sources AS s WHERE s.worker = %(worker)s) AS r
LEFT JOIN pages AS p ON a.page_id = p.page_id
LEFT JOIN LATERAL (
    SELECT k.*
    FROM meant AS m
    INNER JOIN backlinks AS k ON m.link_id = k.link_id
    WHERE m.target_id = a.id
    ORDER BY
        array_position(ARRAY['live', 'unverified', 'missing', 'lost'], k.status) ASC,
        k.is_dofollow DESC,
        k.link_id ASC
    LIMIT 1
) AS b ON TRUE
ORDER BY a.id;
