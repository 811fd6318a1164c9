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

counted AS (
    SELECT
        a.line,
        a.domain_from_id,
        a.page_id,
        count(*) FILTER (WHERE l.status_id = 0) AS links,
        count(*) FILTER (WHERE l.status_id = 0 AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE l.status_id <> 0) AS absent_links,
        count(*) FILTER (WHERE l.status_id = 0 AND l.is_dofollow AND l.link_position = 'content') AS by_content
    FROM asked AS a
    CROSS JOIN LATERAL (SELECT t.status_id, t.is_dofollow, t.link_position FROM links_to_target AS t) AS l
    GROUP BY a.line, a.domain_from_id, a.page_id
),

judged AS (
    SELECT
        c.*,
        r.authority,
        r.percentile,
        CASE WHEN r.percentile >= %(percentile)s THEN c.dofollow_links ELSE 0 END AS by_authority,
        CASE WHEN coalesce(mp.mark, md.mark) = 'won' THEN c.dofollow_links ELSE 0 END AS by_mark
    FROM counted AS c
    LEFT JOIN domain_ranks AS r ON c.domain_from_id = r.domain_id
    LEFT JOIN marks AS md ON c.domain_from_id = md.domain_id AND md.url IS NULL
    LEFT JOIN marks AS mp ON c.page_id = mp.url_id
)

SELECT
    j.line,
    sum(j.links)::integer AS links,
    sum(j.dofollow_links)::integer AS dofollow_links,
    sum(j.absent_links)::integer AS absent_links,
    sum(greatest(j.by_authority, j.by_content, j.by_mark))::integer AS good_links,
    sum(j.by_authority)::integer AS by_authority,
    sum(j.by_content)::integer AS by_content,
    sum(j.by_mark)::integer AS by_mark,
    max(j.authority) AS authority,
    max(j.percentile) AS authority_percentile
FROM judged AS j
GROUP BY j.line
ORDER BY j.line;
