-- The key of a normalised URL; NULL: not known.
CREATE OR REPLACE FUNCTION url_id(url text) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
RETURN (SELECT u.id FROM urls AS u WHERE u.hash = url_hash(url_id.url))
