-- The keys of all links to a domain whose domain or page has this mark (any: whichever); NULL: they are more than most.
CREATE OR REPLACE FUNCTION few_links_marked(domain_to integer, mark text, most integer) RETURNS bigint []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN (
    SELECT CASE WHEN count(*) <= few_links_marked.most THEN coalesce(array_agg(f.id), '{}') END
    FROM (
        SELECT l.id
        FROM mark_events AS m
        LEFT JOIN domains AS d ON m.url_hash IS NULL AND m.domain = d.name
        LEFT JOIN urls AS u ON m.url_hash = u.hash
        CROSS JOIN LATERAL (
            SELECT k.id
            FROM links AS k
            WHERE k.domain_to_id = few_links_marked.domain_to AND k.domain_from_id = d.id AND k.status = 0
            UNION ALL
            SELECT k.id
            FROM links AS k
            WHERE k.domain_to_id = few_links_marked.domain_to AND k.domain_from_id = d.id AND k.status <> 0
            UNION ALL
            SELECT k.id
            FROM links AS k
            WHERE k.page_id = u.id AND k.status <> 2 AND k.domain_to_id = few_links_marked.domain_to
            UNION ALL
            SELECT k.id
            FROM links AS k
            WHERE k.page_id = u.id AND k.status = 2 AND k.domain_to_id = few_links_marked.domain_to
        ) AS l
        WHERE
            m.in_force
            AND few_links_marked.mark IN ('any', mark_name(m.mark))
        LIMIT few_links_marked.most + 1
    ) AS f
)
