"""Hops make one seed of a domain, however many workers find it at once: two had its page budget twice."""

from alembic import op

revision = "20261123_0300"
down_revision = "20261123_0200"

UP = r"""
CREATE TEMPORARY TABLE twins ON COMMIT DROP AS
SELECT id, oldest
FROM (
    SELECT id, min(id) OVER (PARTITION BY domain_id) AS oldest FROM seeds WHERE root_id IS NOT NULL
) AS s
WHERE id <> oldest;
-- found_digest: their next reading may lead further under another seed's limits
UPDATE pages AS p
SET seed_id = t.oldest, found_digest = NULL
FROM twins AS t
WHERE p.seed_id = t.id;
INSERT INTO seed_hosts (seed_id, host_id)
SELECT DISTINCT t.oldest, h.host_id
FROM twins AS t
INNER JOIN seed_hosts AS h ON t.id = h.seed_id
ON CONFLICT DO NOTHING;
DELETE FROM seed_hosts AS h
USING twins AS t
WHERE h.seed_id = t.id;
UPDATE seeds AS s
SET pages_known = s.pages_known + o.pages, sitemaps_known = s.sitemaps_known + o.sitemaps
FROM (
    SELECT t.oldest, sum(s.pages_known) AS pages, sum(s.sitemaps_known) AS sitemaps
    FROM twins AS t
    INNER JOIN seeds AS s ON t.id = s.id
    GROUP BY t.oldest
) AS o
WHERE s.id = o.oldest;
DELETE FROM seeds AS s
USING twins AS t
WHERE s.id = t.id;
CREATE UNIQUE INDEX seeds_hop_domain_id_key ON seeds (domain_id) WHERE root_id IS NOT NULL
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP INDEX seeds_hop_domain_id_key")
