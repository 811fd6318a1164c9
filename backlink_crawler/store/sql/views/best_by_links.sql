CREATE OR REPLACE VIEW best_by_links AS
SELECT
    domain_to,
    url_to,
    refdomains,
    refpages,
    links,
    dofollow_links,
    first_seen,
    last_seen,
    domain_to_id,
    url_to_id
FROM kept_best_by_links
UNION ALL
SELECT
    domain_to,
    url_to,
    refdomains,
    refpages,
    links,
    dofollow_links,
    first_seen,
    last_seen,
    domain_to_id,
    url_to_id
FROM counted_best_by_links
