-- How likely, and how worth having, a link to a domain is from each domain with follow links to its rivals and none to
-- it, with the factors of the score as prospects() has them. rivals: keys of domains, and how similar each of them is.
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

linking AS MATERIALIZED (
    SELECT
        e.domain_from_id,
        sum(r.similarity) AS overlap,
        count(*)::integer AS links_to,
        sum(e.dofollow_links)::double precision / sum(e.links) AS follow_share
    FROM rival AS r
    INNER JOIN domain_edges AS e ON r.id = e.domain_to_id
    WHERE e.dofollow_links > 0
    GROUP BY e.domain_from_id
),

relevant AS MATERIALIZED (
    SELECT
        v.domain_from_id,
        sum(r.similarity * v.relevance) / sum(r.similarity) AS relevance
    FROM rival AS r
    INNER JOIN edge_relevance AS v ON r.id = v.domain_to_id
    GROUP BY v.domain_from_id
),

candidates AS MATERIALIZED (
    SELECT
        l.*,
        k.authority,
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
    WHERE
        l.domain_from_id <> prospect_scores.domain_to
        AND l.domain_from_id NOT IN (
            SELECT e.domain_from_id
            FROM domain_edges AS e
            WHERE e.domain_to_id = prospect_scores.domain_to AND e.links > 0
        )
),

weighed AS (
    SELECT
        c.*,
        v.relevance,
        1 / ln(exp(1.0::double precision) + c.out_domains) AS link_weight,
        sqrt(CASE WHEN c.authority IS NOT NULL THEN greatest(c.authority, 1) END) / 10 AS by_authority,
        0.25 + 0.75 * v.relevance AS by_relevance
    FROM candidates AS c
    LEFT JOIN relevant AS v ON c.domain_from_id = v.domain_from_id
)

SELECT
    w.domain_from_id,
    w.overlap * w.link_weight * w.follow_share
    * coalesce(w.by_authority, avg(w.by_authority) OVER (), 1)
    * coalesce(w.by_relevance, avg(w.by_relevance) OVER (), 1),
    w.overlap,
    w.links_to,
    w.out_domains,
    w.link_weight,
    w.authority,
    w.relevance,
    NULL::real,
    w.follow_share
FROM weighed AS w;
END
