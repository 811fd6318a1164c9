-- Pages that name a domain in their title or headings and do not link to it, one of each domain. Names: the first label
-- of the domain, and the brands of the target. score: √authority ÷ 10. What else pages say is not kept.
CREATE OR REPLACE FUNCTION mention_leads(domain text, most integer DEFAULT 100)
RETURNS TABLE (
    domain_from text,
    score real,
    reason text,
    authority real,
    url_from text,
    title_from text,
    headings_from text,
    language_from text,
    url_from_id bigint
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH names AS (
    SELECT split_part(mention_leads.domain, '.', 1) AS name
    UNION
    SELECT unnest(t.brands)
    FROM targets AS t
    INNER JOIN domains AS d ON t.domain_id = d.id
    WHERE d.name = mention_leads.domain
),

pattern AS MATERIALIZED (
    SELECT
        '(^|[^[:alnum:]])(' || string_agg(
            regexp_replace(
                regexp_replace(n.name, '([^[:alnum:][:space:]-])', '\\\1', 'g'), '[[:space:]-]+', '[[:space:]-]?', 'g'
            ),
            '|'
        ) || ')($|[^[:alnum:]])' AS text
    FROM names AS n
    WHERE n.name <> ''
),

naming AS (
    SELECT
        f.page_id,
        f.title,
        f.headings,
        coalesce(f.language, nullif(f.language_detected, 'und')) AS language,
        h.domain_id,
        row_number() OVER (
            PARTITION BY h.domain_id ORDER BY coalesce(f.title ~* p.text, FALSE) DESC, f.page_id ASC
        ) AS number
    FROM pattern AS p
    INNER JOIN page_facts AS f ON f.title ~* p.text OR f.headings ~* p.text
    INNER JOIN pages AS g ON f.page_id = g.page_id
    INNER JOIN hosts AS h ON g.host_id = h.id
    INNER JOIN domains AS d ON h.domain_id = d.id
    WHERE
        d.name <> mention_leads.domain
        AND g.settled = 0
        AND d.id NOT IN (SELECT unnest(domains_left_out()))
        AND NOT EXISTS (
            SELECT 1
            FROM links AS l
            INNER JOIN domains AS t ON l.domain_to_id = t.id
            WHERE l.page_id = f.page_id AND l.status = 0 AND t.name = mention_leads.domain
        )
),

chosen AS MATERIALIZED (
    SELECT
        n.*,
        r.authority,
        authority_weight(r.authority) AS score
    FROM naming AS n
    LEFT JOIN domain_ranks AS r ON n.domain_id = r.domain_id
    WHERE n.number = 1
    ORDER BY score DESC NULLS LAST, n.page_id DESC
    LIMIT mention_leads.most
)

SELECT
    d.name,
    c.score::real,
    CASE
        WHEN c.title ~* p.text THEN 'its title names you, and it does not link to you'
        ELSE 'a heading of it names you, and it does not link to you'
    END,
    c.authority,
    u.url,
    c.title,
    c.headings,
    c.language,
    c.page_id
FROM chosen AS c
CROSS JOIN pattern AS p
INNER JOIN domains AS d ON c.domain_id = d.id
INNER JOIN urls AS u ON c.page_id = u.id
ORDER BY c.score DESC NULLS LAST, c.page_id DESC;
END
