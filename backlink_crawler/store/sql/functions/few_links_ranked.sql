-- The keys of all live and unverified links to a domain from domains of at least this authority; NULL: they are more
-- than most.
CREATE OR REPLACE FUNCTION few_links_ranked(domain_to integer, lowest real, most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_links_ranked.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT k.id
        FROM domain_edges AS e
        INNER JOIN domain_ranks AS r ON e.domain_from_id = r.domain_id
        INNER JOIN links AS k ON e.domain_to_id = k.domain_to_id AND e.domain_from_id = k.domain_from_id
        WHERE
            e.domain_to_id = few_links_ranked.domain_to
            AND e.links > 0
            AND r.authority >= few_links_ranked.lowest
            AND k.status = 0
        LIMIT few_links_ranked.most + 1
    ) AS f
)
