-- The keys of all links to these URLs; NULL: they are more than most.
CREATE OR REPLACE FUNCTION few_links(urls bigint [], most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_links.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT l.id
        FROM unnest(few_links.urls) AS u (id)
        CROSS JOIN LATERAL (SELECT k.id FROM links AS k WHERE k.url_to_id = u.id OFFSET 0) AS l
        LIMIT few_links.most + 1
    ) AS f
)
