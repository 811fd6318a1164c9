-- How likely, and how worth having, a link to a domain is from each domain with follow links to its rivals and none to
-- it, with the factors of the score as prospects() has them; of the 500 best without relevance. rivals: keys of
-- domains, and how similar each of them is. Of a rival with many follow refdomains those are looked at that the last
-- ranking has kept as the strongest, of any other all.
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
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
WITH rival AS MATERIALIZED (
    SELECT
        r.id,
        r.similarity,
        EXISTS (SELECT 1 FROM strong_refdomains AS k WHERE k.domain_to_id = r.id) AS is_kept
    FROM unnest(prospect_scores.rivals, prospect_scores.similarities) AS r (id, similarity)
),

looked_at AS MATERIALIZED (
    SELECT
        k.domain_to_id,
        k.domain_from_id,
        r.similarity,
        k.links,
        k.dofollow_links,
        k.weight,
        k.relevance
    FROM rival AS r
    INNER JOIN strong_refdomains AS k ON r.id = k.domain_to_id
    WHERE r.is_kept
    UNION ALL
    SELECT
        e.domain_to_id,
        e.domain_from_id,
        r.similarity,
        e.links,
        e.dofollow_links,
        NULL AS weight,
        NULL AS relevance
    FROM rival AS r
    INNER JOIN domain_edges AS e ON r.id = e.domain_to_id
    WHERE NOT r.is_kept AND e.dofollow_links > 0
),

left_out AS NOT MATERIALIZED (
    SELECT prospect_scores.domain_to AS id
    UNION ALL
    SELECT e.domain_from_id
    FROM domain_edges AS e
    WHERE e.domain_to_id = prospect_scores.domain_to AND e.links > 0
    UNION ALL
    SELECT unnest(domains_left_out())
),

near AS MATERIALIZED (
    SELECT
        a.domain_from_id,
        max(a.weight) AS weight,
        sum(a.similarity) * sum(a.dofollow_links) / sum(a.links) AS share
    FROM looked_at AS a
    WHERE a.domain_from_id NOT IN (SELECT o.id FROM left_out AS o)
    GROUP BY a.domain_from_id
),

-- where the strongest link to the domain already
far AS (
    SELECT
        e.domain_from_id,
        NULL::real AS weight,
        sum(r.similarity) * sum(e.dofollow_links) / sum(e.links) AS share
    FROM rival AS r
    CROSS JOIN LATERAL (
        SELECT
            l.domain_from_id,
            l.links,
            l.dofollow_links
        FROM domain_edges AS l
        WHERE l.domain_to_id = r.id AND l.dofollow_links > 0
        ORDER BY l.links DESC, l.domain_from_id DESC
        LIMIT 5000
    ) AS e
    WHERE
        r.is_kept
        AND (SELECT count(*) FROM near) < 500
        AND e.domain_from_id NOT IN (SELECT o.id FROM left_out AS o)
        AND e.domain_from_id NOT IN (SELECT n.domain_from_id FROM near AS n)
    GROUP BY e.domain_from_id
),

candidates AS (
    SELECT * FROM near
    UNION ALL
    SELECT * FROM far
),

likely AS MATERIALIZED (
    SELECT c.domain_from_id
    FROM candidates AS c
    LEFT JOIN LATERAL (SELECT w.* FROM prospect_weight(c.domain_from_id) AS w WHERE c.weight IS NULL) AS w ON TRUE
    ORDER BY
        c.share * coalesce(
            c.weight,
            w.link_weight * coalesce(w.by_authority, avg(w.by_authority) OVER (), 1) * (1 - coalesce(w.risk, 0))
        ) DESC,
        c.domain_from_id ASC
    LIMIT 500
),

-- all of a domain's edges, or one for each rival, whichever are fewer
pairs AS MATERIALIZED (
    SELECT
        l.domain_from_id,
        e.*,
        r.similarity,
        w.*
    FROM likely AS l
    CROSS JOIN LATERAL prospect_weight(l.domain_from_id) AS w
    CROSS JOIN LATERAL (
        (
            SELECT
                o.domain_to_id,
                o.links,
                o.dofollow_links
            FROM domain_edges AS o
            WHERE
                w.out_domains <= 200
                AND o.domain_from_id = l.domain_from_id
                AND o.domain_to_id + 0 = ANY(prospect_scores.rivals)
                AND o.dofollow_links > 0
        )
        UNION ALL
        (
            SELECT t.*
            FROM unnest(prospect_scores.rivals) AS u (id)
            CROSS JOIN LATERAL (
                SELECT
                    o.domain_to_id,
                    o.links,
                    o.dofollow_links
                FROM domain_edges AS o
                WHERE o.domain_to_id = u.id AND o.domain_from_id = l.domain_from_id AND o.dofollow_links > 0
                OFFSET 0
            ) AS t
            WHERE w.out_domains > 200
        )
    ) AS e
    INNER JOIN rival AS r ON e.domain_to_id = r.id
),

best AS MATERIALIZED (
    SELECT
        p.domain_from_id,
        sum(p.similarity) AS overlap,
        count(*)::integer AS links_to,
        sum(p.dofollow_links)::double precision / sum(p.links) AS follow_share,
        p.out_domains,
        p.link_weight,
        p.authority,
        p.by_authority,
        p.risk
    FROM pairs AS p
    GROUP BY p.domain_from_id, p.out_domains, p.link_weight, p.authority, p.by_authority, p.risk
),

nearest AS (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY p.domain_from_id ORDER BY p.similarity DESC, p.domain_to_id ASC) AS place
    FROM pairs AS p
),

relevant AS MATERIALIZED (
    SELECT
        r.domain_from_id,
        sum(r.similarity * r.relevance) / sum(r.similarity) / 100 AS relevance
    FROM (
        SELECT
            p.domain_from_id,
            p.similarity,
            coalesce(a.relevance, v.relevance) AS relevance
        FROM nearest AS p
        LEFT JOIN looked_at AS a
            ON p.domain_to_id = a.domain_to_id AND p.domain_from_id = a.domain_from_id AND a.weight IS NOT NULL
        LEFT JOIN LATERAL (
            SELECT w.relevance
            FROM refdomain_relevance(p.domain_to_id, p.domain_from_id, p.links) AS w
            WHERE a.weight IS NULL
        ) AS v ON TRUE
        WHERE p.place <= 3
    ) AS r
    WHERE r.relevance IS NOT NULL
    GROUP BY r.domain_from_id
)

SELECT
    b.domain_from_id,
    b.overlap * b.link_weight * b.follow_share * coalesce(b.by_authority, avg(b.by_authority) OVER (), 1)
    * (1 - coalesce(b.risk, 0)) * coalesce(0.25 + 0.75 * r.relevance, avg(0.25 + 0.75 * r.relevance) OVER (), 1),
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
