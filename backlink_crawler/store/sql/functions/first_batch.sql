-- The first batch that was recorded since then: what was learnt since then has its key or a higher one; NULL: none.
CREATE OR REPLACE FUNCTION first_batch(since timestamptz) RETURNS integer
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
RETURN (SELECT b.id FROM batches AS b WHERE b.recorded_at >= first_batch.since ORDER BY b.recorded_at, b.id LIMIT 1)
