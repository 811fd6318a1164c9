CREATE OR REPLACE VIEW kept_profiles AS
SELECT
    d.name AS domain_to,
    p.as_of,
    p.figures,
    p.mixes,
    p.top_anchors,
    p.top_pages,
    p.top_refdomains,
    p.domain_id AS domain_to_id
FROM domain_profiles AS p
INNER JOIN domains AS d ON p.domain_id = d.id
-- what has no link any more has no profile
INNER JOIN domain_totals AS t ON p.domain_id = t.domain_id AND t.backlinks + t.unverified_links > 0
