-- The batch that found the link which stands so many further on among all links to a domain, those found last first; of
-- lost links, the batch that proved it lost. first: the batch to begin with; NULL: there are fewer.
CREATE OR REPLACE FUNCTION batch_beyond(domain_to integer, first bigint, number integer, of_lost boolean)
RETURNS integer
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
RETURN CASE
    WHEN batch_beyond.of_lost
        THEN (
            SELECT l.lost_batch_id
            FROM links AS l
            WHERE
                l.domain_to_id = batch_beyond.domain_to
                AND l.lost_batch_id IS NOT NULL
                AND l.lost_batch_id <= batch_beyond.first
            ORDER BY l.lost_batch_id DESC
            LIMIT 1 OFFSET batch_beyond.number
        )
    ELSE (
        SELECT l.batch_id
        FROM links AS l
        WHERE l.domain_to_id = batch_beyond.domain_to AND l.batch_id <= batch_beyond.first
        ORDER BY l.batch_id DESC
        LIMIT 1 OFFSET batch_beyond.number
    )
END
