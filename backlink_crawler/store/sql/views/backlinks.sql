CREATE OR REPLACE VIEW backlinks AS
SELECT
    uf.url AS url_from,
    hf.name AS host_from,
    df.name AS domain_from,
    f.title AS title_from,
    coalesce(f.language, nullif(f.language_detected, 'und')) AS language_from,
    p.http_code AS http_code_from,
    ut.url AS url_to,
    ht.name AS host_to,
    dt.name AS domain_to,
    l.anchor,
    (ARRAY['none', 'text', 'alt', 'title'])[l.anchor_source + 1] AS anchor_source,
    coalesce(r.tokens, '{}') AS rel,
    l.is_dofollow,
    coalesce(r.is_nofollow OR rr.is_nofollow, r.is_nofollow, rr.is_nofollow, FALSE) AS is_nofollow,
    coalesce(r.is_sponsored OR rr.is_sponsored, r.is_sponsored, rr.is_sponsored, FALSE) AS is_sponsored,
    coalesce(r.is_ugc OR rr.is_ugc, r.is_ugc, rr.is_ugc, FALSE) AS is_ugc,
    coalesce(f.nofollow, FALSE) AS page_nofollow,
    coalesce(f.noindex, FALSE) AS page_noindex,
    (ARRAY['text', 'image', 'redirect', 'canonical', 'frame'])[l.link_type + 1] AS link_type,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    f.links_external,
    f.links_internal,
    l.first_seen,
    greatest(
        l.first_seen, coalesce(l.last_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
    ) AS last_seen,
    CASE WHEN l.status = 2 THEN l.absent_since END AS lost_at,
    CASE
        WHEN
            l.status = 0
            AND (p.unverified_since IS NOT NULL OR (l.origin = 1 AND p.unrendered_since IS NOT NULL))
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END AS status,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1] AS lost_reason,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.position,
    CASE l.origin WHEN 1 THEN 'rendered' WHEN 2 THEN 'both' ELSE 'html' END AS link_origin,
    coalesce(l.origin = 3, FALSE) AS is_removed_by_scripts,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel,
    l.id AS link_id,
    l.domain_to_id,
    l.domain_from_id,
    ut.host_id AS host_to_id,
    uf.host_id AS host_from_id,
    l.url_to_id,
    l.batch_id,
    b.recorded_at AS found_at,
    l.lost_batch_id,
    lb.recorded_at AS lost_learnt_at,
    l.page_id AS url_from_id,
    l.status AS status_id,
    ra.authority,
    ra.trust,
    (relevance_of(v.relevance, l.id) / 100.0)::real AS relevance,
    (ARRAY['page', 'anchors', 'both'])[get_byte(v.basis, (l.id & 63)::integer)] AS relevance_basis,
    CASE
        WHEN l.link_type > 1 THEN NULL
        WHEN l.anchor = '' THEN 'empty'
        WHEN l.link_type = 1 THEN 'image'
        ELSE anchor_class_name(anchor_class_of(ac.classes, l.id, l.anchor))
    END AS anchor_class,
    (ARRAY['unknown', 'content', 'list', 'nav', 'header', 'footer', 'sidebar', 'comments'])[
        l.link_position + 1
    ] AS link_position,
    l.block_words,
    (l.link_density / 100.0)::double precision AS link_density,
    (l.order_on_page / 1000.0)::double precision AS order_on_page,
    CASE WHEN s.pages IS NOT NULL THEN TRUE WHEN l.path_hash IS NOT NULL AND j.domain_id IS NOT NULL THEN FALSE END
        AS sitewide,
    coalesce(s.slot_id, l.id) AS slot_id,
    round(
        (
            100 * x.value_authority * x.value_trust * x.value_position * x.value_relevance * x.value_follow
            * x.value_outgoing
        )::numeric,
        1
    )::real AS value,
    x.value_authority,
    x.value_trust,
    x.value_position,
    x.value_relevance,
    x.value_follow,
    x.value_outgoing,
    coalesce(
        kp.risk,
        ks.risk,
        CASE WHEN ra.domain_id IS NOT NULL AND (SELECT bool_or(rs.used_weight > 0) FROM risk_signals AS rs) THEN 0 END
    ) AS risk,
    coalesce(
        kp.reasons,
        ks.reasons,
        CASE
            WHEN ra.domain_id IS NOT NULL AND (SELECT bool_or(rs.used_weight > 0) FROM risk_signals AS rs)
                THEN '{}'::text []
        END
    ) AS reasons,
    mark_name(coalesce(mp.mark, md.mark)) AS mark,
    CASE WHEN mp.mark IS NULL THEN md.note ELSE mp.note END AS mark_note,
    l.path_hash
FROM links AS l
LEFT JOIN domains AS dt ON l.domain_to_id = dt.id
LEFT JOIN domains AS df ON l.domain_from_id = df.id
LEFT JOIN urls AS ut ON l.url_to_id = ut.id
LEFT JOIN hosts AS ht ON ut.host_id = ht.id
LEFT JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN hosts AS hf ON uf.host_id = hf.id
LEFT JOIN batches AS b ON l.batch_id = b.id
LEFT JOIN batches AS lb ON l.lost_batch_id = lb.id
LEFT JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
LEFT JOIN domain_ranks AS ra ON l.domain_from_id = ra.domain_id
LEFT JOIN domain_risks AS kp ON l.domain_from_id = kp.domain_id AND l.domain_to_id = kp.target_id
LEFT JOIN domain_risks AS ks ON l.domain_from_id = ks.domain_id AND ks.target_id = 0
LEFT JOIN link_relevance AS v ON v.block = l.id >> 6
LEFT JOIN link_anchor_classes AS ac ON ac.block = l.id >> 6
LEFT JOIN sitewide_links AS s
    ON l.url_to_id = s.url_to_id AND l.domain_from_id = s.domain_from_id AND l.path_hash = s.path_hash
LEFT JOIN sitewide_domains AS j ON l.domain_from_id = j.domain_id AND l.batch_id <= j.batch_id
LEFT JOIN mark_events AS mp ON uf.hash = mp.url_hash AND mp.in_force
LEFT JOIN mark_events AS md ON df.name = md.domain AND md.url_hash IS NULL AND md.in_force
LEFT JOIN value_weights AS w ON w.one = 1
-- 1 - weight * (1 - x), where x is from 0 to 1, and a half where it is not known
CROSS JOIN LATERAL (
    SELECT
        (1 - w.authority * (1 - coalesce(ra.authority / 100, 0.5)))::real AS value_authority,
        (1 - w.trust * (1 - coalesce(ra.trust, 0.5)))::real AS value_trust,
        (
            1 - w.position * (
                1 - CASE
                    WHEN s.pages IS NOT NULL THEN w.sitewide
                    ELSE (ARRAY[w.unknown, w.content, w.list, w.nav, w.header, w.footer, w.sidebar, w.comments])[
                        l.link_position + 1
                    ]
                END
            )
        )::real AS value_position,
        (
            1 - w.relevance * (1 - coalesce(relevance_of(v.relevance, l.id) / 100.0, 0.5))
        )::real AS value_relevance,
        (1 - w.follow * (NOT l.is_dofollow)::integer)::real AS value_follow,
        (
            1 - w.outgoing * (1 - coalesce(
                CASE
                    WHEN f.links_external IS NOT NULL
                        THEN 1 / ln(exp(1::double precision) - 1 + greatest(f.links_external, 1))
                END,
                0.5
            ))
        )::real AS value_outgoing
) AS x
