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

-- name: old_partitions
-- Months of visits that ended before then, by the name that crawls give them.
SELECT
    c.relname AS name,
    pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON i.inhrelid = c.oid
WHERE
    i.inhparent = 'visits'::regclass
    AND c.relname ~ '^visits_\d{4}_\d{2}$'
    AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= (now() - %(age)s::interval) AT TIME ZONE 'UTC'
ORDER BY c.relname;

-- name: prune_default
DELETE FROM visits_default WHERE visited_at < now() - %(age)s::interval;

-- name: is_too_young
SELECT now() - %(age)s::interval > now() - interval '1 day';
