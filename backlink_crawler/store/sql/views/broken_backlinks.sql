CREATE OR REPLACE VIEW broken_backlinks AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    gone.http_code AS http_code_to,
    gone.last_visited AS checked_at,
    uf.url AS url_from,
    df.name AS domain_from,
    l.anchor,
    l.is_dofollow,
    l.first_seen,
    greatest(l.first_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen,
    l.id AS link_id,
    l.domain_to_id,
    l.domain_from_id,
    l.url_to_id,
    gone.host_id AS host_to_id,
    l.batch_id,
    mark_name(coalesce(mp.mark, md.mark)) AS mark,
    CASE WHEN mp.mark IS NULL THEN md.note ELSE mp.note END AS mark_note
FROM links AS l
INNER JOIN pages AS gone ON l.url_to_id = gone.page_id
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN domains AS dt ON l.domain_to_id = dt.id
LEFT JOIN domains AS df ON l.domain_from_id = df.id
LEFT JOIN urls AS ut ON l.url_to_id = ut.id
LEFT JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN mark_events AS mp ON uf.hash = mp.url_hash AND mp.in_force
LEFT JOIN mark_events AS md ON df.name = md.domain AND md.url_hash IS NULL AND md.in_force
WHERE
    gone.outcome = 2
    AND l.status = 0
    AND p.unverified_since IS NULL
    AND (l.origin IS DISTINCT FROM 1 OR p.unrendered_since IS NULL)
