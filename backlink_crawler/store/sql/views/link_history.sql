CREATE VIEW link_history AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    uf.url AS url_from,
    ut.url AS url_to,
    h.happened_at,
    h.event,
    h.before,
    h.after,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified'
    ])[v.outcome + 1] AS outcome,
    v.http_code,
    l.anchor,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.id AS link_id
FROM links AS l
CROSS JOIN LATERAL (
    SELECT
        l.first_seen AS happened_at,
        'found' AS event,
        NULL AS before,
        NULL AS after
    UNION ALL
    SELECT
        e.happened_at,
        (ARRAY['missing', 'lost', 'restored', 'rel_changed', 'anchor_changed'])[e.kind + 1] AS event,
        e.before,
        e.after
    FROM link_events AS e
    WHERE e.link_id = l.id
) AS h
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN visits AS v ON l.page_id = v.page_id AND h.happened_at = v.visited_at
