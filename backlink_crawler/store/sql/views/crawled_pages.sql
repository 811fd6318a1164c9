CREATE OR REPLACE VIEW crawled_pages AS
SELECT
    u.url,
    h.name AS host,
    d.name AS domain,
    p.http_code,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified', 'too_complex', 'not_whole'
    ])[p.outcome + 1] AS outcome,
    p.reason,
    (SELECT min(sp.depth) FROM seed_pages AS sp WHERE sp.page_id = p.page_id) AS depth,
    p.first_found AS first_seen,
    p.last_visited,
    p.next_visit,
    f.links_external,
    f.links_internal,
    f.title,
    f.language,
    (ARRAY[
        'never', 'no_scripts', 'leads_elsewhere', 'enough_html', 'host_gains_nothing', 'budget_spent', 'no_browser',
        'no_room', NULL, NULL, 'always', 'page_gained', 'empty_app_root', 'noscript_notice', 'few_links', 'host_gained',
        'sample'
    ])[coalesce(p.rendering, CASE WHEN f.page_id IS NOT NULL THEN 3 END) + 1] AS rendering,
    p.rendered_at,
    f.headings,
    nullif(f.language_detected, 'und') AS language_detected
FROM pages AS p
INNER JOIN urls AS u ON p.page_id = u.id
INNER JOIN hosts AS h ON p.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id
WHERE p.kind = 0
