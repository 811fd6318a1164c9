-- The pages of a prospect where a link would stand: those with follow links to the domain's competitors, and what they
-- cite now, the most similar competitor first; of what a template repeats, one page. competitors: as in prospects().
CREATE OR REPLACE FUNCTION prospect_pages(
    domain text, prospect text, competitors text [] DEFAULT NULL, most integer DEFAULT 20
)
RETURNS TABLE (
    url_from text,
    title_from text,
    url_to text,
    anchor text,
    domain_to text,
    similarity real,
    relevance real,
    link_id bigint
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH rivals AS MATERIALIZED (
    SELECT
        c.domain_to_id AS id,
        c.similarity
    FROM competitors(prospect_pages.domain) AS c
    WHERE prospect_pages.competitors IS NULL
    UNION ALL
    SELECT
        d.id,
        1
    FROM domains AS d
    WHERE d.name = ANY(prospect_pages.competitors)
),

found AS (
    SELECT
        l.id,
        l.page_id,
        l.url_to_id,
        l.domain_to_id,
        l.anchor,
        l.link_position IN (1, 2) AS is_content,
        r.similarity,
        (relevance_of(v.relevance, l.id) / 100.0)::real AS relevance,
        row_number() OVER (
            PARTITION BY l.url_to_id, coalesce(l.path_hash, l.id)
            ORDER BY relevance_of(v.relevance, l.id) DESC NULLS LAST, l.id ASC
        ) AS number
    FROM domains AS p
    CROSS JOIN rivals AS r
    CROSS JOIN LATERAL (
        SELECT k.*
        FROM links AS k
        WHERE k.domain_to_id = r.id AND k.domain_from_id = p.id AND k.status = 0 AND k.is_dofollow
        LIMIT 200
    ) AS l
    LEFT JOIN link_relevance AS v ON v.block = l.id >> 6
    WHERE p.name = prospect_pages.prospect
),

chosen AS MATERIALIZED (
    SELECT f.*
    FROM found AS f
    WHERE f.number = 1
    ORDER BY f.similarity DESC, f.is_content DESC, f.relevance DESC NULLS LAST, f.id ASC
    LIMIT prospect_pages.most
)

SELECT
    uf.url,
    f.title,
    ut.url,
    c.anchor,
    d.name,
    c.similarity::real,
    c.relevance,
    c.id
FROM chosen AS c
INNER JOIN urls AS uf ON c.page_id = uf.id
INNER JOIN urls AS ut ON c.url_to_id = ut.id
INNER JOIN domains AS d ON c.domain_to_id = d.id
LEFT JOIN page_facts AS f ON c.page_id = f.page_id
ORDER BY c.similarity DESC, c.is_content DESC, c.relevance DESC NULLS LAST, c.id ASC;
END
