-- The language of pages that declare none.

-- name: undetected
SELECT
    f.page_id,
    concat_ws(
        E'\n',
        f.title,
        f.headings,
        (
            SELECT string_agg(concat_ws(' ', l.snippet_left, l.anchor, l.snippet_right), E'\n')
            FROM (
                SELECT k.*
                FROM links AS k
                WHERE k.page_id = f.page_id AND k.status = 0
                ORDER BY k.position
                LIMIT 50
            ) AS l
        )
    ) AS text
FROM page_facts AS f
WHERE f.page_id > %(after)s AND f.language IS NULL AND f.language_detected IS NULL
ORDER BY f.page_id
LIMIT %(limit)s;

-- name: remember
WITH chosen AS (
    SELECT
        f.page_id,
        d.language
    FROM page_facts AS f
    INNER JOIN unnest(%(pages)s::bigint[], %(languages)s::text[]) AS d (page_id, language) ON f.page_id = d.page_id
    WHERE f.language IS NULL
    ORDER BY f.page_id
    FOR UPDATE OF f
)

UPDATE page_facts AS f
SET language_detected = c.language
FROM chosen AS c
WHERE f.page_id = c.page_id;
