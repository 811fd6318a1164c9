CREATE OR REPLACE VIEW linked_domains AS
SELECT
    domain_from,
    domain_to,
    links,
    dofollow_links,
    refpages,
    pages_to,
    first_seen,
    last_seen,
    lost_at,
    status,
    domain_to_id,
    domain_from_id
FROM referring_domains
