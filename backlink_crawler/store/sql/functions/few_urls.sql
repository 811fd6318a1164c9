-- The keys of URLs on these hosts that begin with one of two prefixes (none: all of them); NULL: more than most.
CREATE OR REPLACE FUNCTION few_urls(hosts bigint [], prefixes text [], most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_urls.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT u.id
        FROM urls AS u
        WHERE
            u.host_id = ANY(few_urls.hosts)
            AND (starts_with(u.url, coalesce(few_urls.prefixes[1], '')) OR starts_with(u.url, few_urls.prefixes[2]))
        LIMIT few_urls.most + 1
    ) AS f
)
