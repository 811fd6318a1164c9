"""What proves a link: the visits to its page, and what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.model import Outcome
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_SQL = statements("evidence")
_LINK = "SELECT * FROM backlinks WHERE link_id = %(link)s"


class Evidence(NamedTuple):
    """link: its row of `backlinks`. events, visits: the last ones first; of old visits nothing may be kept."""

    link: dict[str, Any]
    events: list[dict[str, Any]]
    visits: list[dict[str, Any]]


def evidence(database: Database, link: int) -> Evidence | None:
    """None: no link has this key."""
    asked = {"link": link}
    with database.connect() as connection, database_errors(database), connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_LINK, asked).fetchone()
        if row is None:
            return None
        events = cursor.execute(_SQL["events"], asked).fetchall()
        visits = cursor.execute(_SQL["visits"], asked).fetchall()
        named = [each | {"outcome": Outcome(each["outcome"]).name.lower()} for each in visits]
        return Evidence(row, events, named)
