"""What must hold of the index at any time, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

COUNTED = """
SELECT
    l.domain_to_id, l.domain_from_id, count(*) FILTER (WHERE l.status = 0),
    count(*) FILTER (WHERE l.status = 0 AND l.is_dofollow), count(*) FILTER (WHERE l.status = 0 AND l.link_position = 1),
    count(DISTINCT l.page_id) FILTER (WHERE l.status = 0), count(DISTINCT l.url_to_id) FILTER (WHERE l.status = 0),
    CASE WHEN bool_or(l.status = 0) THEN 0 WHEN bool_or(l.status = 1) THEN 1 ELSE 2 END, min(l.first_seen)
FROM links AS l GROUP BY l.domain_to_id, l.domain_from_id"""
STORED = """
SELECT domain_to_id, domain_from_id, links, dofollow_links, content_links, refpages, pages_to, status, first_seen FROM
domain_edges"""
# An edge's last_seen is that of a page with a live link: of which, is free.
NAMELESS = """
SELECT count(*) FROM domain_edges AS e
WHERE (e.links > 0) <> EXISTS (
    SELECT 1 FROM links AS l WHERE
        l.page_id = e.last_page_id AND l.status = 0
        AND l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id
) OR (e.links > 0) <> (e.absent_since IS NULL)"""
# NULL: at least one of its links on that page is in the HTML.
ONLY_RENDERED = """
SELECT e.domain_to_id, e.domain_from_id, e.last_rendered, e.last_page_id FROM domain_edges AS e
WHERE e.last_rendered IS DISTINCT FROM (
    SELECT CASE WHEN bool_and(l.origin IS NOT DISTINCT FROM 1) THEN TRUE END FROM links AS l WHERE
        l.page_id = e.last_page_id AND l.status = 0
        AND l.domain_to_id = e.domain_to_id AND l.domain_from_id = e.domain_from_id
)"""
# A domain is as its links are: live while one of them is. Of an edge with more than 200 links that need not hold.
UNLIKE = """
SELECT r.domain_to, r.domain_from, r.status, array_agg(DISTINCT b.status) FROM referring_domains AS r
INNER JOIN backlinks AS b USING (domain_to, domain_from)
GROUP BY r.domain_to, r.domain_from, r.status
HAVING r.status <> CASE
    WHEN bool_or(b.status = 'live') THEN 'live' WHEN bool_or(b.status = 'unverified') THEN 'unverified'
    WHEN bool_or(b.status = 'missing') THEN 'missing' ELSE 'lost'
END"""
UNRENDERED = """
SELECT page_id FROM pages WHERE
    unrendered_since <= rendered_at OR (unrendered_since IS NOT NULL AND rendered_at IS NULL)
    OR (rendered_at IS NULL) <> (rendered_digest IS NULL) OR (rendered_at IS NULL) <> (gained IS NULL)"""
UNSEEN = """
SELECT r.domain_to, r.domain_from FROM referring_domains AS r
INNER JOIN backlinks AS b USING (domain_to, domain_from)
GROUP BY r.domain_to, r.domain_from, r.last_seen HAVING r.last_seen > max(b.last_seen)"""

TOTALS_COUNTED = """
WITH stands AS (
    SELECT
        l.*, p.unverified_since IS NULL AND NOT (coalesce(l.origin = 1, FALSE) AND p.unrendered_since IS NOT NULL) AS ok,
        coalesce(r.is_nofollow OR rr.is_nofollow, r.is_nofollow, rr.is_nofollow, FALSE) AS nofollow,
        coalesce(r.is_sponsored OR rr.is_sponsored, r.is_sponsored, rr.is_sponsored, FALSE) AS sponsored,
        coalesce(r.is_ugc OR rr.is_ugc, r.is_ugc, rr.is_ugc, FALSE) AS ugc
    FROM links AS l INNER JOIN pages AS p USING (page_id)
    LEFT JOIN rels AS r ON l.rel_id = r.id LEFT JOIN rels AS rr ON l.rendered_rel_id = rr.id
)
SELECT
    domain_to_id, count(*) FILTER (WHERE status = 0 AND ok), count(*) FILTER (WHERE status = 0 AND ok AND is_dofollow),
    count(*) FILTER (WHERE status = 0 AND ok AND nofollow), count(*) FILTER (WHERE status = 0 AND ok AND sponsored),
    count(*) FILTER (WHERE status = 0 AND ok AND ugc), count(DISTINCT page_id) FILTER (WHERE status = 0 AND ok),
    count(*) FILTER (WHERE status = 0 AND NOT ok), count(*) FILTER (WHERE status = 1), count(*) FILTER (WHERE status = 2),
    min(first_seen)
