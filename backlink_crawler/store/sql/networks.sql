-- Networks of domains: where their hosts were found.

-- name: create_new
-- Where most of a domain's hosts are; of two with as many, the lower network.
CREATE TEMPORARY TABLE new_networks ON COMMIT DROP AS
SELECT DISTINCT ON (domain_id)
    domain_id,
    network
FROM (
    SELECT
        h.domain_id,
        network_of(c.address) AS network,
        count(*) AS hosts
    FROM crawled_hosts AS c
    INNER JOIN hosts AS h ON c.host_id = h.id
    WHERE c.address IS NOT NULL
    GROUP BY h.domain_id, network_of(c.address)
) AS f
ORDER BY domain_id ASC, hosts DESC, network ASC;

-- name: create_new_counts
CREATE TEMPORARY TABLE new_network_counts ON COMMIT DROP AS
SELECT network, count(*) AS domains
FROM new_networks
GROUP BY network;

-- name: delete_gone
DELETE FROM domain_networks AS o
WHERE NOT EXISTS (SELECT 1 FROM new_networks AS n WHERE n.domain_id = o.domain_id);

-- name: update_changed
UPDATE domain_networks AS o
SET network = n.network
FROM new_networks AS n
WHERE o.domain_id = n.domain_id AND o.network <> n.network;

-- name: insert_new
INSERT INTO domain_networks (domain_id, network)
SELECT n.domain_id, n.network
FROM new_networks AS n
WHERE NOT EXISTS (SELECT 1 FROM domain_networks AS o WHERE o.domain_id = n.domain_id)
ORDER BY n.domain_id;

-- name: delete_gone_counts
DELETE FROM networks AS o
WHERE NOT EXISTS (SELECT 1 FROM new_network_counts AS n WHERE n.network = o.network);

-- name: update_changed_counts
UPDATE networks AS o
SET domains = n.domains
FROM new_network_counts AS n
WHERE o.network = n.network AND o.domains <> n.domains;

-- name: insert_new_counts
INSERT INTO networks (network, domains)
SELECT n.network, n.domains
FROM new_network_counts AS n
WHERE NOT EXISTS (SELECT 1 FROM networks AS o WHERE o.network = n.network)
ORDER BY n.network;

-- name: count
SELECT count(*) AS networks, coalesce(sum(domains), 0) AS domains FROM networks;
