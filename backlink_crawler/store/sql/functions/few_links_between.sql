-- The keys of all links from one domain to another; NULL: they are more than most.
CREATE OR REPLACE FUNCTION few_links_between(domain_to integer, domain_from integer, most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_links_between.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT k.id
        FROM links AS k
        WHERE
            k.domain_to_id = few_links_between.domain_to
            AND k.domain_from_id = few_links_between.domain_from
            AND k.status = 0
        UNION ALL
        SELECT k.id
        FROM links AS k
        WHERE
            k.domain_to_id = few_links_between.domain_to
            AND k.domain_from_id = few_links_between.domain_from
            AND k.status <> 0
        LIMIT few_links_between.most + 1
    ) AS f
)
