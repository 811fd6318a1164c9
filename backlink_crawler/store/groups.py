"""Sums over the links of large domains, by the URL they go to and by their anchors.

Counting 700,000 links takes a second, so that what `best_by_links` and `anchors` show of such a domain is kept; of
others it is counted when asked for. See docs/decisions/0012-groups-of-large-domains.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from backlink_crawler.store.copying import rows_of
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import psycopg

_SQL = statements("groups") | statements("recounting_groups")
CREATE_STAGING = _SQL["create_staging"]
_LINKS: LiteralString = "chosen AS (SELECT * FROM links WHERE domain_to_id = ANY(%(domains)s::int []) AND status = 0)"
_NO_GROUPS: LiteralString = "chosen_groups AS (SELECT * FROM link_groups WHERE FALSE)"
# Of domains that have no groups: from all their links, at once.
_FILL: LiteralString = (
    f"WITH {_LINKS}, {_NO_GROUPS}, kept AS ({_SQL['kept_groups']}), counted AS ({_SQL['counted_groups']}) "
    f"{_SQL['write_groups']}"
)
# Live links of a domain that are counted when asked for, within 50 ms. Groups go when half of them are left, so that no
# domain of about that size is grouped again and again.
MOST_COUNTED = 20_000


def thresholds() -> dict[str, int]:
    """A domain has groups from so many live links on (most), and below so many (least) it has none."""
    return {"most": MOST_COUNTED, "least": MOST_COUNTED // 2}


async def note_groups(cursor: psycopg.AsyncCursor[Any]) -> None:
    """Before a batch changes links, when its touched_pages are known."""
    await cursor.execute(_SQL["note_domains"])
    await cursor.execute(_SQL["note_links"], {"side": -1})


async def keep_groups(cursor: psycopg.AsyncCursor[Any]) -> None:
    """After it: when links, pages, domain edges and totals are written, and the totals locked."""
    regrouped = dict(await rows_of(cursor, _SQL["to_regroup"], thresholds()))
    await cursor.execute(_SQL["note_links"], {"side": 1})
    await cursor.execute(_SQL["change_groups"], {"regrouped": list(regrouped)})
    if regrouped:
        await _regroup(cursor, regrouped, [domain for domain, is_large in regrouped.items() if is_large])
    await cursor.execute(_SQL["carry_first_seen"])


def note_groups_of_removed(connection: psycopg.Connection[Any]) -> None:
    """As note_groups, for links that are about to be removed."""
    connection.execute(_SQL["note_domains"])
    connection.execute(_SQL["note_links"], {"side": -1})


def keep_groups_of_removed(connection: psycopg.Connection[Any]) -> None:
    """As keep_groups: when they are removed and the totals written, and before the domain edges are."""
    regrouped = [domain_id for domain_id, _ in connection.execute(_SQL["to_regroup"], thresholds()).fetchall()]
    connection.execute(_SQL["note_links"], {"side": 1})
    connection.execute(_SQL["change_groups"], {"regrouped": regrouped})
    group_anew(connection, regrouped)


def group_anew(connection: psycopg.Connection[Any], domains: Iterable[int] | None = None) -> None:
    """For whoever changes live links outside a recording: group these domains from all their links, those of them that
    are large. A transaction each. None: all that are large or were.
    """
    if domains is None:
        rows = connection.execute(_SQL["all_large"], {"most": MOST_COUNTED})
        domains = [domain_id for (domain_id,) in rows.fetchall()]
    for domain_id in domains:
        with connection.transaction():
            large = [domain_id] if lock_total(connection, domain_id) else []
            asked = {"domains": [domain_id], "large": large}
            connection.execute(_SQL["forget_groups"], asked)
            connection.execute(_SQL["set_grouped"], asked)
            if large:
                connection.execute(_FILL, {"domains": large})


def lock_total(connection: psycopg.Connection[Any], domain_id: int) -> bool:
    """Nobody else writes its groups until this transaction ends. Is it large?"""
    asked = {"domain_id": domain_id, "most": MOST_COUNTED}
    return connection.execute(_SQL["lock_total"], asked).fetchone() == (True,)


async def _regroup(cursor: psycopg.AsyncCursor[Any], domains: Collection[int], large: list[int]) -> None:
    asked = {"domains": list(domains), "large": large}
    await cursor.execute(_SQL["forget_groups"], asked)
    await cursor.execute(_SQL["set_grouped"], asked)
    if large:
        await cursor.execute(_FILL, {"domains": large})
