-- The keys of all links on these pages; NULL: they are more than most.
CREATE OR REPLACE FUNCTION few_links_on(pages bigint [], most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_links_on.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT l.id
        FROM unnest(few_links_on.pages) AS p (id)
        CROSS JOIN LATERAL (
            SELECT k.id FROM links AS k WHERE k.page_id = p.id AND k.status <> 2
            UNION ALL
            SELECT k.id FROM links AS k WHERE k.page_id = p.id AND k.status = 2
        ) AS l
        LIMIT few_links_on.most + 1
    ) AS f
)
