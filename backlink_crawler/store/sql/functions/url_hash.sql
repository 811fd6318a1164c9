-- A URL's identity: the first 128 bits of its SHA-256.
CREATE OR REPLACE FUNCTION url_hash(url text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(substring(sha256(convert_to(url, 'UTF8')) FOR 16), 'hex')::uuid
