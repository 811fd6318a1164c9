CREATE OR REPLACE VIEW profile_networks AS
SELECT
    d.name AS domain_to,
    w.networks,
    w.network_refdomains,
    w.top_network,
    w.top_network_refdomains,
    w.top_network_refdomains::double precision / w.network_refdomains AS top_network_share,
    n.domains / (SELECT sum(a.domains) FROM networks AS a)::double precision AS top_network_index_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS networks,
        sum(g.refdomains)::integer AS network_refdomains,
        (array_agg(g.network ORDER BY g.refdomains DESC, g.network ASC))[1] AS top_network,
        max(g.refdomains) AS top_network_refdomains
    FROM (
        SELECT
            k.network,
            count(*)::integer AS refdomains
        FROM domain_edges AS e
        INNER JOIN domain_networks AS k ON e.domain_from_id = k.domain_id
        WHERE e.domain_to_id = t.domain_id AND e.links > 0
        GROUP BY k.network
    ) AS g
) AS w
LEFT JOIN networks AS n ON w.top_network = n.network
WHERE w.networks > 0
