"""What must hold of the index at any time, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

COUNTED = """
SELECT
    l.domain_to_id, l.domain_from_id, count(*) FILTER (WHERE l.status = 0),
    count(*) FILTER (WHERE l.status = 0 AND l.is_dofollow),
    count(DISTINCT l.page_id) FILTER (WHERE l.status = 0), count(DISTINCT l.url_to_id) FILTER (WHERE l.status = 0),
    CASE WHEN bool_or(l.status = 0) THEN 0 WHEN bool_or(l.status = 1) THEN 1 ELSE 2 END, min(l.first_seen)
FROM links AS l GROUP BY l.domain_to_id, l.domain_from_id"""
STORED = """
SELECT domain_to_id, domain_from_id, links, dofollow_links, refpages, pages_to, status, first_seen FROM domain_edges"""
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
