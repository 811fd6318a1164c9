-- Follow links that a domain has lost, of domains that do not link to it any more, one of each, lost last: worth asking
-- for again. score: √authority ÷ 10.
CREATE OR REPLACE FUNCTION lost_leads(domain text, most integer DEFAULT 100)
RETURNS TABLE (
    domain_from text,
    score real,
    reason text,
    authority real,
    lost_at timestamptz,
    lost_reason text,
    url_from text,
    title_from text,
    url_to text,
    anchor text,
    link_id bigint
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH chosen AS MATERIALIZED (
    SELECT
        l.*,
        r.authority,
        authority_weight(r.authority) AS score
    FROM domains AS t
    INNER JOIN domain_edges AS e ON t.id = e.domain_to_id
    CROSS JOIN LATERAL (
        SELECT k.*
        FROM links AS k
        WHERE k.domain_to_id = t.id AND k.domain_from_id = e.domain_from_id AND k.status = 2 AND k.is_dofollow
        ORDER BY k.absent_since DESC, k.id DESC
        LIMIT 1
    ) AS l
    LEFT JOIN domain_ranks AS r ON e.domain_from_id = r.domain_id
    WHERE t.name = lost_leads.domain AND e.status = 2 AND e.domain_from_id NOT IN (SELECT unnest(domains_left_out()))
    ORDER BY score DESC NULLS LAST, l.id DESC
    LIMIT lost_leads.most
)

SELECT
    d.name,
    c.score::real,
    (ARRAY[
        'the page stands and links no longer: ask why, and say what is there to cite',
        'the page is gone: ask where its content went, and whether it can link again',
        'the page has moved: ask for the link on the one that took its place'
    ])[c.lost_reason + 1],
    c.authority,
    c.absent_since,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[c.lost_reason + 1],
    uf.url,
    f.title,
    ut.url,
    c.anchor,
    c.id
FROM chosen AS c
INNER JOIN domains AS d ON c.domain_from_id = d.id
INNER JOIN urls AS uf ON c.page_id = uf.id
INNER JOIN urls AS ut ON c.url_to_id = ut.id
LEFT JOIN page_facts AS f ON c.page_id = f.page_id
ORDER BY c.score DESC NULLS LAST, c.id DESC;
END
