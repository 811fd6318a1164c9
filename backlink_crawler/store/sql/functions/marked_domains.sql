-- The keys of the domains with this mark; any: with whichever.
CREATE OR REPLACE FUNCTION marked_domains(mark text) RETURNS integer []
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
RETURN ARRAY(
    SELECT d.id
    FROM mark_events AS m
    INNER JOIN domains AS d ON m.domain = d.name
    WHERE
        m.in_force
        AND m.url_hash IS NULL
        AND marked_domains.mark IN ('any', mark_name(m.mark))
)
