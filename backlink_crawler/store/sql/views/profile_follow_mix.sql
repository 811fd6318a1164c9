CREATE OR REPLACE VIEW profile_follow_mix AS
SELECT
    d.name AS domain_to,
    e.refdomains,
    e.dofollow_refdomains,
    e.dofollow_refdomains::double precision / e.refdomains AS dofollow_share,
    t.backlinks,
    t.nofollow_links,
    t.nofollow_links::double precision / nullif(t.backlinks, 0) AS nofollow_share,
    t.sponsored_links,
    t.sponsored_links::double precision / nullif(t.backlinks, 0) AS sponsored_share,
    t.ugc_links,
    t.ugc_links::double precision / nullif(t.backlinks, 0) AS ugc_share,
    t.domain_id AS domain_to_id
FROM domain_totals AS t
INNER JOIN domains AS d ON t.domain_id = d.id
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0)::integer AS dofollow_refdomains
    FROM domain_edges AS e
    WHERE e.domain_to_id = t.domain_id AND e.links > 0
) AS e
WHERE e.refdomains > 0
