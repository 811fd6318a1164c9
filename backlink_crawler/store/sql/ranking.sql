-- Runs of `backlinks rank`.

-- name: take_turn
SELECT pg_try_advisory_lock(%(lock)s);

-- name: give_turn
SELECT pg_advisory_unlock(%(lock)s);

-- name: running
-- The run that is under way, most likely.
SELECT started_at
FROM ranking_runs
WHERE finished_at IS NULL
ORDER BY id DESC
LIMIT 1;

-- name: begin_run
INSERT INTO ranking_runs (version) VALUES (%(version)s)
RETURNING id;

-- name: tell_of_step
UPDATE ranking_runs
SET
    parameters = parameters || jsonb_build_object(%(step)s::text, %(parameters)s::jsonb),
    figures = figures || jsonb_build_object(%(step)s::text, %(figures)s::jsonb)
WHERE id = %(run_id)s;

-- name: finish_run
UPDATE ranking_runs SET finished_at = now() WHERE id = %(run_id)s;
