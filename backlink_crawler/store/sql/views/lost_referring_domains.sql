CREATE OR REPLACE VIEW lost_referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    (
        SELECT count(*)::integer
        FROM links AS l
        WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 2
    ) AS lost_links,
    e.first_seen,
    e.last_seen,
    e.absent_since AS lost_at,
    b.recorded_at AS lost_learnt_at,
    e.domain_to_id,
    e.domain_from_id,
    v.batch_id AS lost_batch_id,
    mark_name(m.mark) AS mark,
    m.note AS mark_note
FROM edge_events AS v
INNER JOIN domain_edges AS e ON v.domain_to_id = e.domain_to_id AND v.domain_from_id = e.domain_from_id
LEFT JOIN domains AS dt ON e.domain_to_id = dt.id
LEFT JOIN domains AS df ON e.domain_from_id = df.id
LEFT JOIN batches AS b ON v.batch_id = b.id
LEFT JOIN mark_events AS m ON df.name = m.domain AND m.url_hash IS NULL AND m.in_force
WHERE
    v.kind = 1
    AND e.status = 2
    -- of a domain that was lost, came back and was lost again, the last time counts
    AND NOT EXISTS (
        SELECT 1
        FROM edge_events AS o
        WHERE
            o.domain_to_id = v.domain_to_id
            AND o.domain_from_id = v.domain_from_id
            AND o.kind = 1
            AND (o.batch_id, o.id) > (v.batch_id, v.id)
    )
