CREATE OR REPLACE VIEW referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    e.links,
    e.dofollow_links,
    e.refpages,
    e.pages_to,
    e.first_seen,
    greatest(e.last_seen, CASE WHEN e.last_rendered THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen,
    CASE WHEN e.status = 2 THEN e.absent_since END AS lost_at,
    CASE
        WHEN
            e.status = 0
            AND (p.unverified_since IS NOT NULL OR (e.last_rendered AND p.unrendered_since IS NOT NULL))
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[e.status + 1]
    END AS status,
    e.domain_to_id,
    e.domain_from_id,
    b.recorded_at AS found_at,
    e.batch_id,
    r.authority,
    r.percentile AS authority_percentile,
    r.trust,
    -- of an edge that had more links than a few when it was ranked it is kept
    CASE
        WHEN v.relevance IS NOT NULL OR e.links > 16 THEN (v.relevance / 100.0)::real
        ELSE (
            SELECT (max(relevance_of(k.relevance, l.id)) / 100.0)::real
            FROM links AS l
            INNER JOIN link_relevance AS k ON k.block = l.id >> 6
            WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 0
        )
    END AS relevance,
    e.content_links,
    coalesce(
        rp.risk,
        rs.risk,
        CASE WHEN r.domain_id IS NOT NULL AND (SELECT bool_or(used_weight > 0) FROM risk_signals) THEN 0 END
    ) AS risk,
    coalesce(
        rp.reasons,
        rs.reasons,
        CASE WHEN r.domain_id IS NOT NULL AND (SELECT bool_or(used_weight > 0) FROM risk_signals) THEN '{}'::text [] END
    ) AS reasons,
    mark_name(m.mark) AS mark,
    m.note AS mark_note,
    dm.name AS mirror_of,
    w.network
FROM domain_edges AS e
LEFT JOIN domains AS dt ON e.domain_to_id = dt.id
LEFT JOIN domains AS df ON e.domain_from_id = df.id
LEFT JOIN batches AS b ON e.batch_id = b.id
LEFT JOIN pages AS p ON e.last_page_id = p.page_id
LEFT JOIN domain_ranks AS r ON e.domain_from_id = r.domain_id
LEFT JOIN domain_risks AS rp ON e.domain_from_id = rp.domain_id AND e.domain_to_id = rp.target_id
LEFT JOIN domain_risks AS rs ON e.domain_from_id = rs.domain_id AND rs.target_id = 0
LEFT JOIN edge_relevance AS v ON e.domain_to_id = v.domain_to_id AND e.domain_from_id = v.domain_from_id
LEFT JOIN mark_events AS m ON df.name = m.domain AND m.url_hash IS NULL AND m.in_force
LEFT JOIN edge_mirrors AS em ON e.domain_to_id = em.domain_to_id AND e.domain_from_id = em.domain_from_id
LEFT JOIN domains AS dm ON em.mirror_of_id = dm.id
LEFT JOIN domain_networks AS w ON e.domain_from_id = w.domain_id
