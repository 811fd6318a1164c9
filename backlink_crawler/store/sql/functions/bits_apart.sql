-- In how many of 64 bits two simhashes differ.
CREATE OR REPLACE FUNCTION bits_apart(one bigint, other bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN bit_count(((one | other) & ~(one & other))::bit(64))
