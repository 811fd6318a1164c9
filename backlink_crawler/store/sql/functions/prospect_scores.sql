-- How likely, and how worth having, a link to a domain is from each domain with follow links to its rivals and none to
-- it, with the factors of the score as prospects() has them; of the 1,000 best without relevance. rivals: keys of
-- domains, and how similar each of them is.
CREATE OR REPLACE FUNCTION prospect_scores(domain_to integer, rivals integer [], similarities double precision [])
RETURNS TABLE (
    domain_from_id integer,
    score double precision,
    overlap double precision,
    links_to integer,
    out_domains integer,
    link_weight double precision,
    authority real,
    relevance double precision,
    risk real,
    follow_share double precision
)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
BEGIN ATOMIC
WITH rival AS MATERIALIZED (
    SELECT
        r.id,
        r.similarity
    FROM unnest(prospect_scores.rivals, prospect_scores.similarities) AS r (id, similarity)
),

pairs AS MATERIALIZED (
    SELECT
        e.domain_from_id,
        e.domain_to_id,
        e.links,
        e.dofollow_links,
        r.similarity
    FROM rival AS r
    INNER JOIN domain_edges AS e ON r.id = e.domain_to_id
    WHERE e.dofollow_links > 0
),

linking AS MATERIALIZED (
    SELECT
        p.domain_from_id,
        sum(p.similarity) AS overlap,
        count(*)::integer AS links_to,
        sum(p.dofollow_links)::double precision / sum(p.links) AS follow_share
    FROM pairs AS p
    GROUP BY p.domain_from_id
),

candidates AS MATERIALIZED (
    SELECT
        l.*,
        k.authority,
        coalesce(
            s.risk,
            CASE
                WHEN k.domain_id IS NOT NULL AND EXISTS (SELECT 1 FROM risk_signals AS g WHERE g.used_weight > 0) THEN 0
            END
        ) AS risk,
        greatest(
            1,
            coalesce(
                nullif(k.follow_domains_to, 0),
                (
                    SELECT count(*)
                    FROM domain_edges AS o
                    WHERE o.domain_from_id = l.domain_from_id AND o.dofollow_links > 0
                )
            )
        )::integer AS out_domains
    FROM linking AS l
    LEFT JOIN domain_ranks AS k ON l.domain_from_id = k.domain_id
    LEFT JOIN domain_risks AS s ON l.domain_from_id = s.domain_id AND s.target_id = 0
    WHERE
        l.domain_from_id <> prospect_scores.domain_to
        AND l.domain_from_id NOT IN (
            SELECT e.domain_from_id
            FROM domain_edges AS e
            WHERE e.domain_to_id = prospect_scores.domain_to AND e.links > 0
        )
        AND l.domain_from_id NOT IN (SELECT unnest(domains_left_out()))
),

weighed AS (
    SELECT
        c.*,
        1 / ln(exp(1.0::double precision) + c.out_domains) AS link_weight,
        authority_weight(c.authority) AS by_authority
    FROM candidates AS c
),

best AS MATERIALIZED (
    SELECT
        w.*,
        w.overlap * w.link_weight * w.follow_share * coalesce(w.by_authority, avg(w.by_authority) OVER (), 1)
        * (1 - coalesce(w.risk, 0)) AS score
    FROM weighed AS w
    ORDER BY score DESC, w.domain_from_id ASC
    LIMIT 1000
),

nearest AS (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY p.domain_from_id ORDER BY p.similarity DESC, p.domain_to_id ASC) AS place
    FROM best AS b
    INNER JOIN pairs AS p ON b.domain_from_id = p.domain_from_id
),

relevant AS MATERIALIZED (
    SELECT
        r.domain_from_id,
        sum(r.similarity * r.relevance) / sum(r.similarity) / 100 AS relevance
    FROM (
        SELECT
            p.domain_from_id,
            p.similarity,
            CASE
                WHEN p.links > 16
                    THEN (
                        SELECT v.relevance
                        FROM edge_relevance AS v
                        WHERE v.domain_to_id = p.domain_to_id AND v.domain_from_id = p.domain_from_id
                    )
                ELSE (
                    SELECT max(relevance_of(k.relevance, l.id))
                    FROM links AS l
                    INNER JOIN link_relevance AS k ON k.block = l.id >> 6
                    WHERE l.domain_to_id = p.domain_to_id AND l.domain_from_id = p.domain_from_id AND l.status = 0
                )
            END AS relevance
        FROM nearest AS p
        WHERE p.place <= 3
    ) AS r
    WHERE r.relevance IS NOT NULL
    GROUP BY r.domain_from_id
)

SELECT
    b.domain_from_id,
    b.score * coalesce(0.25 + 0.75 * r.relevance, avg(0.25 + 0.75 * r.relevance) OVER (), 1),
    b.overlap,
    b.links_to,
    b.out_domains,
    b.link_weight,
    b.authority,
    r.relevance,
    b.risk,
    b.follow_share
FROM best AS b
LEFT JOIN relevant AS r ON b.domain_from_id = r.domain_from_id;
END
