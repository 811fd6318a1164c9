-- name: sizes
-- Bytes of each table with all that belongs to it, partitions too; the largest first.
SELECT
    t.name,
    sum(pg_total_relation_size(p.relid))::bigint AS bytes
FROM unnest(%(tables)s::text[]) AS t (name)
CROSS JOIN LATERAL (
    SELECT relid FROM pg_partition_tree(t.name::regclass)
    UNION
    SELECT t.name::regclass
) AS p
GROUP BY t.name
ORDER BY bytes DESC, t.name ASC;
