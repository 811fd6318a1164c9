CREATE OR REPLACE VIEW link_history AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    uf.url AS url_from,
    ut.url AS url_to,
    h.happened_at,
    (ARRAY['found', 'missing', 'lost', 'restored', 'rel_changed', 'anchor_changed', 'moved'])[h.step + 1] AS event,
    h.before,
    h.after,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified', 'too_complex', 'not_whole'
    ])[v.outcome + 1] AS outcome,
    v.http_code,
    l.anchor,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    h.link_id,
    bt.recorded_at AS learnt_at,
    h.domain_to_id,
    h.batch_id,
    h.step,
    l.domain_from_id,
    l.url_to_id,
    ut.host_id AS host_to_id,
    coalesce(s.slot_id, l.id) AS slot_id,
    mark_name(coalesce(mp.mark, md.mark)) AS mark,
    CASE WHEN mp.mark IS NULL THEN md.note ELSE mp.note END AS mark_note
FROM (
    SELECT
        l.id AS link_id,
        l.domain_to_id,
        l.batch_id,
        0::smallint AS step,
        l.first_seen AS happened_at,
        l.page_id,
        NULL AS before,
        NULL AS after
    FROM links AS l
    UNION ALL
    SELECT
        e.link_id,
        e.domain_to_id,
        e.batch_id,
        (e.kind + 1)::smallint AS step,
        e.happened_at,
        e.page_id,
        e.before,
        e.after
    FROM link_events AS e
) AS h
INNER JOIN links AS l ON h.link_id = l.id
LEFT JOIN domains AS dt ON h.domain_to_id = dt.id
LEFT JOIN domains AS df ON l.domain_from_id = df.id
LEFT JOIN urls AS ut ON l.url_to_id = ut.id
LEFT JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN batches AS bt ON h.batch_id = bt.id
LEFT JOIN sitewide_links AS s
    ON l.url_to_id = s.url_to_id AND l.domain_from_id = s.domain_from_id AND l.path_hash = s.path_hash
LEFT JOIN visits AS v ON h.page_id = v.page_id AND h.happened_at = v.observed_at
LEFT JOIN mark_events AS mp ON uf.hash = mp.url_hash AND mp.in_force
LEFT JOIN mark_events AS md ON df.name = md.domain AND md.url_hash IS NULL AND md.in_force
