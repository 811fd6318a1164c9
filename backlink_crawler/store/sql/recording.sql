-- name: create_staging
-- Where a batch of visits arrives by COPY, per session; emptied at each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_urls (
    hash uuid NOT NULL, url text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_visits (
    page_id bigint, host_id bigint, seed_id bigint, next_visit interval, links_digest bigint, found_digest bigint,
    size int, elapsed_ms int, links_external int, links_internal int, compared real, changes real, compared_days real,
    failures smallint, outcome smallint, http_code smallint, settled smallint, priority smallint, kind smallint,
    confirmed boolean, unverified boolean, turned boolean, has_missing boolean, read boolean, nofollow boolean,
    noindex boolean, reason text, language text, title text, canonical text, etag text, last_modified text,
    rendered boolean, rendered_digest bigint, gained boolean, rendering smallint, rendered_ms int
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_links (
    page_id bigint, hash uuid, position int, link_type smallint, anchor_source smallint, is_dofollow boolean,
    rel text[], anchor text, snippet_left text, snippet_right text, origin smallint, rendered_rel text[]
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_changes (
    page_id bigint, link_id bigint, kind smallint, status smallint, lost_reason smallint, rel text[], anchor text,
    anchor_source smallint, is_dofollow boolean, origin smallint, rendered_rel text[], before text, after text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_pages (
    hash uuid, seed_id bigint, depth int, kind smallint, host text COLLATE "C", lastmod timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_hops (
    page_seed_id bigint, hash uuid, host text COLLATE "C", domain text COLLATE "C"
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS touched (
    domain_to_id bigint, domain_from_id bigint, url_to_id bigint, was_live boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS before (
    page_id bigint, domain_to_id bigint, domain_from_id bigint, links bigint, dofollow_links bigint,
    only_rendered boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS new_links (
    page_id bigint, url_to_id bigint, domain_from_id bigint, domain_to_id bigint, rel_id bigint, position int,
    link_type smallint, anchor_source smallint, is_dofollow boolean, anchor text, snippet_left text, snippet_right text,
    origin smallint, rendered_rel_id bigint
) ON COMMIT DELETE ROWS;

-- name: number_batch
-- A batch is written once, however often it is sent: no row when it stands already.
UPDATE crawls SET batch = %(batch)s WHERE id = %(crawl_id)s AND batch < %(batch)s;

-- name: fence
-- Of the claims under which pages are about to be written, those that this worker still holds. Locks their hosts.
SELECT h.id, h.claim
FROM hosts AS h
INNER JOIN unnest(%(hosts)s::bigint[], %(claims)s::bigint[]) AS held (id, claim)
    ON h.id = held.id AND h.claim = held.claim
ORDER BY h.id
FOR NO KEY UPDATE OF h;

-- name: page_states
-- What earlier visits have left of pages.
SELECT
    page_id,
    ARRAY[links_digest, found_digest, rendered_digest] AS digests,
    settled,
    ARRAY[has_missing, unverified_since IS NOT NULL, unrendered_since IS NOT NULL] AS flags,
    ARRAY[compared, changes, compared_days] AS history,
    failures,
    extract(EPOCH FROM now() - confirmed_at)::float8 / 86400 AS days_since_read
FROM pages
WHERE page_id = ANY(%(pages)s::bigint[]);

-- name: insert_domains
INSERT INTO domains (name)
SELECT DISTINCT s.domain
FROM staged_urls AS s
WHERE NOT EXISTS (SELECT 1 FROM domains AS d WHERE d.name = s.domain)
ORDER BY s.domain
ON CONFLICT DO NOTHING;

-- name: insert_urls
INSERT INTO urls (hash, domain_id, url)
SELECT s.hash, d.id, s.url
FROM staged_urls AS s
INNER JOIN domains AS d ON s.domain = d.name
WHERE NOT EXISTS (SELECT 1 FROM urls AS u WHERE u.hash = s.hash)
ORDER BY s.hash
ON CONFLICT DO NOTHING;

-- name: postpone_page
-- Nothing can be stored of it: whatever the reason, it is left alone for a while.
UPDATE pages SET next_visit = now() + interval '30 days' WHERE page_id = %(page_id)s;

-- name: update_pages
UPDATE pages AS p
SET
    next_visit = now() + v.next_visit,
    last_visited = now(),
    confirmed_at = CASE WHEN v.confirmed THEN now() ELSE p.confirmed_at END,
    unverified_since = CASE
        WHEN v.unverified AND p.confirmed_at IS NOT NULL THEN coalesce(p.unverified_since, now())
    END,
    links_digest = coalesce(v.links_digest, p.links_digest),
    found_digest = coalesce(v.found_digest, p.found_digest),
    visits = p.visits + 1,
    compared = v.compared,
    changes = v.changes,
    compared_days = v.compared_days,
    failures = v.failures,
    settled = coalesce(v.settled, p.settled),
    has_missing = coalesce(v.has_missing, p.has_missing),
    priority = v.priority,
    kind = v.kind,
    rendered_at = CASE WHEN v.rendered THEN now() ELSE p.rendered_at END,
    unrendered_since = CASE
        WHEN v.rendered THEN NULL
        WHEN v.confirmed THEN coalesce(p.unrendered_since, CASE WHEN p.rendered_at IS NOT NULL THEN now() END)
        ELSE p.unrendered_since
    END,
    rendered_digest = coalesce(v.rendered_digest, p.rendered_digest),
    gained = coalesce(v.gained, p.gained),
    rendering = CASE WHEN v.read THEN v.rendering ELSE p.rendering END,
    outcome = v.outcome,
    http_code = v.http_code,
    reason = v.reason
FROM staged_visits AS v
WHERE p.page_id = v.page_id;

-- name: is_any_watched
SELECT EXISTS (SELECT 1 FROM targets);

-- name: upsert_facts
INSERT INTO page_facts AS f (
    page_id, links_external, links_internal, nofollow, noindex, language, title, canonical, etag, last_modified
)
SELECT page_id, links_external, links_internal, nofollow, noindex, language, title, canonical, etag, last_modified
FROM staged_visits
WHERE read
ORDER BY page_id
ON CONFLICT (page_id) DO UPDATE
SET
    links_external = excluded.links_external,
    links_internal = excluded.links_internal,
    nofollow = excluded.nofollow,
    noindex = excluded.noindex,
    language = excluded.language,
    title = excluded.title,
    canonical = excluded.canonical,
    etag = excluded.etag,
    last_modified = excluded.last_modified
WHERE
    (
        f.links_external, f.links_internal, f.nofollow, f.noindex, f.language, f.title, f.canonical, f.etag,
        f.last_modified
    )
    IS DISTINCT FROM (
        excluded.links_external, excluded.links_internal, excluded.nofollow, excluded.noindex, excluded.language,
        excluded.title, excluded.canonical, excluded.etag, excluded.last_modified
    );

-- name: insert_visits
INSERT INTO visits (
    page_id, visited_at, crawl_id, size, elapsed_ms, links_found, links_gone, outcome, http_code, reason, rendering,
    rendered_ms
)
SELECT
    v.page_id,
    now(),
    %(crawl_id)s,
    v.size,
    v.elapsed_ms,
    coalesce(n.links, 0),
    coalesce(c.links, 0),
    v.outcome,
    v.http_code,
    v.reason,
    v.rendering,
    v.rendered_ms
FROM staged_visits AS v
LEFT JOIN (SELECT page_id, count(*) AS links FROM staged_links GROUP BY page_id) AS n ON v.page_id = n.page_id
LEFT JOIN (
    SELECT page_id, count(*) AS links FROM staged_changes WHERE kind = 0 GROUP BY page_id
) AS c ON v.page_id = c.page_id;

-- name: insert_hop_seeds
-- A domain that hops lead to and that nobody crawls yet becomes a seed of its own, with one hop less. It starts at the
-- shortest of the URLs that led there, the likeliest to lead on. Of two workers that find it at once, the second waits
-- for the first and then has nothing to add (seeds_hop_domain_id_key).
INSERT INTO seeds (url_id, domain_id, root_id, kept, scope, hops, max_pages, render)
SELECT DISTINCT ON (h.domain)
    u.id,
    u.domain_id,
    coalesce(parent.root_id, parent.id),
    FALSE,
    'domain',
    parent.hops - 1,
    coalesce(parent.max_pages, %(hop_pages)s),
    parent.render
FROM staged_hops AS h
INNER JOIN seeds AS parent ON h.page_seed_id = parent.id
INNER JOIN urls AS u ON h.hash = u.hash
WHERE
    parent.hops > 0
    AND NOT EXISTS (SELECT 1 FROM skipped_domains AS k WHERE k.domain = h.domain)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.domain_id = u.domain_id)
ORDER BY h.domain, length(u.url), h.hash
ON CONFLICT DO NOTHING;

-- name: stage_hop_pages
-- Links that lead into a seed which hops have found are its pages, at depth 0.
INSERT INTO staged_pages (hash, seed_id, depth, kind, host)
SELECT DISTINCT h.hash, s.id, 0, 0, h.host
FROM staged_hops AS h
INNER JOIN urls AS u ON h.hash = u.hash
INNER JOIN seeds AS s ON u.domain_id = s.domain_id
INNER JOIN seeds AS parent ON h.page_seed_id = parent.id
WHERE
    s.root_id = coalesce(parent.root_id, parent.id)
    AND parent.hops > 0
    AND NOT EXISTS (SELECT 1 FROM skipped_domains AS k WHERE k.domain = h.domain);

-- name: lock_seeds
-- Page budgets are counted under this lock.
SELECT 1
FROM seeds
WHERE id IN (SELECT seed_id FROM staged_pages)
ORDER BY id
FOR NO KEY UPDATE;

-- name: insert_hosts
INSERT INTO hosts (name)
SELECT DISTINCT s.host
FROM staged_pages AS s
WHERE NOT EXISTS (SELECT 1 FROM hosts AS h WHERE h.name = s.host)
ORDER BY s.host
ON CONFLICT DO NOTHING;

-- name: insert_pages
-- New pages within their seed's budget, nearest to its start first. Sitemaps have a budget of their own.
WITH
found AS (
    SELECT DISTINCT ON (u.id)
        u.id AS page_id,
        h.id AS host_id,
        s.seed_id,
        s.depth,
        s.kind
    FROM staged_pages AS s
    INNER JOIN urls AS u ON s.hash = u.hash
    INNER JOIN hosts AS h ON s.host = h.name
    WHERE NOT EXISTS (SELECT 1 FROM pages AS p WHERE p.page_id = u.id)
    ORDER BY u.id, s.depth
),

ranked AS (
    SELECT
        f.*,
        CASE WHEN f.kind = 1 THEN s.sitemaps_known ELSE s.pages_known END
        + row_number() OVER (PARTITION BY f.seed_id, f.kind ORDER BY f.depth, f.page_id) AS number,
        s.max_pages
    FROM found AS f
    INNER JOIN seeds AS s ON f.seed_id = s.id
),

inserted AS (
    INSERT INTO pages (page_id, host_id, seed_id, depth, kind, priority, next_visit)
    SELECT page_id, host_id, seed_id, depth, kind, CASE WHEN kind = 1 THEN 2 ELSE 3 END, now()
    FROM ranked
    WHERE CASE WHEN kind = 1 THEN number <= %(max_sitemaps)s ELSE max_pages IS NULL OR number <= max_pages END
    ORDER BY page_id
    ON CONFLICT DO NOTHING
    RETURNING page_id, host_id, seed_id, kind
),

counted AS (
    UPDATE seeds AS s
    SET pages_known = s.pages_known + i.pages, sitemaps_known = s.sitemaps_known + i.sitemaps
    FROM (
        SELECT seed_id, count(*) FILTER (WHERE kind = 0) AS pages, count(*) FILTER (WHERE kind = 1) AS sitemaps
        FROM inserted
        GROUP BY seed_id
    ) AS i
    WHERE s.id = i.seed_id
),

placed AS (
    INSERT INTO seed_hosts (seed_id, host_id)
    SELECT DISTINCT seed_id, host_id FROM inserted
    ON CONFLICT DO NOTHING
)

SELECT host_id, count(*) AS pages FROM inserted GROUP BY host_id;

-- name: adopt_pages
-- A page whose seed was named for one run only goes over to the seed that finds it now, else no later run visits it.
WITH adopted AS (
    UPDATE pages AS p
    SET seed_id = t.seed_id, depth = least(p.depth, t.depth), found_digest = NULL
    FROM (
        SELECT DISTINCT ON (p.page_id) p.page_id, t.seed_id, t.depth
        FROM staged_pages AS t
        INNER JOIN urls AS u ON t.hash = u.hash
        INNER JOIN pages AS p ON u.id = p.page_id
        INNER JOIN seeds AS finder ON t.seed_id = finder.id
        INNER JOIN seeds AS owner ON p.seed_id = owner.id
        LEFT JOIN seeds AS root ON owner.root_id = root.id
        WHERE
            NOT coalesce(root.kept, owner.kept)
            AND coalesce(owner.root_id, owner.id) <> coalesce(finder.root_id, finder.id)
        ORDER BY p.page_id, t.depth
    ) AS t
    WHERE p.page_id = t.page_id
    RETURNING p.seed_id, p.host_id
)

INSERT INTO seed_hosts (seed_id, host_id)
SELECT DISTINCT seed_id, host_id FROM adopted ORDER BY seed_id, host_id
ON CONFLICT DO NOTHING;

-- name: hasten_pages
-- A sitemap says that a page has changed since its last visit: a hint to come back now.
WITH hastened AS (
    SELECT p.page_id
    FROM staged_pages AS s
    INNER JOIN urls AS u ON s.hash = u.hash
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE s.lastmod > p.last_visited AND p.next_visit > now()
    ORDER BY p.page_id
    FOR NO KEY UPDATE OF p SKIP LOCKED
)

UPDATE pages AS p
SET next_visit = now()
FROM hastened AS h
WHERE p.page_id = h.page_id
RETURNING p.host_id;

-- name: wake_hosts
-- Hosts with new pages that nobody holds are claimable now, or when they have rested. One that is being written by
-- another worker is passed over: whoever ends a run looks for what was missed (wake_missed).
WITH asleep AS (
    SELECT id
    FROM hosts
    WHERE id = ANY(%(hosts)s::bigint[]) AND worker IS NULL AND (claimable_at IS NULL OR claimable_at > now())
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)

UPDATE hosts AS h
SET claimable_at = greatest(now(), h.rests_until), priority = least(h.priority, 2)
FROM asleep AS a
WHERE h.id = a.id;
