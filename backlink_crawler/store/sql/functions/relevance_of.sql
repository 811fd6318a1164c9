-- The relevance of a link, 0 to 100, by its byte among those of link_relevance. NULL: it is not known.
CREATE OR REPLACE FUNCTION relevance_of(relevances bytea, link_id bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(get_byte(relevances, (link_id & 63)::integer), 255)
