CREATE OR REPLACE VIEW profile_authority AS
SELECT
    d.name AS domain_to,
    r.ranked_refdomains,
    r.unlinked_refdomains,
    r.unlinked_refdomains::double precision / r.ranked_refdomains AS unlinked_share,
    r.authority_p25,
    r.median_authority,
    r.authority_p75,
    r.authority_under_20,
    r.authority_20_40,
    r.authority_40_60,
    r.authority_60_80,
    r.authority_80_100,
    r.median_trust,
    v.relevance_refdomains,
    v.median_relevance,
    v.off_topic_refdomains,
    v.off_topic_refdomains::double precision / nullif(v.relevance_refdomains, 0) AS off_topic_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS ranked_refdomains,
        count(*) FILTER (WHERE r.authority = 0)::integer AS unlinked_refdomains,
        count(*) FILTER (WHERE r.authority > 0 AND r.authority < 20)::integer AS authority_under_20,
        count(*) FILTER (WHERE r.authority >= 20 AND r.authority < 40)::integer AS authority_20_40,
        count(*) FILTER (WHERE r.authority >= 40 AND r.authority < 60)::integer AS authority_40_60,
        count(*) FILTER (WHERE r.authority >= 60 AND r.authority < 80)::integer AS authority_60_80,
        count(*) FILTER (WHERE r.authority >= 80)::integer AS authority_80_100,
        (percentile_cont(0.25) WITHIN GROUP (ORDER BY r.authority))::real AS authority_p25,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.authority))::real AS median_authority,
        (percentile_cont(0.75) WITHIN GROUP (ORDER BY r.authority))::real AS authority_p75,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY r.trust))::real AS median_trust
    FROM domain_edges AS e
    INNER JOIN domain_ranks AS r ON e.domain_from_id = r.domain_id
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS r
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS relevance_refdomains,
        count(*) FILTER (WHERE v.relevance < 0.05)::integer AS off_topic_refdomains,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY v.relevance))::real AS median_relevance
    FROM (
        -- of many domains some are looked at, by a lot that is always the same
        SELECT e.links, e.domain_to_id, e.domain_from_id
        FROM domain_edges AS e
        WHERE e.domain_to_id = t.domain_id AND e.links > 0
        ORDER BY hashint4(e.domain_from_id), e.domain_from_id
        LIMIT 2000
    ) AS e
    LEFT JOIN edge_relevance AS k ON e.domain_to_id = k.domain_to_id AND e.domain_from_id = k.domain_from_id
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN k.relevance IS NOT NULL OR e.links > 16 THEN k.relevance
                ELSE (
                    SELECT max(relevance_of(b.relevance, l.id))
                    FROM links AS l
                    INNER JOIN link_relevance AS b ON b.block = l.id >> 6
                    WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 0
                )
            END / 100.0::double precision AS relevance
    ) AS v
    WHERE v.relevance IS NOT NULL
) AS v
WHERE r.ranked_refdomains > 0
