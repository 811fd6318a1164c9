-- Pages that mirror each other, and what that makes of domain edges.

-- name: pages
-- Pages with live links whose texts can be compared, and to which URLs their own links lead: as a hash, where they are
-- several.
SELECT
    f.page_id,
    min(l.domain_from_id) AS domain_id,
    f.text_simhash,
    CASE
        WHEN count(DISTINCT l.url_to_id) >= %(fewest)s
            THEN hashtextextended(string_agg(DISTINCT l.url_to_id::text, ' ' ORDER BY l.url_to_id::text), 0)
    END AS links
FROM page_facts AS f
INNER JOIN links AS l ON f.page_id = l.page_id AND l.status = 0
WHERE f.text_simhash IS NOT NULL AND l.link_type IN (0, 1)
GROUP BY f.page_id;

-- name: create_new
CREATE TEMPORARY TABLE new_mirrors (page_id bigint, first_page_id bigint, bits smallint, domains int) ON COMMIT DROP;

-- name: copy_new
COPY new_mirrors (page_id, first_page_id, bits, domains) FROM STDIN;

-- name: delete_gone_pages
DELETE FROM page_mirrors AS o
WHERE NOT EXISTS (SELECT 1 FROM new_mirrors AS n WHERE n.page_id = o.page_id);

-- name: update_changed_pages
UPDATE page_mirrors AS o
SET first_page_id = n.first_page_id, bits = n.bits, domains = n.domains
FROM new_mirrors AS n
WHERE
    o.page_id = n.page_id
    AND (o.first_page_id, o.bits, o.domains) IS DISTINCT FROM (n.first_page_id, n.bits, n.domains);

-- name: insert_new_pages
INSERT INTO page_mirrors (page_id, first_page_id, bits, domains)
SELECT
    n.page_id,
    n.first_page_id,
    n.bits,
    n.domains
FROM new_mirrors AS n
WHERE NOT EXISTS (SELECT 1 FROM page_mirrors AS o WHERE o.page_id = n.page_id)
ORDER BY n.page_id;

-- name: create_edges
-- Of the domains that link to one from pages of a group, the strongest is the voice. An edge all of whose pages have a
-- stronger voice mirrors the one that most of them have. What is stronger is the same for all groups, so that no two
-- mirror each other.
CREATE TEMPORARY TABLE new_edge_mirrors ON COMMIT DROP AS
WITH said AS (
    SELECT DISTINCT m.first_page_id, l.domain_to_id, l.domain_from_id, l.page_id
    FROM new_mirrors AS m
    INNER JOIN links AS l ON m.page_id = l.page_id AND l.status = 0
),

voices AS (
    SELECT DISTINCT ON (s.first_page_id, s.domain_to_id)
        s.first_page_id,
        s.domain_to_id,
        s.domain_from_id
    FROM said AS s
    INNER JOIN domain_edges AS e ON s.domain_to_id = e.domain_to_id AND s.domain_from_id = e.domain_from_id
    LEFT JOIN domain_ranks AS r ON s.domain_from_id = r.domain_id
    ORDER BY
        s.first_page_id ASC,
        s.domain_to_id ASC,
        r.authority DESC NULLS LAST,
        e.first_seen ASC,
        s.domain_from_id ASC
),

copied AS (
    SELECT
        s.domain_to_id,
        s.domain_from_id,
        v.domain_from_id AS mirror_of_id,
        count(*) AS pages
    FROM said AS s
    INNER JOIN voices AS v ON s.first_page_id = v.first_page_id AND s.domain_to_id = v.domain_to_id
    WHERE s.domain_from_id <> v.domain_from_id
    GROUP BY s.domain_to_id, s.domain_from_id, v.domain_from_id
),

summed AS (
    SELECT
        c.*,
        sum(c.pages) OVER (PARTITION BY c.domain_to_id, c.domain_from_id) AS pages_in_all,
        row_number() OVER (
            PARTITION BY c.domain_to_id, c.domain_from_id ORDER BY c.pages DESC, c.mirror_of_id ASC
        ) AS place
    FROM copied AS c
)

SELECT
    s.domain_to_id,
    s.domain_from_id,
    s.mirror_of_id
FROM summed AS s
INNER JOIN domain_edges AS e ON s.domain_to_id = e.domain_to_id AND s.domain_from_id = e.domain_from_id
WHERE s.place = 1 AND s.pages_in_all >= e.refpages;

-- name: delete_gone_edges
DELETE FROM edge_mirrors AS o
WHERE NOT EXISTS (
    SELECT 1 FROM new_edge_mirrors AS n
    WHERE n.domain_to_id = o.domain_to_id AND n.domain_from_id = o.domain_from_id
);

-- name: update_changed_edges
UPDATE edge_mirrors AS o
SET mirror_of_id = n.mirror_of_id
FROM new_edge_mirrors AS n
WHERE
    o.domain_to_id = n.domain_to_id AND o.domain_from_id = n.domain_from_id AND o.mirror_of_id <> n.mirror_of_id;

-- name: insert_new_edges
INSERT INTO edge_mirrors (domain_to_id, domain_from_id, mirror_of_id)
SELECT
    n.domain_to_id,
    n.domain_from_id,
    n.mirror_of_id
FROM new_edge_mirrors AS n
WHERE NOT EXISTS (
    SELECT 1 FROM edge_mirrors AS o
    WHERE o.domain_to_id = n.domain_to_id AND o.domain_from_id = n.domain_from_id
)
ORDER BY n.domain_to_id, n.domain_from_id;

-- name: count
SELECT
    (SELECT count(*) FROM page_mirrors) AS pages,
    (SELECT count(DISTINCT first_page_id) FROM page_mirrors) AS groups,
    (SELECT count(*) FROM edge_mirrors) AS edges;
