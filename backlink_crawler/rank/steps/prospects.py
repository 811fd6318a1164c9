"""The step of `backlinks rank` that keeps competitors and the strongest referring domains of large domains."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backlink_crawler.store import prospects
from backlink_crawler.store.database import database_errors

if TYPE_CHECKING:
    from backlink_crawler.rank.job import Progress
    from backlink_crawler.store.database import Database
    from backlink_crawler.store.ranking import RankingRun


def step(database: Database, run: RankingRun, progress: Progress) -> None:
    began = time.monotonic()
    progress("prospects: competitors of large domains")
    with database.connect() as connection, database_errors(database), connection.transaction():
        told = prospects.keep(connection)._asdict() | {"seconds": round(time.monotonic() - began, 1)}
        run.tell(connection, "prospects", prospects.RULES, told)
