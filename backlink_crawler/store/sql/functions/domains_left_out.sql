-- The keys of the domains that prospects leave out, since somebody marked them as won, declined, ignore or disavow.
CREATE OR REPLACE FUNCTION domains_left_out() RETURNS integer []
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
RETURN ARRAY(
    SELECT d.id
    FROM mark_events AS m
    INNER JOIN domains AS d ON m.domain = d.name
    WHERE m.in_force AND m.url_hash IS NULL AND m.mark IN (2, 3, 4, 5)
)
