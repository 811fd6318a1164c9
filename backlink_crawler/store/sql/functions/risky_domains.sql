-- The keys of the domains that link to a domain and have a link-scheme risk, of any link or of those to it.
CREATE OR REPLACE FUNCTION risky_domains(domain_to integer) RETURNS integer []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN ARRAY(
    SELECT DISTINCT e.domain_from_id
    FROM domain_edges AS e
    INNER JOIN domain_risks AS r ON e.domain_from_id = r.domain_id
    WHERE
        e.domain_to_id = risky_domains.domain_to
        AND e.links > 0
        AND r.target_id IN (0, risky_domains.domain_to)
        AND r.risk > 0
)
