-- name: is_link
SELECT 1 FROM links AS l WHERE l.id = %(link)s;

-- name: events
-- What happened to a link, what was learnt last first.
SELECT
    learnt_at,
    happened_at,
    event,
    before,
    after,
    outcome,
    http_code
FROM link_history
WHERE link_id = %(link)s
ORDER BY batch_id DESC, step DESC
LIMIT %(most)s;

-- name: visits
-- The last visits to the page of a link, and which run or archive they come from.
SELECT
    v.observed_at,
    (%(outcomes)s::text [])[v.outcome + 1] AS outcome,
    v.reason,
    v.http_code,
    v.links_found,
    v.links_gone,
    v.size,
    v.elapsed_ms,
    CASE WHEN s.kind = 0 THEN 'run ' || s.id ELSE 'archive ' || s.name END AS source
FROM visits AS v
INNER JOIN batches AS b ON v.batch_id = b.id
INNER JOIN sources AS s ON b.source_id = s.id
WHERE v.page_id = (SELECT l.page_id FROM links AS l WHERE l.id = %(link)s)
ORDER BY v.observed_at DESC
LIMIT 50;
