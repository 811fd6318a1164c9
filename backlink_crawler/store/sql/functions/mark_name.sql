-- What a mark is called; NULL: of none.
CREATE OR REPLACE FUNCTION mark_name(mark smallint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['contacted', 'won', 'declined', 'ignore', 'disavow'])[mark]
