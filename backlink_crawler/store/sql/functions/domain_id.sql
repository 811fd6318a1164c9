-- A domain's key; NULL: not known. The planner asks it too, and so knows how many links to expect.
CREATE OR REPLACE FUNCTION domain_id(domain text) RETURNS integer
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
RETURN (SELECT d.id FROM domains AS d WHERE d.name = domain_id.domain)
