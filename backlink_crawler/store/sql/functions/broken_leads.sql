-- Pages of a domain's competitors that are gone, and that people still link to: offer them a page of yours.
-- competitors: as in prospects(); they must have been crawled. score: similarity × the sum of √authority ÷ 10 over the
-- domains that link to it with follow links, of at most 1,000 links.
CREATE OR REPLACE FUNCTION broken_leads(domain text, competitors text [] DEFAULT NULL, most integer DEFAULT 100)
RETURNS TABLE (
    url_to text,
    score real,
    reason text,
    refdomains integer,
    authority real,
    similarity real,
    http_code_to smallint,
    checked_at timestamptz,
    url_from text,
    title_from text,
    anchor text,
    domain_to text,
    url_to_id bigint
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH rivals AS MATERIALIZED (
    SELECT
        c.domain_to_id AS id,
        c.similarity
    FROM competitors(broken_leads.domain) AS c
    WHERE broken_leads.competitors IS NULL
    UNION ALL
    SELECT
        d.id,
        1
    FROM domains AS d
    WHERE d.name = ANY(broken_leads.competitors)
),

gone AS MATERIALIZED (
    SELECT
        p.page_id,
        p.http_code,
        p.last_visited,
        r.id AS domain_id,
        r.similarity
    FROM rivals AS r
    INNER JOIN hosts AS h ON r.id = h.domain_id
    INNER JOIN pages AS p ON h.id = p.host_id
    WHERE p.outcome = 2
),

citing AS (
    SELECT
        g.page_id AS url_to_id,
        l.domain_from_id,
        min(l.id) AS link_id
    FROM gone AS g
    CROSS JOIN LATERAL (
        SELECT
            k.id,
            k.domain_from_id
        FROM links AS k
        WHERE k.url_to_id = g.page_id AND k.status = 0 AND k.is_dofollow
        LIMIT 1000
    ) AS l
    WHERE
        l.domain_from_id NOT IN (SELECT t.id FROM domains AS t WHERE t.name = broken_leads.domain)
        AND l.domain_from_id NOT IN (SELECT unnest(domains_left_out()))
    GROUP BY g.page_id, l.domain_from_id
),

summed AS (
    SELECT
        c.url_to_id,
        count(*)::integer AS refdomains,
        max(r.authority) AS authority,
        sum(coalesce(authority_weight(r.authority), 1)) AS weight,
        (array_agg(c.link_id ORDER BY r.authority DESC NULLS LAST, c.link_id ASC))[1] AS link_id
    FROM citing AS c
    LEFT JOIN domain_ranks AS r ON c.domain_from_id = r.domain_id
    GROUP BY c.url_to_id
),

chosen AS MATERIALIZED (
    SELECT
        g.*,
        s.refdomains,
        s.authority,
        s.link_id,
        g.similarity * s.weight AS score
    FROM summed AS s
    INNER JOIN gone AS g ON s.url_to_id = g.page_id
    ORDER BY score DESC, g.page_id DESC
    LIMIT broken_leads.most
)

SELECT
    ut.url,
    c.score::real,
    format(
        '%s still %s to this page of a competitor, which is gone: offer yours on the same subject',
        CASE c.refdomains WHEN 1 THEN '1 domain' ELSE c.refdomains || ' domains' END,
        CASE c.refdomains WHEN 1 THEN 'links' ELSE 'link' END
    ),
    c.refdomains,
    c.authority,
    c.similarity::real,
    c.http_code,
    c.last_visited,
    uf.url,
    f.title,
    l.anchor,
    d.name,
    c.page_id
FROM chosen AS c
INNER JOIN links AS l ON c.link_id = l.id
INNER JOIN domains AS d ON c.domain_id = d.id
INNER JOIN urls AS ut ON c.page_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
ORDER BY c.score DESC, c.page_id DESC;
END
