-- The domains that the same domains link to as to this one, the most similar first: similarity is the square root of
-- weight_share × refdomain_share. By live follow links, without hubs; docs/methods.md. Of a domain with many follow
-- refdomains they are those that the last ranking has kept. most: 300 at most, NULL: so many.
CREATE OR REPLACE FUNCTION competitors(domain text, most integer DEFAULT 100)
RETURNS TABLE (
    domain_to text,
    similarity real,
    shared_refdomains integer,
    weight_share real,
    refdomain_share real,
    refdomains integer,
    authority real,
    topic text,
    domain_to_id integer
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH target AS MATERIALIZED (
    SELECT t.id FROM domains AS t WHERE t.name = competitors.domain
),

kept AS MATERIALIZED (
    SELECT k.*
    FROM domain_competitors AS k
    INNER JOIN target AS t ON k.domain_id = t.id
    -- that still are linked to
    INNER JOIN domain_totals AS c ON k.competitor_id = c.domain_id AND c.dofollow_refdomains > 0
    INNER JOIN domains AS d ON k.competitor_id = d.id
    ORDER BY k.place
    LIMIT least(competitors.most, 300)
),

linking AS MATERIALIZED (
    SELECT
        e.domain_from_id,
        count(*) OVER () AS refdomains
    FROM target AS t
    INNER JOIN domain_edges AS e ON t.id = e.domain_to_id
    WHERE e.dofollow_links > 0 AND NOT EXISTS (SELECT k.place FROM kept AS k)
    ORDER BY hashint4(e.domain_from_id), e.domain_from_id
    LIMIT 10000
),

weighed AS MATERIALIZED (
    SELECT
        k.domain_from_id,
        k.out_domains,
        1 / ln(exp(1.0::double precision) + k.out_domains) AS weight
    FROM (
        SELECT
            l.domain_from_id,
            greatest(
                1,
                coalesce(
                    (
                        SELECT nullif(r.follow_domains_to, 0)
                        FROM domain_ranks AS r
                        WHERE r.domain_id = l.domain_from_id
                    ),
                    (
                        SELECT count(*)
                        FROM domain_edges AS o
                        WHERE o.domain_from_id = l.domain_from_id AND o.dofollow_links > 0
                    )
                )
            ) AS out_domains
        FROM linking AS l
    ) AS k
),

known AS MATERIALIZED (
    SELECT
        (SELECT sum(w.weight) FROM weighed AS w WHERE w.out_domains <= 1000) AS weight,
        (SELECT max(l.refdomains)::double precision / count(*) FROM linking AS l) AS refdomains_each
),

shared AS MATERIALIZED (
    SELECT
        e.domain_to_id,
        sum(w.weight) AS weight,
        count(*) AS number
    FROM weighed AS w
    INNER JOIN domain_edges AS e ON w.domain_from_id = e.domain_from_id
    WHERE w.out_domains <= 1000 AND e.dofollow_links > 0 AND e.domain_to_id NOT IN (SELECT t.id FROM target AS t)
    GROUP BY e.domain_to_id
    ORDER BY weight DESC, e.domain_to_id ASC
    LIMIT 5000
),

compared AS (
    SELECT
        s.domain_to_id,
        round(s.number * k.refdomains_each)::integer AS shared_refdomains,
        least(1, s.weight / k.weight) AS weight_share,
        greatest(c.dofollow_refdomains, round(s.number * k.refdomains_each))::integer AS refdomains
    FROM shared AS s
    CROSS JOIN known AS k
    INNER JOIN domain_totals AS c ON s.domain_to_id = c.domain_id
),

chosen AS (
    SELECT
        k.competitor_id AS domain_to_id,
        k.shared_refdomains,
        k.weight_share,
        k.refdomains,
        k.refdomain_share
    FROM kept AS k
    UNION ALL
    (
        SELECT
            c.*,
            c.shared_refdomains / (c.refdomains + 3.0::double precision) AS refdomain_share
        FROM compared AS c
        ORDER BY
            sqrt(c.weight_share * (c.shared_refdomains / (c.refdomains + 3.0::double precision)))::real DESC,
            c.domain_to_id DESC
        LIMIT least(competitors.most, 300)
    )
)

SELECT
    d.name,
    sqrt(c.weight_share * c.refdomain_share)::real,
    c.shared_refdomains,
    c.weight_share::real,
    c.refdomain_share::real,
    c.refdomains,
    r.authority,
    (
        SELECT t.topic FROM topic_scores AS t
        WHERE t.domain_id = c.domain_to_id
        ORDER BY t.share DESC, t.topic ASC
        LIMIT 1
    ),
    c.domain_to_id
FROM chosen AS c
INNER JOIN domains AS d ON c.domain_to_id = d.id
LEFT JOIN domain_ranks AS r ON c.domain_to_id = r.domain_id
ORDER BY sqrt(c.weight_share * c.refdomain_share)::real DESC, c.domain_to_id DESC;
END
