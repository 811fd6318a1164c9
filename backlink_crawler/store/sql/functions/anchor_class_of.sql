-- The class of a link's anchor, 2 to 8 as ranking numbers them, by its byte among those of link_anchor_classes. It has
-- five bits of the words' hash, so that words that have changed since have no class. NULL: none is known.
CREATE OR REPLACE FUNCTION anchor_class_of(classes bytea, link_id bigint, anchor text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN get_byte(classes, (link_id & 63)::integer) >> 3 = (hashtextextended(anchor, 0) & 31)
        THEN nullif(get_byte(classes, (link_id & 63)::integer) & 7, 0) + 1
END
