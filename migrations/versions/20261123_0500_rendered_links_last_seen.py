"""Anchors and most linked pages were last seen when their rendered links were, where only the rendered page has them."""

from alembic import op

revision = "20261123_0500"
down_revision = "20261123_0400"

UP = r"""
CREATE OR REPLACE VIEW anchors AS
SELECT
    dt.name AS domain_to,
    l.anchor,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, l.anchor;
CREATE OR REPLACE VIEW best_by_links AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(CASE WHEN l.origin = 1 THEN p.rendered_at ELSE p.confirmed_at END) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, ut.url;
"""

DOWN = r"""
CREATE OR REPLACE VIEW anchors AS
SELECT
    dt.name AS domain_to,
    l.anchor,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(p.confirmed_at) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, l.anchor;
CREATE OR REPLACE VIEW best_by_links AS
SELECT
    dt.name AS domain_to,
    ut.url AS url_to,
    count(DISTINCT l.domain_from_id) AS refdomains,
    count(DISTINCT l.page_id) AS refpages,
    count(*) AS links,
    count(*) FILTER (WHERE l.is_dofollow) AS dofollow_links,
    min(l.first_seen) AS first_seen,
    max(p.confirmed_at) AS last_seen
FROM links AS l
INNER JOIN domains AS dt ON l.domain_to_id = dt.id
INNER JOIN urls AS ut ON l.url_to_id = ut.id
INNER JOIN pages AS p ON l.page_id = p.page_id
WHERE l.status = 0
GROUP BY dt.name, ut.url;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN)
