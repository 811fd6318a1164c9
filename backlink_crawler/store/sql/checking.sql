-- name: names_of_domain_edges
SELECT
    k.domain_to_id,
    k.domain_from_id,
    coalesce(df.name, 'domain ' || k.domain_from_id) || ' → ' || coalesce(dt.name, 'domain ' || k.domain_to_id)
FROM unnest(%(domain_to_id)s::bigint[], %(domain_from_id)s::bigint[]) AS k (domain_to_id, domain_from_id)
LEFT JOIN domains AS dt ON k.domain_to_id = dt.id
LEFT JOIN domains AS df ON k.domain_from_id = df.id;

-- name: names_of_domains
SELECT
    k.domain_id,
    coalesce(d.name, 'domain ' || k.domain_id)
FROM unnest(%(domain_id)s::bigint[]) AS k (domain_id)
LEFT JOIN domains AS d ON k.domain_id = d.id;

-- name: names_of_link_groups
SELECT
    k.domain_id,
    k.kind,
    k.key,
    k.anchor,
    coalesce(d.name, 'domain ' || k.domain_id)
    || CASE
        WHEN k.kind = 1 THEN ', links that say "' || k.anchor || '"'
        ELSE ', links to ' || coalesce(u.url, 'URL ' || k.key)
    END
FROM
    unnest(%(domain_id)s::bigint[], %(kind)s::smallint[], %(key)s::bigint[], %(anchor)s::text[])
    AS k (domain_id, kind, key, anchor)
LEFT JOIN domains AS d ON k.domain_id = d.id
LEFT JOIN urls AS u ON k.kind = 0 AND k.key = u.id;

-- name: names_of_seeds
SELECT
    s.id,
    u.url || ' (seed ' || s.id || ')'
FROM seeds AS s
INNER JOIN urls AS u ON s.url_id = u.id
WHERE s.id = ANY(%(id)s::bigint[]);
