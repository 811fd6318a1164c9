-- The keys of a domain's pages that are gone: on these hosts (none: on all), beginning with one of two prefixes (none:
-- all of them).
CREATE OR REPLACE FUNCTION gone_urls(domain text, hosts bigint [], prefixes text []) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN ARRAY(
    SELECT p.page_id
    FROM domains AS d
    INNER JOIN hosts AS h ON d.id = h.domain_id
    INNER JOIN pages AS p ON h.id = p.host_id
    LEFT JOIN urls AS u ON gone_urls.prefixes <> '{}' AND p.page_id = u.id
    WHERE
        d.name = gone_urls.domain
        AND p.outcome = 2
        AND (gone_urls.hosts = '{}' OR h.id = ANY(gone_urls.hosts))
        AND (
            gone_urls.prefixes = '{}'
            OR starts_with(u.url, gone_urls.prefixes[1])
            OR starts_with(u.url, gone_urls.prefixes[2])
        )
)
