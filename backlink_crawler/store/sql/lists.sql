-- What the index is made of, page by page, the newest first: seeds, targets, marks, runs, hosts. Each page is found by
-- an index, and whatever is counted beside a row is counted to a limit; more_…: there are more.

-- name: row_by_row
-- Else the planner, told of a LIMIT, takes reading a whole table for a quick way to its first rows.
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL max_parallel_workers_per_gather = 0;

-- name: all_seeds
SELECT s.id
FROM seeds AS s
WHERE s.queue_id = 1 AND s.root_id IS NULL AND s.target_id IS NULL AND s.id < %(after)s
ORDER BY s.id DESC
LIMIT %(limit)s;

-- name: seeds_of_domain
SELECT of_domain.id
FROM (
    SELECT s.id
    FROM seeds AS s
    WHERE
        s.domain_id = (SELECT d.id FROM domains AS d WHERE d.name = %(domain)s)
        AND s.queue_id = 1
        AND s.root_id IS NULL
        AND s.target_id IS NULL
        AND s.id < %(after)s
    OFFSET 0
) AS of_domain
ORDER BY of_domain.id DESC
LIMIT %(limit)s;

-- name: seeds
-- Those of `asked`. Of each, %(most)s pages are looked at, and as many seeds that its hops found. domain_visited: pages
-- of its whole domain, by the sum that is kept.
SELECT
    s.id AS seed_id,
    u.url,
    s.scope,
    s.max_depth,
    s.max_pages,
    s.hops,
    s.render,
    s.pages_known,
    v.pages AS pages_visited,
    v.more AS more_visited,
    f.seeds AS found_by_hops,
    f.more AS more_found,
    c.pages_visited AS domain_visited,
    s.added_at
FROM asked AS a
INNER JOIN seeds AS s ON a.id = s.id
INNER JOIN urls AS u ON s.url_id = u.id
LEFT JOIN domain_coverage AS c ON s.domain_id = c.domain_id
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE looked.visited) AS pages,
        count(*) >= %(most)s AS more
    FROM (
        SELECT (SELECT p.last_visited IS NOT NULL FROM pages AS p WHERE p.page_id = m.page_id) AS visited
        FROM seed_pages AS m
        WHERE m.seed_id = s.id
        LIMIT %(most)s
    ) AS looked
) AS v
CROSS JOIN LATERAL (
    SELECT
        count(*) AS seeds,
        count(*) >= %(most)s AS more
    FROM (SELECT 1 FROM seeds AS f WHERE f.root_id = s.id LIMIT %(most)s) AS looked
) AS f
ORDER BY s.id DESC;

-- name: watched_targets
SELECT
    t.id,
    t.domain_id,
    t.mode,
    t.values,
    t.added_at,
    t.brands,
    t.keywords
FROM targets AS t
WHERE t.id < %(after)s
ORDER BY t.id DESC
LIMIT %(limit)s;

-- name: some_links_to_targets
-- Of each of `asked` that is no whole domain, %(most)s links to its domain that are not lost.
SELECT
    t.id AS target_id,
    t.mode,
    t.values,
    l.page_id,
    l.url_to_id
FROM asked AS t
CROSS JOIN LATERAL (
    SELECT l.page_id, l.url_to_id
    FROM links AS l
    WHERE l.domain_to_id = t.domain_id AND l.status <> 2
    LIMIT %(most)s
) AS l
WHERE t.mode <> 'domain';

-- name: targets
-- Those of `asked`, with the links to them that are not lost: to a domain by the sum that is kept, else those among
-- `candidates` that are `meant`. checked_pages: of the target's own pages, those that crawls visit at most.
SELECT
    t.id AS target_id,
    CASE
        WHEN t.mode <> 'prefix' THEN t.values[1]
        WHEN cardinality(t.values) > 1 THEN regexp_replace(t.values[1], '^https://', '')
        ELSE t.values[1] || '*'
    END AS target,
    t.mode,
    t.added_at,
    coalesce(CASE WHEN t.mode = 'domain' THEN k.links ELSE w.links END, 0) AS links,
    coalesce(l.more, FALSE) AS more_links,
    t.brands,
    t.keywords,
    c.max_pages AS checked_pages
FROM asked AS t
LEFT JOIN LATERAL (
    SELECT d.backlinks + d.unverified_links + d.missing_links AS links
    FROM domain_totals AS d
    WHERE d.domain_id = t.domain_id
) AS k ON TRUE
LEFT JOIN (
    SELECT
        m.target_id,
        count(*) AS links
    FROM meant AS m
    GROUP BY m.target_id
) AS w ON t.id = w.target_id
LEFT JOIN (
    SELECT
        o.target_id,
        count(*) >= %(most)s AS more
    FROM candidates AS o
    GROUP BY o.target_id
) AS l ON t.id = l.target_id
LEFT JOIN LATERAL (
    SELECT s.max_pages
    FROM seeds AS s
    WHERE s.target_id = t.id
    LIMIT 1
) AS c ON TRUE
ORDER BY t.id DESC;

