CREATE OR REPLACE VIEW new_lost_daily AS
SELECT
    d.name AS domain_to,
    c.day,
    c.new_links,
    c.lost_links,
    c.new_refdomains,
    c.lost_refdomains,
    c.restored_links,
    c.restored_refdomains,
    c.domain_to_id
FROM daily_changes AS c
INNER JOIN domains AS d ON c.domain_to_id = d.id
