-- The domains that link to a domain's competitors and not to it, the best first: score is overlap × link_weight ×
-- √authority ÷ 10 × (¼ + ¾ relevance) × (1 − risk) × follow_share; a factor that is not known is the mean of those
-- that are. competitors: as competitors() finds them, or those named, each with a similarity of 1, which are no
-- prospects. most: rows, NULL: all. prospect: no other domain than this. docs/methods.md.
CREATE OR REPLACE FUNCTION prospects(
    domain text, competitors text [] DEFAULT NULL, most integer DEFAULT 100, prospect text DEFAULT NULL
)
RETURNS TABLE (
    domain_from text,
    score real,
    reason text,
    overlap real,
    links_to integer,
    competitors_linked text [],
    out_domains integer,
    link_weight real,
    authority real,
    relevance real,
    risk real,
    follow_share real,
    url_from text,
    title_from text,
    url_to text,
    anchor text,
    domain_from_id integer,
    mark text
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH rivals AS MATERIALIZED (
    SELECT
        c.domain_to_id AS id,
        c.similarity::double precision AS similarity
    FROM competitors(prospects.domain) AS c
    WHERE prospects.competitors IS NULL
    UNION ALL
    SELECT
        d.id,
        1
    FROM domains AS d
    WHERE d.name = ANY(prospects.competitors)
),

chosen AS MATERIALIZED (
    SELECT
        s.*,
        d.name
    FROM (SELECT array_agg(r.id) AS ids, array_agg(r.similarity) AS similarities FROM rivals AS r) AS a
    CROSS JOIN LATERAL prospect_scores(
        coalesce((SELECT t.id FROM domains AS t WHERE t.name = prospects.domain), 0), a.ids, a.similarities
    ) AS s
    INNER JOIN domains AS d ON s.domain_from_id = d.id
    WHERE
        (prospects.prospect IS NULL OR d.name = prospects.prospect)
        AND (prospects.competitors IS NULL OR d.name <> ALL(prospects.competitors))
    ORDER BY s.score::real DESC, s.domain_from_id DESC
    LIMIT prospects.most
)

SELECT
    c.name,
    c.score::real,
    format(
        'links to %s%s; %s in all',
        array_to_string(n.names, ', '),
        CASE WHEN c.links_to > 3 THEN format(' and %s more like it', c.links_to - 3) END,
        CASE c.out_domains WHEN 1 THEN '1 domain' ELSE c.out_domains || ' domains' END
    ),
    c.overlap::real,
    c.links_to,
    n.names,
    c.out_domains,
    c.link_weight::real,
    c.authority,
    c.relevance::real,
    c.risk,
    c.follow_share::real,
    uf.url,
    f.title,
    ut.url,
    p.anchor,
    c.domain_from_id,
    mark_name(m.mark)
FROM chosen AS c
CROSS JOIN LATERAL (
    SELECT
        (array_agg(m.id ORDER BY m.similarity DESC, m.id ASC))[1] AS nearest,
        array_agg(m.name ORDER BY m.similarity DESC, m.id ASC) AS names
    FROM (
        SELECT
            r.id,
            r.similarity,
            k.name
        FROM rivals AS r
        INNER JOIN domain_edges AS e ON r.id = e.domain_to_id
        INNER JOIN domains AS k ON r.id = k.id
        WHERE e.domain_from_id = c.domain_from_id AND e.dofollow_links > 0
        ORDER BY r.similarity DESC, r.id ASC
        LIMIT 3
    ) AS m
) AS n
LEFT JOIN LATERAL (
    SELECT
        l.page_id,
        l.url_to_id,
        l.anchor
    FROM (
        SELECT k.*
        FROM links AS k
        WHERE k.domain_to_id = n.nearest AND k.domain_from_id = c.domain_from_id AND k.status = 0 AND k.is_dofollow
        LIMIT 200
    ) AS l
    LEFT JOIN link_relevance AS v ON v.block = l.id >> 6
    ORDER BY
        (l.link_position IN (1, 2)) DESC,
        relevance_of(v.relevance, l.id) DESC NULLS LAST,
        l.id ASC
    LIMIT 1
) AS p ON TRUE
LEFT JOIN mark_events AS m ON c.name = m.domain AND m.url_hash IS NULL AND m.in_force
LEFT JOIN urls AS uf ON p.page_id = uf.id
LEFT JOIN urls AS ut ON p.url_to_id = ut.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id
ORDER BY c.score::real DESC, c.domain_from_id DESC;
END