-- name: marks
-- In force.
SELECT
    m.id AS mark_id,
    m.domain,
    m.url,
    m.mark,
    m.note AS mark_note,
    m.marked_by,
    m.marked_at
FROM unnest(%(marks)s::smallint[]) AS w (mark)
CROSS JOIN LATERAL (
    SELECT e.*
    FROM mark_events AS e
    WHERE e.in_force AND e.mark = w.mark AND e.id < %(after)s
    ORDER BY e.id DESC
    LIMIT %(limit)s
) AS m
ORDER BY m.id DESC
LIMIT %(limit)s;

-- name: marks_of_view
-- As `marks`, to be read by people.
SELECT
    mark_id,
    domain,
    url,
    mark,
    mark_note,
    marked_by,
    marked_at
FROM mark_history
WHERE in_force AND (%(mark)s::text IS NULL OR mark = %(mark)s::text) AND mark_id < %(after)s
ORDER BY mark_id DESC
LIMIT %(limit)s;

-- name: mark_of
-- Of a domain or a page, the mark that is in force.
SELECT e.mark, e.note
FROM mark_events AS e
WHERE
    e.in_force
    AND CASE
        WHEN %(url_hash)s::uuid IS NULL THEN e.domain = %(domain)s AND e.url_hash IS NULL
        ELSE e.url_hash = %(url_hash)s::uuid
    END;

-- name: runs
-- Of crawls. One that has neither finished nor been seen for a minute was killed.
SELECT
    c.id AS crawl_id,
    c.name AS seeds,
    c.started_at,
    c.finished_at,
    c.seen_at,
    CASE
        WHEN c.finished_at IS NOT NULL THEN c.reason
        WHEN c.seen_at > now() - interval '60 seconds' THEN 'running'
        ELSE 'killed'
    END AS state,
    coalesce((c.stats ->> 'recorded/pages')::bigint, 0) AS pages,
    coalesce((c.stats ->> 'recorded/links')::bigint, 0) AS new_links,
    coalesce((c.stats ->> 'recorded/new_referring_domains')::bigint, 0) AS new_refdomains,
    round(
        coalesce((c.stats ->> 'recorded/pages')::numeric, 0)
        / greatest(extract(EPOCH FROM coalesce(c.finished_at, c.seen_at) - c.started_at), 1),
        2
    )::float8 AS pages_per_second
FROM sources AS c
WHERE c.kind = 0 AND c.id < %(after)s
ORDER BY c.id DESC
LIMIT %(limit)s;

-- name: statistics
-- Of one run, as it said last.
SELECT
    said.key AS name,
    said.value
FROM sources AS c
CROSS JOIN LATERAL jsonb_each_text(c.stats) AS said
WHERE c.id = %(crawl_id)s AND c.kind = 0
ORDER BY said.key COLLATE "C" ASC;

-- name: all_hosts
SELECT h.host_id
FROM crawled_hosts AS h
WHERE h.host_id < %(after)s
ORDER BY h.host_id DESC
LIMIT %(looked)s;

-- name: hosts_in_work
SELECT held.host_id
FROM (
    SELECT h.host_id
    FROM crawled_hosts AS h
    WHERE h.worker IS NOT NULL AND h.leased_until > now()
    ORDER BY h.leased_until DESC
    LIMIT %(in_work)s
) AS held
WHERE held.host_id < %(after)s
ORDER BY held.host_id DESC
LIMIT %(looked)s;

-- name: hosts_of_domain
SELECT of_domain.host_id
FROM (
    SELECT n.id AS host_id
    FROM hosts AS n
    WHERE n.domain_id = (SELECT d.id FROM domains AS d WHERE d.name = %(domain)s) AND n.id < %(after)s
    OFFSET 0
) AS of_domain
ORDER BY of_domain.host_id DESC
LIMIT %(looked)s;

-- name: named_host
SELECT n.id AS host_id FROM hosts AS n WHERE n.name = %(name)s;

-- name: hosts
-- Of those in `asked` the ones in a state, at most %(limit)s: what they do, until when and why, and how the last visit
-- to one of a few of their pages ended. looked, last_looked: how many were looked at, and the last of them. delay:
-- seconds between two requests, when the host asks for more than our settings do, as the worker that holds it says.
WITH alive AS MATERIALIZED (
    SELECT id, worker, stats -> 'delays' AS delays
    FROM (SELECT * FROM sources ORDER BY id DESC LIMIT 100) AS latest
    WHERE kind = 0 AND finished_at IS NULL AND seen_at > now() - interval '60 seconds'
),

