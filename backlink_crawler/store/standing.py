"""How many domains link to a target, but those whose links are all lost, as what is learnt by day counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlink_crawler.model import TargetMode
from backlink_crawler.store.asking import Query, and_, run_on
from backlink_crawler.store.choosing import domain_id, links_to

if TYPE_CHECKING:
    from datetime import date

    import psycopg

    from backlink_crawler.model import Target

_WHOLE = "SELECT standing_refdomains(%(domain_to)s)"
_PART = """SELECT count(DISTINCT domain_from_id)
FROM backlinks
WHERE {where}"""
_HORIZON = "SELECT (now() AT TIME ZONE 'UTC')::date, first_day()"


def standing_refdomains(connection: psycopg.Connection[Any], target: Target) -> int:
    if target.mode is TargetMode.DOMAIN:
        query = Query(_WHOLE, {"domain_to": domain_id(target)})
    else:
        chosen = links_to(target, None, "status_id <> 2")
        query = Query(_PART.format(where=and_(chosen.where)), chosen.parameters, chosen.few_links)
    row = run_on(connection, query).fetchone()
    assert row is not None
    return int(row[0])


def horizon(connection: psycopg.Connection[Any]) -> tuple[date, date | None]:
    """Today, and the first day of the index; None: nothing has been recorded."""
    row = connection.execute(_HORIZON).fetchone()
    assert row is not None
    return row[0], row[1]
