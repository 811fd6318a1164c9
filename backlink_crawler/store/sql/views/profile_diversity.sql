CREATE OR REPLACE VIEW profile_diversity AS
SELECT
    d.name AS domain_to,
    e.refdomains,
    e.links,
    e.refdomains::double precision / e.links AS domains_per_link,
    b.domain AS top_domain,
    b.links AS top_domain_links,
    b.links::double precision / e.links AS top_domain_share,
    s.tlds,
    s.top_tld,
    s.top_tld_refdomains,
    s.top_tld_refdomains::double precision / e.refdomains AS top_tld_share,
    r.reciprocal_refdomains,
    r.reciprocal_refdomains::double precision / e.refdomains AS reciprocal_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS refdomains,
        sum(e.links)::integer AS links
    FROM domain_edges AS e
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS e
CROSS JOIN LATERAL (
    SELECT
        f.name AS domain,
        e.links
    FROM domain_edges AS e
    INNER JOIN domains AS f ON e.domain_from_id = f.id
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
    ORDER BY e.links DESC, e.domain_from_id DESC
    LIMIT 1
) AS b
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS tlds,
        (array_agg(g.tld ORDER BY g.refdomains DESC, g.tld ASC))[1] AS top_tld,
        max(g.refdomains) AS top_tld_refdomains
    FROM (
        SELECT
            tld_of(f.name) AS tld,
            count(*)::integer AS refdomains
        FROM domain_edges AS e
        INNER JOIN domains AS f ON e.domain_from_id = f.id
        WHERE e.domain_to_id = t.domain_id AND e.links > 0
        GROUP BY tld
    ) AS g
) AS s
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS reciprocal_refdomains
    FROM domain_edges AS e
    INNER JOIN domain_edges AS o ON e.domain_to_id = o.domain_from_id AND e.domain_from_id = o.domain_to_id
    WHERE e.domain_to_id = t.domain_id AND e.links > 0 AND o.links > 0
) AS r
WHERE e.refdomains > 0
