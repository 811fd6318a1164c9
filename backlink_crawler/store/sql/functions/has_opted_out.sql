-- Is it a host whose owner, or that of a domain above it, does not want it crawled? Its port does not matter.
CREATE OR REPLACE FUNCTION has_opted_out(host text) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$
SELECT EXISTS (
    SELECT 1
    FROM string_to_array(regexp_replace(host, '\.?(:\d+)?$', ''), '.') AS labels
    CROSS JOIN generate_subscripts(labels, 1) AS n
    INNER JOIN optouts AS o ON o.domain = array_to_string(labels[n:], '.')
)
$$
