CREATE OR REPLACE VIEW marks AS
SELECT
    m.domain,
    m.url,
    mark_name(m.mark) AS mark,
    m.note AS mark_note,
    m.marked_by,
    m.marked_at,
    d.id AS domain_id,
    u.id AS url_id,
    m.url_hash
FROM mark_events AS m
LEFT JOIN domains AS d ON m.domain = d.name
LEFT JOIN urls AS u ON m.url_hash = u.hash
WHERE m.in_force
