-- How near the words around links are to those of their targets.

-- name: set_up
-- Everything is read: the plan that ends first is wanted, not the one that begins first.
SELECT
    set_config('cursor_tuple_fraction', '1', FALSE),
    set_config('work_mem', '64MB', FALSE);

-- name: page_texts
SELECT
    f.title,
    f.headings,
    coalesce(f.language, nullif(f.language_detected, 'und')) AS language,
    (
        SELECT string_agg(concat_ws(' ', l.anchor, l.snippet_left, l.snippet_right), ' ')
        FROM links AS l
        WHERE l.page_id = f.page_id AND l.status = 0
    ) AS around
FROM page_facts AS f;

-- name: link_texts
-- A URL that has moved (to https, say) is about what the page is about to which it has moved.
SELECT
    l.url_to_id,
    l.id,
    l.page_id,
    l.domain_from_id,
    l.status = 0 AS is_live,
    l.anchor,
    l.snippet_left,
    l.snippet_right,
    f.title,
    f.headings,
    coalesce(f.language, nullif(f.language_detected, 'und')) AS language,
    t.title AS title_to,
    t.headings AS headings_to,
    coalesce(t.language, nullif(t.language_detected, 'und')) AS language_to
FROM links AS l
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN pages AS p ON l.url_to_id = p.page_id
LEFT JOIN page_facts AS t ON t.page_id = coalesce(p.moved_to_id, p.page_id)
ORDER BY l.url_to_id, l.id;

-- name: create_staging
CREATE TEMPORARY TABLE scored_links (link_id bigint, relevance smallint, basis smallint) ON COMMIT DROP;
CREATE TEMPORARY TABLE counted_words (word text COLLATE "C", pages integer) ON COMMIT DROP;

-- name: stage_scores
COPY scored_links (link_id, relevance, basis) FROM STDIN;

-- name: stage_words
COPY counted_words (word, pages) FROM STDIN;

-- name: index_staging
ANALYZE scored_links;

-- name: pack_scores
CREATE TEMPORARY TABLE packed_scores ON COMMIT DROP AS
WITH
blocks AS (SELECT DISTINCT link_id >> 6 AS block FROM scored_links)

SELECT
    b.block,
    string_agg(set_byte('\x00', 0, coalesce(s.relevance, 255)), '' ORDER BY p.place) AS relevance,
    string_agg(set_byte('\x00', 0, coalesce(s.basis, 0)), '' ORDER BY p.place) AS basis
FROM blocks AS b
CROSS JOIN generate_series(0, 63) AS p (place)
LEFT JOIN scored_links AS s ON s.link_id = (b.block << 6) + p.place
GROUP BY b.block;

-- name: forget_scores
DELETE FROM link_relevance AS r
WHERE NOT EXISTS (SELECT 1 FROM packed_scores AS p WHERE p.block = r.block);

-- name: write_scores
INSERT INTO link_relevance AS r (block, relevance, basis)
SELECT
    p.block,
    p.relevance,
    p.basis
FROM packed_scores AS p
ORDER BY p.block
ON CONFLICT (block) DO UPDATE
SET relevance = excluded.relevance, basis = excluded.basis
WHERE (r.relevance, r.basis) <> (excluded.relevance, excluded.basis);

-- name: stage_edges
CREATE TEMPORARY TABLE scored_edges ON COMMIT DROP AS
SELECT
    l.domain_to_id,
    l.domain_from_id,
    max(s.relevance) AS relevance
FROM links AS l
LEFT JOIN scored_links AS s ON l.id = s.link_id
WHERE l.status = 0
GROUP BY l.domain_to_id, l.domain_from_id
HAVING count(*) > 8 AND max(s.relevance) IS NOT NULL;

-- name: delete_edges
DELETE FROM edge_relevance AS r
WHERE
    NOT EXISTS (
        SELECT 1 FROM scored_edges AS s WHERE s.domain_to_id = r.domain_to_id AND s.domain_from_id = r.domain_from_id
    );

-- name: write_edges
INSERT INTO edge_relevance AS r (domain_to_id, domain_from_id, relevance)
SELECT domain_to_id, domain_from_id, relevance
FROM scored_edges
ORDER BY domain_to_id, domain_from_id
ON CONFLICT (domain_to_id, domain_from_id) DO UPDATE SET relevance = excluded.relevance
WHERE r.relevance <> excluded.relevance;

-- name: delete_words
DELETE FROM index_words AS w
WHERE NOT EXISTS (SELECT 1 FROM counted_words AS c WHERE c.word = w.word);

-- name: write_words
INSERT INTO index_words AS w (word, pages)
SELECT word, pages
FROM counted_words
ORDER BY word
ON CONFLICT (word) DO UPDATE SET pages = excluded.pages
WHERE w.pages <> excluded.pages;
