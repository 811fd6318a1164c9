-- The first day, in UTC, of which the index knows what was learnt; NULL: nothing has been recorded.
CREATE OR REPLACE FUNCTION first_day() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
RETURN (SELECT (min(b.recorded_at) AT TIME ZONE 'UTC')::date FROM batches AS b)
