-- Domains of a domain's topic, the largest it has, that link to others of that topic, and neither to it nor to its
-- competitors: on the subject, and reached by nobody yet. competitors: as in prospects(). score: share × √authority
-- ÷ 10.
CREATE OR REPLACE FUNCTION topic_leads(domain text, competitors text [] DEFAULT NULL, most integer DEFAULT 100)
RETURNS TABLE (
    domain_from text,
    score real,
    reason text,
    topic text,
    share real,
    authority real,
    url_from text,
    title_from text,
    url_to text,
    anchor text,
    domain_from_id integer
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH target AS MATERIALIZED (
    SELECT
        t.id,
        (
            SELECT s.topic FROM topic_scores AS s WHERE s.domain_id = t.id ORDER BY s.share DESC, s.topic ASC LIMIT 1
        ) AS topic
    FROM domains AS t
    WHERE t.name = topic_leads.domain
),

known AS MATERIALIZED (
    SELECT t.id FROM target AS t
    UNION ALL
    SELECT c.domain_to_id
    FROM competitors(topic_leads.domain) AS c
    WHERE topic_leads.competitors IS NULL
    UNION ALL
    SELECT d.id
    FROM domains AS d
    WHERE d.name = ANY(topic_leads.competitors)
),

ranked AS (
    SELECT
        s.domain_id,
        s.topic,
        s.share,
        r.authority,
        s.share * coalesce(authority_weight(r.authority), 1) AS score
    FROM target AS t
    INNER JOIN topic_scores AS s ON t.topic = s.topic
    INNER JOIN domain_ranks AS r ON s.domain_id = r.domain_id
    WHERE
        r.follow_domains_to > 0
        AND s.domain_id NOT IN (SELECT k.id FROM known AS k)
        AND s.domain_id NOT IN (
            SELECT e.domain_from_id
            FROM known AS k
            INNER JOIN domain_edges AS e ON k.id = e.domain_to_id
            WHERE e.links > 0
        )
        AND s.domain_id NOT IN (SELECT unnest(domains_left_out()))
),

chosen AS MATERIALIZED (
    SELECT
        r.*,
        n.domain_to_id
    FROM ranked AS r
    CROSS JOIN LATERAL (
        SELECT e.domain_to_id
        FROM (
            SELECT k.domain_to_id
            FROM domain_edges AS k
            WHERE k.domain_from_id = r.domain_id AND k.dofollow_links > 0
            LIMIT 1000
        ) AS e
        INNER JOIN topic_scores AS s ON e.domain_to_id = s.domain_id
        WHERE s.topic = r.topic
        ORDER BY s.share DESC, e.domain_to_id ASC
        LIMIT 1
    ) AS n
    ORDER BY r.score DESC, r.domain_id DESC
    LIMIT topic_leads.most
)

SELECT
    d.name,
    c.score::real,
    format('about %s by %s %% of what its topics come to, and links to others of it', c.topic, round(100 * c.share)),
    c.topic,
    c.share,
    c.authority,
    uf.url,
    f.title,
    ut.url,
    l.anchor,
    c.domain_id
FROM chosen AS c
INNER JOIN domains AS d ON c.domain_id = d.id
LEFT JOIN LATERAL (
    SELECT k.*
    FROM links AS k
    WHERE k.domain_to_id = c.domain_to_id AND k.domain_from_id = c.domain_id AND k.status = 0 AND k.is_dofollow
    LIMIT 1
) AS l ON TRUE
LEFT JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN urls AS ut ON l.url_to_id = ut.id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
ORDER BY c.score DESC, c.domain_id DESC;
END
