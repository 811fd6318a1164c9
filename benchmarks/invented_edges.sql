-- Domains and their edges alone, for what is computed from them. Without the indexes that serve questions, which would take
-- most of the time.

-- name: bare
DROP INDEX domain_edges_domain_from_id_idx, domain_edges_largest_idx, domain_edges_found_idx;
ALTER TABLE domain_edges SET UNLOGGED;

-- name: invented_domains
INSERT INTO domains (name)
SELECT 'domain-' || id || '.test'
FROM generate_series(1, %(domains)s) AS id;

-- name: invented_edges
-- Some are drawn twice: a tenth more are drawn than there are to be.
INSERT INTO domain_edges (
    domain_to_id, domain_from_id, first_seen, last_seen, batch_id, links, dofollow_links, refpages, pages_to
)
SELECT
    domain_to,
    domain_from,
    now(),
    now(),
    1,
    1 + domain_from % 5,
    CASE WHEN domain_from % 6 = 0 THEN 0 ELSE 1 END,
    1,
    1
FROM (
    SELECT DISTINCT
        (1 + ((hashint8extended(n, 1) & 1073741823) / 1073741824.0::float8) ^ 4 * (%(domains)s - 1))::int AS domain_to,
        (1 + ((hashint8extended(n, 2) & 1073741823) / 1073741824.0::float8) ^ 2 * (%(domains)s - 1))::int AS domain_from
    FROM generate_series(1::bigint, %(edges)s::bigint * 11 / 10) AS n
) AS e
WHERE domain_to <> domain_from
ORDER BY domain_to, domain_from;
