CREATE OR REPLACE VIEW coverage AS
SELECT
    d.name AS domain,
    c.pages_known,
    c.pages_visited,
    c.oldest_visit,
    c.newest_visit,
    c.domain_id
FROM domain_coverage AS c
INNER JOIN domains AS d ON c.domain_id = d.id
