-- What the questions about competitors and prospects would read too long for, kept by each ranking.

-- name: forget_competitors
DELETE FROM domain_competitors;

-- name: keep_competitors
INSERT INTO domain_competitors (
    domain_id, place, competitor_id, shared_refdomains, refdomains, weight_share, refdomain_share
)
SELECT
    t.domain_id,
    row_number() OVER (
        PARTITION BY t.domain_id ORDER BY c.similarity DESC, c.domain_to_id DESC
    ),
    c.domain_to_id,
    c.shared_refdomains,
    c.refdomains,
    c.weight_share,
    c.refdomain_share
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL competitors(d.name, NULL) AS c
WHERE t.dofollow_refdomains > %(many_refdomains)s;

-- name: forget_strong
DELETE FROM strong_refdomains;

-- name: keep_strong
INSERT INTO strong_refdomains (domain_to_id, place, domain_from_id, links, dofollow_links, weight, relevance)
SELECT
    e.domain_to_id,
    e.place,
    e.domain_from_id,
    e.links,
    e.dofollow_links,
    e.weight,
    v.relevance
FROM (
    SELECT
        k.*,
        w.weight,
        row_number() OVER (PARTITION BY k.domain_to_id ORDER BY w.weight DESC, k.domain_from_id ASC) AS place
    FROM domain_totals AS t
    INNER JOIN domain_edges AS k ON t.domain_id = k.domain_to_id
    INNER JOIN weights AS w ON k.domain_from_id = w.domain_id
    WHERE t.dofollow_refdomains > %(some_refdomains)s AND k.dofollow_links > 0
) AS e
CROSS JOIN LATERAL refdomain_relevance(e.domain_to_id, e.domain_from_id, e.links) AS v
WHERE e.place <= %(strongest)s
ORDER BY e.domain_to_id, e.place;

-- name: weights
CREATE TEMPORARY TABLE weights ON COMMIT DROP AS
SELECT
    r.domain_id,
    (w.link_weight * w.by_authority * (1 - coalesce(w.risk, 0)))::real AS weight
FROM domain_ranks AS r
CROSS JOIN LATERAL prospect_weight(r.domain_id) AS w;

-- name: figures
SELECT
    (SELECT count(DISTINCT k.domain_id) FROM domain_competitors AS k),
    (SELECT count(DISTINCT s.domain_to_id) FROM strong_refdomains AS s);
