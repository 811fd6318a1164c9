CREATE OR REPLACE VIEW linked_domains AS
SELECT
    r.domain_from,
    r.domain_to,
    r.links,
    r.dofollow_links,
    r.refpages,
    r.pages_to,
    r.first_seen,
    r.last_seen,
    r.lost_at,
    r.status,
    r.domain_to_id,
    r.domain_from_id,
    mark_name(m.mark) AS mark,
    m.note AS mark_note
FROM referring_domains AS r
LEFT JOIN mark_events AS m ON r.domain_to = m.domain AND m.url_hash IS NULL AND m.in_force
