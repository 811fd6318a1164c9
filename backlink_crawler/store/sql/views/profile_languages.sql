CREATE OR REPLACE VIEW profile_languages AS
SELECT
    d.name AS domain_to,
    o.target_language,
    l.languages,
    l.language_refdomains,
    l.top_language,
    l.top_language_refdomains,
    l.top_language_refdomains::double precision / l.language_refdomains AS top_language_share,
    CASE WHEN o.target_language IS NOT NULL THEN l.language_refdomains - l.same_refdomains END
        AS other_language_refdomains,
    CASE
        WHEN o.target_language IS NOT NULL
            THEN (l.language_refdomains - l.same_refdomains)::double precision / l.language_refdomains
    END AS other_language_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
-- of the pages of the target that were read, at most fifty are looked at
LEFT JOIN LATERAL (
    SELECT f.language AS target_language
    FROM (
        SELECT lower(split_part(coalesce(f.language, nullif(f.language_detected, 'und')), '-', 1)) AS language
        FROM hosts AS h
        CROSS JOIN LATERAL (SELECT u.id FROM urls AS u WHERE u.host_id = h.id LIMIT 200) AS u
        INNER JOIN page_facts AS f ON u.id = f.page_id
        WHERE h.domain_id = t.domain_id
        LIMIT 50
    ) AS f
    WHERE f.language <> ''
    GROUP BY f.language
    ORDER BY count(*) DESC, f.language ASC
    LIMIT 1
) AS o ON TRUE
-- of each domain that links, the page that stands for its links; where its language is not known, another of them
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS languages,
        sum(g.refdomains)::integer AS language_refdomains,
        (array_agg(g.language ORDER BY g.refdomains DESC, g.language ASC))[1] AS top_language,
        max(g.refdomains) AS top_language_refdomains,
        coalesce(sum(g.refdomains) FILTER (WHERE g.language = o.target_language), 0)::integer AS same_refdomains
    FROM (
        SELECT
            lower(split_part(coalesce(f.language, nullif(f.language_detected, 'und'), n.language), '-', 1)) AS language,
            count(*)::integer AS refdomains
        FROM domain_edges AS e
        LEFT JOIN page_facts AS f ON e.last_page_id = f.page_id
        LEFT JOIN LATERAL (
            SELECT coalesce(k.language, nullif(k.language_detected, 'und')) AS language
            FROM (
                SELECT l.page_id
                FROM links AS l
                WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 0
                LIMIT 16
            ) AS l
            INNER JOIN page_facts AS k ON l.page_id = k.page_id
            WHERE coalesce(f.language, nullif(f.language_detected, 'und')) IS NULL
            ORDER BY coalesce(k.language, nullif(k.language_detected, 'und')) ASC NULLS LAST
            LIMIT 1
        ) AS n ON TRUE
        WHERE e.domain_to_id = t.domain_id AND e.links > 0
        GROUP BY lower(split_part(coalesce(f.language, nullif(f.language_detected, 'und'), n.language), '-', 1))
    ) AS g
    WHERE g.language <> ''
) AS l
WHERE l.languages > 0
