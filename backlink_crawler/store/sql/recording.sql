-- name: create_staging
-- Where a batch of visits arrives by COPY, per session; emptied at each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS staged_urls (
    hash uuid NOT NULL, url text COLLATE "C" NOT NULL, domain text COLLATE "C" NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_visits (
    page_id bigint, host_id bigint, seed_id bigint, next_visit interval, links_digest bigint, found_digest bigint,
    size int, elapsed_ms int, links_external int, links_internal int, compared real, changes real, compared_days real,
    failures smallint, outcome smallint, http_code smallint, settled smallint, priority smallint, confirmed boolean,
    unverified boolean, turned boolean, has_missing boolean, read boolean, nofollow boolean, noindex boolean,
    reason text, language text, title text, canonical text, etag text, last_modified text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_links (
    page_id bigint, hash uuid, position int, link_type smallint, anchor_source smallint, is_dofollow boolean,
    rel text[], anchor text, snippet_left text, snippet_right text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_changes (
    page_id bigint, link_id bigint, kind smallint, status smallint, lost_reason smallint, rel text[], anchor text,
    anchor_source smallint, is_dofollow boolean, before text, after text
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
    page_id bigint, domain_to_id bigint, domain_from_id bigint, links bigint, dofollow_links bigint
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS new_links (
    page_id bigint, url_to_id bigint, domain_from_id bigint, domain_to_id bigint, rel_id bigint, position int,
    link_type smallint, anchor_source smallint, is_dofollow boolean, anchor text, snippet_left text, snippet_right text
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

-- name: known_links
-- What is stored of the links of pages that may have changed.
SELECT
    l.page_id,
    l.id,
    l.link_type,
    u.url AS url_to,
    l.anchor,
    coalesce(r.tokens, '{}') AS rel,
    l.status,
    l.is_dofollow,
    l.anchor_source
FROM links AS l
INNER JOIN urls AS u ON l.url_to_id = u.id
LEFT JOIN rels AS r ON l.rel_id = r.id
WHERE l.page_id = ANY(%(pages)s::bigint[])
ORDER BY l.page_id, l.position, l.id;

-- name: page_states
-- What earlier visits have left of pages.
SELECT
    page_id,
    links_digest,
    found_digest,
    settled,
    has_missing,
    unverified_since IS NOT NULL AS unverified,
    compared,
    changes,
    compared_days,
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

-- name: insert_rels
INSERT INTO rels (tokens, is_nofollow, is_sponsored, is_ugc)
SELECT
    s.rel,
    'nofollow' = ANY(s.rel),
    'sponsored' = ANY(s.rel),
    'ugc' = ANY(s.rel)
FROM (
    SELECT rel FROM staged_links WHERE rel <> '{}'
    UNION
    SELECT rel FROM staged_changes WHERE rel <> '{}'
) AS s
WHERE NOT EXISTS (SELECT 1 FROM rels AS r WHERE r.tokens = s.rel)
ORDER BY s.rel
ON CONFLICT DO NOTHING;

-- name: resolve_links
-- Staged links with the keys of all that they refer to.
INSERT INTO new_links
SELECT
    s.page_id,
    ut.id,
    uf.domain_id,
    ut.domain_id,
    r.id,
    s.position,
    s.link_type,
    s.anchor_source,
    s.is_dofollow,
    s.anchor,
    s.snippet_left,
    s.snippet_right
FROM staged_links AS s
INNER JOIN urls AS ut ON s.hash = ut.hash
INNER JOIN urls AS uf ON s.page_id = uf.id
LEFT JOIN rels AS r ON s.rel = r.tokens;

-- name: insert_edges
-- The edges that this batch touches, made where missing.
INSERT INTO domain_edges (domain_to_id, domain_from_id, first_seen, last_seen)
SELECT DISTINCT n.domain_to_id, n.domain_from_id, now(), now()
FROM new_links AS n
WHERE NOT EXISTS (
    SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = n.domain_to_id AND e.domain_from_id = n.domain_from_id
)
ORDER BY n.domain_to_id, n.domain_from_id
ON CONFLICT DO NOTHING;

-- name: lock_edges
-- In the order of their keys. Whoever comes next sees all that is written under the lock.
SELECT 1
FROM domain_edges AS e
WHERE
    (e.domain_to_id, e.domain_from_id) IN (
        SELECT n.domain_to_id, n.domain_from_id FROM new_links AS n
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_changes AS c
        CROSS JOIN LATERAL (SELECT * FROM links WHERE id = c.link_id OFFSET 0) AS l
        UNION
        SELECT l.domain_to_id, l.domain_from_id
        FROM staged_visits AS v
        CROSS JOIN LATERAL (SELECT * FROM links WHERE page_id = v.page_id AND status = 0 OFFSET 0) AS l
        WHERE v.turned
    )
ORDER BY e.domain_to_id, e.domain_from_id
FOR NO KEY UPDATE;

-- name: remember_before
-- What the touched pages count for before the change. OFFSET 0: page by page, however small the planner takes links to be.
INSERT INTO before
SELECT
    l.page_id,
    l.domain_to_id,
    l.domain_from_id,
    count(*),
    count(*) FILTER (WHERE l.is_dofollow)
FROM (SELECT page_id FROM staged_links UNION SELECT page_id FROM staged_changes) AS v
CROSS JOIN LATERAL (SELECT * FROM links WHERE page_id = v.page_id AND status = 0 OFFSET 0) AS l
GROUP BY l.page_id, l.domain_to_id, l.domain_from_id;

-- name: remember_touched
INSERT INTO touched
SELECT
    t.domain_to_id,
    t.domain_from_id,
    t.url_to_id,
    EXISTS (
        SELECT 1
        FROM links AS l
        WHERE
            l.domain_to_id = t.domain_to_id
            AND l.domain_from_id = t.domain_from_id
            AND l.url_to_id = t.url_to_id
            AND l.status = 0
    )
FROM (
    SELECT n.domain_to_id, n.domain_from_id, n.url_to_id FROM new_links AS n
    UNION
    SELECT l.domain_to_id, l.domain_from_id, l.url_to_id
    FROM staged_changes AS c
    CROSS JOIN LATERAL (SELECT * FROM links WHERE id = c.link_id OFFSET 0) AS l
) AS t;

-- name: insert_links
INSERT INTO links (
    page_id, url_to_id, domain_from_id, domain_to_id, first_seen, rel_id, position, link_type, anchor_source,
    is_dofollow, anchor, snippet_left, snippet_right
)
SELECT
    n.page_id,
    n.url_to_id,
    n.domain_from_id,
    n.domain_to_id,
    now(),
    n.rel_id,
    n.position,
    n.link_type,
    n.anchor_source,
    n.is_dofollow,
    n.anchor,
    n.snippet_left,
    n.snippet_right
FROM new_links AS n
ORDER BY n.page_id, n.position;

-- name: apply_changes
-- What a link looks like now; one that was not seen keeps its looks.
UPDATE links AS l
SET
    status = c.status,
    lost_reason = c.lost_reason,
    absent_since = CASE WHEN c.status <> 0 THEN coalesce(l.absent_since, now()) END,
    last_seen = CASE WHEN c.status <> 0 THEN coalesce(l.last_seen, p.confirmed_at) END,
    rel_id = CASE WHEN c.status <> 0 THEN l.rel_id ELSE r.id END,
    anchor = CASE WHEN c.status <> 0 THEN l.anchor ELSE c.anchor END,
    anchor_source = CASE WHEN c.status <> 0 THEN l.anchor_source ELSE c.anchor_source END,
    is_dofollow = CASE WHEN c.status <> 0 THEN l.is_dofollow ELSE c.is_dofollow END
FROM staged_changes AS c
LEFT JOIN rels AS r ON c.rel = r.tokens
CROSS JOIN pages AS p
WHERE l.id = c.link_id AND p.page_id = l.page_id;

-- name: insert_events
INSERT INTO link_events (link_id, happened_at, kind, before, after)
SELECT link_id, now(), kind, before, after FROM staged_changes WHERE kind IS NOT NULL ORDER BY link_id;

-- name: update_edges
-- Counts move by the difference that this batch made.
WITH
after AS (
    SELECT
        l.page_id,
        l.domain_to_id,
        l.domain_from_id,
        v.confirmed,
        count(*) AS links,
        count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links
    FROM (
        SELECT page_id, confirmed
        FROM staged_visits
        WHERE page_id IN (SELECT page_id FROM staged_links UNION SELECT page_id FROM staged_changes)
    ) AS v
    CROSS JOIN LATERAL (SELECT * FROM links WHERE page_id = v.page_id AND status = 0 OFFSET 0) AS l
    GROUP BY l.page_id, l.domain_to_id, l.domain_from_id, v.confirmed
),

differences AS (
    SELECT
        domain_to_id,
        domain_from_id,
        coalesce(a.links, 0) - coalesce(b.links, 0) AS links,
        coalesce(a.dofollow_links, 0) - coalesce(b.dofollow_links, 0) AS dofollow_links,
        (a.links IS NOT NULL)::int - (b.links IS NOT NULL)::int AS refpages,
        0 AS pages_to,
        CASE WHEN a.confirmed THEN page_id END AS live_page_id,
        FALSE AS lost
    FROM after AS a
    FULL JOIN before AS b USING (page_id, domain_to_id, domain_from_id)
    UNION ALL
    SELECT
        t.domain_to_id,
        t.domain_from_id,
        0 AS links,
        0 AS dofollow_links,
        0 AS refpages,
        live.now::int - t.was_live::int AS pages_to,
        NULL AS live_page_id,
        -- without a live link, an edge may be missing or lost: that is looked up below
        NOT live.now AS lost
    FROM touched AS t
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT 1
            FROM links AS l
            WHERE
                l.domain_to_id = t.domain_to_id
                AND l.domain_from_id = t.domain_from_id
                AND l.url_to_id = t.url_to_id
                AND l.status = 0
        ) AS now
    ) AS live
),

changes AS (
    SELECT
        domain_to_id,
        domain_from_id,
        sum(links) AS links,
        sum(dofollow_links) AS dofollow_links,
        sum(refpages) AS refpages,
        sum(pages_to) AS pages_to,
        max(live_page_id) AS live_page_id
    FROM differences
    GROUP BY domain_to_id, domain_from_id
    HAVING bool_or(links <> 0 OR dofollow_links <> 0 OR refpages <> 0 OR lost) OR sum(pages_to) <> 0
)

UPDATE domain_edges AS e
SET
    links = e.links + c.links,
    dofollow_links = e.dofollow_links + c.dofollow_links,
    refpages = e.refpages + c.refpages,
    pages_to = e.pages_to + c.pages_to,
    last_page_id = CASE
        WHEN e.links + c.links = 0 THEN NULL
        WHEN c.live_page_id IS NOT NULL THEN c.live_page_id
        ELSE (
            SELECT l.page_id
            FROM (
                SELECT page_id
                FROM links
                WHERE domain_to_id = e.domain_to_id AND domain_from_id = e.domain_from_id AND status = 0
                LIMIT 200
            ) AS l
            INNER JOIN pages AS p ON l.page_id = p.page_id
            ORDER BY p.unverified_since IS NOT NULL
            LIMIT 1
        )
    END,
    last_seen = CASE
        WHEN c.live_page_id IS NOT NULL THEN now()
        -- what it was so far, before another page stands for it
        ELSE greatest(e.last_seen, (SELECT p.confirmed_at FROM pages AS p WHERE p.page_id = e.last_page_id))
    END,
    absent_since = CASE WHEN e.links + c.links = 0 THEN coalesce(e.absent_since, now()) END,
    status = CASE
        WHEN e.links + c.links > 0 THEN 0
        WHEN EXISTS (
            SELECT 1
            FROM links AS l
            WHERE l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id AND l.status = 1
        ) THEN 1
        ELSE 2
    END
FROM changes AS c
WHERE e.domain_to_id = c.domain_to_id AND e.domain_from_id = c.domain_from_id;

-- name: repoint_edges
-- Edges that an unverified page stands for, where pages have turned unverified or verified again: a verified page with
-- a live link stands for them from now on, if one of the first 200 is.
UPDATE domain_edges AS e
SET last_page_id = verified.page_id, last_seen = greatest(e.last_seen, witness.confirmed_at)
FROM (
    SELECT DISTINCT l.domain_to_id, l.domain_from_id
    FROM staged_visits AS v
    CROSS JOIN LATERAL (SELECT * FROM links WHERE page_id = v.page_id AND status = 0 OFFSET 0) AS l
    WHERE v.turned
) AS t
CROSS JOIN LATERAL (
    SELECT p.page_id
    FROM (
        SELECT page_id
        FROM links
        WHERE domain_to_id = t.domain_to_id AND domain_from_id = t.domain_from_id AND status = 0
        LIMIT 200
    ) AS l
    INNER JOIN pages AS p ON l.page_id = p.page_id
    WHERE p.unverified_since IS NULL
    LIMIT 1
) AS verified
CROSS JOIN pages AS witness
WHERE
    e.domain_to_id = t.domain_to_id
    AND e.domain_from_id = t.domain_from_id
    AND witness.page_id = e.last_page_id
    AND witness.unverified_since IS NOT NULL;

-- name: postpone_page
-- Nothing can be stored of it: whatever the reason, it is left alone for a while.
UPDATE pages SET next_visit = now() + interval '30 days' WHERE page_id = %(page_id)s;

-- name: update_pages
UPDATE pages AS p
SET
    next_visit = now() + v.next_visit,
    last_visited = now(),
    confirmed_at = CASE WHEN v.confirmed THEN now() ELSE p.confirmed_at END,
    unverified_since = CASE WHEN v.unverified AND p.confirmed_at IS NOT NULL THEN coalesce(p.unverified_since, now()) END,
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
    page_id, visited_at, crawl_id, size, elapsed_ms, links_found, links_gone, outcome, http_code, reason
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
    v.reason
FROM staged_visits AS v
LEFT JOIN (SELECT page_id, count(*) AS links FROM staged_links GROUP BY page_id) AS n ON v.page_id = n.page_id
LEFT JOIN (
    SELECT page_id, count(*) AS links FROM staged_changes WHERE kind = 0 GROUP BY page_id
) AS c ON v.page_id = c.page_id;

-- name: insert_hop_seeds
-- A domain that hops lead to and that nobody crawls yet becomes a seed of its own, with one hop less.
INSERT INTO seeds (url_id, domain_id, root_id, kept, scope, hops, max_pages)
SELECT DISTINCT ON (h.domain)
    u.id,
    u.domain_id,
    coalesce(parent.root_id, parent.id),
    FALSE,
    'domain',
    parent.hops - 1,
    coalesce(parent.max_pages, %(hop_pages)s)
FROM staged_hops AS h
INNER JOIN seeds AS parent ON h.page_seed_id = parent.id
INNER JOIN urls AS u ON h.hash = u.hash
WHERE
    parent.hops > 0
    AND NOT EXISTS (SELECT 1 FROM skipped_domains AS k WHERE k.domain = h.domain)
    AND NOT EXISTS (SELECT 1 FROM seeds AS s WHERE s.domain_id = u.domain_id)
ORDER BY h.domain, h.hash
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
