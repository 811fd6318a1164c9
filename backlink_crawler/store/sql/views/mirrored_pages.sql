CREATE OR REPLACE VIEW mirrored_pages AS
SELECT
    u.url,
    d.name AS domain,
    o.url AS first_url,
    m.bits,
    m.domains AS group_domains,
    h.domain_id,
    m.page_id AS url_id,
    m.first_page_id AS group_id
FROM page_mirrors AS m
INNER JOIN urls AS u ON m.page_id = u.id
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
LEFT JOIN urls AS o ON m.first_page_id = o.id
