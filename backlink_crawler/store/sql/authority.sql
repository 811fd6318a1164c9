-- Authority of domains: the edges that it is computed from, and how new scores take the place of old ones.

-- name: edges
-- Who links to each domain, as packed keys (4 bytes, big-endian): those with a live follow link, and the others.
SELECT
    domain_to_id,
    coalesce(string_agg(int4send(domain_from_id), ''::bytea) FILTER (WHERE dofollow_links > 0), ''::bytea),
    coalesce(string_agg(int4send(domain_from_id), ''::bytea) FILTER (WHERE dofollow_links = 0), ''::bytea)
FROM domain_edges
WHERE links > 0 AND domain_to_id <> domain_from_id
GROUP BY domain_to_id
ORDER BY domain_to_id;

-- name: seeds
SELECT id FROM domains WHERE name = ANY(%(names)s);

-- name: create_new
CREATE TEMPORARY TABLE new_ranks (LIKE domain_ranks) ON COMMIT DROP;

-- name: remember
-- What became another whole number. A domain that was not ranked counts as 0.
INSERT INTO domain_rank_history (domain_id, run_id, pagerank_ratio, trust, authority)
SELECT
    domain_id,
    %(run_id)s,
    n.pagerank_ratio,
    n.trust,
    round(n.authority)
FROM new_ranks AS n
FULL JOIN domain_ranks AS o USING (domain_id)
WHERE round(coalesce(n.authority, 0)) <> round(coalesce(o.authority, 0));

-- name: delete_gone
DELETE FROM domain_ranks AS o
WHERE NOT EXISTS (SELECT 1 FROM new_ranks AS n WHERE n.domain_id = o.domain_id);

-- name: update_changed
UPDATE domain_ranks AS o
SET
    follow_refdomains = n.follow_refdomains,
    follow_domains_to = n.follow_domains_to,
    authority = n.authority,
    percentile = n.percentile,
    trust = n.trust,
    pagerank_ratio = n.pagerank_ratio,
    harmonic = n.harmonic
FROM new_ranks AS n
WHERE
    o.domain_id = n.domain_id
    AND (
        o.follow_refdomains, o.follow_domains_to, o.authority, o.percentile, o.trust, o.pagerank_ratio, o.harmonic
    ) IS DISTINCT FROM (
        n.follow_refdomains, n.follow_domains_to, n.authority, n.percentile, n.trust, n.pagerank_ratio, n.harmonic
    );

-- name: insert_new
INSERT INTO domain_ranks (
    domain_id, follow_refdomains, follow_domains_to, authority, percentile, trust, pagerank_ratio, harmonic
)
SELECT
    n.domain_id,
    n.follow_refdomains,
    n.follow_domains_to,
    n.authority,
    n.percentile,
    n.trust,
    n.pagerank_ratio,
    n.harmonic
FROM new_ranks AS n
WHERE NOT EXISTS (SELECT 1 FROM domain_ranks AS o WHERE o.domain_id = n.domain_id)
ORDER BY n.domain_id;

-- name: forget
-- The history of runs before the last so many.
DELETE FROM domain_rank_history
WHERE run_id < (SELECT id FROM ranking_runs ORDER BY id DESC LIMIT 1 OFFSET %(runs)s);

-- name: list_seeds
SELECT domain, note FROM trust_seeds ORDER BY domain;

-- name: add_seed
INSERT INTO trust_seeds (domain, note) VALUES (%(domain)s, %(note)s)
ON CONFLICT (domain) DO UPDATE SET note = coalesce(excluded.note, trust_seeds.note);

-- name: remove_seed
DELETE FROM trust_seeds WHERE domain = %(domain)s;
