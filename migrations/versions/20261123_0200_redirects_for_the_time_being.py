"""A redirect for the time being is unverified as its page is, and no link was last seen before it was found."""

from alembic import op

revision = "20261123_0200"
down_revision = "20261122_1900"

UP = r"""
COMMENT ON COLUMN pages.has_missing IS
'one of its links is missing, or was found by a visit that could not tell: the next reading compares all';
CREATE OR REPLACE VIEW backlinks AS
SELECT
    uf.url AS url_from,
    split_part(uf.url, '/', 3) AS host_from,
    df.name AS domain_from,
    f.title AS title_from,
    f.language AS language_from,
    p.http_code AS http_code_from,
    ut.url AS url_to,
    split_part(ut.url, '/', 3) AS host_to,
    dt.name AS domain_to,
    l.anchor,
    (ARRAY['none', 'text', 'alt', 'title'])[l.anchor_source + 1] AS anchor_source,
    coalesce(r.tokens, '{}') AS rel,
    l.is_dofollow,
    coalesce(r.is_nofollow, FALSE) AS is_nofollow,
    coalesce(r.is_sponsored, FALSE) AS is_sponsored,
    coalesce(r.is_ugc, FALSE) AS is_ugc,
    coalesce(f.nofollow, FALSE) AS page_nofollow,
    coalesce(f.noindex, FALSE) AS page_noindex,
    (ARRAY['text', 'image', 'redirect', 'canonical', 'frame'])[l.link_type + 1] AS link_type,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    f.links_external,
    f.links_internal,
    l.first_seen,
    greatest(l.first_seen, coalesce(l.last_seen, p.confirmed_at)) AS last_seen,
    CASE WHEN l.status = 2 THEN l.absent_since END AS lost_at,
    CASE
        WHEN l.status = 0 AND p.unverified_since IS NOT NULL THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END AS status,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1] AS lost_reason,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.position
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id;
CREATE OR REPLACE VIEW target_overview AS
SELECT
    d.name AS domain_to,
    l.backlinks,
    l.dofollow_links,
    l.nofollow_links,
    l.sponsored_links,
    l.ugc_links,
    l.refpages,
    e.refdomains,
    e.dofollow_refdomains,
    l.lost_links,
    l.unverified_links,
    l.first_seen,
    l.last_seen,
    c.pages_known,
    c.pages_visited,
    c.oldest_visit,
    c.newest_visit
FROM domains AS d
CROSS JOIN LATERAL (
    SELECT
        count(*) AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
    WHERE e.domain_to_id = d.id AND e.status = 0 AND p.unverified_since IS NULL
) AS e
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE l.is_live) AS backlinks,
        count(*) FILTER (WHERE l.is_live AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE l.is_live AND l.is_ugc) AS ugc_links,
        count(DISTINCT l.page_id) FILTER (WHERE l.is_live) AS refpages,
        count(*) FILTER (WHERE l.status = 2) AS lost_links,
        count(*) FILTER (WHERE l.status = 0 AND NOT l.is_live) AS unverified_links,
        min(l.first_seen) AS first_seen,
        max(l.last_seen) AS last_seen
    FROM (
        SELECT
            l.page_id,
            l.status,
            l.is_dofollow,
            l.first_seen,
            r.is_nofollow,
            r.is_sponsored,
            r.is_ugc,
            greatest(l.first_seen, coalesce(l.last_seen, p.confirmed_at)) AS last_seen,
            l.status = 0 AND p.unverified_since IS NULL AS is_live
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        LEFT JOIN rels AS r ON l.rel_id = r.id
        WHERE l.domain_to_id = d.id
    ) AS l
) AS l
CROSS JOIN LATERAL (
    SELECT
        count(*) AS pages_known,
        count(p.last_visited) AS pages_visited,
        min(p.last_visited) AS oldest_visit,
        max(p.last_visited) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN urls AS u ON e.domain_from_id = u.domain_id
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE e.domain_to_id = d.id AND e.links > 0 AND p.kind = 0
) AS c
WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id);
"""

