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
CREATE TEMPORARY TABLE scored_links (link_id bigint, relevance real, basis smallint) ON COMMIT DROP;
CREATE TEMPORARY TABLE counted_words (word text COLLATE "C", pages integer) ON COMMIT DROP;

-- name: stage_scores
COPY scored_links (link_id, relevance, basis) FROM STDIN;

-- name: stage_words
COPY counted_words (word, pages) FROM STDIN;

-- name: index_staging
ANALYZE scored_links;

-- name: delete_links
DELETE FROM link_relevance AS r
WHERE NOT EXISTS (SELECT 1 FROM scored_links AS s WHERE s.link_id = r.link_id);

-- name: update_links
UPDATE link_relevance AS r
SET relevance = s.relevance, basis = s.basis
FROM scored_links AS s
WHERE r.link_id = s.link_id AND (r.relevance, r.basis) IS DISTINCT FROM (s.relevance, s.basis);

-- name: insert_links
-- In the order of their keys, so that the index is filled from one end.
INSERT INTO link_relevance (link_id, relevance, basis)
SELECT s.link_id, s.relevance, s.basis
FROM scored_links AS s
WHERE NOT EXISTS (SELECT 1 FROM link_relevance AS r WHERE r.link_id = s.link_id)
ORDER BY s.link_id;

-- name: stage_edges
CREATE TEMPORARY TABLE scored_edges ON COMMIT DROP AS
SELECT
    l.domain_to_id,
    l.domain_from_id,
    max(s.relevance) AS relevance
FROM scored_links AS s
INNER JOIN links AS l ON s.link_id = l.id
WHERE l.status = 0
GROUP BY l.domain_to_id, l.domain_from_id;

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
