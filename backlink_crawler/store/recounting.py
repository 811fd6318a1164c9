"""Every stored sum: how it differs from its rows, and how it is recounted. What each means: recounting.sql.

The write path changes sums by differences. Code that changes rows in bulk (re-homing, a repair) puts keys into the tables
recounted_…, in the same transaction, and recounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from backlink_crawler.store.groups import thresholds
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    import psycopg

_SQL = statements("recounting") | statements("recounting_pages") | statements("recounting_groups")


@dataclass(frozen=True, slots=True)
class KeptSum:
    """One table of sums.

    key: columns of its key. keys: where to put those to be counted anew, of which the first `keyed` columns are the key.
    find: rows (kept, counted) that differ, as JSON, in the order of their keys. recount: in this order. Both are told
    the thresholds of groups.
    """

    table: str
    key: tuple[LiteralString, ...]
    keys: LiteralString
    find: LiteralString
    recount: tuple[LiteralString, ...]
    keyed: int


def _kept_sum(
    table: str,
    name: LiteralString,
    key: tuple[LiteralString, ...],
    keys: LiteralString,
    chosen: LiteralString,
    recount: tuple[LiteralString, ...],
    keyed: int | None = None,
) -> KeptSum:
    columns: LiteralString = ", ".join(key)
    kept, counted = _SQL[f"kept_{name}"], _SQL[f"counted_{name}"]
    differing: LiteralString = f"kept AS k FULL JOIN counted AS c USING ({columns}) WHERE k IS DISTINCT FROM c"
    compared: LiteralString = f"WITH {chosen}, kept AS ({kept}), counted AS ({counted})"
    find: LiteralString = f"{compared} SELECT to_jsonb(k), to_jsonb(c) FROM {differing} ORDER BY {columns}"  # noqa: S608  our own names
    return KeptSum(table, key, keys, find, recount, keyed or len(key))


_LINKS: LiteralString = "chosen AS (SELECT * FROM links)"
_OF_KEY: LiteralString = (
    "SELECT l.* FROM recounted_edges AS k INNER JOIN links AS l "
    "ON k.domain_to_id = l.domain_to_id AND k.domain_from_id = l.domain_from_id"
)
# Each half by the index that has its links.
_LINKS_OF_EDGES: LiteralString = f"chosen AS ({_OF_KEY} WHERE l.status = 0 UNION ALL {_OF_KEY} WHERE l.status <> 0)"
_EDGES: LiteralString = "chosen_edges AS (SELECT * FROM domain_edges)"
_LINKS_OF_DOMAINS: LiteralString = (
    "chosen AS (SELECT l.* FROM recounted_domains AS k INNER JOIN links AS l ON k.domain_id = l.domain_to_id), "
    "chosen_edges AS (SELECT e.* FROM recounted_domains AS k INNER JOIN domain_edges AS e ON k.domain_id = e.domain_to_id)"
)
_LINKS_OF_LARGE: LiteralString = (
    "chosen AS (SELECT l.* FROM domain_totals AS t INNER JOIN links AS l ON t.domain_id = l.domain_to_id "
    "WHERE t.has_groups AND l.status = 0)"
)
_LINKS_OF_LARGE_DOMAINS: LiteralString = (
    "chosen AS (SELECT l.* FROM recounted_domains AS k INNER JOIN domain_totals AS t ON k.domain_id = t.domain_id "
    "INNER JOIN links AS l ON k.domain_id = l.domain_to_id WHERE t.has_groups AND l.status = 0)"
)
_GROUPS: LiteralString = "chosen_groups AS (SELECT * FROM link_groups)"
_GROUPS_OF_DOMAINS: LiteralString = "chosen_groups AS (SELECT g.* FROM recounted_domains AS k INNER JOIN link_groups AS g ON k.domain_id = g.domain_to_id)"
_FORGOTTEN: LiteralString = (
    "forgotten AS (DELETE FROM link_groups AS g USING recounted_domains AS k WHERE g.domain_to_id = k.domain_id)"
)
_PAGES: LiteralString = "chosen AS (SELECT * FROM pages)"
# By way of their URLs: pages have no index of all of a host's.
_PAGES_OF_DOMAINS: LiteralString = (
    "chosen AS (SELECT p.* FROM recounted_domains AS k INNER JOIN hosts AS h ON k.domain_id = h.domain_id "
    "INNER JOIN urls AS u ON h.id = u.host_id INNER JOIN pages AS p ON u.id = p.page_id)"
)
_SEEDS: LiteralString = "chosen AS (SELECT * FROM seeds)"
_SEEDS_OF_KEYS: LiteralString = (
    "chosen AS (SELECT s.* FROM recounted_seeds AS k INNER JOIN seeds AS s ON k.seed_id = s.id)"
)

EDGES = _kept_sum(
    "domain_edges",
    "edges",
    ("domain_to_id", "domain_from_id"),
    "recounted_edges",
    _LINKS,
    (
        _SQL["lock_edges"],
        f"WITH {_LINKS_OF_EDGES}, counted AS ({_SQL['counted_edges']}) {_SQL['write_edges']}",
        _SQL["delete_empty_edges"],
    ),
)
# After the edges, which it counts.
TOTALS = _kept_sum(
    "domain_totals",
    "totals",
    ("domain_id",),
    "recounted_domains",
    f"{_LINKS}, {_EDGES}",
    (
        _SQL["lock_totals"],
        f"WITH {_LINKS_OF_DOMAINS}, counted AS ({_SQL['counted_totals']}) {_SQL['write_totals']}",
        _SQL["delete_empty_totals"],
    ),
)
COVERAGE = _kept_sum(
    "domain_coverage",
    "coverage",
    ("domain_id",),
    "recounted_domains",
    _PAGES,
    (
        _SQL["lock_coverage"],
        f"WITH {_PAGES_OF_DOMAINS} {_SQL['write_coverage']}",
        _SQL["delete_empty_coverage"],
    ),
)
SEEDS = _kept_sum(
    "seeds",
    "seeds",
    ("id",),
    "recounted_seeds",
    _SEEDS,
    (
        _SQL["lock_seeds"],
        f"WITH {_SEEDS_OF_KEYS}, counted AS ({_SQL['counted_seeds']}) {_SQL['write_seeds']}",
    ),
)
DAYS = _kept_sum(
    "daily_changes", "days", ("domain_id",), "recounted_domains", f"{_LINKS}, {_EDGES}", (_SQL["write_days"],)
)
_REGROUP = (
    _SQL["lock_totals"],
    _SQL["write_large"],
    (
        f"WITH {_LINKS_OF_LARGE_DOMAINS}, {_GROUPS_OF_DOMAINS}, kept AS ({_SQL['kept_groups']}), "
        f"counted AS ({_SQL['counted_groups']}), {_FORGOTTEN} {_SQL['write_groups']}"
    ),
)
# After the totals, whose links tell which domains are large.
LARGE = _kept_sum("domain_totals", "large", ("domain_id",), "recounted_domains", _LINKS, _REGROUP)
GROUPS = _kept_sum(
    "link_groups",
    "groups",
    ("domain_id", "kind", "key", "anchor"),
    "recounted_domains",
    f"{_LINKS_OF_LARGE}, {_GROUPS}",
    _REGROUP,
    keyed=1,
)
KEPT_SUMS = (EDGES, TOTALS, LARGE, GROUPS, COVERAGE, SEEDS, DAYS)


def create_keys(connection: psycopg.Connection[Any]) -> None:
    """Once a session."""
    connection.execute(_SQL["create_keys"])


def recount(connection: psycopg.Connection[Any], kept_sum: KeptSum) -> None:
    """Of the keys in kept_sum.keys. In the caller's transaction."""
    for statement in kept_sum.recount:
        connection.execute(statement, thresholds())
