-- The keys of a host and its subdomains, ports included, all on one domain; empty: none is known.
CREATE OR REPLACE FUNCTION host_ids(host text, domain text) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN ARRAY(
    SELECT h.id
    FROM hosts AS h
    INNER JOIN domains AS d ON h.domain_id = d.id
    WHERE d.name = host_ids.domain AND right('.' || h.name, length(host_ids.host) + 1) = '.' || host_ids.host
)
