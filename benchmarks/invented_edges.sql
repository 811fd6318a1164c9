-- Domains and their edges alone, for what is computed from them.

-- name: invented_domains
INSERT INTO domains (name)
SELECT 'domain-' || id || '.test'
FROM generate_series(1, %(domains)s) AS id;

-- name: invented_batches
INSERT INTO batches (source_id, number) VALUES (1, 1);

-- name: invented_edges
INSERT INTO domain_edges (
    domain_to_id, domain_from_id, first_seen, last_seen, batch_id, links, dofollow_links, refpages, pages_to
)
SELECT
    domain_to,
    domain_from,
    now(),
    now(),
    1,
    1 + n % 5,
    CASE WHEN n % 6 = 0 THEN 0 ELSE 1 END,
    1,
    1
FROM (
    SELECT
        n,
        1 + ((hashint8extended(n, 1) & 1073741823) / 1073741824.0) ^ 4 * (%(domains)s - 1) AS domain_to,
        1 + ((hashint8extended(n, 2) & 1073741823) / 1073741824.0) ^ 2 * (%(domains)s - 1) AS domain_from
    FROM generate_series(1::bigint, %(edges)s * 11 / 10) AS n
) AS e
WHERE floor(domain_to) <> floor(domain_from)
ON CONFLICT DO NOTHING;
