"""Pages that a browser renders: where a link stands, what scripts make of it, and what rendering a host is good for."""

from alembic import op

revision = "20261123_0400"
down_revision = "20261123_0300"

UP = r"""
ALTER TABLE seeds
    ADD COLUMN render TEXT DEFAULT 'auto' NOT NULL,
    ADD CONSTRAINT render_is_never_auto_or_always CHECK (render IN ('never', 'auto', 'always'));
COMMENT ON COLUMN seeds.render IS 'when its pages are: never, auto or always';
ALTER TABLE hosts
    ADD COLUMN renders REAL DEFAULT '0' NOT NULL,
    ADD COLUMN render_gains REAL DEFAULT '0' NOT NULL,
    ADD CONSTRAINT render_gains_are_some_of_renders CHECK (render_gains BETWEEN 0 AND renders);
COMMENT ON COLUMN hosts.renders IS 'pages that were rendered, fading';
COMMENT ON COLUMN hosts.render_gains IS 'those that gained links, fading alike';
ALTER TABLE pages
    ADD COLUMN rendered_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN unrendered_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN rendered_digest BIGINT,
    ADD COLUMN gained BOOLEAN,
    ADD COLUMN rendering SMALLINT,
    ADD CONSTRAINT page_rendering_is_known CHECK (rendering BETWEEN 0 AND 16);
COMMENT ON COLUMN pages.rendered_at IS 'last visit that rendered it: last_seen of its live rendered links; NULL: never';
COMMENT ON COLUMN pages.unrendered_since IS 'first of the visits since then that read it without rendering it; its live rendered links are unverified; NULL: none';
COMMENT ON COLUMN pages.rendered_digest IS 'hash of what its last rendering changed; NULL: never rendered';
COMMENT ON COLUMN pages.gained IS 'its last rendering had links that its HTML had not; NULL: never rendered';
COMMENT ON COLUMN pages.rendering IS 'why its last reading rendered it, or not, as in model.RenderReason; NULL: its HTML held enough';
ALTER TABLE links
    ADD COLUMN origin SMALLINT,
    ADD COLUMN rendered_rel_id BIGINT,
    ADD CONSTRAINT link_origin_is_known CHECK (origin BETWEEN 1 AND 3);
COMMENT ON COLUMN links.origin IS '1 only in the rendered page, 2 in HTML and rendered, 3 in HTML and removed by scripts; NULL: in HTML, and the page was not rendered';
COMMENT ON COLUMN links.rendered_rel_id IS 'what scripts make of rel; 0: nothing is left; NULL: it stays';
ALTER TABLE domain_edges
    ADD COLUMN last_rendered BOOLEAN;
COMMENT ON COLUMN domain_edges.last_rendered IS 'its links on last_page_id stand only in the rendered page: that page''s rendered_at counts; NULL: no';
ALTER TABLE visits
    ADD COLUMN rendering SMALLINT,
    ADD COLUMN rendered_ms INTEGER,
    ADD CONSTRAINT visit_rendering_is_known CHECK (rendering BETWEEN 0 AND 16);
COMMENT ON COLUMN visits.rendering IS 'why it was rendered, or would have been, as in model.RenderReason; NULL: its HTML held enough';
COMMENT ON COLUMN visits.rendered_ms IS 'milliseconds that the browser took; NULL: it was not rendered';
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
    coalesce(r.is_nofollow OR rr.is_nofollow, r.is_nofollow, rr.is_nofollow, FALSE) AS is_nofollow,
    coalesce(r.is_sponsored OR rr.is_sponsored, r.is_sponsored, rr.is_sponsored, FALSE) AS is_sponsored,
    coalesce(r.is_ugc OR rr.is_ugc, r.is_ugc, rr.is_ugc, FALSE) AS is_ugc,
    coalesce(f.nofollow, FALSE) AS page_nofollow,
    coalesce(f.noindex, FALSE) AS page_noindex,
    (ARRAY['text', 'image', 'redirect', 'canonical', 'frame'])[l.link_type + 1] AS link_type,
    coalesce(l.snippet_left, '') AS snippet_left,
    coalesce(l.snippet_right, '') AS snippet_right,
    f.links_external,
    f.links_internal,
    l.first_seen,
    greatest(
        l.first_seen, coalesce(l.last_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
    ) AS last_seen,
    CASE WHEN l.status = 2 THEN l.absent_since END AS lost_at,
    CASE
        WHEN
            l.status = 0
            AND (p.unverified_since IS NOT NULL OR (l.origin = 1 AND p.unrendered_since IS NOT NULL))
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[l.status + 1]
    END AS status,
    (ARRAY['link_removed', 'page_gone', 'page_redirected'])[l.lost_reason + 1] AS lost_reason,
    ut.hash AS url_to_hash,
    uf.hash AS url_from_hash,
    l.position,
    CASE l.origin WHEN 1 THEN 'rendered' WHEN 2 THEN 'both' ELSE 'html' END AS link_origin,
    coalesce(l.origin = 3, FALSE) AS is_removed_by_scripts,
    CASE WHEN l.rendered_rel_id IS NOT NULL THEN coalesce(rr.tokens, '{}') END AS rendered_rel
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN domains AS df ON l.domain_from_id = df.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN urls AS uf ON l.page_id = uf.id
INNER JOIN pages AS p ON l.page_id = p.page_id
LEFT JOIN page_facts AS f ON l.page_id = f.page_id
LEFT JOIN rels AS r ON l.rel_id = r.id
LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id;
COMMENT ON COLUMN backlinks.link_origin IS 'html, rendered (only there: scripts have added it) or both; html if the page was never rendered';
COMMENT ON COLUMN backlinks.is_removed_by_scripts IS 'it stands in the HTML, and the last rendering of the page had it no more';
COMMENT ON COLUMN backlinks.rendered_rel IS 'what scripts make of rel; NULL: it stays, or the page was not rendered';
CREATE OR REPLACE VIEW referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    e.links,
    e.dofollow_links,
    e.refpages,
    e.pages_to,
    e.first_seen,
    greatest(e.last_seen, CASE WHEN e.last_rendered THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen,
    CASE WHEN e.status = 2 THEN e.absent_since END AS lost_at,
    CASE
        WHEN
            e.status = 0
            AND (p.unverified_since IS NOT NULL OR (e.last_rendered AND p.unrendered_since IS NOT NULL))
            THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[e.status + 1]
    END AS status,
    e.domain_to_id,
    e.domain_from_id
FROM domain_edges AS e
INNER JOIN domains AS dt ON e.domain_to_id = dt.id
INNER JOIN domains AS df ON e.domain_from_id = df.id
LEFT JOIN pages AS p ON e.last_page_id = p.page_id;
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
    WHERE
        e.domain_to_id = d.id
        AND e.status = 0
        AND p.unverified_since IS NULL
        AND NOT (e.last_rendered IS TRUE AND p.unrendered_since IS NOT NULL)
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
            coalesce(r.is_nofollow OR rr.is_nofollow, r.is_nofollow, rr.is_nofollow) AS is_nofollow,
            coalesce(r.is_sponsored OR rr.is_sponsored, r.is_sponsored, rr.is_sponsored) AS is_sponsored,
            coalesce(r.is_ugc OR rr.is_ugc, r.is_ugc, rr.is_ugc) AS is_ugc,
            greatest(
                l.first_seen, coalesce(l.last_seen, CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END)
            ) AS last_seen,
            l.status = 0
            AND p.unverified_since IS NULL
            AND NOT (coalesce(l.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL) AS is_live
        FROM links AS l
        INNER JOIN pages AS p ON l.page_id = p.page_id
        LEFT JOIN rels AS r ON l.rel_id = r.id
        LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
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
CREATE OR REPLACE VIEW crawled_pages AS
SELECT
    u.url,
    h.name AS host,
    d.name AS domain,
    p.http_code,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified'
    ])[p.outcome + 1] AS outcome,
    p.reason,
    p.depth,
    p.first_found AS first_seen,
    p.last_visited,
    p.next_visit,
    f.links_external,
    f.links_internal,
    f.title,
    f.language,
    (ARRAY[
        'never', 'no_scripts', 'leads_elsewhere', 'enough_html', 'host_gains_nothing', 'budget_spent', 'no_browser',
        'no_room', NULL, NULL, 'always', 'page_gained', 'empty_app_root', 'noscript_notice', 'few_links', 'host_gained',
        'sample'
    ])[coalesce(p.rendering, CASE WHEN f.page_id IS NOT NULL THEN 3 END) + 1] AS rendering,
    p.rendered_at
FROM pages AS p
INNER JOIN urls AS u ON p.page_id = u.id
INNER JOIN hosts AS h ON p.host_id = h.id
INNER JOIN domains AS d ON u.domain_id = d.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id
WHERE p.kind = 0;
COMMENT ON COLUMN crawled_pages.rendering IS 'why its last reading rendered it in a browser, or not; NULL: it was never read';
COMMENT ON COLUMN crawled_pages.rendered_at IS 'last visit that rendered it; NULL: never';
"""