DOWN = r"""
COMMENT ON COLUMN pages.has_missing IS 'one of its links is missing';
CREATE OR REPLACE VIEW backlinks AS
SELECT
    uf.url AS url_from,
    split_part(uf.url, '/', 3) AS host_from,
    df.name AS domain_from,
    f.title AS title_from,
    f.language AS language_from,
    p.http_code AS http_code_from,
    ut.url AS url_to,
    split_part(ut.url, '/', 3) AS host_to,
    dt.name AS domain_to,
    l.anchor,
    (ARRAY['none', 'text', 'alt', 'title'])[l.anchor_source + 1] AS anchor_source,
    coalesce(r.tokens, '{}') AS rel,
    l.is_dofollow,
    coalesce(r.is_nofollow, FALSE) AS is_nofollow,
    coalesce(r.is_sponsored, FALSE) AS is_sponsored,
    coalesce(r.is_ugc, FALSE) AS is_ugc,
    coalesce(f.nofollow, FALSE) AS page_nofollow,
    coalesce(f.noindex, FALSE) AS page_noindex,
    (ARRAY['text', 'image', 'redirect', 'canonical', 'frame'])[l.link_type + 1] AS link_type,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    f.links_external,
    f.links_internal,
    l.first_seen,
    coalesce(l.last_seen, p.confirmed_at) AS last_seen,
    CASE WHEN l.status = 2 THEN l.absent_since END AS lost_at,
    CASE
        -- a redirect that still redirects is there, whatever became of the page's other links
        WHEN l.status = 0 AND p.unverified_since IS NOT NULL AND NOT (l.link_type = 2 AND p.outcome = 1)
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END AS status,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1] AS lost_reason,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.position
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id;
CREATE OR REPLACE VIEW target_overview AS
SELECT
    d.name AS domain_to,
    l.backlinks,
    l.dofollow_links,
    l.nofollow_links,
    l.sponsored_links,
    l.ugc_links,
    l.refpages,
    e.refdomains,
    e.dofollow_refdomains,
    l.lost_links,
    l.unverified_links,
    l.first_seen,
    l.last_seen,
    c.pages_known,
    c.pages_visited,
    c.oldest_visit,
    c.newest_visit
FROM domains AS d
CROSS JOIN LATERAL (
    SELECT
        count(*) AS refdomains,
        count(*) FILTER (WHERE e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e
    INNER JOIN pages AS p ON e.last_page_id = p.page_id
    WHERE e.domain_to_id = d.id AND e.status = 0 AND p.unverified_since IS NULL
) AS e
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE l.is_live) AS backlinks,
        count(*) FILTER (WHERE l.is_live AND l.is_dofollow) AS dofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_nofollow) AS nofollow_links,
        count(*) FILTER (WHERE l.is_live AND l.is_sponsored) AS sponsored_links,
        count(*) FILTER (WHERE l.is_live AND l.is_ugc) AS ugc_links,
        count(DISTINCT l.page_id) FILTER (WHERE l.is_live) AS refpages,
        count(*) FILTER (WHERE l.status = 2) AS lost_links,
        count(*) FILTER (WHERE l.status = 0 AND NOT l.is_live) AS unverified_links,
        min(l.first_seen) AS first_seen,
        max(l.last_seen) AS last_seen
    FROM (
        SELECT
            l.page_id,
            l.status,
            l.is_dofollow,
            l.first_seen,
            r.is_nofollow,
            r.is_sponsored,
            r.is_ugc,
            coalesce(l.last_seen, p.confirmed_at) AS last_seen,
            l.status = 0 AND (p.unverified_since IS NULL OR (l.link_type = 2 AND p.outcome = 1)) AS is_live
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        LEFT JOIN rels AS r ON l.rel_id = r.id
        WHERE l.domain_to_id = d.id
    ) AS l
) AS l
CROSS JOIN LATERAL (
    SELECT
        count(*) AS pages_known,
        count(p.last_visited) AS pages_visited,
        min(p.last_visited) AS oldest_visit,
        max(p.last_visited) AS newest_visit
    FROM domain_edges AS e
    INNER JOIN urls AS u ON e.domain_from_id = u.domain_id
    INNER JOIN pages AS p ON u.id = p.page_id
    WHERE e.domain_to_id = d.id AND e.links > 0 AND p.kind = 0
) AS c
WHERE EXISTS (SELECT 1 FROM domain_edges AS e WHERE e.domain_to_id = d.id);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN.replace("%", "%%"))
