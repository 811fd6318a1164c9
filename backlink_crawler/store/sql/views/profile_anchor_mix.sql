CREATE OR REPLACE VIEW profile_anchor_mix AS
SELECT
    p.domain_to,
    p.refdomains AS anchor_refdomains,
    p.anchors,
    p.entropy,
    k.anchor AS top_keyword,
    k.top_keyword_refdomains,
    k.top_keyword_refdomains::double precision / p.refdomains AS top_keyword_share,
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
INNER JOIN domain_totals AS t ON p.domain_to_id = t.domain_id AND t.backlinks + t.unverified_links > 0
-- it is counted as of now: where more use it than there were at the last ranking, the share is not known
CROSS JOIN LATERAL (
    SELECT
        max(f.anchor) AS anchor,
        CASE WHEN coalesce(max(f.refdomains), 0) <= p.refdomains THEN coalesce(max(f.refdomains), 0) END
            AS top_keyword_refdomains
    FROM (
        SELECT
            a.anchor,
            a.refdomains
        FROM anchors AS a
        WHERE a.domain_to_id = p.domain_to_id AND a.class IN ('exact', 'partial')
        ORDER BY a.refdomains DESC, a.links DESC, a.anchor_key ASC
        LIMIT 1
    ) AS f
) AS k
