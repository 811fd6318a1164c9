-- Live follow links to pages of a domain that are gone, redirect elsewhere, or name another page as the one to cite,
-- one of each domain and page: ask for the right address. score: √authority ÷ 10.
CREATE OR REPLACE FUNCTION misdirected_leads(domain text, most integer DEFAULT 100)
RETURNS TABLE (
    domain_from text,
    score real,
    reason text,
    authority real,
    http_code_to smallint,
    right_url text,
    url_from text,
    title_from text,
    url_to text,
    anchor text,
    link_id bigint
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH wrong AS MATERIALIZED (
    SELECT
        p.page_id,
        p.http_code,
        p.outcome,
        coalesce(m.url, CASE WHEN p.outcome NOT IN (1, 2) THEN f.canonical END) AS right_url
    FROM domains AS t
    INNER JOIN hosts AS h ON t.id = h.domain_id
    INNER JOIN pages AS p ON h.id = p.host_id
    INNER JOIN urls AS u ON p.page_id = u.id
    LEFT JOIN page_facts AS f ON p.page_id = f.page_id
    LEFT JOIN LATERAL (
        SELECT k.url
        FROM urls AS k
        WHERE
            p.outcome = 1
            AND k.hash >= (lpad(to_hex(p.redirects_to), 16, '0') || repeat('0', 16))::uuid
            AND k.hash <= (lpad(to_hex(p.redirects_to), 16, '0') || repeat('f', 16))::uuid
        LIMIT 1
    ) AS m ON TRUE
    WHERE
        t.name = misdirected_leads.domain
        AND p.moved_to_id IS NULL
        AND (p.outcome IN (1, 2) OR (p.outcome IN (0, 16) AND f.canonical <> u.url))
),

found AS (
    SELECT
        l.id,
        l.page_id,
        l.url_to_id,
        l.domain_from_id,
        l.anchor,
        w.http_code,
        w.outcome,
        w.right_url,
        row_number() OVER (PARTITION BY l.domain_from_id, l.url_to_id ORDER BY l.id ASC) AS number
    FROM wrong AS w
    CROSS JOIN LATERAL (
        SELECT k.* FROM links AS k
        WHERE k.url_to_id = w.page_id AND k.status = 0 AND k.is_dofollow
        LIMIT 1000
    ) AS l
    WHERE
        l.domain_from_id NOT IN (
            SELECT d.id
            FROM mark_events AS m
            INNER JOIN domains AS d ON m.domain = d.name
            WHERE m.in_force AND m.url_hash IS NULL AND m.mark IN (3, 4, 5)
        )
),

chosen AS MATERIALIZED (
    SELECT
        f.*,
        r.authority,
        authority_weight(r.authority) AS score
    FROM found AS f
    LEFT JOIN domain_ranks AS r ON f.domain_from_id = r.domain_id
    WHERE f.number = 1
    ORDER BY score DESC NULLS LAST, f.id DESC
    LIMIT misdirected_leads.most
)

SELECT
    d.name,
    c.score::real,
    CASE c.outcome
        WHEN 2 THEN 'it leads to a page that is gone: ask for another address, or redirect this one'
        WHEN 1 THEN 'it leads to a redirect: ask for the address that this leads to'
        ELSE 'it leads to a page that names another as the one to cite: ask for that one'
    END,
    c.authority,
    c.http_code,
    c.right_url,
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
