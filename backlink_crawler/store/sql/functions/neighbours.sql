-- The keys of the domains that link to a domain, so many at most: those of the highest authority, then those with most
-- links. Up to 200 those that the last ranking has kept, if it has.
CREATE OR REPLACE FUNCTION neighbours(domain_to integer, most integer) RETURNS integer []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN coalesce(
    (
        SELECT p.top_refdomains[1:neighbours.most]
        FROM domain_profiles AS p
        WHERE p.domain_id = neighbours.domain_to AND p.top_refdomains <> '{}' AND neighbours.most <= 200
    ),
    ARRAY(
        SELECT n.domain_from_id
        FROM (
            SELECT e.domain_from_id
            FROM domain_edges AS e
            LEFT JOIN domain_ranks AS r ON e.domain_from_id = r.domain_id
            WHERE e.domain_to_id = neighbours.domain_to AND e.links > 0
            ORDER BY r.authority DESC NULLS LAST, e.links DESC, e.domain_from_id DESC
            LIMIT neighbours.most
        ) AS n
    )
)
