-- What the authority of a domain counts in the order of prospects: its root ÷ 10, 0.1 at least. NULL: it is not known.
CREATE OR REPLACE FUNCTION authority_weight(authority real) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN authority IS NOT NULL THEN sqrt(greatest(authority, 1)::double precision) / 10 END
