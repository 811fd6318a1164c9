-- name: read_domains
-- Domains of which enough pages were read to tell what is on all of them.
CREATE TEMPORARY TABLE read_domains ON COMMIT DROP AS
SELECT
    h.domain_id,
    count(*)::integer AS pages,
    (SELECT coalesce(max(b.id), 0) FROM batches AS b) AS batch_id
FROM pages AS p
INNER JOIN hosts AS h ON p.host_id = h.id
WHERE p.settled = 0 AND p.kind = 0
GROUP BY h.domain_id
HAVING count(*) >= %(least_pages)s;

-- name: found_slots
-- Slots on at least half of a domain's pages. A link that was lost counts while its page is read: it was in the slot,
-- and what is taken out of a footer must be known as one change while its pages are visited one after the other.
CREATE TEMPORARY TABLE found_slots ON COMMIT DROP AS
SELECT
    l.url_to_id,
    min(l.id) AS slot_id,
    l.domain_from_id,
    l.path_hash,
    count(DISTINCT l.page_id)::integer AS pages
FROM links AS l
INNER JOIN read_domains AS d ON l.domain_from_id = d.domain_id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.path_hash IS NOT NULL AND p.settled = 0 AND p.kind = 0
GROUP BY l.domain_from_id, l.url_to_id, l.path_hash, d.pages
HAVING count(DISTINCT l.page_id) >= d.pages * %(least_share)s;

-- name: drop_slots
DELETE FROM sitewide_links AS s
WHERE NOT EXISTS (
    SELECT 1
    FROM found_slots AS f
    WHERE f.url_to_id = s.url_to_id AND f.domain_from_id = s.domain_from_id AND f.path_hash = s.path_hash
);

-- name: keep_slots
INSERT INTO sitewide_links AS s (url_to_id, domain_from_id, path_hash, slot_id, pages)
SELECT f.url_to_id, f.domain_from_id, f.path_hash, f.slot_id, f.pages
FROM found_slots AS f
ORDER BY f.url_to_id, f.domain_from_id, f.path_hash
ON CONFLICT (url_to_id, domain_from_id, path_hash) DO UPDATE
SET slot_id = excluded.slot_id, pages = excluded.pages
WHERE (s.slot_id, s.pages) IS DISTINCT FROM (excluded.slot_id, excluded.pages);

-- name: drop_domains
DELETE FROM sitewide_domains AS s
WHERE NOT EXISTS (SELECT 1 FROM read_domains AS d WHERE d.domain_id = s.domain_id);

-- name: keep_domains
INSERT INTO sitewide_domains AS s (domain_id, pages, batch_id)
SELECT d.domain_id, d.pages, d.batch_id
FROM read_domains AS d
ORDER BY d.domain_id
ON CONFLICT (domain_id) DO UPDATE SET pages = excluded.pages, batch_id = excluded.batch_id;

-- name: figures
SELECT
    (SELECT count(*) FROM sitewide_links) AS slots,
    (SELECT count(*) FROM sitewide_domains) AS domains;
