"""Which links are of a site's template, and not of one page: found anew from all links, swapped in at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    import psycopg

_SQL = statements("sitewide")
_STATEMENTS = ("read_domains", "found_slots", "drop_slots", "keep_slots", "drop_domains", "keep_domains")
# least_pages: of a domain, that were read. least_share: of them, that have the link.
RULES = {"least_pages": 5, "least_share": 0.5}


class Found(NamedTuple):
    """How many slots are sitewide, and of how many domains it is known."""

    slots: int
    domains: int


def swap_in(connection: psycopg.Connection[Any]) -> Found:
    """In the transaction that is open."""
    for name in _STATEMENTS:
        connection.execute(_SQL[name], RULES)
    row = connection.execute(_SQL["figures"]).fetchone()
    assert row is not None
    return Found(*row)
