-- What a class of anchors is called, as ranking numbers them; NULL: of none.
CREATE OR REPLACE FUNCTION anchor_class_name(class integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['image', 'naked', 'branded', 'compound', 'exact', 'partial', 'generic', 'other'])[class]
