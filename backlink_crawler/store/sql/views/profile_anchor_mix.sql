CREATE OR REPLACE VIEW profile_anchor_mix AS
SELECT
    p.domain_to,
    p.refdomains AS anchor_refdomains,
    p.anchors,
    p.entropy,
    k.anchor AS top_keyword,
    coalesce(k.refdomains, 0) AS top_keyword_refdomains,
    least(1, coalesce(k.refdomains, 0)::double precision / p.refdomains) AS top_keyword_share,
    p.exact_refdomains,
    p.exact_share,
    p.partial_refdomains,
    p.partial_share,
    p.branded_refdomains,
    p.branded_share,
    p.compound_refdomains,
    p.compound_share,
    p.naked_refdomains,
    p.naked_share,
    p.generic_refdomains,
    p.generic_share,
    p.image_refdomains,
    p.image_share,
    p.empty_refdomains,
    p.empty_share,
    p.other_refdomains,
    p.other_share,
    p.domain_to_id
FROM anchor_profile AS p
LEFT JOIN LATERAL (
    SELECT
        a.anchor,
        a.refdomains
    FROM anchors AS a
    WHERE a.domain_to_id = p.domain_to_id AND a.class IN ('exact', 'partial')
    ORDER BY a.refdomains DESC, a.links DESC, a.anchor_key ASC
    LIMIT 1
) AS k ON TRUE
