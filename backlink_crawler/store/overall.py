"""The index as a whole: how much there is, and which domains are linked to most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from backlink_crawler.store.database import database_errors
from backlink_crawler.store.statements import statements

if TYPE_CHECKING:
    from datetime import datetime

    from backlink_crawler.store.database import Database

_SQL = statements("overall")


class Overall(NamedTuple):
    """links, pages: an estimate where there are very many. last_recorded: None: nothing has been."""

    seeds: int
    links: int
    pages: int
    last_recorded: datetime | None
    largest: list[dict[str, Any]]


def overall(database: Database) -> Overall:
    """It reads the totals of every domain: ask it now and then, not for each reader."""
    with database.connect() as connection, database_errors(database), connection.cursor(row_factory=dict_row) as cursor:
        totals = cursor.execute(_SQL["totals"]).fetchone()
        assert totals is not None

        def number(what: str) -> int:
            if (estimated := totals[f"{what}_estimated"]) is not None:
                return int(estimated)
            row = cursor.execute(_SQL[f"counted_{what}"]).fetchone()
            assert row is not None
            return int(row["count"])

        largest = cursor.execute(_SQL["largest"]).fetchall()
        return Overall(totals["seeds"], number("links"), number("pages"), totals["last_recorded"], largest)


def suggested(database: Database, begin: str) -> list[tuple[str, int]]:
    """(domain, its referring domains) for at most eight that begin so."""
    asked = {"begin": begin, "past": f"{begin}\U0010ffff"}
    with database.connect() as connection, database_errors(database):
        return connection.execute(_SQL["suggested"], asked).fetchall()
