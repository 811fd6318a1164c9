-- What a link from a domain is worth to whomever it is: the factors of a prospect's score that do not depend on the
-- target. One row. NULL: not known.
CREATE OR REPLACE FUNCTION prospect_weight(domain_from integer)
RETURNS TABLE (
    out_domains integer,
    link_weight double precision,
    authority real,
    by_authority double precision,
    risk real
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT
    d.out_domains,
    1 / ln(exp(1.0::double precision) + d.out_domains),
    d.authority,
    authority_weight(d.authority),
    coalesce(
        s.risk,
        CASE WHEN d.is_ranked AND EXISTS (SELECT 1 FROM risk_signals AS g WHERE g.used_weight > 0) THEN 0 END
    )
FROM (
    SELECT
        k.authority,
        k.domain_id IS NOT NULL AS is_ranked,
        greatest(
            1,
            coalesce(
                nullif(k.follow_domains_to, 0),
                (
                    SELECT count(*)
                    FROM domain_edges AS o
                    WHERE o.domain_from_id = prospect_weight.domain_from AND o.dofollow_links > 0
                )
            )
        )::integer AS out_domains
    FROM (SELECT prospect_weight.domain_from AS id) AS one
    LEFT JOIN domain_ranks AS k ON one.id = k.domain_id
) AS d
LEFT JOIN domain_risks AS s ON s.domain_id = prospect_weight.domain_from AND s.target_id = 0;
END