DOWN = r"""
DROP VIEW broken_backlinks;
DROP VIEW backlinks;
DROP VIEW crawled_pages;
CREATE VIEW backlinks AS
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
COMMENT ON VIEW backlinks IS 'One row a link that leaves its page''s domain, every instance.';
COMMENT ON COLUMN backlinks.url_from IS 'normalised URL of the page it stands on';
COMMENT ON COLUMN backlinks.host_from IS 'host of url_from';
COMMENT ON COLUMN backlinks.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN backlinks.title_from IS 'title of the page; NULL: none, or not read';
COMMENT ON COLUMN backlinks.language_from IS 'lang attribute of the page, lower-cased; NULL: none, or not read';
COMMENT ON COLUMN backlinks.http_code_from IS 'status of the last visit to url_from; NULL: no answer';
COMMENT ON COLUMN backlinks.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN backlinks.host_to IS 'host of url_to';
COMMENT ON COLUMN backlinks.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN backlinks.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN backlinks.anchor_source IS 'where anchor comes from: text, alt, title, none';
COMMENT ON COLUMN backlinks.rel IS 'tokens of its rel attribute, lower-cased, in order; empty: none';
COMMENT ON COLUMN backlinks.is_dofollow IS 'neither nofollow, sponsored nor ugc, and the page is not nofollow';
COMMENT ON COLUMN backlinks.is_nofollow IS 'its rel holds nofollow';
COMMENT ON COLUMN backlinks.is_sponsored IS 'its rel holds sponsored';
COMMENT ON COLUMN backlinks.is_ugc IS 'its rel holds ugc';
COMMENT ON COLUMN backlinks.page_nofollow IS 'the page''s robots meta or X-Robots-Tag says nofollow or none';
COMMENT ON COLUMN backlinks.page_noindex IS 'the page''s robots meta or X-Robots-Tag says noindex or none';
COMMENT ON COLUMN backlinks.link_type IS 'text, image, redirect, canonical, frame';
COMMENT ON COLUMN backlinks.snippet_left IS 'text before it in its block, at most 80 characters';
COMMENT ON COLUMN backlinks.snippet_right IS 'text after it in its block, at most 80 characters';
COMMENT ON COLUMN backlinks.links_external IS 'links of the page that leave its domain, each instance; NULL: not read';
COMMENT ON COLUMN backlinks.links_internal IS 'links of the page inside its domain, each instance; NULL: not read';
COMMENT ON COLUMN backlinks.first_seen IS 'when it was first found';
COMMENT ON COLUMN backlinks.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
COMMENT ON COLUMN backlinks.lost_at IS 'when it was first missing, once it is lost; NULL: not lost';
COMMENT ON COLUMN backlinks.status IS 'live, missing (absent at one visit), lost, unverified (live, but its page could not be read lately)';
COMMENT ON COLUMN backlinks.lost_reason IS 'link_removed, page_gone, page_redirected; NULL: not lost';
COMMENT ON COLUMN backlinks.url_to_hash IS 'url_hash(url_to), which is indexed';
COMMENT ON COLUMN backlinks.url_from_hash IS 'url_hash(url_from), which is indexed';
COMMENT ON COLUMN backlinks.position IS 'place among the page''s links when it was found, from 0';
CREATE VIEW broken_backlinks AS
SELECT
    b.domain_to,
    b.url_to,
    pt.http_code AS http_code_to,
    pt.last_visited AS checked_at,
    b.url_from,
    b.domain_from,
    b.anchor,
    b.is_dofollow,
    b.first_seen,
    b.last_seen
FROM backlinks AS b
INNER JOIN urls AS ut ON b.url_to_hash = ut.hash
INNER JOIN pages AS pt ON ut.id = pt.page_id
WHERE pt.outcome = 2 AND b.status = 'live';
COMMENT ON VIEW broken_backlinks IS 'Live links to pages that were visited and answered 404 or 410.';
COMMENT ON COLUMN broken_backlinks.domain_to IS 'registrable domain that is linked to';
COMMENT ON COLUMN broken_backlinks.url_to IS 'normalised URL it goes to';
COMMENT ON COLUMN broken_backlinks.http_code_to IS 'status of the last visit to url_to';
COMMENT ON COLUMN broken_backlinks.checked_at IS 'when url_to was last visited';
COMMENT ON COLUMN broken_backlinks.url_from IS 'normalised URL of the page it stands on';
COMMENT ON COLUMN broken_backlinks.domain_from IS 'registrable domain that links';
COMMENT ON COLUMN broken_backlinks.anchor IS 'its words: text, else images'' alt, else title, at most 1,000 characters; empty: none';
COMMENT ON COLUMN broken_backlinks.is_dofollow IS 'neither nofollow, sponsored nor ugc, and the page is not nofollow';
COMMENT ON COLUMN broken_backlinks.first_seen IS 'when it was first found';
COMMENT ON COLUMN broken_backlinks.last_seen IS 'last visit that read the page (2xx, 304 or a redirect) and saw it live; for a domain, the last known of its links: at least so late';
CREATE VIEW crawled_pages AS
SELECT
    u.url,
    h.name AS host,
    d.name AS domain,
    p.http_code,
    (ARRAY[
        'ok', 'redirect', 'gone', 'forbidden', 'rate_limited', 'server_error', 'http_error', 'not_html', 'too_large',
        'timeout', 'dns_error', 'tls_error', 'connection_error', 'invalid_response', 'robots_forbidden',
        'address_refused', 'not_modified'
    ])[p.outcome + 1] AS outcome,
    p.reason,
    p.depth,
    p.first_found AS first_seen,
    p.last_visited,
    p.next_visit,
    f.links_external,
    f.links_internal,
    f.title,
    f.language
FROM pages AS p
INNER JOIN urls AS u ON p.page_id = u.id
INNER JOIN hosts AS h ON p.host_id = h.id
INNER JOIN domains AS d ON u.domain_id = d.id
LEFT JOIN page_facts AS f ON p.page_id = f.page_id
WHERE p.kind = 0;
COMMENT ON VIEW crawled_pages IS 'Every page that the frontier knows, visited or not; sitemaps left out.';
COMMENT ON COLUMN crawled_pages.url IS 'normalised URL';
COMMENT ON COLUMN crawled_pages.host IS 'host, with its port when that is not the scheme''s own';
COMMENT ON COLUMN crawled_pages.domain IS 'registrable domain';
COMMENT ON COLUMN crawled_pages.http_code IS 'status of the visit, the last one for a page; NULL: no answer, or never visited';
COMMENT ON COLUMN crawled_pages.outcome IS 'how the visit ended, the last one for a page; NULL: never visited, or no longer kept';
COMMENT ON COLUMN crawled_pages.reason IS 'why, when the outcome does not say it all; NULL: it does';
COMMENT ON COLUMN crawled_pages.depth IS 'clicks from its seed''s start';
COMMENT ON COLUMN crawled_pages.first_seen IS 'when it was first found';
COMMENT ON COLUMN crawled_pages.last_visited IS 'last visit, however it ended; NULL: never';
COMMENT ON COLUMN crawled_pages.next_visit IS 'due from then on; NULL: not visited again by itself';
COMMENT ON COLUMN crawled_pages.links_external IS 'links of the page that leave its domain, each instance; NULL: not read';
COMMENT ON COLUMN crawled_pages.links_internal IS 'links of the page inside its domain, each instance; NULL: not read';
COMMENT ON COLUMN crawled_pages.title IS 'title; NULL: none, or not read';
COMMENT ON COLUMN crawled_pages.language IS 'lang attribute of the html element, lower-cased; NULL: none, or not read';
CREATE OR REPLACE VIEW referring_domains AS
SELECT
    dt.name AS domain_to,
    df.name AS domain_from,
    e.links,
    e.dofollow_links,
    e.refpages,
    e.pages_to,
    e.first_seen,
    greatest(e.last_seen, p.confirmed_at) AS last_seen,
    CASE WHEN e.status = 2 THEN e.absent_since END AS lost_at,
    CASE
        WHEN e.status = 0 AND p.unverified_since IS NOT NULL THEN 'unverified'
        ELSE (ARRAY['live', 'missing', 'lost'])[e.status + 1]
    END AS status,
    e.domain_to_id,
    e.domain_from_id
FROM domain_edges AS e
INNER JOIN domains AS dt ON e.domain_to_id = dt.id
INNER JOIN domains AS df ON e.domain_from_id = df.id
LEFT JOIN pages AS p ON e.last_page_id = p.page_id;
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
ALTER TABLE seeds
    DROP COLUMN render;
ALTER TABLE hosts
    DROP COLUMN renders,
    DROP COLUMN render_gains;
ALTER TABLE pages
    DROP COLUMN rendered_at,
    DROP COLUMN unrendered_since,
    DROP COLUMN rendered_digest,
    DROP COLUMN gained,
    DROP COLUMN rendering;
ALTER TABLE links
    DROP COLUMN origin,
    DROP COLUMN rendered_rel_id;
ALTER TABLE domain_edges
    DROP COLUMN last_rendered;
ALTER TABLE visits
    DROP COLUMN rendering,
    DROP COLUMN rendered_ms;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN.replace("%", "%%"))