told AS (
    SELECT
        h.*,
        q.due_at,
        CASE
            WHEN h.opted_out THEN 'opted_out'
            WHEN h.worker IS NOT NULL AND h.leased_until > now() THEN 'in_work'
            WHEN h.rests_until > now() THEN 'resting'
            WHEN h.held_until > now() THEN 'held_back'
            WHEN q.due_at <= now() THEN 'due'
            WHEN q.due_at IS NOT NULL THEN 'not_due'
            ELSE 'nothing_to_visit'
        END AS state
    FROM asked AS a
    INNER JOIN crawled_hosts AS h ON a.host_id = h.host_id
    CROSS JOIN LATERAL (
        SELECT min(r.claimable_at) AS due_at
        FROM (SELECT q.claimable_at FROM queue_hosts AS q WHERE q.host_id = h.host_id LIMIT 100) AS r
    ) AS q
),

shown AS MATERIALIZED (
    SELECT *
    FROM told
    WHERE %(state)s::text IS NULL OR state = %(state)s::text
    ORDER BY host_id DESC
    LIMIT %(limit)s
),

looked AS (
    SELECT
        count(*) AS hosts,
        min(host_id) AS last
    FROM asked
)

SELECT
    s.host_id,
    n.name AS host,
    s.state,
    CASE s.state
        WHEN 'in_work' THEN s.leased_until
        WHEN 'resting' THEN s.rests_until
        WHEN 'held_back' THEN s.held_until
        ELSE s.due_at
    END AS until,
    CASE
        WHEN s.state = 'held_back' THEN 'bound of the ' || s.line
        WHEN s.state = 'resting' AND s.back_offs > 0 THEN 'it asked for that'
        WHEN s.state = 'resting' THEN 'it could not be reached'
    END AS why,
    c.id AS crawl_id,
    (c.delays ->> n.name)::float8 AS delay,
    s.back_offs,
    CASE
        WHEN r.host_id IS NULL THEN NULL
        WHEN r.http_code >= 500 THEN 'unavailable'
        WHEN r.body IS NULL THEN 'none'
        ELSE 'rules'
    END AS robots,
    s.last_request,
    p.last_visited,
    (%(outcomes)s::text [])[p.outcome + 1] AS outcome,
    p.http_code,
    p.reason,
    looked.hosts AS looked,
    looked.last AS last_looked
FROM looked
LEFT JOIN shown AS s ON TRUE
LEFT JOIN hosts AS n ON s.host_id = n.id
LEFT JOIN alive AS c ON s.state = 'in_work' AND s.worker = c.worker
LEFT JOIN robots AS r ON s.host_id = r.host_id
LEFT JOIN LATERAL (
    SELECT k.last_visited, k.outcome, k.http_code, k.reason
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT p.last_visited, p.outcome, p.http_code, p.reason
        FROM pages AS p
        WHERE p.host_id = s.host_id AND p.priority = class.priority AND p.next_visit IS NOT NULL
        ORDER BY p.next_visit DESC
        LIMIT 2
    ) AS k
    WHERE k.last_visited IS NOT NULL
    ORDER BY k.last_visited DESC
    LIMIT 1
) AS p ON TRUE
ORDER BY s.host_id DESC;

-- name: robots
-- What a host's robots.txt said, its first %(most)s characters.
SELECT
    r.fetched_at,
    r.http_code,
    left(r.body, %(most)s) AS body,
    length(r.body) > %(most)s AS is_cut
FROM robots AS r
WHERE r.host_id = %(host_id)s;

-- name: queues_of_host
-- What of a host is due in which queue, by priority, and when.
SELECT
    q.queue,
    q.priority,
    min(q.claimable_at) AS due_at
FROM (
    SELECT
        CASE q.queue_id WHEN 1 THEN 'kept' WHEN 2 THEN 'verify' ELSE 'named' END AS queue,
        q.priority,
        q.claimable_at
    FROM queue_hosts AS q
    WHERE q.host_id = %(host_id)s
    LIMIT 1000
) AS q
WHERE q.claimable_at IS NOT NULL
GROUP BY q.queue, q.priority
ORDER BY due_at ASC, q.queue ASC, q.priority ASC;

-- name: visits_to_host
-- The last ones to those of its pages that are due last, in each priority: how it has answered lately.
SELECT
    v.observed_at,
    u.url,
    (%(outcomes)s::text [])[v.outcome + 1] AS outcome,
    v.reason,
    v.http_code,
    v.elapsed_ms
FROM (
    SELECT p.page_id, p.last_visited
    FROM generate_series(0, 4) AS class (priority)
    CROSS JOIN LATERAL (
        SELECT p.page_id, p.last_visited
        FROM pages AS p
        WHERE p.host_id = %(host_id)s AND p.priority = class.priority AND p.next_visit IS NOT NULL
        ORDER BY p.next_visit DESC
        LIMIT 20
    ) AS p
    WHERE p.last_visited IS NOT NULL
    ORDER BY p.last_visited DESC
    LIMIT 20
) AS p
CROSS JOIN LATERAL (
    SELECT v.observed_at, v.outcome, v.reason, v.http_code, v.elapsed_ms
    FROM visits AS v
    WHERE v.page_id = p.page_id AND v.observed_at = p.last_visited
    OFFSET 0
) AS v
INNER JOIN urls AS u ON p.page_id = u.id
ORDER BY v.observed_at DESC;
