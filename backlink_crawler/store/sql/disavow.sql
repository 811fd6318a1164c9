-- Disavow files: what goes into one, and what the lines of one mean. `links_to_target`: put in by disavow.py.

-- name: marked
SELECT
    m.domain,
    m.url,
    m.mark_note,
    m.marked_by,
    m.marked_at,
    l.link_id IS NOT NULL AS links
FROM marks AS m
LEFT JOIN LATERAL (
    SELECT t.link_id FROM links_to_target AS t LIMIT 1
) AS l ON TRUE
WHERE m.mark = 'disavow'
ORDER BY m.marked_at ASC, m.marked_by ASC, m.mark_note ASC NULLS FIRST, m.url IS NOT NULL ASC, m.domain ASC, m.url ASC;

-- name: matches
WITH asked AS (
    SELECT
        s.line,
        s.domain,
        s.host,
        d.id AS domain_from_id,
        NULL::bigint AS page_id
    FROM unnest(%(domain_lines)s::integer[], %(domains)s::text[], %(hosts)s::text[]) AS s (line, domain, host)
    INNER JOIN domains AS d ON s.domain = d.name
    UNION ALL
    SELECT
        s.line,
        r.domain_from,
        NULL,
        r.domain_from_id,
        NULL
    FROM unnest(%(suffix_lines)s::integer[], %(suffixes)s::text[]) AS s (line, suffix)
    INNER JOIN referring_domains AS r
        ON
            r.domain_to_id = domain_id(%(of)s)
            AND right('.' || r.domain_from, length(s.suffix) + 1) = '.' || s.suffix
    UNION ALL
    SELECT
        s.line,
        NULL,
        NULL,
        h.domain_id,
        u.id
    FROM unnest(%(page_lines)s::integer[], %(url_hashes)s::uuid[]) AS s (line, url_hash)
    INNER JOIN urls AS u ON s.url_hash = u.hash
    INNER JOIN hosts AS h ON u.host_id = h.id
),

judged AS (
    SELECT
        a.line,
        l.status_id,
        l.is_dofollow AND l.status_id = 0 AS counts,
        r.authority,
        r.percentile,
        coalesce(r.percentile >= %(percentile)s, FALSE) AS by_authority,
        l.link_position = 'content' AS by_content,
        coalesce(l.mark = 'won', FALSE) AS by_mark
    FROM asked AS a
    CROSS JOIN LATERAL (SELECT t.status_id, t.is_dofollow, t.link_position, t.mark FROM links_to_target AS t) AS l
    LEFT JOIN domain_ranks AS r ON a.domain_from_id = r.domain_id
)

SELECT
    j.line,
    (count(*) FILTER (WHERE j.status_id = 0))::integer AS links,
    (count(*) FILTER (WHERE j.counts))::integer AS dofollow_links,
    (count(*) FILTER (WHERE j.status_id <> 0))::integer AS absent_links,
    (count(*) FILTER (WHERE j.counts AND (j.by_authority OR j.by_content OR j.by_mark)))::integer AS good_links,
    (count(*) FILTER (WHERE j.counts AND j.by_authority))::integer AS by_authority,
    (count(*) FILTER (WHERE j.counts AND j.by_content))::integer AS by_content,
    (count(*) FILTER (WHERE j.counts AND j.by_mark))::integer AS by_mark,
    max(j.authority) AS authority,
    max(j.percentile) AS authority_percentile
FROM judged AS j
GROUP BY j.line
ORDER BY j.line;