FROM stands GROUP BY domain_to_id"""
TOTALS_STORED = """
SELECT
    domain_id, backlinks, dofollow_links, nofollow_links, sponsored_links, ugc_links, refpages, unverified_links,
    missing_links, lost_links, first_seen
FROM domain_totals"""
# Referring domains are those edges whose witness is verified.
REFDOMAINS = """
SELECT t.domain_id, t.refdomains, t.dofollow_refdomains, e.refdomains, e.dofollow_refdomains
FROM domain_totals AS t CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE e.links > 0 AND ok) AS refdomains,
        count(*) FILTER (WHERE e.links > 0 AND ok AND e.dofollow_links > 0) AS dofollow_refdomains
    FROM domain_edges AS e LEFT JOIN pages AS p ON e.last_page_id = p.page_id
    CROSS JOIN LATERAL (SELECT
        p.unverified_since IS NULL AND NOT (coalesce(e.last_rendered, FALSE) AND p.unrendered_since IS NOT NULL) AS ok) AS v
    WHERE e.domain_to_id = t.domain_id
) AS e WHERE (t.refdomains, t.dofollow_refdomains) <> (e.refdomains, e.dofollow_refdomains)"""
# What was learnt day by day adds up to what there is.
DAILY = """
SELECT d.domain_to_id, d.links, l.links, d.edges, e.edges FROM (
    SELECT
        domain_to_id, sum(new_links + restored_links - lost_links) AS links,
        sum(new_refdomains + restored_refdomains - lost_refdomains) AS edges
    FROM daily_changes GROUP BY domain_to_id
) AS d
FULL JOIN (SELECT domain_to_id, count(*) FILTER (WHERE status <> 2) AS links FROM links GROUP BY 1) AS l USING (domain_to_id)
FULL JOIN (SELECT domain_to_id, count(*) FILTER (WHERE status <> 2) AS edges FROM domain_edges GROUP BY 1) AS e USING (domain_to_id)
WHERE (d.links, d.edges) IS DISTINCT FROM (l.links, e.edges)"""
# How an edge stands is how its events say that it came to stand.
EDGE_EVENTS = """
SELECT e.domain_to_id, e.domain_from_id, e.status, v.kind FROM domain_edges AS e
LEFT JOIN LATERAL (
    SELECT v.kind FROM edge_events AS v
    WHERE v.domain_to_id = e.domain_to_id AND v.domain_from_id = e.domain_from_id ORDER BY v.id DESC LIMIT 1
) AS v ON TRUE
WHERE e.status <> coalesce(CASE v.kind WHEN 2 THEN 0 ELSE v.kind + 1 END, 0)"""


def assert_edges_are_right(connection: psycopg.Connection, where: object = "", *, concurrent: bool = False) -> None:
    """concurrent: of two transactions the later one may be first to write an edge: its first_seen may be off by that."""
    counted, stored = ({row[:2]: row[2:] for row in connection.execute(query.encode())} for query in (COUNTED, STORED))
    wrong = {key: (stored.get(key), counted.get(key)) for key in stored.keys() | counted.keys()}
    compared = slice(None, -1 if concurrent else None)
    wrong = {key: each for key, each in wrong.items() if None in each or each[0][compared] != each[1][compared]}
    assert wrong == {}, f"{where}: (stored, counted) by (domain_to_id, domain_from_id)"
    assert connection.execute(NAMELESS.encode()).fetchone() == (0,), where
    assert connection.execute(ONLY_RENDERED.encode()).fetchall() == [], (
        f"{where}: last_rendered is not as its links are"
    )
    assert connection.execute(UNRENDERED.encode()).fetchall() == [], where
    if not concurrent:
        assert connection.execute(UNLIKE.encode()).fetchall() == [], (
            f"{where}: (to, from, status of the domain, of links)"
        )
    assert connection.execute(UNSEEN.encode()).fetchall() == [], f"{where}: seen later than any of its links"
    totals, kept = (
        {row[0]: row[1:] for row in connection.execute(query.encode())} for query in (TOTALS_COUNTED, TOTALS_STORED)
    )
    wrong_totals = {
        key: (kept.get(key), totals.get(key)) for key in totals.keys() | kept.keys() if kept.get(key) != totals.get(key)
    }
    assert wrong_totals == {}, f"{where}: (stored, counted) by domain_to_id"
    for name, query in {"refdomains": REFDOMAINS, "daily": DAILY, "edge events": EDGE_EVENTS}.items():
        assert connection.execute(query.encode()).fetchall() == [], f"{where}: {name}"
