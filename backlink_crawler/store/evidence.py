"""What proves a link: the visits to its page, and what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.model import Outcome
from backlink_crawler.store.asking import Query
from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from backlink_crawler.store.database import Database

_SQL = statements("evidence")
_LINK = "SELECT * FROM backlinks WHERE link_id = %(link)s"
_EVENTS = 200  # of a page
OUTCOMES = [outcome.name.lower() for outcome in Outcome]  # by their numbers, as SQL's arrays count: from 1


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
        events = cursor.execute(_SQL["events"], asked | {"most": _EVENTS}).fetchall()
        visits = cursor.execute(_SQL["visits"], asked | {"outcomes": OUTCOMES}).fetchall()
        return Evidence(row, events, visits)


def is_link(database: Database, link: int) -> bool:
    with database.connect() as connection, database_errors(database):
        return connection.execute(_SQL["is_link"], {"link": link}).fetchone() is not None


def events_of(link: int) -> Query:
    """What happened to a link, all of it."""
    return Query(_SQL["events"], {"link": link, "most": None})
