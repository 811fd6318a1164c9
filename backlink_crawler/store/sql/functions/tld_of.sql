-- The top-level domain of a domain; address: of an IP address.
CREATE OR REPLACE FUNCTION tld_of(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN name ~ '[0-9\]]$' THEN 'address' ELSE substring(name FROM '[^.]+$') END
