CREATE OR REPLACE VIEW mark_history AS
SELECT
    m.domain,
    m.url,
    coalesce(mark_name(m.mark), 'none') AS mark,
    m.note AS mark_note,
    m.marked_by,
    m.marked_at,
    m.in_force,
    m.id AS mark_id
FROM mark_events AS m
