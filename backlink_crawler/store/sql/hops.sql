-- name: find_hop_seeds
-- A domain that hops lead to, and in which the queue has no seed that the user named, becomes a seed of its own, with
-- one hop less. It starts at the shortest of the URLs that led there, the likeliest to lead on. Of several seeds that
-- lead to it, it is of the one with the most hops, and among these of the one with the largest budget, whichever comes
-- first. Returns the pages that are to be read again and that others hold.
WITH best AS (
    SELECT DISTINCT ON (parent.queue_id, d.id)
        parent.queue_id,
        d.id AS domain_id,
        u.id AS url_id,
        coalesce(parent.root_id, parent.id) AS root_id,
        parent.hops - 1 AS hops,
        coalesce(parent.max_pages, %(hop_pages)s) AS max_pages,
        parent.render
    FROM staged_hops AS t
    INNER JOIN seeds AS parent ON t.seed_id = parent.id
    INNER JOIN urls AS u ON t.hash = u.hash
    INNER JOIN hosts AS h ON u.host_id = h.id
    INNER JOIN domains AS d ON h.domain_id = d.id
    WHERE
        parent.hops > 0
        AND NOT EXISTS (SELECT 1 FROM skipped_domains AS k WHERE k.domain = d.name)
        AND NOT EXISTS (
            SELECT 1
            FROM seeds AS s
            WHERE
                s.domain_id = d.id
                AND s.queue_id = parent.queue_id
                AND s.root_id IS NULL
                AND s.target_id IS NULL
        )
    ORDER BY
        parent.queue_id ASC,
        d.id ASC,
        parent.hops DESC,
        coalesce(parent.max_pages, %(hop_pages)s) DESC,
        length(u.url) ASC,
        t.hash ASC
),

raised AS (
    UPDATE seeds AS s
    SET root_id = b.root_id, hops = b.hops, max_pages = b.max_pages, render = b.render
    FROM best AS b
    WHERE
        s.queue_id = b.queue_id
        AND s.domain_id = b.domain_id
        AND s.root_id IS NOT NULL
        AND (s.hops, s.max_pages) < (b.hops, b.max_pages)
    RETURNING s.id
),

-- they lead further now
further AS (
    SELECT DISTINCT m.page_id
    FROM raised AS r
    INNER JOIN seed_pages AS m ON r.id = m.seed_id
),

ours AS (
    SELECT p.page_id
    FROM pages AS p
    WHERE p.page_id IN (SELECT f.page_id FROM further AS f)
    ORDER BY p.page_id
    FOR NO KEY UPDATE SKIP LOCKED
),

again AS (
    UPDATE pages AS p
    SET next_visit = least(p.next_visit, now()), found_digest = NULL
    FROM ours AS o
    WHERE p.page_id = o.page_id
    RETURNING p.page_id, p.host_id, p.priority
),

woken AS (
    INSERT INTO due_hosts (host_id, queue_id, priority)
    SELECT DISTINCT a.host_id, s.queue_id, a.priority
    FROM again AS a
    INNER JOIN seed_pages AS m ON a.page_id = m.page_id
    INNER JOIN seeds AS s ON m.seed_id = s.id
),

added AS (
    INSERT INTO seeds (queue_id, url_id, domain_id, root_id, scope, hops, max_pages, render)
    SELECT b.queue_id, b.url_id, b.domain_id, b.root_id, 'domain', b.hops, b.max_pages, b.render
    FROM best AS b
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM seeds AS s
            WHERE s.queue_id = b.queue_id AND s.domain_id = b.domain_id AND s.target_id IS NULL
        )
    ORDER BY b.queue_id, b.domain_id
    ON CONFLICT DO NOTHING
)

SELECT f.page_id FROM further AS f
EXCEPT
SELECT o.page_id FROM ours AS o;

-- name: stage_hop_pages
-- Links that lead into a seed which hops have found are its pages, at depth 0.
INSERT INTO staged_pages (hash, seed_id, depth, kind)
SELECT DISTINCT t.hash, s.id, 0, 0
FROM staged_hops AS t
INNER JOIN seeds AS parent ON t.seed_id = parent.id
INNER JOIN urls AS u ON t.hash = u.hash
INNER JOIN hosts AS h ON u.host_id = h.id
INNER JOIN domains AS d ON h.domain_id = d.id
INNER JOIN seeds AS s ON d.id = s.domain_id AND parent.queue_id = s.queue_id
WHERE
    s.root_id IS NOT NULL
    AND parent.hops > 0
    AND NOT EXISTS (SELECT 1 FROM skipped_domains AS k WHERE k.domain = d.name);
