-- name: create_staging
-- Where a batch of visits arrives by COPY, per session; emptied at each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_urls (
    hash uuid NOT NULL, url text COLLATE "C" NOT NULL, host text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_visits (
    page_id bigint, host_id bigint, observed_at timestamptz, next_visit timestamptz, settled_at timestamptz,
    confirmed_at timestamptz, unverified_since timestamptz, rendered_at timestamptz, unrendered_since timestamptz,
    links_digest bigint, found_digest bigint, rendered_digest bigint, size int, elapsed_ms int, rendered_ms int,
    links_found int, links_gone int, links_external int, links_internal int, compared real, changes real,
    compared_days real, failures smallint, outcome smallint, http_code smallint, visit_settled smallint,
    settled smallint, priority smallint, kind smallint, rendering smallint, counts boolean, is_latest boolean,
    is_first boolean, becomes_page boolean, by_crawl boolean, turned boolean, has_missing boolean, read boolean,
    partial boolean, rendered boolean, gained boolean, nofollow boolean, noindex boolean, moved_to uuid,
    reason text, language text, title text, headings text, canonical text, etag text, last_modified text,
    ending smallint, doubted_since timestamptz, doubts smallint, doubted_for text, redirects_to bigint,
    text_simhash bigint
) ON COMMIT DELETE ROWS;
CREATE INDEX IF NOT EXISTS staged_visits_idx ON staged_visits (page_id);

-- name: start_batch
-- A batch is written once, however often it is sent: no row when it stands already.
INSERT INTO batches (source_id, number) VALUES (%(source_id)s, %(number)s)
ON CONFLICT DO NOTHING
RETURNING id, clock_timestamp();

-- name: fence
-- Of the claims under which pages are about to be written, those that this worker still holds. Locks their hosts.
SELECT h.host_id, h.claim
FROM crawled_hosts AS h
INNER JOIN unnest(%(hosts)s::bigint[], %(claims)s::bigint[]) AS held (host_id, claim)
    ON h.host_id = held.host_id AND h.claim = held.claim
ORDER BY h.host_id
FOR NO KEY UPDATE OF h;

-- name: lock_pages
-- A crawl's claim keeps other workers from writing its pages, but not an archive; and the other way round.
SELECT 1 FROM pages WHERE page_id = ANY(%(pages)s::bigint[]) ORDER BY page_id FOR NO KEY UPDATE;

-- name: page_states
-- What earlier observations have left of pages.
SELECT
    page_id,
    links_digest,
    found_digest,
    rendered_digest,
    settled,
    has_missing,
    by_crawl,
    kind,
    ARRAY[compared, changes, compared_days, failures] AS history,
    last_visited,
    settled_at,
    confirmed_at,
    rendered_at,
    unrendered_since,
    unverified_since,
    ending,
    doubted_since,
    doubts,
    doubted_for
FROM pages
WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: pages_before
-- Of pages whose links would go: what they were when they were last read, which other pages of their hosts redirect to
-- where they do, and which were read (as many as matter), and whether where they redirect to redirects back.
SELECT
    p.page_id,
    coalesce(f.title, '') AS title,
    f.links_external + f.links_internal AS links,
    coalesce(f.size, 0) AS size,
    ARRAY(
        SELECT o.page_id
        FROM pages AS o
        WHERE o.host_id = p.host_id AND o.redirects_to = d.redirects_to AND o.page_id <> p.page_id
        LIMIT 10
    ) AS alike,
    ARRAY(
        SELECT o.page_id
        FROM pages AS o
        WHERE o.host_id = p.host_id AND o.settled = 0 AND o.page_id <> p.page_id AND d.redirects_to IS NOT NULL
        LIMIT 10
    ) AS others_read,
    EXISTS (
        SELECT 1
        FROM urls AS u
        INNER JOIN pages AS t ON u.id = t.page_id
        WHERE u.hash = d.target::uuid AND t.redirects_to = d.own
    ) AS returns
FROM unnest(
    %(pages)s::bigint[], %(redirects_to)s::bigint[], %(targets)s::text[], %(own)s::bigint[]
) AS d (page_id, redirects_to, target, own)
INNER JOIN pages AS p ON d.page_id = p.page_id
LEFT JOIN page_facts AS f ON d.page_id = f.page_id;

-- name: visits_of_pages
-- For observations that may be late: all that is known of when their pages were visited.
SELECT page_id, observed_at, settled
FROM visits
WHERE page_id = ANY(%(pages)s::bigint[])
ORDER BY page_id, observed_at;

-- name: insert_domains
INSERT INTO domains (name)
SELECT DISTINCT s.domain
FROM staged_urls AS s
WHERE NOT EXISTS (SELECT 1 FROM domains AS d WHERE d.name = s.domain)
ORDER BY s.domain
ON CONFLICT DO NOTHING;

-- name: insert_hosts
INSERT INTO hosts (name, domain_id)
SELECT DISTINCT s.host, d.id
FROM staged_urls AS s
INNER JOIN domains AS d ON s.domain = d.name
WHERE NOT EXISTS (SELECT 1 FROM hosts AS h WHERE h.name = s.host)
ORDER BY s.host
ON CONFLICT DO NOTHING;

-- name: insert_urls
INSERT INTO urls (hash, host_id, url)
SELECT s.hash, h.id, s.url
FROM staged_urls AS s
INNER JOIN hosts AS h ON s.host = h.name
WHERE NOT EXISTS (SELECT 1 FROM urls AS u WHERE u.hash = s.hash)
ORDER BY s.hash
ON CONFLICT DO NOTHING;

-- name: postpone_page
-- Nothing can be stored of it: whatever the reason, it is left alone for a while.
UPDATE pages SET next_visit = now() + interval '30 days' WHERE page_id = %(page_id)s;

-- name: update_pages
UPDATE pages AS p
SET
    next_visit = CASE WHEN v.is_latest THEN coalesce(v.next_visit, p.next_visit) ELSE p.next_visit END,
    last_visited = greatest(p.last_visited, v.observed_at),
    settled_at = coalesce(v.settled_at, p.settled_at),
    confirmed_at = v.confirmed_at,
    unverified_since = v.unverified_since,
    links_digest = coalesce(v.links_digest, p.links_digest),
    found_digest = coalesce(v.found_digest, p.found_digest),
    visits = p.visits + 1,
    compared = v.compared,
    changes = v.changes,
    compared_days = v.compared_days,
    failures = v.failures,
    settled = coalesce(v.settled, p.settled),
    has_missing = coalesce(v.has_missing, p.has_missing),
    by_crawl = v.by_crawl,
    priority = CASE WHEN v.is_latest AND v.next_visit IS NOT NULL THEN v.priority ELSE p.priority END,
    kind = CASE WHEN v.is_latest THEN v.kind ELSE p.kind END,
    moved_to_id = CASE WHEN v.counts THEN (SELECT u.id FROM urls AS u WHERE u.hash = v.moved_to) ELSE p.moved_to_id END,
    rendered_at = v.rendered_at,
    unrendered_since = v.unrendered_since,
    rendered_digest = coalesce(v.rendered_digest, p.rendered_digest),
    gained = coalesce(v.gained, p.gained),
    rendering = CASE WHEN v.read THEN v.rendering ELSE p.rendering END,
    outcome = CASE WHEN v.is_latest THEN v.outcome ELSE p.outcome END,
    http_code = CASE WHEN v.is_latest THEN v.http_code ELSE p.http_code END,
    reason = CASE WHEN v.is_latest THEN v.reason ELSE p.reason END,
    ending = coalesce(v.ending, p.ending),
    doubted_since = v.doubted_since,
    doubts = v.doubts,
    doubted_for = v.doubted_for,
    redirects_to = CASE
        WHEN v.counts OR (v.is_latest AND v.redirects_to IS NOT NULL) THEN v.redirects_to
        ELSE p.redirects_to
    END,
    begun = CASE WHEN v.outcome = 17 AND v.reason = 'worker_died' THEN p.begun ELSE 0 END  -- nobody has asked for it
FROM staged_visits AS v
WHERE p.page_id = v.page_id;

-- name: upsert_facts
-- What only a rendering shows of a page is as it was shown last.
INSERT INTO page_facts AS f (
    page_id, links_external, links_internal, nofollow, noindex, language, title, headings, canonical, etag,
    last_modified, size, text_simhash
)
SELECT
    v.page_id,
    coalesce(k.links_external, v.links_external),
    coalesce(k.links_internal, v.links_internal),
    v.nofollow,
    v.noindex,
    coalesce(k.language, v.language),
    coalesce(k.title, v.title),
    coalesce(k.headings, v.headings),
    v.canonical,
    v.etag,
    v.last_modified,
    v.size,
    CASE WHEN k.page_id IS NULL THEN v.text_simhash ELSE k.text_simhash END
FROM staged_visits AS v
LEFT JOIN page_facts AS k ON v.page_id = k.page_id AND v.partial
WHERE v.read
ORDER BY v.page_id
ON CONFLICT (page_id) DO UPDATE
SET
    links_external = excluded.links_external,
    links_internal = excluded.links_internal,
    nofollow = excluded.nofollow,
    noindex = excluded.noindex,
    language = excluded.language,
    language_detected = CASE
        WHEN
            (f.language, f.title, f.headings)
            IS NOT DISTINCT FROM (excluded.language, excluded.title, excluded.headings)
            THEN f.language_detected
    END,
    title = excluded.title,
    headings = excluded.headings,
    canonical = excluded.canonical,
    etag = excluded.etag,
    last_modified = excluded.last_modified,
    size = excluded.size,
    text_simhash = excluded.text_simhash
WHERE
    excluded.size NOT BETWEEN f.size / 2 AND f.size * 2
    -- a date on it turns a bit: that alone is no reason to write
    OR bits_apart(coalesce(f.text_simhash, 0), coalesce(excluded.text_simhash, 0)) > 1
    OR
    (
        f.links_external, f.links_internal, f.nofollow, f.noindex, f.language, f.title, f.headings, f.canonical,
        f.etag, f.last_modified
    )
    IS DISTINCT FROM (
        excluded.links_external, excluded.links_internal, excluded.nofollow, excluded.noindex, excluded.language,
        excluded.title, excluded.headings, excluded.canonical, excluded.etag, excluded.last_modified
    );

-- name: insert_visits
INSERT INTO visits (
    page_id, observed_at, batch_id, size, elapsed_ms, links_found, links_gone, outcome, http_code, settled, rendering,
    rendered_ms, reason
)
SELECT
    page_id,
    observed_at,
    %(batch_id)s,
    size,
    elapsed_ms,
    links_found,
    links_gone,
    outcome,
    http_code,
    visit_settled,
    rendering,
    rendered_ms,
    reason
FROM staged_visits;

-- name: update_coverage
-- How well the domains of the visited and the new pages are covered; the last to be locked.
WITH differences AS (
    SELECT
        h.domain_id,
        count(*) FILTER (WHERE v.becomes_page) AS pages_known,
        count(*) FILTER (WHERE v.is_first OR v.becomes_page) AS pages_visited,
        max(v.observed_at) AS newest_visit
    FROM staged_visits AS v
    INNER JOIN hosts AS h ON v.host_id = h.id
    WHERE v.kind = 0
    GROUP BY h.domain_id
    UNION ALL
    SELECT
        h.domain_id,
        count(*) AS pages_known,
        0 AS pages_visited,
        NULL AS newest_visit
    FROM new_pages AS n
    INNER JOIN hosts AS h ON n.host_id = h.id
    GROUP BY h.domain_id
)

INSERT INTO domain_coverage AS c (domain_id, pages_known, pages_visited, newest_visit)
SELECT
    domain_id,
    sum(pages_known),
    sum(pages_visited),
    max(newest_visit)
FROM differences
GROUP BY domain_id
ORDER BY domain_id
ON CONFLICT (domain_id) DO UPDATE
SET
    pages_known = c.pages_known + excluded.pages_known,
    pages_visited = c.pages_visited + excluded.pages_visited,
    newest_visit = greatest(c.newest_visit, excluded.newest_visit);
