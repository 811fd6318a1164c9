CREATE OR REPLACE VIEW anchors AS
SELECT
    domain_to,
    anchor,
    refdomains,
    refpages,
    links,
    dofollow_links,
    first_seen,
    last_seen,
    domain_to_id,
    anchor_key,
    links_percent,
    class
FROM kept_anchors
UNION ALL
SELECT
    domain_to,
    anchor,
    refdomains,
    refpages,
    links,
    dofollow_links,
    first_seen,
    last_seen,
    domain_to_id,
    anchor_key,
    links_percent,
    class
FROM counted_anchors
