-- How many domains link to this one, those counted too of which no link is live and one is missing. Edges without a
-- live link are few, and an index has the others, so that those are counted without looking at them.
CREATE OR REPLACE FUNCTION standing_refdomains(domain_id integer) RETURNS integer
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
RETURN (
    (
        SELECT count(*)
        FROM domain_edges AS e
        WHERE e.domain_to_id = standing_refdomains.domain_id AND e.links > 0
    )
    + (
        SELECT count(*)
        FROM domain_edges AS e
        WHERE e.domain_to_id = standing_refdomains.domain_id AND e.links = 0 AND e.status = 1
    )
)::integer
