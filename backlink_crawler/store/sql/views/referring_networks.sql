CREATE OR REPLACE VIEW referring_networks AS
SELECT
    d.name AS domain_to,
    c.network,
    c.refdomains,
    c.refdomains / c.known AS refdomains_share,
    n.domains AS network_domains,
    n.domains / (SELECT sum(a.domains) FROM networks AS a)::float8 AS index_share,
    c.domain_to_id
FROM (
    SELECT
        e.domain_to_id,
        w.network,
        count(*) AS refdomains,
        sum(count(*)) OVER (PARTITION BY e.domain_to_id)::float8 AS known
    FROM domain_edges AS e
    INNER JOIN domain_networks AS w ON e.domain_from_id = w.domain_id
    WHERE e.links > 0
    GROUP BY e.domain_to_id, w.network
) AS c
INNER JOIN domains AS d ON c.domain_to_id = d.id
LEFT JOIN networks AS n ON c.network = n.network
