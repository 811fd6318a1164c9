CREATE VIEW broken_backlinks AS
SELECT
    b.domain_to,
    b.url_to,
    pt.http_code AS http_code_to,
    pt.last_visited AS checked_at,
    b.url_from,
    b.domain_from,
    b.anchor,
    b.is_dofollow,
    b.first_seen,
    b.last_seen
FROM backlinks AS b
INNER JOIN urls AS ut ON b.url_to_hash = ut.hash
INNER JOIN pages AS pt ON ut.id = pt.page_id
WHERE pt.outcome = 2 AND b.status = 'live'
